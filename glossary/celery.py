"""The Celery application. Messages are doorbells; what is to be done stands in the database."""

import ctypes
import os
import signal
import sys
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glossary.settings")
# Nothing is fetched at run time; the libraries are told so before any of them is imported.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

PR_SET_PDEATHSIG = 1  # linux/prctl.h

app = Celery("lexispace")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def add_watchdog(sender: Any, **_: Any) -> None:
    from embeddings.watchdog import Watchdog

    sender.app.steps["worker"].add(Watchdog)


@worker_ready.connect
def ring_oneself(**_: Any) -> None:
    """What became due while no worker ran is done at once."""
    from embeddings import doorbell

    doorbell.ring()


@worker_process_init.connect
def die_with_parent(**_: Any) -> None:
    """A child whose parent was killed ends too, instead of holding the model for nobody."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
