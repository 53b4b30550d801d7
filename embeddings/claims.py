"""Who holds a claim on outbox rows, and whether that process still exists."""

import os
import socket
from functools import cache

import psutil


def here() -> str:
    """The beginning of every name that a process of this machine gives."""
    return f"{socket.gethostname()} "


@cache
def _name_of(pid: int) -> str:
    return f"{here()}{pid} {psutil.Process(pid).create_time():.2f}"


def mine() -> str:
    """This process, told apart from a later one with the same number by the time it began."""
    return _name_of(os.getpid())


def is_gone(name: str) -> bool:
    """Whether the process that gave this name, on this machine, has ended."""
    began = name.rpartition(" ")[2]
    try:
        process = psutil.Process(pid_of(name))
        return process.status() == psutil.STATUS_ZOMBIE or f"{process.create_time():.2f}" != began
    except psutil.NoSuchProcess:
        return True


def pid_of(name: str) -> int:
    return int(name.split()[-2])
