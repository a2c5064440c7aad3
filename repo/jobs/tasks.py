"""The room's own work: forgetting what is done."""

from datetime import timedelta

from repo.db import transaction
from repo.jobs.registry import RunningJob, every
from repo.jobs.services import forget_jobs


@every(timedelta(days=1), "forget jobs")
def forget(job: RunningJob) -> None:
    with transaction():
        forget_jobs()
