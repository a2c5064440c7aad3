"""Jobs of ResourceSync: what nobody has to wait for, and what begins by itself on a day."""

from datetime import timedelta

from oai.resourcesync.contents import read_new
from oai.resourcesync.dump import discard_stale, make_packages, remove_packages
from oai.resourcesync.resources import follow_all, forget_before, has_begun, open_due
from repo.db import db, now, transaction
from repo.jobs.registry import RunningJob, every, job, reconcile
from repo.jobs.services import enqueue_job
from repo.settings import current_settings

KEPT = timedelta(days=365)
"""How long a change is told."""


@job("list open files")
def list_open_files(job: RunningJob) -> None:
    """For a house that is older than the list."""
    after: str | None = ""
    while after is not None:
        with transaction() as session:
            after = follow_all(session, after)
        job.heartbeat()


@reconcile("open files")
def begin_list() -> None:
    begun = has_begun(db.session())
    db.session.rollback()
    if not begun:
        with transaction():
            enqueue_job("list open files", "")


@every(timedelta(minutes=1), "sum open files")
def sum_open_files(job: RunningJob) -> None:
    read_new(lambda: job.progress(job.done))


@every(timedelta(minutes=10), "open files")
def open_files(job: RunningJob) -> None:
    """Files with an embargo of their own, and all whose day has come."""
    opened = 1
    while opened:
        with transaction() as session:
            opened = open_due(session, now())
        job.heartbeat()


@every(timedelta(days=1), "dump open files")
def dump_open_files(job: RunningJob) -> None:
    if current_settings().resource_dumps:
        make_packages(lambda: job.progress(job.done))
    else:
        remove_packages()


@every(timedelta(minutes=1), "discard packages")
def discard_packages(job: RunningJob) -> None:
    """What holds a file that was closed, or removed by law, is not kept until the next dump."""
    discard_stale()


@every(timedelta(days=1), "forget changes of files")
def forget_changes(job: RunningJob) -> None:
    with transaction() as session:
        forget_before(session, now().replace(microsecond=0) - KEPT)
