"""Asking for work, and what the office can do about it."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import IntegrityError

from repo.db import db, now
from repo.errors import NotFoundError, StateError
from repo.jobs.models import Job, JobState
from repo.jobs.registry import Cause
from repo.jobs.rows import find_queued, put_back, send_when_committed, tell_owner
from repo.jobs.runner import run_job
from repo.web.paging import Page, load_page

KEEP_DONE = timedelta(days=7)
KEEP_FAILED = timedelta(days=90)


def enqueue_job(
    kind: str,
    key: str,
    payload: dict[str, Any] | None = None,
    *,
    person_id: int | None = None,
    run_at: datetime | None = None,
) -> Job:
    """Ask for work of `kind` about `key`, to begin after the open transaction is committed, not before `run_at`.

    One that waits already stands for both, with the newer `payload` and the earlier time. One that runs does
    not count: it may have read what this transaction changes.
    """
    asked = Job(kind=kind, key=key, payload=payload or {}, person_id=person_id, run_at=run_at or now())
    job = find_queued(kind, key) or _insert(asked)
    if job is not asked:
        job.payload, job.person_id, job.run_at = asked.payload, person_id, min(job.run_at, asked.run_at)
        db.session.flush()
    send_when_committed(job)
    return job


def _insert(job: Job) -> Job:
    while True:
        try:
            with db.session.begin_nested():
                db.session.add(job)
            return job
        except IntegrityError:  # PostgreSQL: somebody asked for the same a moment before
            if twin := find_queued(job.kind, job.key):
                return twin


def find_going_job(kind: str, key: str) -> Job | None:
    """The job that runs, else the one that waits, as its row stands now."""
    going = (JobState.RUNNING, JobState.QUEUED)
    query = sa.select(Job).where(Job.kind == kind, Job.key == key, Job.state.in_(going))
    query = query.order_by(Job.state.desc(), Job.id).limit(1)
    return db.session.scalar(query.execution_options(populate_existing=True))


def cancel_job(job_id: int) -> Job:
    """Do not run a job that waits. Raises NotFoundError, StateError (it runs or has ended)."""
    job = _load(job_id)
    if job.state is not JobState.QUEUED:
        raise StateError(job.state, "cancel")
    job.state, job.finished_at = JobState.CANCELLED, now()
    db.session.flush()
    if find_going_job(job.kind, job.key) is None:
        tell_owner(job, Cause.CANCELLED)
    return job


def retry_job(job_id: int) -> Job:
    """Run a job again that failed or was cancelled, with all its attempts; return the one that waits now.

    Raises NotFoundError, StateError.
    """
    job = _load(job_id)
    if job.state not in (JobState.FAILED, JobState.CANCELLED):
        raise StateError(job.state, "retry")
    job.attempts = job.reached = 0
    return put_back(job, now())


def list_jobs(state: JobState | None = None, kind: str | None = None, cursor: str = "", *, size: int = 50) -> Page[Job]:
    """One page of jobs, the newest first."""
    query = sa.select(Job)
    if state is not None:
        query = query.where(Job.state == state)
    if kind is not None:
        query = query.where(Job.kind == kind)
    return load_page(db.session(), query, [Job.id], cursor, size=size, descending=True)


def count_jobs() -> dict[JobState, int]:
    """How many jobs there are in each state."""
    numbers = dict.fromkeys(JobState, 0)
    for state, number in db.session.execute(sa.select(Job.state, sa.func.count()).group_by(Job.state)):
        numbers[state] = number
    return numbers


def forget_jobs() -> int:
    """Delete what ended long ago; return how many."""
    ended = sa.or_(
        sa.and_(Job.state == JobState.DONE, Job.finished_at < now() - KEEP_DONE),
        sa.and_(Job.state.in_([JobState.FAILED, JobState.CANCELLED]), Job.finished_at < now() - KEEP_FAILED),
    )
    return len(db.session.scalars(sa.delete(Job).where(ended).returning(Job.id)).all())


def run_pending_jobs(kind: str | None = None) -> int:
    """Do all work that is due, and what follows from it, here and now; return how many jobs ran.

    For tests and for commands that want to see the end of what they asked for. Not inside a transaction.
    """
    ran = 0
    while job_ids := _due_jobs(kind):
        done = sum(run_job(job_id) for job_id in job_ids)
        if not done:  # all of them wait for a worker that runs their twins
            break
        ran += done
    return ran


def _due_jobs(kind: str | None) -> list[int]:
    due = sa.select(Job.id).where(Job.state == JobState.QUEUED, Job.run_at <= now()).order_by(Job.run_at, Job.id)
    if kind is not None:
        due = due.where(Job.kind == kind)
    with current_app.app_context():
        return list(db.session.scalars(due.limit(100)))


def _load(job_id: int) -> Job:
    job = db.session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None:
        raise NotFoundError(str(job_id))
    return job
