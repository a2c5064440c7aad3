"""The room's own work: forgetting what is not needed any more."""

from datetime import timedelta

from repo.db import now, transaction
from repo.jobs.registry import RunningJob, every
from repo.members.services.accounts import forget_unconfirmed
from repo.members.throttle import forget_attempts


@every(timedelta(days=1), "forget sign-ups")
def forget(job: RunningJob) -> None:
    with transaction():
        forget_attempts(now())
    while True:
        with transaction():
            forgotten = forget_unconfirmed(now())
        if not forgotten:
            return
        job.heartbeat()
