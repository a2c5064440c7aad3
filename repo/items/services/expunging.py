"""Removing an item's bytes for good, because a law or somebody's rights demand it.

The only exception to "a published version never changes": nothing is left but a tombstone and a note of who
removed it, when and why. The rows go at once; bytes and derivatives follow by a job.
"""

import sqlalchemy as sa

from repo.db import db, now
from repo.errors import ForbiddenError, InvalidError, NotFoundError
from repo.items.access import Actor
from repo.items.history import record_change
from repo.items.identifiers import ocfl_id
from repo.items.models import Blob, File, Identifier, Item, Version
from repo.items.preservation import RECORD, describe_version, encode_record, signature
from repo.items.projections import Change, ChangeKind, announce_change
from repo.items.services.publishing import hide_headings, touch_item
from repo.jobs.services import enqueue_job
from repo.members.models import Event
from repo.storage import derivatives, store
from repo.storage.ports import FromBytes


def expunge_item(actor: Actor, item: Item, reason: str) -> None:
    """Take description and files of an item away for ever. Only an administrator, and with a reason."""
    if not actor.is_administrator:
        raise ForbiddenError()
    if not reason.strip():
        raise InvalidError({"reason": []})
    current = item.current
    if current is None:
        raise NotFoundError()
    digests = sorted(set(db.session.scalars(sa.select(File.digest).join(Version).where(Version.item_id == item.id))))
    at = now()
    for version in list(item.versions):
        version.files.clear()
        if version is not current:
            item.versions.remove(version)
    current.meta, current.agreement, current.latest, current.ocfl_version = {}, None, True, 1
    item.withdrawn_at, item.withdrawn_reason, item.replaced_by = at, reason.strip(), None
    item.title = item.title_sort = item.title_fold = item.type = item.year = None
    hide_headings(item)
    db.session.execute(sa.delete(Identifier).where(Identifier.item_id == item.id))
    # The history stays, what stood in it does not.
    db.session.execute(sa.update(Event).where(Event.item_id == item.id).values(before=None, after=None, comment=None))
    touch_item(item, at)
    db.session.flush()
    orphans = [digest for digest in digests if not _is_used(digest)]
    db.session.execute(sa.delete(Blob).where(Blob.digest.in_(orphans)))
    record_change(actor, "expunged", current, comment=reason.strip())
    enqueue_job("expunge", item.id, {"item_id": item.id, "digests": orphans})
    announce_change(db.session(), Change(ChangeKind.EXPUNGED, item.id))
    db.session.flush()


def remove_bytes(item_id: str, digests: list[str]) -> None:
    """Remove the object and what was made from its files; a new object holds only the note. Can be done again."""
    item = db.session.get(Item, item_id)
    if item is None or item.current is None or item.withdrawn_at is None:
        raise NotFoundError()
    record = describe_version(item.current, item.withdrawn_at)
    db.session.rollback()
    store().purge(ocfl_id(item_id))
    for digest in digests:
        derivatives().discard(digest)
    staged = store().stage(
        ocfl_id(item_id),
        {RECORD: FromBytes(encode_record(record))},
        message="Expunged",
        created=now().replace(microsecond=0),
        **signature(),
    )
    store().place(staged)


def _is_used(digest: str) -> bool:
    """Whether another item holds the same bytes."""
    return db.session.scalar(sa.select(sa.exists().where(File.digest == digest))) or False
