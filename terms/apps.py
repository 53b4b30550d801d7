from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class TermsConfig(AppConfig):
    name = "terms"
    verbose_name = "Glossary"

    def ready(self) -> None:
        connection_created.connect(ignore_no_trigger, dispatch_uid="ignore no trigger")


def ignore_no_trigger(connection: Any, **_: Any) -> None:
    """Says what django-pgtrigger would take for granted, at the price of an error a trigger.

    Its functions ask for a setting that is not there unless somebody ignores a trigger. The error
    is caught, in a subtransaction that is undone, for which PostgreSQL goes through all that waits
    for the commit: the more a transaction has written, the longer each further row takes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{}', false)")
