"""Jobs of the ingest pipeline."""

from datetime import timedelta

from ingest.services import derive_item, ingest_upload
from repo.jobs.registry import RunningJob, job


# Somebody waits for it. Five stages of a minute each, and a virus scanner that reads 20 GB, say no word meanwhile.
@job("ingest", priority=10, lease=timedelta(minutes=30))
def ingest(job: RunningJob) -> None:
    ingest_upload(job.payload["upload_id"])


@job("derive", attempts=3, lease=timedelta(minutes=30))
def derive(job: RunningJob) -> None:
    derive_item(job.payload["item_id"])
