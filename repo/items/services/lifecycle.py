"""What happens to what is public: new versions, corrections, withdrawal, collections, the end of an embargo."""

from datetime import UTC, datetime

import sqlalchemy as sa

from repo.db import db, now
from repo.errors import InvalidError, NotFoundError, StateError
from repo.items import notices
from repo.items.access import SYSTEM, Access, Action, Actor
from repo.items.history import record_change
from repo.items.models import File, Item, Version
from repo.items.projections import Change, ChangeKind, announce_change
from repo.items.rights import collection_target, require, version_target
from repo.items.services.drafts import open_version
from repo.items.services.publishing import hide_headings, show_newest, touch_item
from repo.items.states import VersionState
from repo.jobs.services import enqueue_job
from repo.members.models import Collection


def start_version(actor: Actor, item: Item) -> Version:
    """Begin a new public version: a draft with the description and the files of the newest one."""
    return _start(actor, item, Action.NEW_VERSION, as_revision=False)


def start_correction(actor: Actor, item: Item) -> Version:
    """Begin a revision of the newest version: its description changes, its number and its files stay."""
    return _start(actor, item, Action.NEW_VERSION, as_revision=True)


def _start(actor: Actor, item: Item, action: Action, *, as_revision: bool) -> Version:
    newest = require_public(item)
    require(actor, action, version_target(newest), item_id=item.id)
    if item.withdrawn_at is not None:
        raise StateError("withdrawn", "change")
    existing = open_version(item.id)
    if existing is not None:
        raise StateError(existing.state, "start")
    version = Version(
        number=newest.number if as_revision else newest.number + 1,
        revision=newest.revision + 1 if as_revision else 0,
        meta=dict(newest.meta),
        schema_version=newest.schema_version,
        agreement=newest.agreement if as_revision else None,
        editor_id=actor.person_id,
    )
    version.files = [
        File(name=f.name, position=f.position, role=f.role, digest=f.digest, access=f.access, until=f.until)
        for f in newest.files
    ]
    item.versions.append(version)
    db.session.flush()
    record_change(actor, "correction begun" if as_revision else "version begun", version)
    return version


def withdraw_item(actor: Actor, item: Item, reason: str, replaced_by: str | None = None) -> None:
    """Take an item out of public view; a tombstone with the reason stays at its address (410, or 301)."""
    version = require_public(item)
    require(actor, Action.CORRECT, version_target(version), item_id=item.id)
    if item.withdrawn_at is not None:
        raise StateError("withdrawn", "withdraw")
    if not reason.strip():
        raise InvalidError({"reason": []})
    if replaced_by:
        _check_replacement(item, replaced_by)
    at = now()
    item.withdrawn_at = at
    item.withdrawn_reason = reason.strip()
    item.replaced_by = replaced_by or None
    hide_headings(item)
    _follow(actor, item, "withdrawn", ChangeKind.WITHDRAWN, at, comment=reason.strip())
    notices.tell_author_withdrawn(version, reason.strip())


def restore_item(actor: Actor, item: Item) -> None:
    """Lift a withdrawal."""
    require(actor, Action.CORRECT, version_target(require_public(item)), item_id=item.id)
    if item.withdrawn_at is None:
        raise StateError("published", "restore")
    item.withdrawn_at = item.withdrawn_reason = item.replaced_by = None
    at = now()
    show_newest(item, at)
    _follow(actor, item, "restored", ChangeKind.RESTORED, at)


def move_item(actor: Actor, item: Item, collection: Collection) -> None:
    """Put a public item into another owner collection; the actor looks after both."""
    require(actor, Action.CORRECT, version_target(require_public(item)), item_id=item.id)
    require(actor, Action.REVIEW, collection_target(collection))
    before = item.collection.code
    item.collection = collection
    item.library_id = collection.library_id
    _follow(actor, item, "moved", ChangeKind.MOVED, now(), before=before, after=collection.code)


def show_item_in(actor: Actor, item: Item, collections: list[Collection]) -> None:
    """Choose the further collections in which an item is shown."""
    require(actor, Action.CORRECT, version_target(require_public(item)), item_id=item.id)
    before = sorted(collection.code for collection in item.shown_in)
    item.shown_in = [collection for collection in collections if collection.id != item.collection_id]
    after = sorted(collection.code for collection in item.shown_in)
    _follow(actor, item, "shown in", ChangeKind.MOVED, now(), before=before, after=after)


def open_embargoed_items(at: datetime) -> int:
    """End the embargoes, of items and of single files, whose first open day has come, a hundred items at a time.

    Returns of how many items.
    """
    today = at.astimezone(UTC).date()
    of_files = (
        sa.select(Version.item_id)
        .join(File, File.version_id == Version.id)
        .where(Version.latest, File.access == Access.EMBARGOED, File.until <= today)
    )
    of_items = sa.select(Item.id).where(Item.access == Access.EMBARGOED, Item.embargo_until <= today)
    due = sa.select(Item).where(Item.id.in_(sa.union(of_items, of_files)), Item.current_id.is_not(None))
    items = db.session.scalars(due.order_by(Item.id).limit(100)).all()
    for item in items:
        if item.access is Access.EMBARGOED and item.embargo_until and item.embargo_until <= today:
            item.access = Access.OPEN
        for file in (file for version in item.versions if version.latest for file in version.files):
            if file.access is Access.EMBARGOED and file.until and file.until <= today:
                file.access = Access.OPEN
        _follow(SYSTEM, item, "embargo ended", ChangeKind.OPENED, at)
    return len(items)


def require_public(item: Item) -> Version:
    """Return the newest public version. Raises NotFoundError for an item that never was public."""
    if item.current is None or item.current.state is not VersionState.PUBLISHED:
        raise NotFoundError()
    return item.current


def _check_replacement(item: Item, replaced_by: str) -> None:
    """Whoever follows the replacement must arrive: it is public, and does not lead back."""
    other = db.session.get(Item, replaced_by)
    if other is None or other.id == item.id or other.current_id is None or other.withdrawn_at is not None:
        raise InvalidError({"replaced_by": []})


def _follow(
    actor: Actor,
    item: Item,
    verb: str,
    kind: ChangeKind,
    at: datetime,
    *,
    comment: str | None = None,
    before: object = None,
    after: object = None,
) -> None:
    """History, rows and jobs of a change of the item itself; its OCFL object follows by a job."""
    version = require_public(item)
    touch_item(item, at)
    record_change(
        actor,
        verb,
        version,
        comment=comment,
        before={"value": before} if before is not None else None,
        after={"value": after} if after is not None else None,
    )
    enqueue_job("preserve", item.id, {"item_id": item.id})
    announce_change(db.session(), Change(kind, item.id))
    db.session.flush()
