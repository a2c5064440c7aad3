"""The engine's rules that no other room's tests show."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from repo import db as rules
from repo.app import create_app
from repo.db import db
from repo.settings import Settings
from tests.conftest import DATABASES, close_engines
from tests.services.databases import PostgresDatabases


@pytest.mark.parametrize("kind", [one for one in DATABASES if one == "postgresql"])
def test_a_connection_that_the_server_has_ended_is_not_used_again(
    kind: str, postgres_databases: PostgresDatabases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server is begun anew in the night: whoever comes first in the morning sees nothing of it."""
    with postgres_databases.empty() as url:
        app = create_app(Settings(data_dir=tmp_path, database_url=url, testing=True, secret_key="k" * 40))
        with app.app_context():
            first = _backend()
            assert _backend() == first, "the pool gives the same one"
            other = sa.create_engine(db.engine.url)
            with other.connect() as connection:
                connection.execute(sa.text("SELECT pg_terminate_backend(:id)"), {"id": first})
            other.dispose()
            monkeypatch.setattr(rules, "IDLE", 0.0)
            assert _backend() != first
        close_engines(app)


def test_writers_wait_for_a_checkpoint_less_than_they_are_ready_to(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody reads for long while the WAL has to be shortened: neither writing nor that fails for it."""
    monkeypatch.setattr(rules, "WAL_PAGES", 0)
    monkeypatch.setattr(rules, "READERS_PATIENCE", 1)
    app = create_app(replace(settings, database_url=f"sqlite:///{settings.data_dir}/checkpoint.sqlite"))
    with app.app_context(), ThreadPoolExecutor(1) as other:
        _write("CREATE TABLE word (text)")
        with db.engine.connect() as reader:
            reader.execute(sa.text("SELECT * FROM word")).all()
            _write("INSERT INTO word VALUES ('later')")
            shortening = other.submit(_in_context, app, rules.checkpoint)
            while not shortening.done():
                _write("INSERT INTO word VALUES ('meanwhile')", patience=5)
            shortening.result()
        rules.checkpoint()
        assert Path(f"{db.engine.url.database}-wal").stat().st_size == 0
    close_engines(app)


def _in_context(app: Flask, work: Callable[[], None]) -> None:
    with app.app_context():
        work()


def _write(statement: str, patience: int = 10) -> None:
    with sqlite3.connect(str(db.engine.url.database), timeout=patience) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute(statement)
    connection.close()


def _backend() -> int:
    with db.engine.connect() as connection:
        return int(connection.scalar(sa.text("SELECT pg_backend_pid()")))
