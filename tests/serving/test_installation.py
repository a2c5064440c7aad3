"""What stands before the first page: made once, brought up to date after a copy, never touched by an older program."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from flask import Flask

from oai.namespace import choose_namespace
from repo.app import create_app
from repo.db import db, transaction
from repo.errors import SettingsError
from repo.installation import alembic_config, prepare, require_tables, revisions
from repo.members.models import Fact
from repo.settings import Settings, read_settings
from repo.storage import store
from tests.conftest import close_engines


@pytest.fixture
def new(settings: Settings, empty_database_url: str) -> Iterator[Flask]:
    """An application on a database without tables."""
    app = create_app(replace(settings, database_url=empty_database_url))
    yield app
    close_engines(app)


def copies(app: Flask) -> list[Path]:
    return sorted((app.extensions["muras.settings"].data_dir / "backups").glob("*/*"))


def test_prepared_once_and_again(new: Flask) -> None:
    with new.app_context(), pytest.raises(SettingsError):
        require_tables()
    for _ in range(2):
        prepare(new)
        with new.app_context():
            require_tables()
            assert db.session.get_one(Fact, "oai_namespace").value == "muras.example.org"
            assert list(store().objects()) == []
    assert copies(new) == [], "there was nothing to be copied"


def test_the_namespace_stays(new: Flask) -> None:
    prepare(new)
    with new.app_context(), transaction() as session:
        session.get_one(Fact, "oai_namespace").value = "old.example.kg"
    prepare(new)
    with new.app_context():
        assert db.session.get_one(Fact, "oai_namespace").value == "old.example.kg"


def test_an_upgrade_keeps_a_copy_of_what_stood(new: Flask) -> None:
    with new.app_context():
        config = alembic_config()
        base = ScriptDirectory.from_config(config).get_base()
        assert base is not None
        command.upgrade(config, base)
        db.engine.dispose()
        with transaction() as session:
            session.add(Fact(name="before", value="the upgrade"))
    prepare(new)
    (copy,) = copies(new)
    assert copy.parent.name.endswith(revision_wanted(new))
    assert copy.parent.stat().st_mode & 0o077 == 0, "it holds what readers must not see"
    with new.app_context():
        assert db.session.get_one(Fact, "before").value == "the upgrade"
    if copy.suffix == ".sqlite":
        with sqlite3.connect(copy) as kept:
            assert kept.execute("SELECT version_num FROM alembic_version").fetchall() == [(base,)]
            assert kept.execute("SELECT value FROM fact").fetchall() == [("the upgrade",)]
        kept.close()


def revision_wanted(app: Flask) -> str:
    with app.app_context():
        return revisions()[1]


def test_a_database_of_a_later_release_is_not_touched(new: Flask) -> None:
    prepare(new)
    with new.app_context():
        with transaction() as session:
            session.execute(sa.text("UPDATE alembic_version SET version_num = 'tomorrow'"))
        db.session.remove()
    with pytest.raises(SettingsError, match="later release"):
        prepare(new)


@pytest.mark.parametrize(
    ("base_url", "chosen"),
    [
        ("https://muras.kg", "muras.kg"),
        ("https://repo.nlkr.gov.kg:8443/muras", "repo.nlkr.gov.kg"),
        ("http://127.0.0.1:8000", "muras.example.org"),
        ("http://localhost", "muras.example.org"),
        ("https://3d.lib.kg", "muras.example.org"),
        ("http://[::1]:8000", "muras.example.org"),
    ],
)
def test_namespace_of_an_address(base_url: str, chosen: str) -> None:
    assert choose_namespace(Settings(base_url=base_url)) == chosen


def test_namespace_of_a_setting() -> None:
    assert choose_namespace(Settings(oai_namespace="lib.kg")) == "lib.kg"
    with pytest.raises(SettingsError):
        choose_namespace(Settings(oai_namespace="китеп.кг"))


def test_the_address_of_a_house_on_another_port() -> None:
    assert read_settings({"MURAS_PORT": "8123"}).base_url == "http://127.0.0.1:8123"
    told = {"MURAS_PORT": "8123", "MURAS_BASE_URL": "https://muras.example.kg"}
    assert read_settings(told).base_url == "https://muras.example.kg"
