"""A database for each test, copied from a template that is migrated once a process.

A copy costs about a millisecond on SQLite and sixty on PostgreSQL, and buys that a test may do anything: commit,
fail in the middle of a commit, migrate, share the database with another process.
"""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from itertools import count
from os import getpid
from pathlib import Path
from typing import Protocol

from alembic import command

from repo.settings import Settings
from tests.services.postgres import PostgresServer


class TestDatabases(Protocol):
    """Makes databases; each lives as long as its context and is given by its MURAS_DATABASE_URL."""

    __test__: bool = False  # its name begins with Test

    def empty(self) -> AbstractContextManager[str]: ...
    def migrated(self) -> AbstractContextManager[str]: ...


class SqliteDatabases:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = count()

    @cached_property
    def _template(self) -> Path:
        file = self._folder / "template.sqlite"
        migrate_database(f"sqlite:///{file}", self._folder / "template")
        return file

    @contextmanager
    def empty(self) -> Iterator[str]:
        file = self._folder / f"{next(self._number)}.sqlite"
        yield f"sqlite:///{file}"
        for left in self._folder.glob(f"{file.name}*"):  # with its -wal and -shm
            left.unlink()

    @contextmanager
    def migrated(self) -> Iterator[str]:
        with self.empty() as url:
            shutil.copyfile(self._template, url.removeprefix("sqlite:///"))
            yield url


class PostgresDatabases:
    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._number = count()

    @cached_property
    def _template(self) -> str:
        name = f"template_{getpid()}"
        self._server.create_database(name)
        try:
            migrate_database(self._server.address(name), self._folder / "template")
        except BaseException:
            self._server.drop_database(name)  # the next test meets the same fault, not a half-made template
            raise
        return name

    @contextmanager
    def empty(self) -> Iterator[str]:
        with self._copy("template0") as url:
            yield url

    @contextmanager
    def migrated(self) -> Iterator[str]:
        with self._copy(self._template) as url:
            yield url

    @contextmanager
    def _copy(self, template: str) -> Iterator[str]:
        name = f"test_{getpid()}_{next(self._number)}"
        self._server.create_database(name, template)
        yield self._server.address(name)
        self._server.drop_database(name)


def migrate_database(url: str, data_dir: Path) -> None:
    """Bring the database at `url` to the newest form and leave no connection open."""
    from repo.app import create_app
    from repo.db import db
    from repo.installation import alembic_config

    app = create_app(Settings(data_dir=data_dir, database_url=url, secret_key="x" * 32, testing=True))
    with app.app_context():
        command.upgrade(alembic_config(), "head")
        db.engine.dispose()
