"""Rows of jobs as a killed worker leaves them."""

from repo.db import now, transaction
from repo.jobs.identity import worker_name
from repo.jobs.models import Job, JobState
from repo.jobs.registry import kinds

DEAD = f"{worker_name().rpartition('/')[0]}/4194305-1"  # beyond the largest process id (proc(5), pid_max)


def die(job_id: int, done: int = 0) -> None:
    """Once more, in the middle of a job that was `done` so far."""
    with transaction() as session:
        job = session.get_one(Job, job_id)
        job.state, job.worker, job.lease_until = JobState.RUNNING, DEAD, now()
        job.attempts += 1
        job.done = done


def die_too_often(job_id: int) -> None:
    with transaction() as session:
        job = session.get_one(Job, job_id)
        job.attempts = kinds[job.kind].attempts - 1
    die(job_id)
