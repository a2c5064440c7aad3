"""From a job's id to its end: claim the row, call the handler, write down what became of it."""

import logging
import traceback
from datetime import timedelta
from threading import Event

import sqlalchemy as sa
from flask import current_app

from repo.db import db, now, transaction
from repo.errors import is_disk_full
from repo.failpoints import failpoint
from repo.jobs.identity import worker_name
from repo.jobs.models import Job, JobState
from repo.jobs.registry import Cause, kinds
from repo.jobs.rows import find_queued, put_back, send_when_committed, tell_owner
from repo.jobs.running import NEVER, JobStopped, RunningJob, own_row

logger = logging.getLogger(__name__)

ERROR_LIMIT = 4000  # characters of an error that are kept
FULL_DISK_WAIT = timedelta(seconds=30)

_in_hand: list[int] = []  # ids of the jobs that threads of this process are at; twice when a message came twice


def run_job(job_id: int, stopping: Event = NEVER) -> bool:
    """Run a job if it waits and is due; return whether it ran.

    May be called with any id, at any time, from any number of workers: whatever is not ours to do now is left.
    When `stopping` is set, a handler that shows a sign of life is stopped and its job waits again.
    """
    _in_hand.append(job_id)  # before the row says that it runs
    try:
        return _run_job(job_id, stopping)
    finally:
        _in_hand.remove(job_id)


def is_in_hand(job_id: int) -> bool:
    """Whether a thread of this process is at a job. When its row says so and no thread is, its end could not be
    written: the disk was full or the database away."""
    return job_id in _in_hand


def _run_job(job_id: int, stopping: Event) -> bool:
    run = _claim(job_id, stopping)
    if run is None:
        return False
    failpoint("job:after-claim")
    try:
        with current_app.app_context():
            kinds[run.kind].run(run)
    except JobStopped as reason:
        logger.info("job %d (%s %s) stopped: %s", run.id, run.kind, run.key, reason)
        hand_back(run)
    except Exception as error:
        logger.exception("job %d (%s %s) failed at attempt %d", run.id, run.kind, run.key, run.attempt)
        _fail(run, error)
    except BaseException:
        hand_back(run)  # Ctrl-C in a command that works by itself
        raise
    else:
        failpoint("job:after-effect")
        _finish(run)
        failpoint("job:after-done")
    return True


def hand_back(run: RunningJob) -> None:
    """Let the job wait again as if this run had never begun; no attempt is lost."""
    with own_row(run) as job:
        if job is not None:
            job.attempts -= 1
            put_back(job, now())


def _claim(job_id: int, stopping: Event) -> RunningJob | None:
    with current_app.app_context(), transaction() as session:
        job = session.get(Job, job_id, with_for_update=True)
        if job is None or job.state is not JobState.QUEUED or job.run_at > now() or _runs_already(job):
            return None
        kind = kinds.get(job.kind)
        if kind is None:
            job.state, job.finished_at = JobState.FAILED, now()
            job.error = f"This release has no work of the kind {job.kind!r}."
            return None
        job.state = JobState.RUNNING
        job.attempts += 1
        job.worker, job.lease_until = worker_name(), now() + kind.lease
        job.done, job.total = 0, None
        return RunningJob(
            job.id,
            job.kind,
            job.key,
            job.payload,
            job.person_id,
            attempt=job.attempts,
            worker=job.worker,
            lease=kind.lease,
            stopping=stopping,
        )


def _runs_already(job: Job) -> bool:
    """A later job of the same kind and key waits for the one that runs; its end, `_end`, sends it."""
    twin = sa.select(Job.id).where(Job.kind == job.kind, Job.key == job.key, Job.state == JobState.RUNNING)
    return db.session.scalar(twin) is not None


def _finish(run: RunningJob) -> None:
    with own_row(run) as job:
        if job is None:
            logger.warning("job %d (%s %s) ended after its lease; its result is dropped", run.id, run.kind, run.key)
            return
        job.error = None
        if period := kinds[run.kind].period:
            job.attempts = 0
            put_back(job, now() + period)
        else:
            job.payload = {}  # may hold what need not be kept: a message, an address, a token
            _end(job, JobState.DONE)


def _fail(run: RunningJob, error: Exception) -> None:
    kind = kinds[run.kind]
    with own_row(run) as job:
        if job is None:
            return
        job.error = describe_error(error)
        if is_disk_full(error):  # says nothing about the work: it waits for as long as it takes to make room
            job.attempts -= 1
            put_back(job, now() + FULL_DISK_WAIT)
        elif isinstance(error, kind.final) or job.attempts >= kind.attempts:
            give_up(job, Cause.ACCIDENT)
        else:
            put_back(job, now() + kind.wait_after(job.attempts))


def give_up(job: Job, cause: Cause) -> None:
    """No attempt is left: the job waits for a person, who finds `error` on the screen of failed jobs.

    Its owner is told, unless the same was asked for again and goes on.
    """
    if find_queued(job.kind, job.key) is None:
        tell_owner(job, cause)
    _end(job, JobState.FAILED)


def _end(job: Job, state: JobState) -> None:
    job.state, job.finished_at = state, now()
    job.worker = job.lease_until = None
    db.session.flush()
    if twin := find_queued(job.kind, job.key):  # the same was asked for while this ran: now it may run
        send_when_committed(twin)


def describe_error(error: Exception) -> str:
    """What happened in the first line, and below it where."""
    what = "".join(traceback.format_exception_only(error)).strip()
    where = "".join(traceback.format_tb(error.__traceback__))
    return f"{what}\n\n{where}"[:ERROR_LIMIT]
