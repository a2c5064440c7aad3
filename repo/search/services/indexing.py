"""Keeping the index true to the rows: what changed, everything anew, what drifted."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from secrets import randbits

import sqlalchemy as sa
from sqlalchemy.orm import Session

from repo.db import Base, db, now, transaction
from repo.items.models import Item
from repo.items.rights import is_public
from repo.jobs.models import Job, JobState
from repo.jobs.services import enqueue_job
from repo.search import engine
from repo.search.document import IndexSource, SearchDocument, build_document
from repo.search.models import IndexChange
from repo.search.ports import IndexState
from repo.search.sources import load_sources, load_stamps

logger = logging.getLogger(__name__)

BATCH = 500
"""Items read, compared or committed at a time: enough for bulk loads, few enough to be seen soon. Their texts are read
one by one."""

OVERLAP = timedelta(minutes=5)
"""Changes this long before a rebuild are looked at again after it: clocks of two machines, long transactions."""

INDEX_CHANGE = Base.metadata.tables[IndexChange.__tablename__]
FORGET = sa.delete(INDEX_CHANGE).where(
    INDEX_CHANGE.c.item_id == sa.bindparam("of"), INDEX_CHANGE.c.token == sa.bindparam("read")
)

Beat = Callable[[], None]


def no_beat() -> None:
    """For callers without a lease to renew."""


def note_change(session: Session, item_id: str) -> None:
    """Write down, in the transaction that changes an item, that it has to be indexed."""
    note_changes(session, [item_id])


def note_changes(session: Session, item_ids: Sequence[str]) -> None:
    """The same of some hundred items. In one order, so that no two transactions wait for each other."""
    query = sa.select(IndexChange.item_id).where(IndexChange.item_id.in_(item_ids)).order_by(IndexChange.item_id)
    known = set(session.scalars(query.with_for_update()))
    rows = [{"item_id": item_id, "token": randbits(62)} for item_id in sorted(set(item_ids))]
    if old := [row for row in rows if row["item_id"] in known]:
        session.execute(sa.update(IndexChange), old)
    if new := [row for row in rows if row["item_id"] not in known]:
        session.execute(sa.insert(INDEX_CHANGE), new)
    enqueue_job("index", "")


def index_changes(beat: Beat = no_beat) -> int:
    """Bring what was noted into the index, a batch a commit; return how many items. Makes the index anew where
    there is none that can be used. Not inside a transaction. Raises SearchUnavailableError."""
    if engine().state() is not IndexState.READY:
        rebuild_index(beat)
    number = 0
    while changes := _read_changes():
        index_items(list(changes))
        with transaction() as session:
            session.execute(FORGET, [{"of": item_id, "read": token} for item_id, token in changes.items()])
        number += len(changes)
        beat()
    return number


def index_items(item_ids: Sequence[str]) -> None:
    """Put items into the index as their rows are now; those that are not public leave it. Not inside a transaction.

    Raises SearchUnavailableError.
    """
    sources = load_sources(item_ids)
    db.session.rollback()  # texts are read from disk: no read transaction stays open meanwhile
    engine().update(_build(sources), remove=set(item_ids) - {source.id for source in sources})


def rebuild_index(beat: Beat = no_beat) -> int:
    """Make the index anew from the rows while the old one answers; return how many items it holds.

    Not inside a transaction. Raises IndexBusyError when another process does the same.
    """
    started = now()
    number = engine().rebuild(_all_documents(beat))
    recent = is_public() & (Item.changed_at >= started - OVERLAP)
    for item_ids in _walk(recent):
        _mend(item_ids)
        beat()
    _remove_strangers()
    return number


def mend_index(beat: Beat = no_beat) -> int:
    """Compare the index with the rows and index again what differs; return how many items that were.

    Not inside a transaction. Raises SearchUnavailableError.
    """
    if engine().state() is not IndexState.READY:
        return rebuild_index(beat)
    mended = 0
    for item_ids in _walk(is_public()):
        mended += _mend(item_ids)
        beat()
    return mended + _remove_strangers()


def watch_index() -> None:
    """See that somebody works on what waits, and on an index that cannot be used; now, not after a long pause
    because another process was writing."""
    running = sa.select(Job.id).where(Job.kind == "index", Job.state == JobState.RUNNING)
    if db.session.scalar(running.limit(1)) is not None:
        return
    if db.session.scalar(sa.select(IndexChange.item_id).limit(1)) or engine().state() is not IndexState.READY:
        with transaction():
            enqueue_job("index", "")


def _read_changes() -> dict[str, int]:
    rows = db.session.execute(sa.select(IndexChange.item_id, IndexChange.token).limit(BATCH)).all()
    db.session.rollback()
    return {row.item_id: row.token for row in rows}


def _walk(condition: sa.ColumnElement[bool]) -> Iterator[list[str]]:
    """The ids of the items that meet a condition, BATCH at a time."""
    last = ""
    while True:
        query = sa.select(Item.id).where(condition, Item.id > last).order_by(Item.id).limit(BATCH)
        item_ids = list(db.session.scalars(query))
        db.session.rollback()
        if not item_ids:
            return
        yield item_ids
        last = item_ids[-1]


def _all_documents(beat: Beat) -> Iterator[SearchDocument]:
    for item_ids in _walk(is_public()):
        sources = load_sources(item_ids)
        db.session.rollback()
        yield from _build(sources)
        beat()


def _build(sources: Iterable[IndexSource]) -> Iterator[SearchDocument]:
    """Documents, one at a time; an item that cannot be described keeps no other out of the index."""
    for source in sources:
        try:
            yield build_document(source)
        except Exception:
            logger.exception("%s cannot be indexed", source.id)


def _mend(item_ids: Sequence[str]) -> int:
    """Index those of the items again of which the index holds nothing or something old."""
    stamps = load_stamps(item_ids)
    db.session.rollback()
    held = engine().stamps(item_ids)
    drifted = [item_id for item_id in item_ids if held.get(item_id) != stamps.get(item_id)]
    if drifted:
        logger.warning("the index had fallen behind for %d items", len(drifted))
        index_items(drifted)
    return len(drifted)


def _remove_strangers() -> int:
    """Take out what is in the index and not public. Looked for only when the numbers differ."""
    public = db.session.scalar(sa.select(sa.func.count()).select_from(Item).where(is_public())) or 0
    db.session.rollback()
    if engine().count() <= public:
        return 0
    strangers: list[str] = []
    ids = engine().ids()
    while item_ids := list(islice(ids, BATCH)):
        known = set(db.session.scalars(sa.select(Item.id).where(Item.id.in_(item_ids), is_public())))
        strangers += [item_id for item_id in item_ids if item_id not in known]
    db.session.rollback()
    engine().update(remove=strangers)
    return len(strangers)
