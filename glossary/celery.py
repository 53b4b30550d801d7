"""The Celery application. Messages are doorbells; what is to be done stands in the database."""

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glossary.settings")
# Nothing is fetched at run time; the libraries are told so before any of them is imported.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

app = Celery("lexispace")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def tie_children(**_: Any) -> None:
    """A child whose parent was killed ends too, instead of holding the model for nobody."""
    from glossary.servers.process import parting_signal

    if ask_kernel := parting_signal(signal.SIGKILL):
        worker_process_init.connect(lambda **_: ask_kernel(), weak=False)


@worker_init.connect
def add_watchdog(sender: Any, **_: Any) -> None:
    from embeddings.watchdog import Watchdog

    sender.app.steps["worker"].add(Watchdog)


@worker_process_init.connect
def ring_oneself(**_: Any) -> None:
    """What became due while nobody worked, and what a killed child left, is done at once."""
    from embeddings import doorbell

    doorbell.ring()
