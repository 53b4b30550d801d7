from django import template

register = template.Library()


@register.filter
def percent(share: float) -> int:
    """A share of 1 as whole per cent.

    >>> percent(0.267)
    27
    """
    return round(100 * share)
