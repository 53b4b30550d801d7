"""The site: settings, routes, embedded servers. Nothing here has a table."""

from glossary.celery import app as celery_app

__version__ = "0.1.0"
__all__ = ["celery_app"]
