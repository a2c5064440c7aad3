"""What keeps the tests honest: nothing beyond this machine, no process left behind, no silent skip."""

import ipaddress
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar
from unittest.mock import patch

import pytest

MARK = "MURAS_TEST_RUN"
"""In the environment of every process that a test process started, and of theirs: the id of the test process."""

GRACE_SECONDS = 5

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def fail_if_skipped(report: Report) -> Report:
    """Where CI is set everything has to be there: a skip is a failure. An expected failure is not a skip."""
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}\nNothing may be skipped where CI=true."
    return report


@contextmanager
def only_loopback() -> Iterator[None]:
    """Inside, a connection or a name look-up beyond the loopback address raises ConnectionRefusedError."""

    def guarded(name: str, address_at: int) -> Any:
        real: Callable[..., Any] = getattr(socket.socket, name)

        def call(self: socket.socket, *args: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                _check_host(args[address_at][0])
            return real(self, *args)

        return patch.object(socket.socket, name, call)

    real_getaddrinfo = socket.getaddrinfo

    def getaddrinfo(host: str | bytes | None, *args: Any, **kwargs: Any) -> Any:
        _check_host(host)
        return real_getaddrinfo(host, *args, **kwargs)

    with (
        guarded("connect", 0),
        guarded("connect_ex", 0),
        guarded("sendto", -1),
        patch.object(socket, "getaddrinfo", getaddrinfo),
    ):
        yield


def _check_host(host: str | bytes | None) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return
    with suppress(ValueError):
        if ipaddress.ip_address(name).is_loopback or ipaddress.ip_address(name).is_unspecified:
            return
    raise ConnectionRefusedError(f"tests stay on this machine, and {name!r} is beyond it")


def end_processes_left(but: dict[int, str]) -> None:
    """End what the tests of this process started and did not stop, and fail with its names."""
    deadline = monotonic() + GRACE_SECONDS
    while (left := {p: line for p, line in processes_started().items() if p not in but}) and monotonic() < deadline:
        sleep(0.1)
    for process in left:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    assert not left, f"tests left processes behind: {left}"


def processes_started() -> dict[int, str]:
    """Living processes that carry our mark or are our children, by id, with their command lines."""
    mark = f"{MARK}={os.getpid()}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile, or somebody else's
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            ours = int(parent) == os.getpid() or mark in (folder / "environ").read_bytes().split(b"\0")
            # Python's own helper of multiprocessing lives as long as the process that it serves.
            if ours and state != "Z" and "multiprocessing.resource_tracker" not in command:
                found[int(folder.name)] = command
    found.pop(os.getpid(), None)
    return found
