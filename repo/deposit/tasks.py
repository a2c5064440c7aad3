"""Jobs of the deposit: unfinished uploads that nobody comes back to, whole ones that a crash kept from being noted."""

from datetime import timedelta

from repo.deposit.uploads import discard_abandoned, note_finished
from repo.jobs.registry import RunningJob, every, reconcile


@every(timedelta(days=1), "discard abandoned uploads")
def clean_uploads(job: RunningJob) -> None:
    discard_abandoned()


@reconcile("uploads")
def notice_uploads() -> None:
    note_finished()
