"""Who owns the servers' folders. PostgreSQL refuses to run as root, so root lends it a user."""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from glossary.servers.process import ServerError

USER = "pgserver"


def server_user() -> str | None:
    """The user PostgreSQL runs as: None for our own, `pgserver` (made when absent) for root."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(USER)
    except KeyError:
        _add_user()
    return USER


def _add_user() -> None:
    if shutil.which("useradd") is None:
        raise ServerError("PostgreSQL refuses to run as root: start as another user.")
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USER]
    added = subprocess.run(command, capture_output=True, text=True, check=False)
    if added.returncode != 0:
        raise ServerError(f"PostgreSQL refuses to run as root, and {added.stderr.strip()}")


def own(folder: Path, user: str | None) -> None:
    """Make `folder` (0700) for `user`. ServerError when someone else was there before us."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    ours = {os.geteuid(), _id_of(user)}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
        raise ServerError(f"{folder} belongs to another user: remove it, or set LEXISPACE_VAR.")
    folder.chmod(0o700)
    if user is not None:
        shutil.chown(folder, user, user)
    open_way(folder, user)


def open_way(path: Path, user: str | None) -> None:
    """Let `user` search the parents of `path`, where it could not; each is said in one line."""
    if user is None:
        return
    for parent in path.parents:
        found = parent.stat()
        if not found.st_mode & stat.S_IXOTH and found.st_uid != _id_of(user):
            print(f"{parent}: made searchable (o+x), as the user {user} has to pass it.")
            parent.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)


def _id_of(user: str | None) -> int:
    return os.geteuid() if user is None else pwd.getpwnam(user).pw_uid
