"""Commands that ask for long work and help with it."""

from collections.abc import Callable
from time import sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repo.jobs.models import Job


def help_until_done(find_job: Callable[[], "Job | None"], say_progress: Callable[[], None]) -> None:
    """Run a job here as often as it waits, until `find_job` finds none; a worker may do some of it, or all."""
    from repo.db import db, now
    from repo.jobs.reconcile import take_back_jobs
    from repo.jobs.runner import run_job
    from repo.processes import collect_rarely

    collect_rarely()
    while (job := find_job()) is not None:
        job_id, due = job.id, job.run_at
        db.session.rollback()
        if not (due <= now() and run_job(job_id)):
            take_back_jobs()  # of a command that was killed, where no worker does
            sleep(min(1.0, max(0.1, (due - now()).total_seconds())))
        say_progress()
    db.session.expire_all()
