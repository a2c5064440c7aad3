"""The database: engine rules, the one transaction, what follows a commit, UTC times.

Models stay on SQLAlchemy's plain DeclarativeBase; Flask-SQLAlchemy only binds a session to each request.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry, Pool

# One convention for both databases, so that a migration can name what it drops.
NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(sa.TypeDecorator[datetime]):
    """An aware UTC time. SQLite keeps no zone, so it is taken off on the way in and put back on the way out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(sa.TypeDecorator[Any]):
    """JSON, on PostgreSQL in its binary form; None is NULL in both."""

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(self.impl_instance)
        from sqlalchemy.dialects.postgresql import JSONB  # 5 MB in each process that has no use for it

        return dialect.type_descriptor(JSONB(none_as_null=True))

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return self.impl_instance.coerce_compared_value(op, value)


SortKey = sa.String(400).with_variant(sa.String(400, collation="C"), "postgresql")
"""A key made by `web.collation.sort_key`: compared byte by byte in both databases."""


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UTCDateTime(), dict[str, Any]: Json(), list[Any]: Json()}


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> sa.Index:
    """An index of the rows for which `where` holds, in words that both databases read alike.

    Migrations give it to the index of their database: `postgresql_where` here would load the whole of SQLAlchemy's
    PostgreSQL, 5 MB, into processes that never speak to one.
    """
    return sa.Index(name, *columns, unique=unique, info={"where": where})


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})

_writing: ContextVar[bool] = ContextVar("writing", default=False)


PATIENCE = 10
"""Seconds for which a writer of SQLite waits for others before it gives up."""


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def init_app(app: Flask) -> None:
    db.init_app(app)


def engine_options(address: str) -> dict[str, Any]:
    """Options of the engine for the database at `address`."""
    if address.startswith("sqlite"):
        # SQLite's own busy timeout orders the writers. One connection a thread at most, given back after
        # each transaction; the pool only saves opening the file again.
        return {
            "connect_args": {"timeout": PATIENCE, "check_same_thread": False},
            "pool_size": 8,
            "max_overflow": 64,
            "pool_use_lifo": True,  # each connection that is in use keeps pages of its own in memory
        }
    return {"pool_size": 8, "max_overflow": 16, "pool_use_lifo": True}


@contextmanager
def transaction() -> Iterator[Session]:
    """Everything inside is one write transaction: committed at the end, rolled back by an exception.

    On SQLite it begins with BEGIN IMMEDIATE, so that a writer waits its turn at the start and never fails in
    the middle. Only the edge (a view, a job, a command) opens one; nested use is a mistake. What was read
    before is read again inside. Callables given to `after_commit` run after the commit.
    """
    session = db.session()
    if _writing.get():
        raise RuntimeError("a transaction inside a transaction: only the edge commits")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changes were made outside a transaction")
    session.rollback()
    session.expire_all()  # a rollback forgets only what its own transaction had read
    session.info["after_commit"] = []
    token = _writing.set(True)
    try:
        session.begin()
        session.connection()
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        session.info["after_commit"] = []
        raise
    finally:
        _writing.reset(token)
    for callback in session.info.pop("after_commit", []):
        callback()


def writing() -> bool:
    """Whether a write transaction is open here: files and networks have to wait until it is closed."""
    return _writing.get()


def after_commit(callback: Callable[[], None]) -> None:
    """Run `callback` once the open transaction is committed; never when it is rolled back."""
    if not _writing.get():
        raise RuntimeError("after_commit needs an open transaction")
    db.session().info["after_commit"].append(callback)


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _record: object) -> None:
    if not type(connection).__module__.startswith("sqlite3"):
        return
    connection.isolation_level = None  # the driver's own BEGIN would come too late and be a deferred one
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={PATIENCE * 1000}",
        # Two connections that reset the WAL at once can corrupt it before SQLite 3.51.3: only the worker does.
        "wal_autocheckpoint=0",
        "temp_store=MEMORY",
        # Of each connection; the system keeps the rest for all. With four times as much a harvest is as fast, and an
        # idle house seven megabytes larger.
        "cache_size=-500",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


IDLE = 1.0
"""Seconds after which a server is asked whether it is still there, before a connection to it is used again."""


@event.listens_for(Pool, "checkin")
def _note_return(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["returned"] = monotonic()


@event.listens_for(Pool, "checkout")
def _ask_server(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """What SQLAlchemy's `pool_pre_ping` asks at every checkout, where it is a twentieth of a harvest's page."""
    returned = record.info.get("returned")
    if returned is None or monotonic() - returned < IDLE or not type(connection).__module__.startswith("psycopg"):
        return
    try:
        connection.autocommit = True
        connection.execute("SELECT 1")
        connection.autocommit = False
    except connection.OperationalError as error:
        raise DisconnectionError from error  # the pool takes another


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


WAL_PAGES = 16_000
"""From this length on (of 4 KiB each) readers and writers are made to wait until the WAL is short again."""

READERS_PATIENCE = 2
"""Seconds that this waits for readers, and writers for it: far less than after which a writer gives up."""


def checkpoint() -> None:
    """Move the WAL into the database file; only the worker calls this. Usually nobody waits for it."""
    if db.engine.dialect.name != "sqlite":
        return
    with db.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        _busy, pages, _moved = raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if pages > WAL_PAGES:
            # Once more, so that little is left to be written and synced while nobody else can write.
            raw.execute("PRAGMA wal_checkpoint(PASSIVE)")
            raw.execute(f"PRAGMA busy_timeout={READERS_PATIENCE * 1000}")
            try:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # if a reader is in the way, the next one does it
            finally:
                raw.execute(f"PRAGMA busy_timeout={PATIENCE * 1000}")


def keep_statistics() -> None:
    """Let SQLite count what has grown since it last did (https://www.sqlite.org/lang_analyze.html, 5.1), as PostgreSQL
    does by itself; without, it takes the index of a word that all rows have for as good as one of keys."""
    if db.engine.dialect.name != "sqlite":
        return
    with db.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA analysis_limit=400")
        raw.execute("PRAGMA optimize=0x10002")
