"""Migrations apply from zero and from every earlier state, back and forth, and make what the models say."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from repo.app import create_app
from repo.db import Base, db
from repo.installation import alembic_config
from repo.resources import resource_dir
from repo.settings import Settings
from tests.conftest import close_engines

REVISIONS = [script.revision for script in ScriptDirectory(str(resource_dir("migrations"))).walk_revisions()][::-1]


@pytest.fixture
def bare(tmp_path: Path, empty_database_url: str) -> Iterator[Flask]:
    """An application on a database without tables."""
    settings = Settings(data_dir=tmp_path / "bare", database_url=empty_database_url, testing=True, secret_key="k" * 40)
    app = create_app(replace(settings))
    with app.app_context():
        yield app
        db.session.remove()
    close_engines(app)


def upgrade(revision: str) -> None:
    command.upgrade(alembic_config(), revision)


def differences() -> list[object]:
    with db.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata)


def test_one_line_of_migrations_makes_what_the_models_say(bare: Flask) -> None:
    for revision in REVISIONS:
        upgrade(revision)
    assert differences() == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_migration_can_be_taken_back_and_applied_again(bare: Flask, revision: str) -> None:
    upgrade(revision)
    command.downgrade(alembic_config(), "-1")
    upgrade("head")
    assert differences() == []


def test_there_is_one_newest_migration() -> None:
    assert len(ScriptDirectory(str(resource_dir("migrations"))).get_heads()) == 1
