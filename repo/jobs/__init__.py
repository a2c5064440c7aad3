"""Work that can fail, and when it is done. `services` asks for it, `registry` says how, `worker` does it."""

from typing import cast

from flask import current_app

from repo.jobs.ports import Queue


def queue() -> Queue:
    """What carries the ids of jobs to the worker, as `MURAS_QUEUE_URL` says."""
    return cast(Queue, current_app.extensions["muras.queue"]())
