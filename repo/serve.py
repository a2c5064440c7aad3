"""`muras serve`: the web server and the worker as one tree of processes, with this one at its root.

    muras serve ─┬─ web ─┬─ process 1 …
                 └─ worker

The root loads the application and forks, so that all share its memory; it never opens the database itself, since
SQLite's connections and locks must not be carried across a fork (https://www.sqlite.org/howtocorrupt.html, 2.6).
A part that dies is begun again, after a wait that grows while it keeps dying.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import NoReturn

from flask import Flask

from repo.errors import MurasError, SettingsError
from repo.processes import end_with_parent

logger = logging.getLogger(__name__)

LONGEST_WAIT = 60
"""Seconds between two attempts to begin a part that keeps dying; one that lived longer begins anew at once."""

STOP_PATIENCE = 15
"""Seconds for the parts to end by themselves; then they are killed."""

SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}


@dataclass
class Part:
    """One child of the root."""

    name: str
    run: Callable[[], None]
    process: int = 0
    begun: float = 0.0
    deaths: int = 0
    due: float = 0.0

    def begin(self) -> None:
        self.begun = monotonic()
        self.process = fork(self.run)
        logger.info("%s begins as process %d", self.name, self.process)

    def died(self, status: int) -> None:
        lived = monotonic() - self.begun
        self.process, self.deaths = 0, 0 if lived > LONGEST_WAIT else self.deaths + 1
        wait = min(2 ** (self.deaths - 1), LONGEST_WAIT) if self.deaths else 0
        self.due = monotonic() + wait
        how = os.waitstatus_to_exitcode(status)
        logger.error("%s died (%s) and begins again in %d s", self.name, how, wait)


def supervise(parts: list[Part]) -> None:
    """Keep the parts alive until SIGTERM or SIGINT, then end them all. Only the main thread may call it."""
    # Signals are waited for, not handled: there is no moment at which one could be missed.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        while not _asked_to_end(parts):
            for process, status in _dead_children():
                for part in parts:
                    if part.process == process:
                        part.died(status)
            for part in parts:
                if not part.process and monotonic() >= part.due:
                    part.begin()
    finally:
        _end(parts)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _asked_to_end(parts: list[Part]) -> bool:
    """Wait for a signal, or for a part whose time to begin has come; return whether the signal says to end."""
    waits = [part.due - monotonic() for part in parts if not part.process]
    got = signal.sigtimedwait(SIGNALS, max(0.0, min(waits)) if waits else LONGEST_WAIT)
    return got is not None and got.si_signo in (signal.SIGTERM, signal.SIGINT)


def _dead_children() -> list[tuple[int, int]]:
    dead: list[tuple[int, int]] = []
    with suppress(ChildProcessError):  # there is none, dead or alive
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            dead.append(found)
    return dead


def _end(parts: list[Part]) -> None:
    left = {part.process for part in parts if part.process}
    for process in left:
        os.kill(process, signal.SIGTERM)
    deadline = monotonic() + STOP_PATIENCE
    while left:
        left -= {process for process, _ in _dead_children()}
        if left and monotonic() > deadline:
            for process in left:
                os.kill(process, signal.SIGKILL)
        elif left:
            signal.sigtimedwait({signal.SIGCHLD}, 0.5)


def fork(run: Callable[[], None]) -> int:
    """Run a function in a child process and return its id. The child ends with the function, or with its parent."""
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    process = os.fork()
    if not process:
        _be_child(run, parent)
    return process


def _be_child(run: Callable[[], None], parent: int) -> NoReturn:
    status = 1
    try:
        end_with_parent(parent)
        # Ctrl-C reaches the whole tree at once, but it is the root that says when to end: SIGINT stays blocked.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGCHLD})
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        run()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except MurasError as error:
        logger.error("%s", error)
        status = 2 if isinstance(error, SettingsError) else 1
    except BaseException:
        logger.exception("process %d dies", os.getpid())
    finally:
        logging.shutdown()
        os._exit(status)


def run_apart(run: Callable[[], None]) -> int:
    """Run a function in a child process to its end; return its exit status, 0 when it succeeded."""
    _, status = os.waitpid(fork(run), 0)
    return os.waitstatus_to_exitcode(status)


def serve(app: Flask) -> None:
    """Serve the installation until SIGTERM or SIGINT. The tables are up to date and the port is free."""
    from repo.jobs.worker import work
    from repo.webserver import serve_web, share_memory

    settings = app.extensions["muras.settings"]
    share_memory(app)
    supervise([Part("web", lambda: serve_web(app, settings)), Part("worker", lambda: work(app))])
