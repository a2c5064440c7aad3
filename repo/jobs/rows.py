"""The few steps that a job's row can take back to the queue, for `services`, `runner` and `reconcile` alike."""

import logging
from datetime import datetime

import sqlalchemy as sa

from repo.db import after_commit, db, now
from repo.failpoints import failpoint
from repo.jobs import queue
from repo.jobs.models import Job, JobState
from repo.jobs.registry import Cause, kinds, owners

logger = logging.getLogger(__name__)


def find_queued(kind: str, key: str) -> Job | None:
    """The one job of a kind and key that waits, locked against being claimed before this transaction ends.

    Without the lock a worker could begin it now, not see what is about to be committed here, and be done.
    """
    twin = sa.select(Job).where(Job.kind == kind, Job.key == key, Job.state == JobState.QUEUED)
    return db.session.scalar(twin.with_for_update().execution_options(populate_existing=True))


def put_back(job: Job, run_at: datetime) -> Job:
    """Let a job that ran or ended wait again until `run_at`; return the one that waits now.

    That is another one when the same work was asked for meanwhile: then this row has nothing left to do.
    """
    twin = find_queued(job.kind, job.key)
    job.worker = job.lease_until = None
    if twin is not None:
        job.state, job.finished_at = JobState.CANCELLED, now()
        twin.run_at = min(twin.run_at, run_at)
        job = twin
    else:
        job.state, job.run_at, job.finished_at = JobState.QUEUED, run_at, None
    db.session.flush()
    send_when_committed(job)
    return job


def tell_owner(job: Job, cause: Cause) -> None:
    """Tell whoever asked for a job that it will not be done. An owner that fails keeps no job from its end."""
    tell = owners.get(job.kind)
    if tell is None:
        return
    try:
        with db.session.begin_nested():
            tell(job.payload, cause)
    except Exception:
        logger.exception("job %d (%s %s): its owner could not be told", job.id, job.kind, job.key)


def send_when_committed(job: Job) -> None:
    """Tell the queue once the row stands, if the job is due; `reconcile` tells it of those that are due later."""
    if job.run_at <= now():
        job_id, kind = job.id, job.kind
        after_commit(lambda: send(job_id, kind))


def send(job_id: int, kind: str) -> None:
    """Tell the queue. A queue that is away is no error here: the row stands and will be sent again."""
    failpoint("job:before-send")
    try:
        queue().send(job_id, kinds[kind].priority if kind in kinds else 0)
    except Exception as error:
        logger.warning("the queue did not take job %d, it will be sent again: %s", job_id, error)
