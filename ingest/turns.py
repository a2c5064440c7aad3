"""Whose turn it is: harvests, bulk loads and exports work for hours, one at a time, some minutes each.

The worker has two threads, and one of them is for everybody else. Works that come from a source are settled after a
crash by whoever imports from it next, which also needs that nobody else does.
"""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

import sqlalchemy as sa

from repo.db import db, now, transaction
from repo.jobs.models import Job, JobState
from repo.jobs.registry import RunningJob
from repo.jobs.services import enqueue_job

LONG = ("harvest", "batch", "export")
"""The kinds of jobs that take turns."""
SLICE = 120.0
"""Seconds after which one gives its thread back, so that letters and deposits have their turn, and goes on."""
ASIDE = 40
"""Seconds for which one steps aside for another: the worker looks every 30 what is due."""


def is_anybody_at_work(*, besides: int) -> bool:
    """Whether another long job runs than `besides`."""
    running = sa.select(Job.id).where(Job.kind.in_(LONG), Job.state == JobState.RUNNING, Job.id != besides)
    found = db.session.scalar(running) is not None
    db.session.rollback()
    return found


def take_turn(job: RunningJob, work: Callable[[Callable[[], bool]], bool]) -> None:
    """Give a job its turn, or have it wait for one. `work` asks what it is given whether its time is over, and returns
    whether there is nothing left to do."""
    if is_anybody_at_work(besides=job.id):
        go_on(job, 10 + job.id % 7)
        return
    began = monotonic()
    if not work(lambda: monotonic() - began > SLICE):
        go_on(job)


def go_on(job: RunningJob, seconds: float = 0) -> None:
    """Ask for the next turn of a job, after those who wait already."""
    if seconds < ASIDE and _does_anybody_wait(job):
        seconds = ASIDE
    with transaction():
        run_at = now() + timedelta(seconds=seconds)
        enqueue_job(job.kind, job.key, job.payload, run_at=run_at, person_id=job.person_id)


def _does_anybody_wait(job: RunningJob) -> bool:
    soon = now() + timedelta(seconds=ASIDE / 2)
    waiting = sa.select(Job.id).where(Job.kind.in_(LONG), Job.state == JobState.QUEUED, Job.run_at <= soon)
    found = db.session.scalar(waiting.where(sa.or_(Job.kind != job.kind, Job.key != job.key))) is not None
    db.session.rollback()
    return found
