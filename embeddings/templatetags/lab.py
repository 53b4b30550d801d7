from typing import Any

from django import template
from django.utils.http import urlencode

from embeddings.models import Direction, LearnedDirection, Space

register = template.Library()


@register.filter
def percent(share: float) -> int:
    """A share of 1 as whole per cent.

    >>> percent(0.267)
    27
    """
    return round(100 * share)


@register.simple_tag
def parameters(**asked: Any) -> str:
    """The query of an address.

    >>> parameters(toward="a\\nb", away="topic:c")
    'toward=a%0Ab&away=topic%3Ac'
    """
    return urlencode(asked)


@register.simple_tag
def kept_directions(space: Space | None, language: str) -> list[LearnedDirection]:
    """Those that editors keep by a name, as the space has learned them."""
    return list(Direction.objects.learned_in(space, language)) if space else []
