"""Up to which second the ledger is complete.

A datestamp is taken before its commit. A harvester that is told of everything up to a moment will never ask for it
again: so no list may reach a second in which somebody can still commit. The age of whoever is writing tells how far
back that is; without a writer it is the last second that is over. PostgreSQL knows that age; on SQLite the one writer
writes it into a file beside the database, which it holds locked until its transaction has ended, or its process.
"""

import fcntl
import os
import struct
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from repo.db import now

SECOND = timedelta(seconds=1)

SKEW = timedelta(seconds=1)
"""How far apart the clocks of several machines may be that write to one database."""

LEDGER = (0x4D75, 0x7261)
"""The advisory lock that writers of the ledger share, as two 32-bit keys."""

MOMENT = struct.Struct("<d")
"""The file of SQLite's writer: when it took its first datestamp, in seconds since 1970."""

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
    elif "stamping" not in session.info:
        session.info["stamping"] = _hold_file(session)
    return now().replace(microsecond=0)


def find_horizon(session: Session) -> datetime:
    """Return the last second of which every record is committed. Ends the transaction that reads: what is read
    after it is seen as it stands later than this moment."""
    at = now()
    session.rollback()
    if session.connection().dialect.name == "postgresql":
        age = session.scalar(OLDEST_WRITER, {"first": LEDGER[0], "second": LEDGER[1]}) or timedelta()
        last = at - age - SKEW
    else:
        last = min(at, _first_stamp(session) or at)
    session.rollback()
    return last.replace(microsecond=0) - SECOND


def _hold_file(session: Session) -> int:
    """Lock the file of SQLite's one writer and write the moment into it; its descriptor, open until the end."""
    file = _open_file(session)
    fcntl.flock(file, fcntl.LOCK_EX)  # only readers hold it now, each for a moment
    os.pwrite(file, MOMENT.pack(now().timestamp()), 0)
    return file


def _first_stamp(session: Session) -> datetime | None:
    """When the writer took its first datestamp, or one before it did, whose moment it has not yet replaced."""
    file = _open_file(session)
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        said = os.pread(file, MOMENT.size, 0)
        return datetime.fromtimestamp(MOMENT.unpack(said)[0], UTC) if said else None
    finally:
        _let_go(file)
    return None


def _open_file(session: Session) -> int:
    return os.open(f"{session.get_bind().engine.url.database}-stamping", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _let_go(file: int) -> None:
    fcntl.flock(file, fcntl.LOCK_UN)  # not left to close(): a child forked meanwhile has the same file open
    os.close(file)


@event.listens_for(Session, "after_transaction_end")
def _end_stamping(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None and "stamping" in session.info:
        _let_go(session.info.pop("stamping"))
