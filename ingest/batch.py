"""Bulk loads as a person handles them: begun, checked, imported, paused, undone. Functions flush; the edge commits.

The row of a batch is the truth: a job that works on it looks at its state with each chunk and stops when a person has
changed that. What the job does is in `batch_work`.
"""

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from ingest.batch_check import needed_room
from ingest.batch_import import needs_review
from ingest.models import AT_WORK, BatchState, LoadBatch, LoadProfile, LoadRow, RowStatus
from repo.db import db, now
from repo.errors import InvalidError, NotFoundError, StateError
from repo.items.access import Action, Actor
from repo.items.names import clean_name
from repo.items.rights import collection_target, decide, require
from repo.jobs.models import Job
from repo.jobs.services import enqueue_job, find_going_job
from repo.members.history import record_event
from repo.members.models import Collection, Library
from repo.settings import current_settings
from repo.web.paging import Page, load_page

KIND = "batch"
"""Of the job that works on a batch; its key is the batch's number."""
RESERVE = 500_000_000
"""Bytes that stay free on the disk: the database and other people's deposits need room to go on."""
SOURCE_NAME = re.compile(r"[\w.-]{1,40}")
ROWS = 50

CHECKABLE = frozenset({BatchState.UPLOADED, BatchState.CHECKED, BatchState.FAILED})
REMOVABLE = frozenset({BatchState.RECEIVING, BatchState.UPLOADED, BatchState.CHECKED, BatchState.UNDONE})


@dataclass(frozen=True)
class Plan:
    """What a person says of a load. `format` "" is found out by the check. `source` names where the records come from,
    by default their format: with the key of a record it says in every load of a library which work that is."""

    collection: Collection
    format: str
    source: str = ""
    profile: dict[str, Any] = field(default_factory=dict)
    profile_name: str = ""


@dataclass(frozen=True)
class Pace:
    """Records a second in this stretch of work, and the seconds that are left; None where nobody can tell yet."""

    rate: float | None
    left: float | None


# ---------------------------------------------------------------- begun


def announce_batch(actor: Actor, plan: Plan) -> LoadBatch:
    """Begin a load whose file is to come: see `batch_arriving`."""
    batch = _new_batch(actor, plan)
    batch.state, batch.own = BatchState.RECEIVING, True
    db.session.flush()
    return batch


def create_batch(actor: Actor, plan: Plan, place: Path) -> LoadBatch:
    """Begin a load of a file or a folder of this machine, which is read where it lies: for commands.

    Raises InvalidError when there is none.
    """
    if not place.exists():
        raise InvalidError({"path": [_("There is no such file or folder.")]})
    batch = _new_batch(actor, plan)
    batch.place, batch.filename = str(place.resolve()), clean_name(place.name)
    db.session.flush()
    return batch


def _new_batch(actor: Actor, plan: Plan) -> LoadBatch:
    from ingest.loaders.registry import LOADERS  # and with it each loader, which a process that serves has no use for

    require(actor, Action.LOAD, collection_target(plan.collection))
    if plan.format and plan.format not in LOADERS:
        raise InvalidError({"format": [_("Nothing here reads this format.")]})
    batch = LoadBatch(
        collection_id=plan.collection.id,
        person_id=actor.person_id,
        format=plan.format,
        profile=plan.profile,
        profile_name=plan.profile_name,
        source=source_of(plan.collection.library, plan.source or plan.format),
        reviewed=needs_review(actor, plan.collection),
    )
    db.session.add(batch)
    db.session.flush()
    _record(actor, batch, "load begun", plan.collection)
    return batch


def source_of(library: Library, name: str) -> str:
    """What `Item.source` says of works from there; no library changes another's by a load. Raises InvalidError."""
    if name and SOURCE_NAME.fullmatch(name) is None:
        raise InvalidError({"source": [_("Letters, digits, dots and hyphens, at most 40.")]})
    return f"load:{library.code}:{name}"


# ---------------------------------------------------------------- moved on


def check_batch(actor: Actor, batch: LoadBatch) -> None:
    """Read everything without writing works. A further check forgets what the one before found. Raises StateError."""
    require_loader(actor, batch)
    if batch.state not in CHECKABLE or _imported_anything(batch):
        raise StateError(batch.state, "check")
    batch.counts, batch.size, batch.total, batch.checked_at, batch.extra = {}, 0, None, None, None
    _begin(actor, batch, BatchState.CHECKING, "load checked")


def import_batch(actor: Actor, batch: LoadBatch) -> None:
    """Import what the check found fit. Raises StateError, InvalidError (no room on the disk)."""
    require_loader(actor, batch)
    if batch.state is not BatchState.CHECKED:
        raise StateError(batch.state, "import")
    if (missing := missing_room(batch)) > 0:
        raise InvalidError({"room": [_("%(bytes)s bytes are missing on the disk.", bytes=missing)]})
    batch.reviewed = needs_review(actor, batch.collection)
    batch.person_id = actor.person_id
    _begin(actor, batch, BatchState.IMPORTING, "load started")


def missing_room(batch: LoadBatch) -> int:
    """Bytes that the import needs and the disk has not; at most 0 when there is room."""
    free = shutil.disk_usage(current_settings().ocfl_root.parent).free
    return needed_room(batch) + RESERVE - free


def pause_batch(actor: Actor, batch: LoadBatch) -> None:
    """Stop the import after the chunk at hand, to go on some time. Raises StateError."""
    require_loader(actor, batch)
    if batch.state is not BatchState.IMPORTING:
        raise StateError(batch.state, "pause")
    batch.state = BatchState.PAUSED
    _record(actor, batch, "load paused")
    db.session.flush()


def resume_batch(actor: Actor, batch: LoadBatch) -> None:
    """Go on where the batch was paused or failed. Raises StateError."""
    require_loader(actor, batch)
    during = BatchState((batch.error or {}).get("during", BatchState.IMPORTING))
    if batch.state is BatchState.FAILED and during is BatchState.CHECKING:
        check_batch(actor, batch)
        return
    if batch.state not in (BatchState.PAUSED, BatchState.FAILED):
        raise StateError(batch.state, "resume")
    _go_on(actor, batch, during if batch.state is BatchState.FAILED else BatchState.IMPORTING, "load resumed")


def cancel_batch(actor: Actor, batch: LoadBatch) -> None:
    """Stop for good: what is imported stays, and can be undone; a check is forgotten. Raises StateError."""
    require_loader(actor, batch)
    match batch.state:
        case BatchState.CHECKING:
            batch.state = BatchState.UPLOADED
        case BatchState.IMPORTING | BatchState.PAUSED:
            batch.state, batch.finished_at = BatchState.DONE, now()
        case _:
            raise StateError(batch.state, "cancel")
    _record(actor, batch, "load cancelled")
    db.session.flush()


def fail_batch(batch_id: int, code: str, **data: Any) -> None:
    """Stop a batch that is at work: it cannot go on by itself. `code` is of `load_messages`."""
    batch = db.session.get(LoadBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is not None and batch.state in AT_WORK:
        batch.error = {"code": code, "data": data, "during": batch.state.value}
        batch.state, batch.finished_at = BatchState.FAILED, now()
        db.session.flush()


def undo_batch(actor: Actor, batch: LoadBatch) -> None:
    """Withdraw what the load created, and describe what it updated as before. Raises StateError."""
    require_loader(actor, batch)
    if not is_undoable(batch):
        raise StateError(batch.state, "undo")
    if not may_undo(actor, batch):
        require(actor, Action.REVIEW, collection_target(batch.collection))
    batch.person_id = actor.person_id if batch.person_id is None else batch.person_id
    _begin(actor, batch, BatchState.UNDOING, "load being undone")


def is_undoable(batch: LoadBatch) -> bool:
    """Whether there is anything to undo, and nobody is at it."""
    return batch.state in (BatchState.DONE, BatchState.PAUSED, BatchState.FAILED) and _imported_anything(batch)


def use_profile(actor: Actor, batch: LoadBatch, profile: LoadProfile) -> None:
    """Read the records of a load in another way, and check it again. Raises StateError."""
    batch.profile, batch.profile_name = dict(profile.contents), f"{profile.name} {profile.number}"
    check_batch(actor, batch)


def place_of(batch: LoadBatch) -> Path:
    """Where the source of a load lies."""
    return Path(batch.place)


def may_undo(actor: Actor, batch: LoadBatch) -> bool:
    """Whoever looks after the collection; and who loaded, as long as everything went to reviewers."""
    own = batch.reviewed and batch.person_id is not None and batch.person_id == actor.person_id
    return own or decide(actor, Action.REVIEW, collection_target(batch.collection)).allowed


def remove_batch(actor: Actor, batch: LoadBatch) -> None:
    """Forget a load that left no works: its file, its rows. A job does it: there may be many. Raises StateError."""
    require_loader(actor, batch)
    failed_early = batch.state is BatchState.FAILED and not _imported_anything(batch)
    if batch.state not in REMOVABLE and not failed_early:
        raise StateError(batch.state, "remove")
    _record(actor, batch, "load removed")
    enqueue_job("forget load", str(batch.id), {"batch_id": batch.id})


def _begin(actor: Actor, batch: LoadBatch, state: BatchState, verb: str) -> None:
    batch.position, batch.done = "", 0
    _go_on(actor, batch, state, verb)


def _go_on(actor: Actor, batch: LoadBatch, state: BatchState, verb: str) -> None:
    batch.state, batch.error, batch.finished_at = state, None, None
    batch.mark_at, batch.mark_done, batch.touched_at = None, batch.done, now()
    _record(actor, batch, verb)
    db.session.flush()
    enqueue_job(KIND, str(batch.id), {"batch_id": batch.id}, person_id=actor.person_id)


def _imported_anything(batch: LoadBatch) -> bool:
    done = (RowStatus.CREATED, RowStatus.UPDATED, RowStatus.SUBMITTED)
    return any(batch.counts.get(status.value) for status in done)


def _record(actor: Actor, batch: LoadBatch, verb: str, collection: Collection | None = None) -> None:
    record_event(actor, verb, subject=collection or batch.collection, comment=f"{batch.id}: {batch.filename}"[:200])


# ---------------------------------------------------------------- looked at


def require_loader(actor: Actor, batch: LoadBatch) -> None:
    require(actor, Action.LOAD, collection_target(batch.collection))


def loads_anywhere(actor: Actor) -> bool:
    """Whether the actor has anything to do with bulk loads."""
    return actor.is_administrator or any(grant.role in ("librarian", "digitizer", "reviewer") for grant in actor.grants)


def load_batch(batch_id: int) -> LoadBatch:
    """Raises NotFoundError."""
    query = sa.select(LoadBatch).where(LoadBatch.id == batch_id).execution_options(populate_existing=True)
    place = joinedload(LoadBatch.collection).joinedload(Collection.library)
    found = db.session.scalar(query.options(place, joinedload(LoadBatch.person)))
    if found is None:
        raise NotFoundError(str(batch_id))
    return found


def list_batches(actor: Actor, cursor: str = "") -> Page[LoadBatch]:
    """Loads into the libraries in which the actor loads, the newest first."""
    query = sa.select(LoadBatch).join(Collection, LoadBatch.collection_id == Collection.id)
    if not actor.is_administrator:
        places = [
            Collection.library_id == grant.library_id
            if grant.library_id is not None
            else Collection.path.contains(f"/{grant.collection_id}/", autoescape=True)
            for grant in actor.grants
            if grant.role in ("librarian", "digitizer", "reviewer")
        ]
        query = query.where(sa.or_(sa.false(), *places))
    query = query.options(joinedload(LoadBatch.collection), joinedload(LoadBatch.person))
    return load_page(db.session(), query, [LoadBatch.id], cursor, size=ROWS, descending=True)


def list_rows(batch: LoadBatch, status: RowStatus | None, cursor: str = "", *, size: int = ROWS) -> Page[LoadRow]:
    """One page of the rows of a load, in the order of the source."""
    query = sa.select(LoadRow).where(LoadRow.batch_id == batch.id)
    if status is not None:
        query = query.where(LoadRow.status == status)
    return load_page(db.session(), query, [LoadRow.number], cursor, size=size)


def every_row(batch_id: int, after: int = 0) -> Iterator[Sequence[LoadRow]]:
    """All rows of a load, some hundred at a time; nothing of them is kept in memory."""
    while True:
        query = sa.select(LoadRow).where(LoadRow.batch_id == batch_id, LoadRow.number > after)
        rows = db.session.scalars(query.order_by(LoadRow.number).limit(500)).all()
        if not rows:
            return
        after = rows[-1].number
        yield rows
        db.session.expunge_all()


def count_rows(batch: LoadBatch) -> dict[RowStatus, int]:
    """How many rows stand in each status."""
    return {status: int(batch.counts.get(status.value, 0)) for status in RowStatus}


def pace_of(batch: LoadBatch) -> Pace:
    if batch.mark_at is None or batch.state not in AT_WORK:
        return Pace(None, None)
    seconds = (batch.touched_at - batch.mark_at).total_seconds()
    done = batch.done - batch.mark_done
    if seconds < 1 or done <= 0:
        return Pace(None, None)
    rate = done / seconds
    return Pace(rate, max(0, (batch.total or 0) - batch.done) / rate if batch.total else None)


def find_job(batch_id: int) -> Job | None:
    """The job of a batch that runs or waits for its turn."""
    return find_going_job(KIND, str(batch_id))
