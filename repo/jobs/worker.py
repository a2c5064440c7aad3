"""The process that works: threads for jobs, and a clock for what has to be looked after.

One for each data directory; it alone moves SQLite's log into the database and writes the search index.
"""

import fcntl
import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from types import FrameType

from flask import Flask

from repo.db import checkpoint, keep_statistics
from repo.errors import SettingsError
from repo.jobs import queue
from repo.jobs.identity import worker_name
from repo.jobs.reconcile import hand_back_jobs, hanging_jobs, reconcile_jobs, run_checks, send_due_jobs, take_back_jobs
from repo.jobs.runner import run_job
from repo.processes import collect_rarely
from repo.settings import current_settings

logger = logging.getLogger(__name__)

THREADS = 2
LOCK_PATIENCE = 15  # seconds: the worker before this one may still be putting its things away
STOP_PATIENCE = 5  # seconds for jobs to end before they are handed back
HANGS = 70  # exit status (EX_SOFTWARE): a job hangs, whoever started this process starts it again


def work(app: Flask, threads: int = THREADS) -> None:
    """Do jobs until SIGTERM or SIGINT. Raises SettingsError when another worker has this data directory."""
    stopping = Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    collect_rarely()
    with app.app_context(), only_worker(current_settings().data_dir, stopping):
        logger.info("the worker begins, with %d threads", threads)
        work_until(stopping, app, threads)
        logger.info("the worker ends")


@contextmanager
def only_worker(data_dir: Path, stopping: Event) -> Iterator[None]:
    """Inside, no other process of this machine works in `data_dir`. Raises SettingsError when one goes on doing so."""
    deadline = monotonic() + LOCK_PATIENCE
    with (data_dir / "worker.lock").open("a") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if stopping.wait(0.2) or monotonic() > deadline:
                    raise SettingsError(f"another worker is at work in {data_dir}") from None
        yield


def work_until(stopping: Event, app: Flask, threads: int) -> None:
    """Do jobs until `stopping` is set; those that do not end in time are handed back, and with them this process."""

    def run(job_id: int) -> None:
        with app.app_context():
            run_job(job_id, stopping)

    take_back_jobs()
    consumer = queue().consume(run, threads)
    rounds = [Round(5, send_due_jobs), Round(30, look_after), Round(60, checkpoint), Round(60, keep_statistics)]
    while not stopping.wait(1):
        for round_ in rounds:
            round_.go()
    if not consumer.stop(STOP_PATIENCE):
        logger.warning("jobs did not end in time: they wait for the next worker")
        hand_back_jobs(worker_name())
        os._exit(0)  # their threads would go on
    checkpoint()
    queue().close()


@dataclass
class Round:
    """Something done every `seconds`, and at once."""

    seconds: float
    action: Callable[[], None]
    due: float = 0.0

    def go(self) -> None:
        if monotonic() < self.due:
            return
        try:
            self.action()
        except Exception:  # the database is away or busy: it is tried again
            logger.exception("%s failed", self.action.__name__)
        self.due = monotonic() + self.seconds


def look_after() -> None:
    if hanging := hanging_jobs(worker_name()):
        logger.critical("these jobs hang: %s; the worker is begun anew", ", ".join(str(job.id) for job in hanging))
        os._exit(HANGS)  # a thread cannot be ended; as jobs of a dead worker they are taken back
    reconcile_jobs()
    run_checks()
