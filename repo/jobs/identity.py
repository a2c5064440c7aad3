"""Who runs a job: a name that tells on the same machine whether its bearer still lives.

    <host>/<boot>-<namespace>/<process>-<start>

A process id alone is not enough: it is given again, after a restart of the machine or of a container at once. The
time of the start, counted from the boot, makes it unique within a boot and a process namespace.
"""

import os
import socket
from functools import lru_cache
from pathlib import Path

NAME_LIMIT = 20  # of the host's name; the whole fits into 64 characters


def worker_name() -> str:
    """The name of this process."""
    return _name_of(os.getpid())


@lru_cache(maxsize=8)
def _name_of(process: int) -> str:
    return f"{_place()}/{process}-{_start_of(process)}"


def is_alive(name: str) -> bool | None:
    """Whether the process called `name` still runs; None: it lies where nobody can see it from here."""
    place, _, process = name.rpartition("/")
    if place != _place():
        host, _, boot = place.partition("/")
        here, _, boot_here = _place().partition("/")
        restarted = host == here and boot.partition("-")[0] != boot_here.partition("-")[0]
        return False if restarted else None
    number, _, start = process.partition("-")
    return number.isdigit() and _start_of(int(number)) == start


@lru_cache(maxsize=1)
def _place() -> str:
    host = socket.gethostname().replace("/", "-")[:NAME_LIMIT]
    boot = Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
    return f"{host}/{boot}-{Path('/proc/self/ns/pid').stat().st_ino}"


def _start_of(process: int) -> str:
    """When a process began, in clock ticks since the boot (proc(5), field 22 of stat); "" without such a process."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    state, *fields = stat.rpartition(")")[2].split()  # a program's name may hold blanks and brackets
    return "" if state in "ZX" else fields[18]
