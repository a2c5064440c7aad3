"""From an accepted version to a public one, without a database lock while files are written.

1. stage the OCFL version beside the root, 2. put it in place, 3. in one short transaction write rows, history
and what follows. A crash before 2 leaves only a staging folder; between 2 and 3, `publish_version` finds a head
that is newer than the rows and rolls forward. Nothing is public before 3.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from repo.db import Base, db, now, transaction, writing
from repo.errors import MurasError
from repo.failpoints import failpoint
from repo.items import notices
from repo.items.access import SYSTEM, Access, Actor
from repo.items.history import record_change
from repo.items.identifiers import ocfl_id
from repo.items.metadata import Metadata, names_of, read_metadata
from repo.items.models import Heading, Identifier, Item, Upload, Version
from repo.items.preservation import RECORD, describe_version, encode_record, logical_path, signature
from repo.items.projections import Change, ChangeKind, announce_change, announce_changes
from repo.items.states import VersionState
from repo.members.models import Collection
from repo.storage import store, uploads
from repo.storage.ports import FromBytes, FromPath, Keep, Source
from repo.vocabularies.numbers import normalise_number
from repo.web.collation import letter_of, sort_key
from repo.web.folding import fold_text

# By their table: a load writes half a dozen for each of its works, and as objects they cost twice as much.
INSERT_HEADING = sa.insert(Base.metadata.tables[Heading.__tablename__])


@dataclass(frozen=True)
class Plan:
    """What is to be written for a version, read from the rows once."""

    version_id: int
    item_id: str
    record: dict[str, Any]
    files: dict[str, tuple[str | None, str, int]]  # logical path: upload (None: the object has it), SHA-512, size
    message: str
    at: datetime


def publish_version(version_id: int) -> bool:
    """Publish an accepted version. May be called again after a crash; returns False when it is public already."""
    if writing():
        raise RuntimeError("files are written outside a transaction")
    plan = plan_version(version_id)
    if plan is None:
        return False
    before = store().recover(ocfl_id(plan.item_id))
    head = placed_before(plan, before)
    if head is None:
        staged = store().stage(
            ocfl_id(plan.item_id),
            {**_sources(plan), RECORD: FromBytes(encode_record(plan.record))},
            message=plan.message,
            created=plan.at,
            follows=before or 0,
            **signature(),
        )
        head = store().place(staged)
    failpoint("publish:placed")
    with transaction():
        upload_ids = finish_publishing(plan.version_id, head, datetime.fromisoformat(plan.record["datestamp"]))
    failpoint("publish:committed")
    for upload_id in upload_ids:
        uploads().discard(upload_id)
    return True


def preserve_item(item_id: str) -> None:
    """Write the item as it stands (withdrawn, moved, restored) as a new OCFL version, if it differs from the head."""
    item = db.session.get(Item, item_id)
    if item is None or item.current is None:
        return
    record = describe_version(item.current, item.changed_at or now())
    files: dict[str, Source] = {logical_path(file): Keep(file.digest) for file in item.current.files}
    db.session.rollback()
    head = store().head(ocfl_id(item_id))
    if head is None:
        raise MurasError(f"{item_id}: public, but its OCFL object is missing")
    if read_record(item_id, head) == record:
        return
    staged = store().stage(
        ocfl_id(item_id),
        {**files, RECORD: FromBytes(encode_record(record))},
        message="Item changed",
        created=datetime.fromisoformat(record["datestamp"]),
        follows=head,
        **signature(),
    )
    store().place(staged)


def read_record(item_id: str, ocfl_version: int) -> dict[str, Any]:
    """Return the `metadata.json` of an OCFL version of an item."""
    with store().open(ocfl_id(item_id), RECORD, ocfl_version) as stream:
        record: dict[str, Any] = json.load(stream)
    return record


def plan_version(version_id: int) -> Plan | None:
    """What is to be written for an accepted version; None of one that is public or gone."""
    version = db.session.get(Version, version_id)
    if version is None or version.state is VersionState.PUBLISHED:
        return None
    if version.state is not VersionState.ACCEPTED:
        raise MurasError(f"version {version_id} is {version.state}, not accepted")
    at = now().replace(microsecond=0)
    files = {logical_path(file): (file.upload_id, file.digest, file.blob.size) for file in version.files}
    what = f"Version {version.number}" + (f", revision {version.revision}" if version.revision else "")
    plan = Plan(version.id, version.item_id, describe_version(version, at), files, what, at)
    db.session.rollback()  # the files may take minutes: no read transaction stays open meanwhile
    return plan


def _sources(plan: Plan) -> dict[str, Source]:
    """Where the bytes of each file are: with their upload, or in the object already."""
    return {
        path: FromPath(uploads().path(upload_id), digest, size) if upload_id else Keep(digest)
        for path, (upload_id, digest, size) in plan.files.items()
    }


def placed_before(plan: Plan, head: int | None) -> int | None:
    """The head of the object, when an earlier run put exactly this version in place and ended before its rows."""
    if head is None:
        return None
    found = read_record(plan.item_id, head)
    same = all(found["version"][key] == plan.record["version"][key] for key in ("number", "revision"))
    if not same:
        return None
    plan.record["datestamp"] = found["datestamp"]
    return head


def finish_publishing(
    version_id: int, ocfl_version: int, at: datetime, actor: Actor = SYSTEM, verb: str = ""
) -> list[str]:
    """Make a version public in the rows, inside the caller's transaction. Returns ids of uploads to discard.

    `verb` is what the history says, where it is not simply that the version was published or revised.
    """
    version = db.session.get_one(Version, version_id)
    if version.state is VersionState.PUBLISHED:
        return []
    upload_ids = list(db.session.scalars(sa.select(Upload.id).where(Upload.version_id == version.id)))
    db.session.execute(sa.delete(Upload).where(Upload.version_id == version.id))
    change = _show(version, ocfl_version, at, actor, verb)
    db.session.flush()
    announce_change(db.session(), change)
    notices.tell_author_published(version)
    db.session.flush()
    return upload_ids


def finish_many(heads: Mapping[int, int], at: datetime, actor: Actor, verb: str) -> None:
    """The same of some hundred versions of different items, by their ids, that came without uploads or a draft."""
    wanted = (
        sa.select(Version)
        .where(Version.id.in_(heads))
        .options(
            joinedload(Version.item).joinedload(Item.collection).joinedload(Collection.library),
            joinedload(Version.item).selectinload(Item.versions),
            selectinload(Version.files),
        )
    )
    versions = {version.id: version for version in db.session.scalars(wanted)}
    with db.session.no_autoflush:
        changes = [
            _show(versions[version_id], head, at, actor, verb)
            for version_id, head in heads.items()
            if versions[version_id].state is not VersionState.PUBLISHED
        ]
    db.session.flush()
    announce_changes(db.session(), changes)


def _show(version: Version, ocfl_version: int, at: datetime, actor: Actor, verb: str) -> Change:
    """Make a version the one that readers see, in its rows and in the history."""
    item = version.item
    revised = version.revision > 0
    for older in item.versions:
        if older.number == version.number and older.latest:
            older.latest = False
    version.state = VersionState.PUBLISHED
    version.latest = True
    version.ocfl_version = ocfl_version
    version.published_at = at
    show_newest(item, at)
    for file in version.files:
        file.upload_id = None
    record_change(actor, verb or ("revised" if revised else "published"), version)
    return Change(ChangeKind.REVISED if revised else ChangeKind.PUBLISHED, item.id)


def show_newest(item: Item, at: datetime) -> None:
    """Write the columns by which lists find and order an item, from its newest public version."""
    shown = [version for version in item.versions if version.latest]
    newest = max(shown, key=lambda version: version.number)
    metadata = read_metadata(newest.meta)
    if item.published_at is not None:  # what was never shown has no lines to be written anew
        hide_headings(item)
        db.session.execute(sa.delete(Identifier).where(Identifier.item_id == item.id, Identifier.minted.is_(False)))
    item.current_id = newest.id  # by the relationship it would be a statement of its own
    set_committed_value(item, "current", newest)
    item.published_at = item.published_at or at
    touch_item(item, at)
    item.type = metadata.type or None
    item.year = metadata.year
    item.title = metadata.title().value
    item.title_sort = sort_key(item.title)
    item.title_fold = fold_text(item.title)
    item.access = metadata.access
    item.embargo_until = _embargo(metadata)
    _write_headings(item, metadata)
    _write_identifiers(item, metadata)


def touch_item(item: Item, at: datetime) -> None:
    """Note that what readers see has changed, so that nothing rendered before is shown again."""
    item.changed_at = at
    item.stamp += 1


def _embargo(metadata: Metadata) -> date | None:
    if metadata.access is not Access.EMBARGOED or not metadata.embargo_until:
        return None
    try:
        return date.fromisoformat(metadata.embargo_until)
    except ValueError:
        return None


def hide_headings(item: Item) -> None:
    """Take a withdrawn item off the lists of names and subjects."""
    db.session.execute(sa.delete(Heading).where(Heading.item_id == item.id))


def _write_headings(item: Item, metadata: Metadata) -> None:
    texts = [("author", name) for name in names_of(metadata.creators)]
    texts += [("subject", keyword.value) for keyword in metadata.keywords]
    texts += [("language", language) for language in metadata.languages]
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for kind, text in texts:
        fold = text if kind == "language" else fold_text(text)
        if fold and (kind, fold) not in rows:
            rows[kind, fold] = {
                "item_id": item.id,
                "kind": kind,
                "text": text[:400],
                "fold": fold,
                "letter": letter_of(text),
                "sort_key": sort_key(text),
            }
    if rows:
        db.session.execute(INSERT_HEADING, list(rows.values()))


def _write_identifiers(item: Item, metadata: Metadata) -> None:
    for number in metadata.identifiers:
        value = normalise_number(number.scheme, number.value) or number.value
        if value:
            db.session.add(Identifier(item_id=item.id, scheme=number.scheme, value=value[:400]))
