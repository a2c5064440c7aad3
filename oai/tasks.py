"""Jobs of the ledger: what is kept follows the code that renders it."""

from oai.rendering import outdated, render_anew
from repo.db import db, transaction
from repo.jobs.registry import RunningJob, job, reconcile
from repo.jobs.services import enqueue_job


@job("render records")
def render_records(job: RunningJob) -> None:
    for done, total in render_anew(job.payload["prefix"]):
        job.progress(done, total)


@reconcile("kept formats")
def follow_formats() -> None:
    prefixes = outdated()
    db.session.rollback()
    if prefixes:
        with transaction():
            for prefix in prefixes:
                enqueue_job("render records", prefix or "headers", {"prefix": prefix})
