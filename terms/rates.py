"""How often something may be tried, by whom. Redis counts; where it is away the database can."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from redis import Redis, RedisError

from terms.models import Attempt


@dataclass(frozen=True)
class Rate:
    """At most so many in so many seconds, counted from the first one on."""

    name: str
    most: int
    seconds: int

    def allows(self, *who: str) -> bool:
        """Counts a try, and says whether it is one too many. Raises RedisError."""
        return self._counted_by_redis(self._key(who)) <= self.most

    def allows_anyhow(self, *who: str) -> bool:
        """The same, counted by the database when Redis is away."""
        try:
            return self.allows(*who)
        except RedisError:
            return Attempt.objects.count_one(self._key(who), self.seconds) <= self.most

    def forget(self, *who: str) -> None:
        """What succeeded is counted no longer."""
        with suppress(RedisError):
            _redis().delete(self._key(who))
        Attempt.objects.filter(key=self._key(who)).delete()

    def _counted_by_redis(self, key: str) -> int:
        with _redis().pipeline() as together:
            together.set(key, 0, ex=self.seconds, nx=True)
            together.incr(key)
            return int(together.execute()[1])

    def _key(self, who: tuple[str, ...]) -> str:
        return hashlib.sha256("\0".join((self.name, *who)).encode()).hexdigest()


@cache
def _redis() -> "Redis":
    return Redis.from_url(settings.RATES_URL, socket_timeout=1, socket_connect_timeout=0.5)


def address_of(request: HttpRequest) -> str:
    """Where a request comes from: what the outermost of the operator's own proxies has seen."""
    told = request.headers.get("X-Forwarded-For", "").split(",")
    chain = [*(address.strip() for address in told), request.META.get("REMOTE_ADDR", "")]
    return chain[max(0, len(chain) - 1 - settings.PROXIES)]


LOG_IN = Rate("log-in", most=5, seconds=60)
RESET = Rate("reset", most=5, seconds=60 * 60)
PROPOSE = Rate("propose", most=10, seconds=60 * 60)
PROPOSE_BY_REST = Rate("propose by REST", most=60, seconds=60 * 60)  # of one account
