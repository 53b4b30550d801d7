import math
import os
import signal
import sys
import time
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.request import Request, urlopen

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.management import call_command
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
)
from django.db import OperationalError, connection
from tqdm import tqdm

from embeddings.encoders import onnx
from embeddings.models import Space
from embeddings.querysets import Progress
from glossary import environment, preflight
from glossary.servers.postgres import Postgres
from glossary.servers.process import ServerError, last_lines
from glossary.servers.redis import Redis
from glossary.supervisor import MARK, Child, Supervisor, end_leftovers

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
AGAIN = 0.5  # seconds after which a signal is repeated, until it has been heard
TICK = 0.25  # seconds between two looks at the children
ANSWERS_WITHIN = 120.0  # seconds for the web process
ALONE = ("--without-gossip", "--without-mingle")
# Its child is replaced after each tuning, for what torch takes.
TUNER = (
    "--queues",
    settings.TUNING_QUEUE,
    "--hostname",
    "tuner@%h",
    "--max-memory-per-child",
    "400000",
)
EPILOG = """\
With nothing set it listens on 127.0.0.1:8000 and keeps everything in var/: PostgreSQL and Redis
run as its own children, a secret key is made, and the first start prints a link that sets the
administrator's password. Environment variables change that:

  HOST, PORT         where to listen; a HOST that others can reach needs ALLOWED_HOSTS
  ALLOWED_HOSTS      the names that readers use, with commas between
  LEXISPACE_URL      the address that readers see, such as https://glossary.example.org
  DATABASE_URL       a PostgreSQL with pgvector, instead of the embedded one
  REDIS_URL          a Redis, instead of the embedded one
  LEXISPACE_VAR      where the data lies (default: var/ beside manage.py)
  LEXISPACE_STARTER  off: begin empty, without the starter glossary
  LEXISPACE_PRIVATE  on: reading needs a log-in

Ctrl-C or SIGTERM ends everything within 10 seconds, the database cleanly. A child that dies is
started again; what the children say is in var/log/.
"""


class Command(BaseCommand):
    help = "Run the whole service in the foreground: servers, web, worker and beat."
    requires_system_checks = []  # some ask the database, which is started here

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        options |= {"epilog": EPILOG, "formatter_class": AsWritten}
        return super().create_parser(prog_name, subcommand, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        tqdm.monitor_interval = 0  # its thread: the supervisor is to have one only
        supervisor = Supervisor(say)
        with (
            one_clear_line(),
            preflight.only_one(settings.VAR, settings.LEXISPACE_URL),
            until_stopped(supervisor),
        ):
            end_leftovers(str(settings.VAR))
            check()
            start(supervisor)
            welcome()
            show_progress(supervisor)
            connection.close()
            look_after(supervisor, seconds=math.inf)


class AsWritten(RawDescriptionHelpFormatter, DjangoHelpFormatter):
    """Django's help, with the epilog's lines left alone."""


def say(line: str) -> None:
    """Print above the progress bar. A terminal that has gone away must not stop the stopping."""
    with suppress(OSError):
        tqdm.write(line)
        sys.stdout.flush()


@contextmanager
def one_clear_line() -> Iterator[None]:
    """Turn what an operator can mend into a CommandError, which ends with exit code 1."""
    try:
        yield
    except (preflight.StartError, ServerError, OSError, OperationalError) as error:
        if preflight.is_full_disk(error):
            raise CommandError(preflight.disk_is_full(settings.VAR)) from None
        if isinstance(error, preflight.StartError | ServerError):
            raise CommandError(str(error)) from None
        raise


@contextmanager
def until_stopped(supervisor: Supervisor) -> Iterator[None]:
    """Run the body until a signal asks for the end; then, and on any error, stop everything."""

    def interrupt(*_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, AGAIN)  # it is lost where exceptions are ignored
        raise KeyboardInterrupt

    for number in (*STOPS, signal.SIGALRM):
        signal.signal(number, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        say("Stopping.")
    finally:
        for number in (*STOPS, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 0)
        connection.close()
        supervisor.stop()
    say("Stopped.")


def check() -> None:
    preflight.check_bind(settings.HOST, environment.words("ALLOWED_HOSTS"))
    preflight.check_port(settings.HOST, settings.PORT)
    preflight.check_disk(settings.VAR)


def start(supervisor: Supervisor) -> None:
    """The servers that are not configured elsewhere, the data, then our own processes."""
    if not settings.DATABASE_URL:
        supervisor.add(Postgres(settings.VAR))
    if not settings.REDIS_URL:
        supervisor.add(Redis(settings.VAR))
    call_command("prepare")
    web, *others = children()
    supervisor.add(web)
    await_answer(supervisor, web)
    for other in others:  # after the web process, which readers wait for
        supervisor.add(other)


def children() -> list[Child]:
    """Web, workers, beat, and the one-shot export where questions have an encoder of their own."""
    celery = ["-m", "celery", "-A", "glossary"]
    found = [
        child("web", granian(settings.PORT)),
        child("worker", [*celery, "worker", *ALONE]),
        child("tuner", [*celery, "worker", *TUNER, *ALONE]),
        child("beat", [*celery, "beat", "--schedule", str(settings.VAR / "beat")]),
    ]
    if any(onnx.is_needed(key) for key in Space.objects.values_list("encoder", flat=True)):
        found.append(child("export_onnx", ["manage.py", "export_onnx"], once=True))
    return found


def granian(port: int) -> list[str]:
    address = ["--host", settings.HOST, "--port", str(port)]
    workers = ["--workers", "1", "--blocking-threads", "4", "--workers-kill-timeout", "3"]
    return ["-m", "granian", "--interface", "wsgi", *address, *workers, "glossary.wsgi:application"]


def child(name: str, arguments: list[str], *, once: bool = False) -> Child:
    environment = os.environ | {
        MARK: str(settings.VAR),
        "PYTHONUNBUFFERED": "1",
        # To Celery, SIGTERM means to finish every task first; remapped, to finish within seconds.
        "REMAP_SIGTERM": "SIGQUIT",
    }
    return Child(
        name,
        [sys.executable, *arguments],
        settings.VAR / "log" / f"{name}.log",
        environment=environment,
        cwd=settings.BASE_DIR,
        once=once,
    )


def await_answer(supervisor: Supervisor, web: Child) -> None:
    """Return when the web process serves. ServerError when it does not within two minutes."""
    end = time.monotonic() + ANSWERS_WITHIN
    while not answers():
        if time.monotonic() > end:
            raise ServerError(f"The web process does not answer:\n{last_lines(web.log)}")
        look_after(supervisor, TICK)


def answers() -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)  # noqa: S104
    address = f"[{host}]" if ":" in host else host
    url = f"http://{address}:{settings.PORT}/healthz"
    question = Request(url, headers={"Host": "localhost"})
    try:
        with urlopen(question, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def welcome() -> None:
    say(f"Lexispace is at {settings.LEXISPACE_URL}")
    if not anyone_can_log_in():
        say("Nobody can log in yet. This link sets the administrator's password, once:")
        call_command("admin_link")
    say(f"Logs are in {settings.VAR / 'log'}; Ctrl-C stops everything.")


def anyone_can_log_in() -> bool:
    users = get_user_model().objects.filter(is_active=True)
    return (
        users.exclude(password="").exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).exists()
    )


def show_progress(supervisor: Supervisor) -> None:
    """A bar on a terminal, elsewhere a line for every tenth, until nothing waits any more."""
    said = 0
    with tqdm(desc="Embedding", unit=" senses", disable=None) as bar:
        for progress in progress_of_waiting(supervisor):
            bar.total, bar.n = progress.total, progress.embedded
            bar.refresh()
            tenth = 10 * progress.embedded // progress.total
            if bar.disable and tenth > said:
                said = tenth
                say(f"Embedded {progress.embedded} of {progress.total} senses.")


def progress_of_waiting(supervisor: Supervisor) -> Iterator[Progress]:
    """How far the serving space is, once a second, until no sense waits in its outbox."""
    error = ""
    while True:
        try:
            space = Space.objects.serving()
            progress = space.progress() if space else None
        except OperationalError:  # the database is being started again
            connection.close()
        else:
            if space is None or progress is None or not progress.total:
                return
            if space.error != error:
                error = space.error
                say(f"Embedding waits: {error}" if error else "Embedding goes on.")
            yield progress
            if not progress.waiting:
                return
        look_after(supervisor, seconds=1)


def look_after(supervisor: Supervisor, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(TICK)
        supervisor.tick()
