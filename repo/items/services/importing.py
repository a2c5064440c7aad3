"""Works that were described elsewhere: published by the chunk, followed when they change, withdrawn when they go.

They are public where they come from, or somebody who may publish brings them, so nobody reviews them here
(`handing_in` has the others), and an incomplete description is no reason to refuse one. (source, key) says which work
of ours a record is about; who imports, and how the source speaks, is not known here. A chunk is rows, then files
outside of any transaction, then one transaction that makes all of it public, in which the caller notes how far it is.
What a crash leaves in between is finished or taken back by `settle_import`.
"""

import enum
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from repo.db import db, now, transaction
from repo.failpoints import failpoint
from repo.items.access import SYSTEM, Access, Actor, FileRole
from repo.items.identifiers import ocfl_id
from repo.items.metadata import Metadata, write_metadata
from repo.items.models import Blob, File, Item, Version
from repo.items.names import clean_name, free_name
from repo.items.origin import Origin, write_origin
from repo.items.preservation import RECORD, describe_version, encode_record, logical_path, signature
from repo.items.services.addresses import note_old_addresses, read_old_addresses
from repo.items.services.bulk import insert_new
from repo.items.services.drafts import open_version
from repo.items.services.here import Here, look_here
from repo.items.services.lifecycle import restore_item
from repo.items.services.publishing import finish_many, placed_before, plan_version, publish_version
from repo.items.states import VersionState
from repo.members.models import Collection
from repo.storage import store, uploads
from repo.storage.ports import FromBytes, FromPath, Keep, Source

CHUNK = 200
"""Works published in one transaction."""


@dataclass(frozen=True)
class Brought:
    """A file that comes along: its bytes, or the finished upload that holds them with what the pipeline found."""

    name: str
    digest: str
    size: int
    data: bytes | None = None
    upload_id: str = ""
    report: dict[str, Any] | None = None
    mime: str | None = None
    role: FileRole = FileRole.ORIGINAL
    access: Access | None = None
    """A rule of its own, with the first open day of an embargo; None: as the work's."""
    until: date | None = None


@dataclass(frozen=True)
class Described:
    """A record from elsewhere. `record` is what was sent, kept privately; `files` are the work's, None: as they are.

    `collection_id` is where a new work goes, if not where the others go; `returns`: if it was withdrawn, it comes back;
    `addresses` is where it was known before (`items.services.addresses`); `shown_in` are ids of further collections in
    which a new work is shown.
    """

    key: str
    metadata: Metadata
    record: Brought | None = None
    files: tuple[Brought, ...] | None = None
    origin: Origin | None = None
    collection_id: int | None = None
    returns: bool = False
    addresses: tuple[str, ...] = ()
    shown_in: tuple[int, ...] = ()
    tells_rules: bool = True
    """Whether it says who may read each file; else a file that is here keeps the rule that it has."""

    @property
    def brought(self) -> list[tuple[Brought, FileRole]]:
        """What comes along, the record last."""
        files = [(file, file.role) for file in self.files or ()]
        return [*files, *([(self.record, FileRole.PRIVATE)] if self.record else [])]


class Outcome(enum.StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    EDITED = "edited"
    """Somebody has a correction of it open: nothing was done."""
    WITHDRAWN = "withdrawn"
    """It was withdrawn here: nothing was done."""


@dataclass(frozen=True)
class Imported:
    """What became of a record: its version, and the one that was public before, if there are such."""

    item_id: str
    outcome: Outcome
    version_id: int | None = None
    before_id: int | None = None


Results = Mapping[str, Imported]
Following = Callable[[Session, Results], None]


@dataclass(frozen=True)
class Plan:
    """What is to be written for a version whose rows stand."""

    version_id: int
    item_id: str
    record: bytes
    files: dict[str, Source]


def bring_bytes(name: str, data: bytes, mime: str) -> Brought:
    return Brought(name, hashlib.sha512(data).hexdigest(), len(data), data=data, mime=mime)


def import_items(
    collection_id: int,
    source: str,
    described: Sequence[Described],
    verb: str,
    following: Following,
    *,
    accepting: Following = lambda _session, _results: None,
    actor: Actor = SYSTEM,
) -> Results:
    """Publish what is new and what has changed, at most CHUNK records with different keys; outside of transactions.

    `verb` and `actor` stand in the history; `accepting` is called in the transaction that writes the rows, `following`
    in the one that makes all of it public, each with what becomes of each key. May be called again after a crash, once
    `settle_import` was.
    """
    at = now().replace(microsecond=0)
    with transaction() as session:
        here = look_here(source, [one.key for one in described], digests_of(described))
        made: list[tuple[Described, Version]] = []
        results: dict[str, Imported] = {}
        with session.no_autoflush:  # some hundred works are written at once
            for one in described:
                collection = session.get_one(Collection, one.collection_id or collection_id)
                version, results[one.key] = _accept(collection, source, one, here, at)
                if version is not None:
                    made.append((one, version))
        session.add_all(version for one, version in made if results[one.key].outcome is Outcome.UPDATED)
        insert_new(session, [version for one, version in made if results[one.key].outcome is Outcome.CREATED])
        session.flush()
        for one, version in made:
            results[one.key] = replace(results[one.key], version_id=version.id)
            note_old_addresses(session, version.item_id, one.addresses)
        addresses = read_old_addresses(session, [version.item_id for _one, version in made])
        plans = [_plan(version, one, at, addresses.get(version.item_id, [])) for one, version in made]
        accepting(session, results)
    failpoint("import:accepted")
    heads = place_plans(plans, at)
    failpoint("import:placed")
    with transaction() as session:
        for item_id in [results[one.key].item_id for one in described if one.returns]:
            _bring_back(session.get_one(Item, item_id))
        finish_many({plan.version_id: head for plan, head in zip(plans, heads, strict=True)}, at, actor, verb)
        following(session, results)
    for file in (file for one in described for file, _role in one.brought if file.upload_id):
        uploads().discard(file.upload_id)
    db.session.expunge_all()
    return results


def _bring_back(item: Item) -> None:
    """Lift the withdrawal of a work that was public before this import."""
    if item.withdrawn_at is not None and item.current_id is not None:
        restore_item(SYSTEM, item)


def settle_import(source: str) -> None:
    """Finish what a crash left of an import from `source`: versions that lie in the store become public, others go.

    Nobody else may be importing from it. Outside of transactions.
    """
    # What was submitted by a person and accepted waits for its own job.
    left = sa.select(Version.id, Version.item_id).join(Item, Version.item_id == Item.id)
    left = left.where(Item.source == source, Version.state == VersionState.ACCEPTED, Version.submitted_at.is_(None))
    found = db.session.execute(left).all()
    for version_id, item_id in found:
        plan = plan_version(version_id)
        if plan is not None and placed_before(plan, store().recover(ocfl_id(item_id))) is not None:
            publish_version(version_id)
            continue
        with transaction() as session:
            version = session.get_one(Version, version_id)
            if version.item.current_id is None:
                session.delete(version.item)
            else:
                version.item.versions.remove(version)


def digests_of(described: Sequence[Described]) -> set[str]:
    """Of all files that come along."""
    return {file.digest for one in described for file, _role in one.brought}


def _accept(
    collection: Collection, source: str, one: Described, here: Here, at: datetime
) -> tuple[Version | None, Imported]:
    """The version that is to be published for a record, if any is."""
    item = here.items.get(one.key)
    if item is None:
        item = new_item(next(here.ids), collection, source, one, at)
        return make_version(item, one, None, here), Imported(item.id, Outcome.CREATED)
    current = item.current
    if current is None or (item.withdrawn_at is not None and not one.returns):
        return None, Imported(item.id, Outcome.WITHDRAWN)
    if is_unchanged(current, one):
        return None, Imported(item.id, Outcome.UNCHANGED, current.id)
    if open_version(item.id) is not None:
        return None, Imported(item.id, Outcome.EDITED)
    return make_version(item, one, current, here), Imported(item.id, Outcome.UPDATED, before_id=current.id)


def new_item(
    id_: str, collection: Collection, source: str, one: Described, at: datetime, depositor_id: int | None = None
) -> Item:
    """A work that is not in the session yet."""
    further = [db.session.get_one(Collection, id_) for id_ in one.shown_in if id_ != collection.id]
    return Item(
        id=id_,
        collection=collection,
        library_id=collection.library_id,
        depositor_id=depositor_id,
        source=source,
        source_key=one.key,
        shown_in=further,  # said also when it is empty, so that nobody asks the database for each of a hundred
        created_at=at,
    )


def is_unchanged(current: Version, one: Described) -> bool:
    """Whether a work is described as it was, and has the files that it had, under the rules that they had; their names
    do not matter."""
    described = write_metadata(one.metadata)
    if one.files is None or not one.tells_rules:
        return is_described_so(current, described, None) and not _other_files(current, one.files)
    rules = {rule(file.digest, file.access, file.until) for file in one.files if file.role is FileRole.ORIGINAL}
    return is_described_so(current, described, rules)


Rule = tuple[str, Access | None, date | None]


def rule(digest: str, access: Access | None, until: date | None) -> Rule:
    """Who may read which file; of an embargo that is over the day does not count."""
    return digest, access, until if access is Access.EMBARGOED else None


def is_described_so(current: Version, described: dict[str, Any] | None, rules: set[Rule] | None) -> bool:
    """Whether a work has this description, and these originals under these rules (None: nothing is said of them)."""
    held = {rule(file.digest, file.access, file.until) for file in current.files if file.role is FileRole.ORIGINAL}
    return current.meta == described and rules in (None, held)


def _other_files(current: Version, files: tuple[Brought, ...] | None) -> bool:
    held = {file.digest for file in current.files if file.role is FileRole.ORIGINAL}
    return files is not None and held != {file.digest for file in files if file.role is FileRole.ORIGINAL}


def make_version(
    item: Item,
    one: Described,
    current: Version | None,
    here: Here,
    state: VersionState = VersionState.ACCEPTED,
) -> Version:
    """A new version where the files differ, else a revision; what was sent replaces what was sent before. It is not in
    the session yet."""
    as_revision = current is not None and not _other_files(current, one.files)
    version = Version(
        item=item,
        number=1 if current is None else current.number + (0 if as_revision else 1),
        revision=current.revision + 1 if current is not None and as_revision else 0,
        meta=write_metadata(one.metadata),
        state=state,
        agreement=current.agreement if current is not None and as_revision else None,
    )
    item.origin = write_origin(one.origin)
    kept = [] if current is None else [file for file in current.files if _stays(file, one)]
    for file in kept:
        version.files.append(copy_file(file))
    told = {} if one.tells_rules or current is None else {file.digest: file for file in current.files}
    for brought, role in one.brought:
        if (known := told.get(brought.digest)) is not None:
            brought = replace(brought, access=known.access, until=known.until)
        _add_file(version, brought, role, here.blobs)
    return version


def _stays(file: File, one: Described) -> bool:
    if file.role is FileRole.ORIGINAL:
        return one.files is None
    return (file.name, file.role) not in [(brought.name, role) for brought, role in one.brought]


def copy_file(file: File) -> File:
    return File(
        name=file.name, position=file.position, role=file.role, digest=file.digest, access=file.access, until=file.until
    )


def _add_file(version: Version, brought: Brought, role: FileRole, blobs: dict[str, Blob]) -> None:
    if brought.digest not in blobs:
        blobs[brought.digest] = _new_blob(brought)
    names = {file.name.casefold() for file in version.files}
    version.files.append(
        File(
            name=free_name(clean_name(brought.name), names),
            position=max((file.position for file in version.files), default=0) + 1,
            role=role,
            digest=brought.digest,
            blob=blobs[brought.digest],
            access=brought.access,
            until=brought.until,
        )
    )


def _new_blob(brought: Brought) -> Blob:
    report = brought.report or {}
    return Blob(
        digest=brought.digest,
        size=brought.size,
        mime=report.get("mime") or brought.mime,
        puid=report.get("puid"),
        pages=report.get("pages"),
        report=brought.report,
    )


def _plan(version: Version, one: Described, at: datetime, addresses: Sequence[str]) -> Plan:
    brought = {file.digest: file for file, _role in one.brought}
    files = {logical_path(file): _source(file, brought.get(file.digest)) for file in version.files}
    return Plan(version.id, version.item_id, encode_record(describe_version(version, at, addresses)), files)


def _source(file: File, brought: Brought | None) -> Source:
    if brought is None:
        return Keep(file.digest)
    if brought.data is not None:
        return FromBytes(brought.data)
    return FromPath(uploads().path(brought.upload_id), brought.digest, brought.size)


def place_plans(plans: Sequence[Plan], at: datetime) -> list[int]:
    """Write the versions into the store and return their numbers there."""
    staged = [
        store().stage(
            ocfl_id(plan.item_id),
            {**plan.files, RECORD: FromBytes(plan.record)},
            message="Imported",
            created=at,
            durable=False,
            **signature(),
        )
        for plan in plans
    ]
    return store().place_many(staged)
