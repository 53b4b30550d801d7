"""The embedded servers as real processes: what kills, crashes and stale files leave is survived."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from glossary.servers import embedded, process
from glossary.servers.postgres import Postgres, binary
from glossary.servers.process import ServerError
from glossary.servers.redis import Redis

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """A cluster that was made once; each test begins with a copy."""
    var = Path(tempfile.mkdtemp(prefix="lx-"))
    with Postgres(var):
        pass
    yield var
    shutil.rmtree(var)


@pytest.fixture
def var(template: Path) -> Iterator[Path]:
    var = Path(tempfile.mkdtemp(prefix="lx-"))
    var.chmod(0o755)
    subprocess.run(["cp", "-a", template / "postgres", var], check=True)
    yield var
    Postgres(var).end_orphan()
    shutil.rmtree(var, ignore_errors=True)


def query(var: Path, statement: str) -> list[tuple[object, ...]]:
    entry = embedded.database(var)
    with psycopg.connect(
        host=entry["HOST"], dbname=entry["NAME"], user=entry["USER"], autocommit=True
    ) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def cluster_state(var: Path) -> str:
    report = subprocess.run(
        [binary("pg_controldata"), var / "postgres"], capture_output=True, text=True, check=True
    ).stdout
    return next(line.split(":")[1].strip() for line in report.splitlines() if "state" in line)


def run_and_die(var: Path, server: str) -> None:
    """Start a server in a process that is then killed with -9, as a supervisor may be."""
    module, name = server.rsplit(".", 1)
    script = (
        f"import os, pathlib; from {module} import {name};"
        f"{name}(pathlib.Path({str(var)!r})).start(); os.kill(os.getpid(), 9)"
    )
    died = subprocess.run([sys.executable, "-c", script], check=False)
    assert died.returncode == -signal.SIGKILL


def start_orphan(var: Path) -> subprocess.Popen[bytes]:
    """A server on this data that no supervisor knows and the kernel does not end."""
    socket = var / "orphan"
    server = Postgres(var)
    server._lay_out()
    socket.mkdir()
    if server.user:
        shutil.chown(socket, server.user)
    orphan = subprocess.Popen(
        [binary("postgres"), "-D", server.data, "-k", socket, "-c", "listen_addresses="],
        user=server.user,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.wait_until((socket / embedded.POSTGRES_SOCKET).exists, 30)
    return orphan


def test_postgres_starts_from_nothing_and_stops_cleanly(tmp_path: Path) -> None:
    with Postgres(tmp_path) as server:
        assert server.is_ready()
        assert query(tmp_path, "SHOW server_version_num")[0][0] >= "180000"  # type: ignore[operator]
        query(tmp_path, "CREATE EXTENSION vector")
        assert query(tmp_path, "SELECT '[1,2]'::vector <=> '[1,2]'::vector") == [(0.0,)]
    assert not server.is_ready()
    assert process.running_in(server.data, "postgres") == []
    assert cluster_state(tmp_path) == "shut down"


def test_postgres_text_is_unicode_whatever_the_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "de_DE.ISO-8859-1")
    monkeypatch.setenv("LC_ALL", "no_SUCH.locale")
    with Postgres(tmp_path):
        assert query(tmp_path, "SELECT lower('ÄÖΣ'), length('日本')") == [("äöσ", 2)]
        assert query(tmp_path, "SHOW server_encoding") == [("UTF8",)]
        found = query(tmp_path, "SELECT to_tsvector('simple', '“Bär”—Öl')")
        assert found == [("'bär':1 'öl':2",)]


def test_postgres_listens_on_a_private_socket_only(var: Path) -> None:
    with Postgres(var) as server:
        assert query(var, "SHOW listen_addresses") == [("",)]
        folder = embedded.sockets(var)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / embedded.POSTGRES_SOCKET).stat().st_mode) == 0o700
        [leader] = process.leaders(process.running_in(server.data, "postgres"))
        assert leader.net_connections(kind="inet") == []
        assert len(leader.net_connections(kind="unix")) > 0


def test_postgres_second_start_keeps_what_was_saved(var: Path) -> None:
    with Postgres(var):
        query(var, "CREATE TABLE kept AS SELECT 7 AS value")
    with Postgres(var):
        assert query(var, "SELECT value FROM kept") == [(7,)]


def test_postgres_killed_hard_keeps_what_was_saved(var: Path) -> None:
    with Postgres(var) as server:
        query(var, "CREATE TABLE kept AS SELECT 7 AS value")
        for each in process.running_in(server.data, "postgres"):
            each.kill()
        assert process.wait_until(lambda: not server.is_running(), 10)
        server.start()
        assert query(var, "SELECT value FROM kept") == [(7,)]


def test_postgres_ends_with_a_killed_supervisor(var: Path) -> None:
    run_and_die(var, "glossary.servers.postgres.Postgres")
    assert process.wait_until(lambda: not process.running_in(var / "postgres", "postgres"), 10)
    assert cluster_state(var) == "shut down"
    with Postgres(var) as server:
        assert server.is_ready()


@pytest.mark.parametrize("content", ["", "garbage\n", "{alive}\n/elsewhere\n", "999999999\n"])
@pytest.mark.parametrize("name", ["postgres/postmaster.pid", "run/.s.PGSQL.5432.lock"])
def test_postgres_starts_in_spite_of_a_stale_lock_file(var: Path, name: str, content: str) -> None:
    server = Postgres(var)
    server._lay_out()
    other = subprocess.Popen(["sleep", "60"], user=server.user)  # has the pid that the file names
    (var / name).write_text(content.format(alive=other.pid))
    try:
        with server:
            assert server.is_ready()
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize("pid_file", ["kept", "empty", "removed"])
def test_postgres_replaces_an_orphan_on_its_data(var: Path, pid_file: str) -> None:
    orphan = start_orphan(var)
    path = var / "postgres" / "postmaster.pid"
    if pid_file == "empty":
        path.write_text("")
    elif pid_file == "removed":
        path.unlink()
    with Postgres(var) as server:
        assert orphan.wait(10) == 0  # shut down, not killed
        assert server.is_ready()


def test_postgres_leaves_no_half_made_cluster(tmp_path: Path) -> None:
    draft = tmp_path / "postgres.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")  # a kill in the middle of initdb
    with Postgres(tmp_path) as server:
        assert server.is_ready()
    assert not draft.exists()


def test_postgres_refuses_data_of_another_major_version(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(ServerError, match="made by PostgreSQL 17, this is 18: dump it"):
        Postgres(tmp_path).start()


def test_postgres_that_cannot_start_says_why(var: Path) -> None:
    (var / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(ServerError, match="no_such_setting"):
        Postgres(var).start()


@pytest.mark.parametrize("name", ["deep/" * 30, "with, comma", "with space # 100% ü"])
def test_servers_run_where_a_socket_path_is_difficult(tmp_path: Path, name: str) -> None:
    from kombu.connection import Connection

    var = tmp_path / name
    var.mkdir(parents=True)
    with Postgres(var), Redis(var):
        assert query(var, "SELECT 1") == [(1,)]
        with Connection(embedded.broker_url(var)) as connection:
            queue = connection.SimpleQueue("bell")
            queue.put("ring")
            assert queue.get(timeout=5).payload == "ring"
    if embedded.sockets(var).is_relative_to("/tmp"):
        shutil.rmtree(embedded.sockets(var))


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    var = tmp_path / ("deep/" * 30)
    folder = embedded.sockets(var)
    folder.symlink_to(tmp_path)
    try:
        with pytest.raises(ServerError, match="belongs to another user"):
            Postgres(var).start()
    finally:
        folder.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends PostgreSQL another user")
def test_parents_become_searchable_for_the_user_and_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = tmp_path / "closed"
    var = closed / "var"
    var.mkdir(parents=True)
    closed.chmod(0o700)
    with Postgres(var) as server:
        assert server.is_ready()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o701
    assert capsys.readouterr().out.count(f"{closed}: made searchable") == 1


def test_redis_keeps_messages_through_a_kill(tmp_path: Path) -> None:
    with Redis(tmp_path) as server, redis.Redis(unix_socket_path=str(server.socket)) as client:
        client.set("kept", "yes")
        client.execute_command("CONFIG", "SET", "appendfsync", "always")
        client.set("kept", "always")
        for each in process.running_in(server.data, "redis-server"):
            each.kill()
        assert process.wait_until(lambda: not server.is_running(), 10)
        server.start()
        assert client.get("kept") == b"always"
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    assert process.running_in(server.data, "redis-server") == []


def test_redis_ends_with_a_killed_supervisor(tmp_path: Path) -> None:
    run_and_die(tmp_path, "glossary.servers.redis.Redis")
    assert process.wait_until(
        lambda: not process.running_in(tmp_path / "redis", "redis-server"), 10
    )


def test_redis_replaces_an_orphan_on_its_data(tmp_path: Path) -> None:
    first, second = Redis(tmp_path), Redis(tmp_path)
    first.start()
    second.start()
    assert process.wait_until(lambda: not first.is_running(), 10)
    assert second.is_ready()
    first.stop()
    second.stop()


@pytest.mark.parametrize("damage", ["truncated", "garbage"])
def test_redis_starts_with_a_damaged_file(
    tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Redis(tmp_path) as server, redis.Redis(unix_socket_path=str(server.socket)) as client:
        client.set("key", "value" * 100)
    file = tmp_path / "redis" / "appendonly.aof"
    content = file.read_bytes()
    file.write_bytes(content[:-50] if damage == "truncated" else content + b"\xff garbage \r\n" * 9)
    with Redis(tmp_path) as server:
        assert server.is_ready()
    set_aside = list(tmp_path.glob("redis.unreadable-*"))
    assert len(set_aside) == (damage == "garbage")
    assert ("Nothing is lost" in capsys.readouterr().out) == (damage == "garbage")


def test_a_log_that_has_grown_large_starts_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "LARGEST_LOG", 20)
    log = tmp_path / "log" / "child.log"
    for _ in range(3):
        process.spawn(["echo", "fourteen bytes"], log).wait()
    assert process.last_lines(log) == "    fourteen bytes"
