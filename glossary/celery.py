"""The Celery application. Messages are doorbells; what is to be done stands in the database."""

import ctypes
import os
import signal
import sys
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glossary.settings")
# Nothing is fetched at run time; the libraries are told so before any of them is imported.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

PR_SET_PDEATHSIG = 1  # linux/prctl.h

main_process = 0  # of the worker; its children inherit the number

app = Celery("lexispace")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def note_main_process(**_: Any) -> None:
    global main_process
    main_process = os.getpid()


@worker_init.connect
def add_watchdog(sender: Any, **_: Any) -> None:
    from embeddings.watchdog import Watchdog

    sender.app.steps["worker"].add(Watchdog)


@worker_process_init.connect
def die_with_parent(**_: Any) -> None:
    """A child whose parent was killed ends too, instead of holding the model for nobody."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != main_process:  # killed before we asked
            os._exit(1)


@worker_process_init.connect
def ring_oneself(**_: Any) -> None:
    """What became due while nobody worked, and what a killed child left, is done at once."""
    from embeddings import doorbell

    doorbell.ring()
