"""`muras serve`: the web server and the worker as one tree of processes, with this one at its root.

    muras serve ─┬─ worker
                 ├─ web process 1
                 └─ web process 2 …

The root loads the application and forks, so that all share its memory; it never opens the database itself, since
SQLite's connections and locks must not be carried across a fork (https://www.sqlite.org/howtocorrupt.html, 2.6).
Its main thread is granian's, which looks after the web processes; another looks after the worker. What dies is begun
again, after a wait that grows while it keeps dying.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic
from typing import NoReturn

from flask import Flask

from repo.errors import MurasError, SettingsError
from repo.processes import end_with_parent, leave_ending_to_root

logger = logging.getLogger(__name__)

LONGEST_WAIT = 60
"""Seconds between two attempts to begin a part that keeps dying; one that lived longer begins anew at once."""

STOP_PATIENCE = 15
"""Seconds for the worker to end by itself; then it is killed."""


@dataclass
class Life:
    """How long a part of the tree lives, and how long to wait before it is begun again."""

    name: str
    begun: float = field(default_factory=monotonic)
    deaths: int = 0

    def begin(self) -> None:
        self.begun = monotonic()

    def wait_after(self, how: int) -> float:
        """Seconds from a death, of this exit status, to the next beginning."""
        self.deaths = 0 if monotonic() - self.begun > LONGEST_WAIT else self.deaths + 1
        wait = min(2 ** (self.deaths - 1), LONGEST_WAIT) if self.deaths else 0
        logger.error("%s died (%s) and begins again in %d s", self.name, how, wait)
        return wait


class Keeper:
    """Keeps a function running in a child process, until `end`. Made by the main thread, before any other thread."""

    def __init__(self, name: str, run: Callable[[], None]) -> None:
        self._run, self._life = run, Life(name)
        self._ending = Event()
        self._begin()
        # The kernel tells a child of the death of the thread that began it (prctl(2)): this one lives to the end.
        self._thread = Thread(target=self._keep, name=f"keeper of the {name}", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End the child, and kill it when it does not end."""
        self._ending.set()
        for number in (signal.SIGTERM, signal.SIGKILL):
            self._tell(number)
            self._thread.join(STOP_PATIENCE)
            if not self._thread.is_alive():
                return

    def _begin(self) -> None:
        self._life.begin()
        self._process = fork(self._run)
        logger.info("%s begins as process %d", self._life.name, self._process)

    def _keep(self) -> None:
        while True:
            _, status = os.waitpid(self._process, 0)
            self._process = 0
            if self._ending.is_set() or self._ending.wait(self._life.wait_after(os.waitstatus_to_exitcode(status))):
                return
            self._begin()
            if self._ending.is_set():  # it was said while nobody was there to hear it
                self._tell(signal.SIGTERM)

    def _tell(self, number: signal.Signals) -> None:
        if process := self._process:
            with suppress(ProcessLookupError):
                os.kill(process, number)


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
        leave_ending_to_root()
        for number in (signal.SIGTERM, signal.SIGHUP):  # the root's web server has handlers of its own
            signal.signal(number, signal.SIG_DFL)
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
    worker = Keeper("worker", lambda: work(app))
    try:
        keep_serving(lambda: serve_web(app, settings))
    finally:
        worker.end()


def keep_serving(run: Callable[[], None]) -> None:
    """Run the web server in the main thread; begin it again when it gives up, because its processes die at once."""
    life, asked = Life("web"), Event()
    while True:
        life.begin()
        try:
            run()
            return
        except SystemExit as end:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda _number, _frame: asked.set())
            if asked.wait(life.wait_after(end.code if isinstance(end.code, int) else 1)):
                return
