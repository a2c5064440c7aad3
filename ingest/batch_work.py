"""What the job of a bulk load does in its turn: checks, imports or undoes, from where the row of the batch says it is.

A turn may end at any moment, by a kill or because its time is over; the next one goes on after the last slice or chunk
that was committed. A person who pauses or cancels changes the row, and the turn ends with the chunk at hand.
"""

import logging
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from ingest.batch import fail_batch, load_batch
from ingest.batch_check import SLICE, check_slice, person_of
from ingest.batch_embedded import take_out_inside
from ingest.batch_extra import note_extra_files
from ingest.batch_import import Import, cut_chunks, import_chunk
from ingest.batch_noting import Numbered
from ingest.batch_reading import Origin, SourceError, open_origin, read_profile, read_slices
from ingest.batch_staging import discard_load, is_archive, unpack_received
from ingest.batch_undo import undo_chunk
from ingest.limits import Refused
from ingest.loaders.registry import detect_format
from ingest.models import AT_WORK, BatchState, LoadBatch, LoadFile, LoadRow
from ingest.plain import WrongShapeError
from repo.db import db, now, transaction
from repo.errors import is_disk_full
from repo.items.access import SYSTEM, Actor
from repo.items.services.importing import settle_import
from repo.members.services.roles import find_actor
from repo.storage import uploads

logger = logging.getLogger(__name__)

KEPT = timedelta(days=30)
"""How long the file of a load is kept after its end, so that its report can be made into a table again."""
ROWS_AT_ONCE = 5000


@dataclass
class Errand:
    """How whoever works shows that it lives (records done, of how many), and knows that its time is over."""

    alive: Callable[[int, int | None], None] = lambda _done, _total: None
    time_over: Callable[[], bool] = lambda: False


def work_on(batch_id: int, errand: Errand, person_id: int | None = None) -> bool:
    """Go on with a batch; return whether its phase has ended, well or not. Outside of transactions.

    `person_id` is who asked. Raises whatever `errand` raises; and what says that the disk is full, having noted it.
    """
    batch = _begin_turn(batch_id)
    try:
        match batch.state:
            case BatchState.CHECKING:
                return _check(batch, errand)
            case BatchState.IMPORTING:
                return _import(batch, errand)
            case BatchState.UNDOING:
                return _undo(batch, errand, person_id)
        return True
    except SourceError as error:
        with transaction():
            fail_batch(batch_id, error.code, **error.data)
        return True
    except Exception as error:
        if is_disk_full(error):
            _note_full_disk(batch_id)
        raise


def _note_full_disk(batch_id: int) -> None:
    """Let people see what the load waits for, if the database has the room to write it down."""
    db.session.rollback()
    with suppress(SQLAlchemyError), transaction() as session:
        session.get_one(LoadBatch, batch_id).error = {"code": "full", "data": {}}


def _begin_turn(batch_id: int) -> LoadBatch:
    """The batch, detached: what its turn reads of it does not change but for its state, which is read anew."""
    db.session.rollback()
    with transaction() as session:
        batch = session.get_one(LoadBatch, batch_id)
        if batch.state in AT_WORK:
            batch.error = None
            if batch.mark_at is None:
                batch.mark_at, batch.mark_done = now(), batch.done
    found = load_batch(batch_id)
    db.session.expunge_all()
    db.session.rollback()
    return found


def _origin(batch: LoadBatch) -> Origin:
    try:
        return Origin(Path(batch.place), batch.format, read_profile(batch.profile))
    except WrongShapeError:
        raise SourceError("profile") from None


# ---------------------------------------------------------------- the check


def _check(batch: LoadBatch, errand: Errand) -> bool:
    if batch.own and is_archive(Path(batch.place)):
        batch = _unpack(batch)
    if not Path(batch.place).exists():
        raise SourceError("gone")
    if batch.done == 0:
        forget_rows(batch.id, lambda: errand.alive(0, None))
    batch = batch if batch.format else _detect(batch)
    if batch.format == "eprints" and batch.done == 0 and take_out_inside(batch):
        batch = _begin_turn(batch.id)
    done, origin = batch.done, _origin(batch)
    with open_origin(origin) as sandbox, closing(read_slices(sandbox, origin, batch.position, SLICE)) as slices:
        for found in slices:
            if not check_slice(batch.id, origin, found):
                return True
            done += len(found.records)
            errand.alive(done, None)
            if not found.last and errand.time_over():
                return False
    if batch.format == "table":
        note_extra_files(batch.id, origin)
    return True


def _detect(batch: LoadBatch) -> LoadBatch:
    """Find out the format, which nobody named; the records are from a source of that name then."""
    try:
        with open_origin(_origin(batch)) as sandbox:
            format = sandbox.run(detect_format, Path(batch.place))
    except Refused:
        format = ""
    if not format:
        raise SourceError("unknown_format")
    with transaction() as session:
        row = session.get_one(LoadBatch, batch.id)
        row.format = format
        row.source = row.source if row.source.rpartition(":")[2] else row.source + format
    return _begin_turn(batch.id)


def _unpack(batch: LoadBatch) -> LoadBatch:
    from ingest.loaders.unpack import UnpackError

    try:
        folder = unpack_received(batch)
    except UnpackError as error:
        raise SourceError(f"archive_{error.fault.value}", name=error.name[:200]) from error
    with transaction() as session:
        session.get_one(LoadBatch, batch.id).place = str(folder)
    return _begin_turn(batch.id)


def forget_rows(batch_id: int, alive: Callable[[], None]) -> None:
    """Remove the rows of a check, some thousand a transaction."""
    for table in (LoadFile, LoadRow):
        some = sa.select(table.id).where(table.batch_id == batch_id).limit(ROWS_AT_ONCE)
        removed = ROWS_AT_ONCE
        while removed == ROWS_AT_ONCE:
            with transaction() as session:
                removed = len(session.scalars(sa.delete(table).where(table.id.in_(some)).returning(table.id)).all())
            alive()


# ---------------------------------------------------------------- the import


def _import(batch: LoadBatch, errand: Errand) -> bool:
    settle_import(batch.source)
    done, total = batch.done, batch.total
    actor = person_of(load_batch(batch.id))
    db.session.rollback()
    origin = _origin(batch)
    ours = Import(batch.id, batch.source, batch.collection_id, origin, actor, lambda: errand.alive(done, total))
    with open_origin(origin) as sandbox:
        slices = read_slices(sandbox, origin, batch.position, SLICE, with_raw=True)
        with closing(slices):
            for found in slices:
                for chunk, last in _chunks(list(cut_chunks(found.records, done + 1)), found.last):
                    if not import_chunk(ours, chunk, last=last):
                        return True
                    done = chunk[-1][0] if chunk else done
                    errand.alive(done, total)
                    if not last and errand.time_over():
                        return False
    return True


def _chunks(chunks: list[Numbered], at_end: bool) -> list[tuple[Numbered, bool]]:
    """Each chunk, and whether it is the last one of the load: an empty one ends a load without a remainder."""
    if not chunks:
        return [([], True)] if at_end else []
    return [*((chunk, False) for chunk, _next in pairwise(chunks)), (chunks[-1], at_end)]


# ---------------------------------------------------------------- undoing


def _undo(batch: LoadBatch, errand: Errand, person_id: int | None) -> bool:
    settle_import(batch.source)
    actor = _actor(person_id)
    while undo_chunk(batch.id, actor):
        errand.alive(_done(batch.id), batch.total)
        if errand.time_over():
            return False
    return True


def _done(batch_id: int) -> int:
    done = db.session.scalar(sa.select(LoadBatch.done).where(LoadBatch.id == batch_id)) or 0
    db.session.rollback()
    return done


def _actor(person_id: int | None) -> Actor:
    if person_id is None:
        return SYSTEM
    found = find_actor(person_id)
    db.session.rollback()
    return found


# ---------------------------------------------------------------- what goes


def forget_batch(batch_id: int, alive: Callable[[], None]) -> None:
    """Remove a load with all that lies here of it; nothing happens if it is gone."""
    batch = db.session.get(LoadBatch, batch_id)
    upload_id = batch.upload_id if batch is not None else None
    db.session.rollback()
    if upload_id is not None:
        uploads().discard(upload_id)
    discard_load(batch_id)
    forget_rows(batch_id, alive)
    with transaction() as session:
        session.execute(sa.delete(LoadBatch).where(LoadBatch.id == batch_id))


def discard_old_files() -> int:
    """Remove the files of loads that ended a month ago, and loads whose file never arrived; return of how many."""
    before = now() - KEPT
    ended = sa.and_(LoadBatch.state.in_([BatchState.DONE, BatchState.UNDONE]), LoadBatch.finished_at < before)
    done = db.session.scalars(sa.select(LoadBatch.id).where(LoadBatch.own, LoadBatch.place != "", ended)).all()
    waiting = sa.and_(LoadBatch.state == BatchState.RECEIVING, LoadBatch.created_at < before)
    given_up = db.session.scalars(sa.select(LoadBatch.id).where(waiting)).all()
    db.session.rollback()
    for batch_id in done:
        discard_load(batch_id)
        with transaction() as session:
            session.get_one(LoadBatch, batch_id).place = ""
    for batch_id in given_up:
        forget_batch(batch_id, lambda: None)
    return len(done) + len(given_up)
