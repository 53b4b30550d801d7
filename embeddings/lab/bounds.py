"""How much of the lab an address may ask for: who plays with a slider asks five times a second."""

from django.http import HttpRequest
from redis import RedisError

from terms.rates import Rate, address_of

RATE = Rate("lab", most=300, seconds=60)


def is_beyond(request: HttpRequest) -> bool:
    """Counts an answer, and says whether it is one too many. Without Redis none is."""
    try:
        return not RATE.allows(address_of(request))
    except RedisError:
        return False
