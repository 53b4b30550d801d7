"""A day of this year, short enough for a margin; the rest is Django's."""

MONTH_DAY_FORMAT = "j M"
