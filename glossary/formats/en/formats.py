"""Dates as they are written in British English; Django's own are American."""

DATE_FORMAT = "j F Y"
MONTH_DAY_FORMAT = "j M"
