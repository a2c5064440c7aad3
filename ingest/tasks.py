"""Jobs of the ingest pipeline, of harvests and of exports."""

from datetime import timedelta
from time import monotonic

from ingest.harvest_sources import ask_for_due, forget_source, is_anybody_harvesting
from ingest.services import derive_item, ingest_upload
from repo.db import now, transaction
from repo.errors import StorageFullError
from repo.jobs.registry import RunningJob, every, job
from repo.jobs.running import JobStopped
from repo.jobs.services import enqueue_job

SLICE = 120.0
"""Seconds after which a harvest gives its thread back, so that letters and deposits have their turn, and goes on."""
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
    from ingest.harvest import Errand, Later, harvest, note_accident  # and with it the client of other servers

    if is_anybody_harvesting(besides=job.id):
        _go_on(job, 10 + job.id % 7)
        return
    began = monotonic()

    def wait(seconds: float) -> None:
        if seconds > PATIENCE:
            raise Later(seconds)
        if job.stopping.wait(seconds):
            raise JobStopped("the worker ends")

    errand = Errand(wait, job.progress, lambda: monotonic() - began > SLICE)
    try:
        if not harvest(job.payload["source_id"], errand):
            _go_on(job, 0)
    except Later as later:
        _go_on(job, later.seconds)
    except JobStopped:
        raise
    except Exception:
        if job.attempt >= ATTEMPTS:
            note_accident(job.payload["source_id"])
        raise


def _go_on(job: RunningJob, seconds: float) -> None:
    with transaction():
        enqueue_job("harvest", job.key, job.payload, run_at=now() + timedelta(seconds=seconds))


@every(timedelta(minutes=5), "plan harvests")
def plan_harvests(job: RunningJob) -> None:
    with transaction():
        ask_for_due(now())


@job("export", attempts=ATTEMPTS, lease=timedelta(minutes=30), priority=-10)
def make_package(job: RunningJob) -> None:
    """A slice of an export."""
    from ingest.export_requests import make_export, note_failure

    began, export_id = monotonic(), job.payload["export_id"]
    try:
        if not make_export(export_id, job.progress, lambda: monotonic() - began > SLICE):
            with transaction():
                enqueue_job("export", job.key, job.payload)
    except (JobStopped, StorageFullError):
        raise
    except Exception:
        if job.attempt >= ATTEMPTS:
            note_failure(export_id)
        raise


@every(timedelta(hours=1), "discard exports")
def discard_packages(job: RunningJob) -> None:
    from ingest.export_requests import discard_exports

    discard_exports()


@job("forget source")
def forget_harvest_source(job: RunningJob) -> None:
    forget_source(job.payload["source_id"], job.heartbeat, withdraw=job.payload["withdraw"])
