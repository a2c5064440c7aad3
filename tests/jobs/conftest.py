"""Kinds of work that exist for one test."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from repo.db import db, transaction
from repo.jobs import registry
from repo.jobs.models import Job
from repo.jobs.services import enqueue_job


@pytest.fixture(autouse=True)
def only_these_kinds(app: Flask) -> Iterator[None]:
    """The rooms' own work and checks step aside (`app` has registered them) and come back afterwards."""
    kinds, checks, owners = dict(registry.kinds), dict(registry.checks), dict(registry.owners)
    registry.kinds.clear()
    registry.checks.clear()
    registry.owners.clear()
    yield
    registry.kinds.clear()
    registry.kinds.update(kinds)
    registry.checks.clear()
    registry.checks.update(checks)
    registry.owners.clear()
    registry.owners.update(owners)


@pytest.fixture
def ask(context: Flask) -> Callable[..., int]:
    """`ask("copy", "a")` asks for work and commits; returns the id of the job that stands for it."""

    def ask(kind: str, key: str = "a", **payload: object) -> int:
        with transaction():
            return enqueue_job(kind, key, payload).id

    return ask


@pytest.fixture
def see(context: Flask) -> Callable[[int], Job]:
    """`see(id)` reads a row as it is now."""

    def see(job_id: int) -> Job:
        db.session.rollback()
        return db.session.get_one(Job, job_id, populate_existing=True)

    return see
