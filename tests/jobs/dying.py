"""Rows of jobs as a killed worker leaves them."""

from datetime import timedelta

from repo.db import now, transaction
from repo.jobs.identity import worker_name
from repo.jobs.models import Job, JobState
from repo.jobs.registry import kinds

PLACE = worker_name().rpartition("/")[0]
DEAD = f"{PLACE}/4194305-1"  # beyond the largest process id (proc(5), pid_max)


def leave_running(job_id: int, worker: str, *, lease: timedelta = timedelta(minutes=5), attempts: int = 1) -> None:
    with transaction() as session:
        row = session.get_one(Job, job_id)
        row.state, row.worker, row.attempts = JobState.RUNNING, worker, attempts
        row.lease_until = now() + lease


def die(job_id: int, done: int = 0) -> None:
    """Once more, in the middle of a job that was `done` so far."""
    with transaction() as session:
        job = session.get_one(Job, job_id)
        job.done, attempts = done, job.attempts + 1
    leave_running(job_id, DEAD, lease=timedelta(), attempts=attempts)


def die_too_often(job_id: int) -> None:
    with transaction() as session:
        job = session.get_one(Job, job_id)
        job.attempts = kinds[job.kind].attempts - 1
    die(job_id)
