"""Undoing a bulk load: what it created is withdrawn, what it updated is described as before, by the chunk.

Whatever somebody went on working on stays as it is, with a word in its row: nobody's work is lost with a load.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from ingest.batch_noting import count_row
from ingest.load_messages import undo_reason
from ingest.models import BatchState, LoadBatch, LoadRow, RowStatus
from repo.db import db, now
from repo.failpoints import failpoint
from repo.items.access import SYSTEM, Action, Actor
from repo.items.models import Item, Upload, Version
from repo.items.rights import collection_target, decide
from repo.items.services.drafts import open_version
from repo.items.services.importing import CHUNK
from repo.items.services.lifecycle import withdraw_item
from repo.items.services.reverting import revert_items, says_the_same
from repo.items.states import VersionState
from repo.storage import uploads

VERB = "load undone"
UNDOABLE = (RowStatus.CREATED, RowStatus.UPDATED, RowStatus.SUBMITTED)
OPEN = (VersionState.DRAFT, VersionState.SUBMITTED)


@dataclass
class _Undoing:
    """`staff`: whoever undoes may withdraw; others only take back what no reviewer has accepted."""

    actor: Actor
    staff: bool
    reason: str
    upload_ids: list[str] = field(default_factory=list)


def undo_chunk(batch_id: int, actor: Actor) -> bool:
    """Undo the next chunk; False when nothing is left to do. May be done again after a crash."""
    batch = db.session.get_one(LoadBatch, batch_id)
    if batch.state is not BatchState.UNDOING:
        db.session.rollback()
        return False
    rows = _next_rows(batch)
    numbers = [row.number for row in rows]
    staff = decide(actor, Action.REVIEW, collection_target(batch.collection)).allowed
    ours = _Undoing(replace(SYSTEM, person_id=actor.person_id), staff, undo_reason(batch))
    reverting = {
        row.item_id: row.before_id for row in rows if staff and row.item_id and row.before_id and _is_as_loaded(row)
    }
    db.session.rollback()

    def follow(session: Session, _reverted: set[str]) -> None:
        batch = session.get_one(LoadBatch, batch_id, with_for_update=True)
        _undo_rows(session, batch, numbers, ours)
        batch.touched_at = now()
        if numbers:
            batch.done = numbers[-1]
        if len(numbers) < CHUNK:
            batch.state, batch.finished_at, batch.done = BatchState.UNDONE, now(), batch.total or 0

    revert_items(reverting, VERB, ours.actor, follow)
    for upload_id in ours.upload_ids:
        uploads().discard(upload_id)
    failpoint("load:undone")
    return len(numbers) == CHUNK


def _next_rows(batch: LoadBatch) -> Sequence[LoadRow]:
    query = sa.select(LoadRow).where(LoadRow.batch_id == batch.id, LoadRow.number > batch.done)
    return db.session.scalars(query.where(LoadRow.status.in_(UNDOABLE)).order_by(LoadRow.number).limit(CHUNK)).all()


def _is_as_loaded(row: LoadRow) -> bool:
    """Whether its work says what this load made it say, and nobody is correcting it."""
    item, loaded = _item(row), _version(row.version_id)
    if item is None or item.current is None or loaded is None or item.withdrawn_at is not None:
        return False
    return says_the_same(item.current, loaded) and open_version(item.id) is None


def _item(row: LoadRow) -> Item | None:
    query = sa.select(Item).where(Item.id == row.item_id)
    return db.session.scalar(query.options(joinedload(Item.current).selectinload(Version.files)))


def _version(version_id: int | None) -> Version | None:
    if version_id is None:
        return None
    return db.session.get(Version, version_id, options=[selectinload(Version.files)])


# ---------------------------------------------------------------- in the transaction


def _undo_rows(session: Session, batch: LoadBatch, numbers: list[int], ours: _Undoing) -> None:
    counts = dict(batch.counts)
    query = sa.select(LoadRow).where(LoadRow.batch_id == batch.id, LoadRow.number.in_(numbers)).order_by(LoadRow.number)
    for row in session.scalars(query).all():
        count_row(counts, row.status, -1)
        kept = _undo_row(row, ours)
        row.status = RowStatus.KEPT if kept else RowStatus.UNDONE
        if kept:
            row.remarks = [*row.remarks, {"code": kept, "about": "", "data": {}}]
        count_row(counts, row.status, 1)
    batch.counts = counts
    session.flush()


def _undo_row(row: LoadRow, ours: _Undoing) -> str:
    """Undo what was done for a record; return why not, if that is so."""
    version = _version(row.version_id)
    if version is not None and version.state in OPEN:
        _take_back(version, ours)
        return ""
    if version is None:  # the submission was deleted meanwhile, or its work expunged
        return "" if row.status is RowStatus.SUBMITTED else "changed_since"
    if version.state is not VersionState.PUBLISHED or not ours.staff:
        return "accepted"
    return _withdraw(row, ours) if row.before_id is None else _look_at_reverted(row)


def _take_back(version: Version, ours: _Undoing) -> None:
    """Remove a submission that no reviewer has accepted."""
    mine = sa.select(Upload.id).where(Upload.version_id == version.id)
    ours.upload_ids += db.session.scalars(mine)
    if version.item.current_id is None:
        db.session.delete(version.item)
    else:
        version.item.versions.remove(version)
    db.session.flush()


def _withdraw(row: LoadRow, ours: _Undoing) -> str:
    item = _item(row)
    if item is None or item.withdrawn_at is not None:
        return "withdrawn"
    if not _is_as_loaded(row):
        return "changed_since"
    withdraw_item(ours.actor, item, ours.reason)
    return ""


def _look_at_reverted(row: LoadRow) -> str:
    """An updated work was reverted a moment ago, or is not as this load left it."""
    item, before = _item(row), _version(row.before_id)
    if item is None or item.current is None or before is None:
        return "changed_since"
    return "" if says_the_same(item.current, before) else "changed_since"
