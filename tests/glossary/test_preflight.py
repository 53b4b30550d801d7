"""What `up` looks at before it starts anything."""

import errno
import shutil
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from glossary import environment, preflight
from glossary.preflight import StartError

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_allowed_hosts(host: str) -> None:
    preflight.check_bind(host, [])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "glossary.example.org"])
def test_a_public_address_needs_allowed_hosts(host: str) -> None:
    preflight.check_bind(host, ["glossary.example.org"])
    with pytest.raises(StartError, match=r"set ALLOWED_HOSTS .* LEXISPACE_URL"):
        preflight.check_bind(host, [])


def test_a_free_port_is_free_and_a_used_one_is_not() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        holder.listen()
        with pytest.raises(StartError, match=f"Port {port} is in use.*PORT={port + 1} make run"):
            preflight.check_port("127.0.0.1", port)
    preflight.check_port("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.7", "no.such.host.invalid"])
def test_an_address_that_is_not_ours_is_named(host: str) -> None:
    with pytest.raises(StartError, match=f"HOST={host} cannot be bound"):
        preflight.check_port(host, 8000)


def test_a_nearly_full_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preflight.check_disk(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 150_000_000))
    with pytest.raises(StartError, match=r"full or nearly so \(150 MB free\): make room"):
        preflight.check_disk(tmp_path)


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (RuntimeError("initdb failed:\n    could not write: No space left on device"), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (RuntimeError("anything else"), False),
    ],
)
def test_a_full_disk_is_known_by_whatever_says_it(error: Exception, full: bool) -> None:
    assert preflight.is_full_disk(error) is full


def test_one_supervisor_for_each_data_folder(tmp_path: Path) -> None:
    other = tmp_path / "other"
    with preflight.only_one(tmp_path, "http://one"), preflight.only_one(other, "http://two"):
        second = preflight.only_one(tmp_path, "http://three")
        with pytest.raises(StartError, match=r"already runs: process \d+, http://one\."):
            second.__enter__()
    with preflight.only_one(tmp_path, "http://three"):
        assert (tmp_path / "up.lock").read_text().endswith("http://three")


def test_a_data_folder_that_cannot_be_written_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit, match=r"file: .*set LEXISPACE_VAR to another one\."):
        environment.secret_key(tmp_path / "file")
