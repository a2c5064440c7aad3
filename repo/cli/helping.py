"""Commands that ask for long work and help with it."""

from collections.abc import Callable
from time import sleep
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from repo.jobs.models import Job

FULL_DISK_PAUSE = 5.0
"""Seconds after which it is seen whether there is room again."""


def help_until_done(find_job: Callable[[], "Job | None"], say_progress: Callable[[], None]) -> None:
    """Run a job here as often as it waits, until `find_job` finds none; a worker may do some of it, or all.

    On a full disk, where not even the end of a job can be written down, it waits for room.
    """
    from repo.db import db
    from repo.errors import is_disk_full
    from repo.processes import collect_rarely

    collect_rarely()
    waits = False
    while (job := find_job()) is not None:
        try:
            _help(job)
            waits = False
        except Exception as error:
            if not is_disk_full(error):
                raise
            db.session.rollback()
            if not waits:
                click.echo("The disk is full: waiting for room.", err=True)
            waits = True
            sleep(FULL_DISK_PAUSE)
        say_progress()
    db.session.expire_all()


def _help(job: "Job") -> None:
    from repo.db import db, now
    from repo.jobs.reconcile import take_back_jobs
    from repo.jobs.runner import run_job

    job_id, due = job.id, job.run_at
    db.session.rollback()
    if not (due <= now() and run_job(job_id)):
        take_back_jobs()  # of a command that was killed, where no worker does
        sleep(min(1.0, max(0.1, (due - now()).total_seconds())))
