"""What the worker looks after every 30 s.

What got lost on the way is sent again, what a dead worker left is taken back, what comes round begins, and the
rooms look for what a crash left behind.
"""

import logging

import sqlalchemy as sa
from flask import current_app

from repo.db import db, now, transaction
from repo.jobs import queue
from repo.jobs.identity import is_alive, worker_name
from repo.jobs.models import Job, JobState
from repo.jobs.registry import Cause, checks, kinds
from repo.jobs.rows import put_back, send
from repo.jobs.runner import give_up, is_in_hand
from repo.jobs.services import enqueue_job, retry_job

logger = logging.getLogger(__name__)

AT_ONCE = 100
"""How many jobs are sent at a time; as long as so many messages wait, none is missed."""


def reconcile_jobs() -> None:
    take_back_jobs()
    plan_periodic_jobs()
    send_due_jobs()


def send_due_jobs() -> None:
    """Send the ids of jobs that are due; twice is harmless."""
    if queue().size() >= AT_ONCE:
        return
    due = sa.select(Job.id, Job.kind).where(Job.state == JobState.QUEUED, Job.run_at <= now())
    with current_app.app_context():
        rows = db.session.execute(due.order_by(Job.run_at, Job.id).limit(AT_ONCE)).all()
    for job_id, kind in rows:
        send(job_id, kind)


def take_back_jobs() -> None:
    """Let jobs wait again whose worker is gone: known to be dead here, or elsewhere and silent for its lease; and
    those whose end this worker could not write."""
    with current_app.app_context():
        running = db.session.scalars(sa.select(Job).where(Job.state == JobState.RUNNING)).all()
    for seen in running:
        if _is_abandoned(seen):
            with current_app.app_context(), transaction() as session:
                job = session.get(Job, seen.id, with_for_update=True)
                if job and (job.state, job.worker, job.attempts) == (seen.state, seen.worker, seen.attempts):
                    _take_back(job)


def _is_abandoned(job: Job) -> bool:
    if job.worker == worker_name():
        return not is_in_hand(job.id)
    alive = is_alive(job.worker or "")
    if alive is None:
        return job.lease_until is None or job.lease_until < now()
    return not alive


def _take_back(job: Job) -> None:
    kind = kinds.get(job.kind)
    logger.warning("job %d (%s %s) was left by %s", job.id, job.kind, job.key, job.worker)
    if job.done > job.reached:  # it gets on, so that it is not to blame for the end of its worker
        job.attempts, job.reached = 0, job.done
    if kind is not None and job.attempts >= kind.attempts:
        job.error = job.error or f"The worker ended {job.attempts} times in the middle of it."
        give_up(job, Cause.INTERRUPTED)
    else:
        put_back(job, now())


def hand_back_jobs(worker: str) -> None:
    """Let all jobs of `worker`, which is about to end, wait again; no attempt is lost."""
    with current_app.app_context(), transaction() as session:
        running = sa.select(Job).where(Job.state == JobState.RUNNING, Job.worker == worker).with_for_update()
        for job in session.scalars(running).all():
            job.attempts -= 1
            put_back(job, now())


def hanging_jobs(worker: str) -> list[Job]:
    """Jobs of the living `worker` that gave no sign of life for twice their lease: their threads hang."""
    running = sa.select(Job).where(Job.state == JobState.RUNNING, Job.worker == worker, Job.lease_until < now())
    with current_app.app_context():
        overdue = db.session.scalars(running).all()
    return [job for job in overdue if job.lease_until and job.lease_until + kinds[job.kind].lease < now()]


def plan_periodic_jobs() -> None:
    """See that all periodic work waits for its time. Each kind has one row, which is used again and again."""
    periodic = {kind.name: kind.period for kind in kinds.values() if kind.period}
    with current_app.app_context():
        rows = {job.kind: job for job in db.session.scalars(sa.select(Job).where(Job.kind.in_(periodic)))}
    for name, period in periodic.items():
        seen = rows.get(name)
        if seen is None:
            with current_app.app_context(), transaction():
                enqueue_job(name, "")
        elif seen.finished_at and seen.finished_at + period <= now():  # it failed, and its time has come again
            with current_app.app_context(), transaction():
                retry_job(seen.id)


def run_checks() -> None:
    """Call what the rooms registered with `@reconcile`; one that fails keeps no other from its turn."""
    for name, check in checks.items():
        try:
            with current_app.app_context():
                check()
        except Exception:
            logger.exception("the check %r failed", name)
