"""Jobs of search: what changed goes into the index, the whole is compared once an hour, and watched."""

from datetime import timedelta

from repo.jobs.registry import RunningJob, every, job, reconcile
from repo.search.services.indexing import index_changes, mend_index, watch_index


# Readers wait for it, so it goes before other work. The first one makes the index, which may take its time.
@job("index", attempts=8, lease=timedelta(minutes=30), priority=5)
def index(job: RunningJob) -> None:
    index_changes(job.heartbeat)


@every(timedelta(hours=1), "check index")
def check_index(job: RunningJob) -> None:
    mend_index(job.heartbeat)


@reconcile("index")
def watch() -> None:
    watch_index()
