"""A run of a job and its lease: every word it says counts only while the lease is its own.

A run is known by the worker's name and the number of the attempt. Whoever claims the job after it changes them,
so that a run which was given up for dead cannot overwrite what another one did: its late result is dropped.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from time import monotonic
from typing import Any

from flask import current_app

from repo.db import now, transaction
from repo.jobs.models import Job, JobState

WRITE_EVERY = 1.0
"""Seconds between two rows that `progress` writes: a handler may call it for each of ten thousand pages."""

NEVER = Event()


class JobStopped(Exception):
    """Leave the handler at once: the worker ends, or the job is no longer this run's. The job will run again."""


@dataclass
class RunningJob:
    """What a handler knows of its job."""

    id: int
    kind: str
    key: str
    payload: dict[str, Any]
    person_id: int | None
    attempt: int
    worker: str
    lease: timedelta
    stopping: Event = NEVER
    done: int = 0
    total: int | None = None
    _written: float = field(default=float("-inf"), repr=False)

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far it is, in units of the kind, and renew the lease. Not inside a transaction. Raises JobStopped."""
        self.done, self.total = done, total
        if self.stopping.is_set() or monotonic() - self._written >= WRITE_EVERY:
            self.heartbeat()

    def heartbeat(self) -> None:
        """Renew the lease, in a short transaction of its own. Not inside a transaction. Raises JobStopped."""
        if self.stopping.is_set():
            raise JobStopped("the worker ends")
        with own_row(self) as job:
            if job is None:
                raise JobStopped("the job is no longer ours")
            job.lease_until = now() + self.lease
        self._written = monotonic()


@contextmanager
def own_row(run: RunningJob) -> Iterator[Job | None]:
    """The row of a run, to be changed in a transaction and a session of its own; None when the lease was lost."""
    with current_app.app_context(), transaction() as session:
        job = session.get(Job, run.id, with_for_update=True)
        if job and (job.state, job.worker, job.attempts) == (JobState.RUNNING, run.worker, run.attempt):
            job.done, job.total = run.done, run.total
            yield job
        else:
            yield None
