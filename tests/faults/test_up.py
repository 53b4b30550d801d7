"""`manage.py up` as an operator meets it: real processes, real signals, data of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil
import psycopg
import pytest

from glossary.servers import embedded, process
from glossary.servers.postgres import binary
from glossary.supervisor import MARK

pytestmark = pytest.mark.processes

REPOSITORY = Path(__file__).parents[2]
SERVES = 120  # seconds that a start may take on a busy machine
STOPS = 10  # seconds: the promise
MEASURED = 240  # seconds, after which the lab has measured a space on a busy machine


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Service:
    """One `manage.py up` with a data folder and a port of its own."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = var.with_name(f"{var.name}.out")
        self.process: subprocess.Popen[bytes] | None = None

    def environment(self, **changes: str) -> dict[str, str]:
        ours = ("LEXISPACE_", "DATABASE_URL", "REDIS_URL", "DJANGO_", "HOST", "ALLOWED_HOSTS")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        own = {
            "LEXISPACE_VAR": str(self.var),
            "PORT": str(self.port),
            "LEXISPACE_ENCODER": "hashing",
        }
        return kept | own | changes

    def launch(self, **changes: str) -> subprocess.Popen[bytes]:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=REPOSITORY,
                env=self.environment(**changes),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self.process

    def running(self) -> subprocess.Popen[bytes]:
        """The service that an earlier test left running, or a new start: starts take long."""
        if self.process is not None and self.process.poll() is None:
            return self.process
        return self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Launch it and return once it serves and runs everything that it is to run."""
        launched = self.launch()
        ready = process.wait_until(
            lambda: launched.poll() is not None or "Ctrl-C stops" in self.said(), SERVES
        )
        assert ready, self.said()
        assert launched.poll() is None, self.said()
        return launched

    def refusal(self, **changes: str) -> str:
        """What a start that must fail says."""
        assert self.launch(**changes).wait(SERVES) == 1, self.said()
        return self.said()

    def said(self) -> str:
        return self.output.read_text()

    def processes(self) -> list[psutil.Process]:
        """Everything that belongs to this data folder and is not yet a zombie."""
        found = []
        for candidate in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                ours = candidate.environ().get(MARK) == str(self.var)
                if ours and candidate.status() != psutil.STATUS_ZOMBIE:
                    found.append(candidate)
        for name, program in (("postgres", "postgres"), ("redis", "redis-server")):
            if (self.var / name).is_dir():
                found += process.running_in(self.var / name, program)
        return found

    def child(self, word: str) -> psutil.Process:
        """The leader of the session whose command has `word`: web, worker, beat."""
        return next(
            each
            for each in self.processes()
            if word in " ".join(each.cmdline()) and os.getsid(each.pid) == each.pid
        )

    def status(self, path: str = "/healthz") -> int:
        """The HTTP status; 0 when nobody listens."""
        try:
            with urlopen(f"{self.url}{path}", timeout=10) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code
        except OSError:
            return 0

    def query(self, statement: str) -> list[tuple[object, ...]]:
        entry = embedded.database(self.var)
        with psycopg.connect(
            host=entry["HOST"], dbname=entry["NAME"], user=entry["USER"], autocommit=True
        ) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def cluster_state(self) -> str:
        report = subprocess.run(
            [binary("pg_controldata"), self.var / "postgres"], capture_output=True, check=True
        ).stdout.decode()
        return re.search(r"cluster state:\s*(.*)", report)[1]  # type: ignore[index]

    def assert_all_ended(self) -> None:
        ended = process.wait_until(lambda: not self.processes(), STOPS)
        assert ended, [each.cmdline() for each in self.processes()]
        assert self.status() == 0


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One data folder for the module: each test goes on with what the last one left."""
    service = Service(tmp_path_factory.mktemp("up") / "var")
    yield service
    if service.process is not None:
        service.process.terminate()
        service.process.wait(STOPS)


def test_the_first_start_serves_and_shows_the_way_in(service: Service) -> None:
    service.start()
    assert service.status() == 200
    assert service.status("/readyz") == 200
    said = service.said()
    assert f"Lexispace is at {service.url}\n" in said
    assert "Loaded the starter glossary" in said
    link = re.search(rf"^{service.url}(/accounts/\S+)$", said, re.MULTILINE)
    assert link is not None
    assert service.status(link[1]) == 200
    assert service.query("SELECT count(*) > 40 FROM terms_term") == [(True,)]


def test_everything_is_embedded_and_the_supervisor_lets_go_of_the_database(
    service: Service,
) -> None:
    supervisor = service.running()
    waiting = "SELECT count(*) FROM embeddings_pending WHERE NOT parked"
    assert process.wait_until(lambda: service.query(waiting) == [(0,)], 60)

    def holds_connection() -> bool:
        peers = psutil.Process(supervisor.pid).net_connections(kind="unix")
        return any(embedded.POSTGRES_SOCKET in str(each.raddr) for each in peers)

    assert process.wait_until(lambda: not holds_connection(), 10)
    assert psutil.Process(supervisor.pid).num_threads() == 1


def test_a_matrix_product_has_room_on_the_stack_of_a_web_thread(service: Service) -> None:
    service.running()
    path = "/api/v1/lab/arithmetic?of=embedding&method=map&pairs=relation:related"
    answered = process.wait_until(lambda: service.status(path) == 200, MEASURED)
    assert answered, service.status(path)
    assert service.child("granian").is_running()


@pytest.mark.parametrize(
    "word", ["granian", "glossary worker --without-gossip", "glossary worker --queues", "beat"]
)
def test_a_killed_child_comes_back(service: Service, word: str) -> None:
    service.running()
    assert process.wait_until(lambda: has_child(service, word), 30)
    before = service.child(word)
    before.kill()
    assert process.wait_until(lambda: has_child(service, word, other_than=before.pid), 30)
    assert "ended unexpectedly: starting it again in 0.5 s" in service.said()
    assert process.wait_until(lambda: service.status() == 200, 30)


def has_child(service: Service, word: str, other_than: int = 0) -> bool:
    try:
        return service.child(word).pid != other_than
    except (StopIteration, psutil.Error, ProcessLookupError):  # one ended while we looked
        return False


@pytest.mark.parametrize("folder", ["postgres", "redis"])
def test_a_killed_server_comes_back(service: Service, folder: str) -> None:
    service.running()
    program = {"postgres": "postgres", "redis": "redis-server"}[folder]
    [leader] = process.leaders(process.running_in(service.var / folder, program))
    leader.kill()
    came_back = f"{folder} ended unexpectedly: starting it again in 0.5 s"
    assert process.wait_until(lambda: came_back in service.said(), 30)
    assert process.wait_until(lambda: service.status("/readyz") == 200, 30)
    assert process.wait_until(lambda: process.running_in(service.var / folder, program) != [], 30)


def test_a_second_supervisor_says_which_one_runs(service: Service) -> None:
    launched = service.running()
    second = Service(service.var)
    second.output = service.var.with_name("second.out")
    refusal = second.refusal()
    assert f"It already runs: process {launched.pid}, {service.url}." in refusal
    assert_one_line(refusal)
    assert service.status() == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_everything_cleanly(service: Service, number: signal.Signals) -> None:
    launched = service.running()
    assert len(service.processes()) > 6
    launched.send_signal(number)
    assert launched.wait(STOPS) == 0
    assert service.processes() == []
    assert service.status() == 0
    assert service.cluster_state() == "shut down"
    assert service.said().endswith("Stopping.\nStopped.\n")


def test_a_signal_during_the_start_ends_everything_too(service: Service) -> None:
    launched = service.launch()
    socket_path = embedded.sockets(service.var) / embedded.POSTGRES_SOCKET
    assert process.wait_until(socket_path.exists, SERVES)
    launched.send_signal(signal.SIGTERM)
    assert launched.wait(STOPS) == 0
    assert service.processes() == []
    assert service.cluster_state() == "shut down"


def test_leftovers_of_a_killed_supervisor_are_ended_first(service: Service) -> None:
    stray = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        env=os.environ | {MARK: str(service.var)},
    )
    service.start()
    assert stray.wait(STOPS) == -signal.SIGTERM


def test_a_killed_supervisor_takes_everything_with_it(service: Service) -> None:
    launched = service.running()
    service.query("CREATE TABLE kept AS SELECT 7 AS value")
    launched.kill()
    launched.wait()
    service.assert_all_ended()
    assert service.cluster_state() == "shut down"


def test_a_start_right_after_a_kill_waits_for_what_is_ending(service: Service) -> None:
    launched = service.running()
    service.query("CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS value")
    launched.kill()
    launched.wait()
    service.start()
    assert service.query("SELECT value FROM kept") == [(7,)]


def test_after_everything_was_killed_the_next_start_has_the_data(service: Service) -> None:
    launched = service.running()
    service.query("CREATE TABLE kept_too AS SELECT 8 AS value")
    launched.send_signal(signal.SIGSTOP)  # so that it restarts nothing
    for each in service.processes():
        with suppress(psutil.NoSuchProcess):
            each.kill()
    launched.kill()
    launched.wait()
    service.assert_all_ended()
    assert service.cluster_state() == "in production"
    service.start()
    assert service.query("SELECT value FROM kept_too") == [(8,)]


def test_the_second_start_loads_nothing_again(service: Service) -> None:
    launched = service.running()
    assert "Loaded" not in service.said()
    service.query("TRUNCATE terms_term CASCADE")
    launched.terminate()
    assert launched.wait(STOPS) == 0
    service.start()
    assert "Loaded" not in service.said()
    assert service.query("SELECT count(*) FROM terms_term") == [(0,)]


def test_data_of_a_newer_version_is_refused_untouched(service: Service) -> None:
    launched = service.running()
    later = (
        "INSERT INTO django_migrations (app, name, applied) VALUES ('terms', '9999_later', now())"
    )
    service.query(later)
    launched.terminate()
    launched.wait(STOPS)
    refusal = service.refusal()
    assert "newer version of Lexispace (it has the migration terms.9999_later)" in refusal
    assert_one_line(refusal)
    assert service.processes() == []
    assert service.cluster_state() == "shut down"


def test_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    service = Service(tmp_path / "var")
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", service.port))
        holder.listen()
        refusal = service.refusal()
    assert f"Port {service.port} is in use" in refusal
    assert f"PORT={service.port + 1}" in refusal
    assert_one_line(refusal)
    assert service.processes() == []


def test_a_public_address_needs_allowed_hosts(tmp_path: Path) -> None:
    service = Service(tmp_path / "var")
    refusal = service.refusal(HOST="0.0.0.0")
    assert "set ALLOWED_HOSTS" in refusal
    assert_one_line(refusal)
    assert service.processes() == []


def test_a_cluster_of_another_postgresql_is_refused(tmp_path: Path) -> None:
    service = Service(tmp_path / "var")
    (service.var / "postgres").mkdir(parents=True)
    (service.var / "postgres" / "PG_VERSION").write_text("17\n")
    refusal = service.refusal()
    assert "made by PostgreSQL 17, this is 18" in refusal
    assert_one_line(refusal)


def test_the_help_teaches(service: Service) -> None:
    told = subprocess.run(
        [sys.executable, "manage.py", "up", "--help"],
        cwd=REPOSITORY,
        env=service.environment(),
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in ("HOST, PORT", "DATABASE_URL", "REDIS_URL", "LEXISPACE_VAR", "Ctrl-C"):
        assert name in told


def assert_one_line(refusal: str) -> None:
    """One line of error, whatever was said before about what went well."""
    [line] = [line for line in refusal.splitlines() if line.startswith("CommandError: ")]
    assert refusal.strip().endswith(line)
    assert "Traceback" not in refusal
