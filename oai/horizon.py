"""Up to which second the ledger is complete.

A datestamp is taken before its commit. A harvester that is told of everything up to a moment will never ask for it
again: so no list may reach a second in which somebody can still commit. The age of whoever is writing tells how far
back that is; without a writer it is the last second that is over.
"""

import sqlite3
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from oai.models import OaiRecord
from repo.db import db, now

SECOND = timedelta(seconds=1)

SKEW = timedelta(seconds=1)
"""How far apart the clocks of several machines may be that write to one database."""

LEDGER = (0x4D75, 0x7261)
"""The advisory lock that writers of the ledger share, as two 32-bit keys."""

PATIENCE = 200
"""Milliseconds to wait for a writer on SQLite; most are done by then."""

# xact_start is not later than any datestamp of the transaction. Both times are the server's: their distance counts.
OLDEST_WRITER = sa.text(
    """
    SELECT max(clock_timestamp() - a.xact_start)
    FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.classid = :first AND l.objid = :second
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
)


def begin_stamping(session: Session) -> datetime:
    """Return the datestamp (UTC, whole seconds) for what the open transaction writes to the ledger."""
    if session.connection().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(*LEDGER)))
    return now().replace(microsecond=0)


def find_horizon(session: Session) -> datetime:
    """Return the last second of which every record is committed. Ends the transaction that reads: what is read
    after it is seen as it stands later than this moment."""
    at = now()
    session.rollback()
    if session.connection().dialect.name == "postgresql":
        age = session.scalar(OLDEST_WRITER, {"first": LEDGER[0], "second": LEDGER[1]}) or timedelta()
        last = at - age - SKEW
    elif _nobody_writes():
        last = at
    else:
        # Writers follow each other: whoever writes now began after all that can be read was committed.
        newest = session.scalar(sa.select(sa.func.max(OaiRecord.ds)))
        last = min(at, newest) if newest else at
    session.rollback()
    return last.replace(microsecond=0) - SECOND


def _nobody_writes() -> bool:
    """Whether SQLite's one writer's place is free: it is taken and given back at once."""
    with db.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute(f"PRAGMA busy_timeout={PATIENCE}")
        try:
            raw.execute("BEGIN IMMEDIATE")
            raw.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return False
        finally:
            raw.execute("PRAGMA busy_timeout=10000")
    return True
