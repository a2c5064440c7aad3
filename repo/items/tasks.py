"""Jobs of items: publish, preserve, end embargoes; and what a crash left behind."""

from datetime import timedelta

from repo.db import now, transaction
from repo.items.registry import preserve_registry
from repo.items.services.expunging import remove_bytes
from repo.items.services.lifecycle import open_embargoed_items
from repo.items.services.publishing import preserve_item, publish_version
from repo.items.services.relocating import relocate_items
from repo.jobs.registry import RunningJob, every, job
from repo.storage import derivatives, store

LEFT_BEHIND = timedelta(days=1)
"""After this long what lies half-written beside the stores is nobody's any more: longer than any staging takes."""


@job("publish")
def publish(job: RunningJob) -> None:
    publish_version(job.payload["version_id"])


@job("preserve")
def preserve(job: RunningJob) -> None:
    preserve_item(job.payload["item_id"])


@every(timedelta(minutes=10), "open embargoes")
def open_embargoes(job: RunningJob) -> None:
    while True:
        with transaction():
            opened = open_embargoed_items(now())
        if not opened:
            return
        job.heartbeat()


@job("registry")
def registry(job: RunningJob) -> None:
    preserve_registry()


@job("relocate")
def relocate(job: RunningJob) -> None:
    done: str | None = ""
    while done is not None:
        with transaction():
            done = relocate_items(job.payload["collection_ids"], done, now())
        job.heartbeat()


@job("expunge")
def expunge(job: RunningJob) -> None:
    remove_bytes(job.payload["item_id"], job.payload["digests"])


@every(timedelta(days=1), "clean up")
def clean_up(job: RunningJob) -> None:
    """Remove what a crash left beside the stores, and set right the objects it belonged to."""
    store().discard_staging(LEFT_BEHIND.total_seconds())
    derivatives().discard_scratch(LEFT_BEHIND.total_seconds())
