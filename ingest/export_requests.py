"""Exports that librarians ask for: made by a job into the data directory, fetched by whoever looks after the library.

A package holds private files: everybody who asks for it is asked who they are, each time. It goes after a week, and at
once when a work is removed by law.
"""

import hashlib
import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload

from ingest.export_models import Export, ExportState
from repo.db import db, now, transaction
from repo.errors import InvalidError, NotFoundError, StorageFullError
from repo.items.access import Action, Actor, Target
from repo.items.projections import Change, ChangeKind
from repo.items.rights import require
from repo.items.states import VersionState
from repo.jobs.models import Job
from repo.jobs.registry import Cause
from repo.jobs.services import enqueue_job, find_going_job
from repo.members.models import Collection, Library
from repo.settings import current_settings
from repo.storage.disk import PIECE

if TYPE_CHECKING:  # the formats are loaded when an export is asked for, not by each process that serves
    from ingest.export import Order
    from ingest.export_reading import Selection

logger = logging.getLogger(__name__)

KEPT = timedelta(days=7)
MOST = 100
"""Exports that are listed; older ones are gone after a week."""


@dataclass(frozen=True)
class Wish:
    """What a librarian wants: all of a library, or one of its collections with its branch; or only `items`, by their
    ids, of either."""

    library: Library
    collection: Collection | None
    format: str
    with_files: bool
    items: tuple[str, ...] = ()


def list_exports(actor: Actor) -> Sequence[Export]:
    """Those of the libraries that the actor looks after, the newest first."""
    query = sa.select(Export).options(joinedload(Export.library), joinedload(Export.collection))
    if not actor.is_administrator:
        query = query.where(Export.library_id.in_(actor.librarian_of))
    return db.session.scalars(query.order_by(Export.id.desc()).limit(MOST)).all()


def load_export(actor: Actor, export_id: int) -> Export:
    """Raises NotFoundError, NotSignedInError, ForbiddenError."""
    export = db.session.get(Export, export_id)
    if export is None:
        raise NotFoundError()
    _require(actor, export.library_id)
    return export


def request_export(actor: Actor, wish: Wish) -> Export:
    """Ask for a package; the same one that is being made stands for both. Raises ForbiddenError, StorageFullError,
    InvalidError (works that are not there)."""
    _require(actor, wish.library.id)
    if wish.collection is not None and wish.collection.library_id != wish.library.id:
        raise NotFoundError()
    going = (ExportState.WAITING, ExportState.RUNNING)
    told = {"format": wish.format, "with_files": wish.with_files}
    collection_id = wish.collection.id if wish.collection else None
    query = sa.select(Export).filter_by(library_id=wish.library.id, collection_id=collection_id, items=None, **told)
    export = None if wish.items else db.session.scalar(query.where(Export.state.in_(going)).limit(1))
    if export is not None:
        return export
    items = list(wish.items) or None
    export = Export(library=wish.library, collection=wish.collection, person_id=actor.person_id, items=items, **told)
    db.session.add(export)
    db.session.flush()
    _require_works(export)
    _require_room(export)
    enqueue_job("export", str(export.id), {"export_id": export.id}, person_id=actor.person_id)
    return export


def remove_export(actor: Actor, export_id: int) -> None:
    """Remove a package before its time, or stop making it."""
    export = load_export(actor, export_id)
    db.session.delete(export)
    db.session.flush()
    enqueue_job("discard exports", "")


def find_export_job(export_id: int) -> Job | None:
    """The job that makes it, with how far it is."""
    return find_going_job("export", str(export_id))


def open_export(export: Export) -> BinaryIO:
    """The bytes of a package. Raises NotFoundError when it is not there (yet)."""
    if export.state is not ExportState.DONE:
        raise NotFoundError()
    try:
        return path_of(export.id).open("rb")
    except FileNotFoundError as error:
        raise NotFoundError() from error


def file_name(export: Export) -> str:
    """How the package is called where it is saved."""
    code = export.collection.code if export.collection else export.library.code
    return f"{code}-{export.format}-{export.created_at:%Y-%m-%d}.zip"


def path_of(export_id: int) -> Path:
    return current_settings().exports_dir / f"{export_id}.zip"


# ---------------------------------------------------------------- the job


def make_export(export_id: int, progress: Callable[[int, int], None], late: Callable[[], bool]) -> bool:
    """Make a package, or go on with it; False when it was left before the end. Outside of a transaction."""
    from ingest.export import Errand, ExportRefused, run_export

    order = _begin(export_id)
    if order is None:
        return True
    path = path_of(export_id)
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    counts: dict[str, int] = {}
    if not path.exists():
        try:
            state = run_export(order, path, Errand(progress, late))
        except StorageFullError:
            _note(export_id, error="full")
            raise
        except (ExportRefused, NotFoundError):
            logger.exception("the export %d cannot be made", export_id)
            with transaction():
                note_given_up(export_id, Cause.ACCIDENT)
            return True
        if state is None:
            return False
        counts = {name: getattr(state, name) for name in ("withdrawn", "remarks", "faults")}
        counts["works"] = state.done - state.withdrawn
        _note(export_id, counts=counts)
    digest = _digest(path, lambda: progress(0, 0))
    at = now()
    done = {"state": ExportState.DONE, "error": None, "finished_at": at, "expires_at": at + KEPT}
    _note(export_id, digest=digest, size=path.stat().st_size, **done)
    return True


def note_given_up(export_id: int, cause: Cause) -> None:
    """Nobody makes the package any more: why is told for as long as a package would be kept."""
    export = db.session.get(Export, export_id, with_for_update=True, populate_existing=True)
    if export is not None and export.state in (ExportState.WAITING, ExportState.RUNNING):
        export.state, export.error, export.finished_at = ExportState.FAILED, cause.value, now()
        export.expires_at = export.finished_at + KEPT
        db.session.flush()


def discard_exports() -> int:
    """Remove packages whose time has come, and files that belong to none; returns how many."""
    with transaction() as session:
        session.execute(sa.delete(Export).where(Export.expires_at <= now()))
    kept = {str(id_) for id_ in db.session.scalars(sa.select(Export.id))}
    db.session.rollback()
    folder = current_settings().exports_dir
    gone = [path for path in folder.iterdir() if path.name.partition(".")[0] not in kept] if folder.is_dir() else []
    for path in gone:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(gone)


class ExportProjection:
    """A work that is removed by law is in no package any more."""

    def in_transaction(self, session: Session, changes: Sequence[Change]) -> None:
        if all(change.kind is not ChangeKind.EXPUNGED for change in changes):
            return
        # It may have moved, so that nobody knows whose packages hold it: all of them go.
        if session.scalars(sa.delete(Export).returning(Export.id)).all():
            enqueue_job("discard exports", "")

    def after_commit(self, change: Change) -> None: ...


def _begin(export_id: int) -> "Order | None":
    from ingest.export import Order

    with transaction() as session:
        export = session.get(Export, export_id)
        if export is None or export.state not in (ExportState.WAITING, ExportState.RUNNING):
            return None
        export.state = ExportState.RUNNING
        return Order(_selection(export), export.format, export.with_files)


def _selection(export: Export) -> "Selection":
    from ingest.export_reading import Selection

    items = tuple(export.items or ())
    if export.collection is not None:
        return Selection(collection=export.collection.code, items=items)
    return Selection(library=export.library.code, items=items)


def _note(export_id: int, **values: object) -> None:
    with transaction() as session:
        session.execute(sa.update(Export).where(Export.id == export_id).values(**values))


def _require(actor: Actor, library_id: int) -> None:
    require(actor, Action.MANAGE, Target(library_id=library_id, state=VersionState.PUBLISHED))


def _require_works(export: Export) -> None:
    from ingest.export_reading import find_missing

    if export.items and (missing := find_missing(db.session(), _selection(export))):
        told = _("Not among the works chosen above: %(numbers)s.", numbers=", ".join(missing[:20]))
        raise InvalidError({"works": [told]})


def _require_room(export: Export) -> None:
    from ingest.export_reading import find_selected, measure

    if not export.with_files:
        return
    size = measure(db.session(), find_selected(db.session(), _selection(export)))
    free = shutil.disk_usage(current_settings().data_dir).free
    if size.bytes > free:
        raise StorageFullError(f"{size.bytes} bytes are needed, {free} are free")


def _digest(path: Path, beat: Callable[[], None]) -> str:
    hasher = hashlib.sha512()
    with path.open("rb") as stream:
        while piece := stream.read(PIECE * 8):
            hasher.update(piece)
            beat()
    return hasher.hexdigest()
