"""Jobs of the ingest pipeline, of harvests, bulk loads and exports."""

from collections.abc import Callable
from datetime import timedelta

from ingest import turns
from ingest.harvest_sources import ask_for_due, forget_source
from ingest.services import derive_item, ingest_upload
from repo.db import now, transaction
from repo.jobs.registry import Cause, Payload, RunningJob, every, given_up, job
from repo.jobs.running import JobStopped

ATTEMPTS = 3
PATIENCE = 5.0
"""Seconds that a harvest waits with its thread; a source that wants more is asked in a run of its own."""


# Somebody waits for it. Five stages of a minute each, and a virus scanner that reads 20 GB, say no word meanwhile.
@job("ingest", priority=10, lease=timedelta(minutes=30))
def ingest(job: RunningJob) -> None:
    ingest_upload(job.payload["upload_id"])


@job("derive", attempts=3, lease=timedelta(minutes=30))
def derive(job: RunningJob) -> None:
    derive_item(job.payload["item_id"])


@job("harvest", attempts=ATTEMPTS, lease=timedelta(minutes=30), priority=-10)
def harvest_source(job: RunningJob) -> None:
    """A slice of a harvest. One harvests at a time: the worker has two threads, and one is for everybody else."""
    from ingest.harvest import Errand, Later, harvest  # and with it the client of other servers

    source_id = job.payload["source_id"]

    def wait(seconds: float) -> None:
        if seconds > PATIENCE:
            raise Later(seconds)
        if job.stopping.wait(seconds):
            raise JobStopped("the worker ends")

    def work(is_late: Callable[[], bool]) -> bool:
        try:
            return harvest(source_id, Errand(wait, job.progress, is_late))
        except Later as later:
            turns.go_on(job, later.seconds)
            return True

    turns.take_turn(job, work)


@given_up("harvest")
def tell_source(payload: Payload, cause: Cause) -> None:
    from ingest.harvest import note_given_up

    note_given_up(payload["source_id"], cause)


@every(timedelta(minutes=5), "plan harvests")
def plan_harvests(job: RunningJob) -> None:
    with transaction():
        ask_for_due(now())


@job("export", attempts=ATTEMPTS, lease=timedelta(minutes=30), priority=-10)
def make_package(job: RunningJob) -> None:
    """A slice of an export."""
    from ingest.export_requests import make_export

    export_id = job.payload["export_id"]
    turns.take_turn(job, lambda is_late: make_export(export_id, job.progress, is_late))


@given_up("export")
def tell_export(payload: Payload, cause: Cause) -> None:
    from ingest.export_requests import note_given_up

    note_given_up(payload["export_id"], cause)


@every(timedelta(hours=1), "discard exports")
def discard_packages(job: RunningJob) -> None:
    from ingest.export_requests import discard_exports

    discard_exports()


@job("forget source")
def forget_harvest_source(job: RunningJob) -> None:
    forget_source(job.payload["source_id"], job.heartbeat, withdraw=job.payload["withdraw"])


@job("batch", attempts=ATTEMPTS, lease=timedelta(minutes=30), priority=-10)
def work_on_batch(job: RunningJob) -> None:
    """A turn of a bulk load: of its check, its import or its undoing."""
    from ingest.batch_work import Errand, work_on

    batch_id = job.payload["batch_id"]
    turns.take_turn(job, lambda is_late: work_on(batch_id, Errand(job.progress, is_late), job.person_id))


@given_up("batch")
def tell_batch(payload: Payload, cause: Cause) -> None:
    from ingest.batch import fail_batch

    fail_batch(payload["batch_id"], cause.value)


@job("accept load", attempts=ATTEMPTS)
def accept_load(job: RunningJob) -> None:
    from ingest.batch_accepting import accept_rows

    accept_rows(job.payload["batch_id"], job.person_id, job.progress)


@job("forget load")
def forget_load(job: RunningJob) -> None:
    from ingest.batch_work import forget_batch

    forget_batch(job.payload["batch_id"], job.heartbeat)


@every(timedelta(days=1), "forget files of loads")
def discard_files_of_loads(job: RunningJob) -> None:
    from ingest.batch_work import discard_old_files

    discard_old_files()
