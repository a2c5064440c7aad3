"""The check of a bulk load: every record is read, looked at and noted in a row; nothing becomes a work.

A slice is one transaction, in which the batch notes how far it is: a crash costs a slice that is read again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from ingest.batch_files import Found, access_of, at_once, look_at_file
from ingest.batch_reading import Origin
from ingest.loaders.packages import FATAL, PackageFile
from ingest.loading import Record, Slice
from ingest.models import BatchState, LoadBatch, LoadFile, LoadRow, RowStatus
from repo.db import db, now, transaction
from repo.failpoints import failpoint
from repo.items.access import SYSTEM, Action, Actor, FileRole
from repo.items.likeness import find_alike
from repo.items.models import Item, Version
from repo.items.rights import collection_target, decide
from repo.items.services.importing import is_described_so, rule
from repo.items.states import VersionState
from repo.items.traits import Traits
from repo.members.models import Collection, Person
from repo.members.services.roles import actor_of

SLICE = 500
"""Records that are looked at in one transaction."""
FATAL_HERE = frozenset(
    {"duplicate_key", "collection_unknown", "collection_closed", "changed", "file_refused", "not_stored"}
)
"""What keeps a record out beside the notes of loaders that do."""


@dataclass
class Verdict:
    """What is noted of a record before it is imported."""

    record: Record
    status: RowStatus = RowStatus.NEW
    remarks: list[dict[str, Any]] = field(default_factory=list)
    files: list[Found] = field(default_factory=list)
    item_id: str | None = None

    def say(self, code: str, about: str = "", **data: Any) -> None:
        self.remarks.append({"code": code, "about": about, "data": data})

    @property
    def refused(self) -> bool:
        return any(said["code"] in FATAL or said["code"] in FATAL_HERE for said in self.remarks)


def check_slice(batch_id: int, origin: Origin, found: Slice) -> bool:
    """Look at the records of a slice and write their rows; False when the batch is not being checked any more."""
    verdicts = [_look_at(record) for record in found.records]
    _look_at_files(origin, verdicts)
    batch = db.session.get_one(LoadBatch, batch_id, options=[joinedload(LoadBatch.collection)])
    _look_at_collections(batch, verdicts)
    _compare_within(batch_id, verdicts)
    _compare_with_works(batch.source, verdicts)
    _look_for_alike(verdicts)
    db.session.rollback()
    with transaction() as session:
        batch = session.get_one(LoadBatch, batch_id, with_for_update=True)
        if batch.state is not BatchState.CHECKING:
            return False
        _write(session, batch, verdicts)
        if found.records:
            batch.position = found.records[-1].position
        if found.last:
            _finish(batch)
    failpoint("load:checked")
    return True


def _look_at(record: Record) -> Verdict:
    verdict = Verdict(record)
    for remark in record.remarks:
        verdict.say(remark.note.value, remark.about[:200], **remark.data)
    for code in record.faults:
        verdict.say(code)
    return verdict


def _look_at_files(origin: Origin, verdicts: Sequence[Verdict]) -> None:
    wanted: list[tuple[Verdict, PackageFile]] = [
        (verdict, file) for verdict in verdicts if not verdict.refused for file in verdict.record.files
    ]

    def look(pair: tuple[Verdict, PackageFile]) -> Found:
        return look_at_file(origin.root, pair[1])

    for (verdict, _file), found in zip(wanted, at_once(look, wanted) if wanted else (), strict=True):
        verdict.files.append(found)
        if found.fault is not None:
            verdict.remarks.append(found.fault)


# ---------------------------------------------------------------- collections


def _look_at_collections(batch: LoadBatch, verdicts: Sequence[Verdict]) -> None:
    """A record may name its collection: one of the same library, into which the batch's person may load."""
    collections = load_collections(batch, [verdict.record for verdict in verdicts])
    actor = person_of(batch)
    closed = collections.keys() - loadable(actor, collections)
    for verdict in verdicts:
        code = verdict.record.collection
        if code and (code in closed or code not in collections):
            verdict.say("collection_closed" if code in closed else "collection_unknown", code[:100])
        for further in verdict.record.shown_in:
            if further in closed or further not in collections:
                verdict.say("not_shown", further[:100])


def loadable(actor: Actor, collections: Mapping[str, Collection]) -> set[str]:
    """The codes of those into which the actor may load."""
    return {code for code, one in collections.items() if decide(actor, Action.LOAD, collection_target(one)).allowed}


def load_collections(batch: LoadBatch, records: Iterable[Record]) -> Mapping[str, Collection]:
    """The collections of the batch's library that records name, by their codes."""
    codes = {code for record in records for code in (record.collection, *record.shown_in)} - {""}
    named = sa.select(Collection).where(
        Collection.code.in_(codes), Collection.library_id == batch.collection.library_id
    )
    return {collection.code: collection for collection in db.session.scalars(named)} if codes else {}


def person_of(batch: LoadBatch) -> Actor:
    """Who loads, as far as rights go: the person as they stand now, or a command."""
    if batch.person_id is None:
        return SYSTEM
    person = db.session.get_one(Person, batch.person_id, options=[joinedload(Person.roles)])
    return actor_of(person) if person.disabled_at is None else Actor(person.id)


# ---------------------------------------------------------------- twice in the load


def _compare_within(batch_id: int, verdicts: Sequence[Verdict]) -> None:
    """The first record with a key is taken, others are refused; a file that came before is only told."""
    keys = {verdict.record.key for verdict in verdicts if verdict.record.key}
    digests = {found.digest for verdict in verdicts for found in verdict.files if found.digest}
    first, files = _first_rows(batch_id, keys), _first_files(batch_id, digests)
    for verdict in verdicts:
        record = verdict.record
        if record.key in first:
            verdict.say("duplicate_key", place=first[record.key])
        elif record.key and not verdict.refused:
            first[record.key] = record.place
        for found in verdict.files:
            if found.digest in files and files[found.digest] != record.place:
                verdict.say("same_file", found.name, place=files[found.digest])
            elif found.digest:
                files[found.digest] = record.place


def _first_rows(batch_id: int, keys: set[str]) -> dict[str, str]:
    query = sa.select(LoadRow.key, LoadRow.place).where(LoadRow.batch_id == batch_id, LoadRow.key.in_(keys))
    return {row.key: row.place for row in db.session.execute(query.where(LoadRow.status != RowStatus.REFUSED))}


def _first_files(batch_id: int, digests: set[str]) -> dict[str, str]:
    if not digests:
        return {}
    query = sa.select(LoadFile.digest, LoadRow.place).join(
        LoadRow, sa.and_(LoadRow.batch_id == LoadFile.batch_id, LoadRow.number == LoadFile.number)
    )
    query = query.where(LoadFile.batch_id == batch_id, LoadFile.digest.in_(digests)).order_by(LoadFile.id.desc())
    return {row.digest: row.place for row in db.session.execute(query)}


# ---------------------------------------------------------------- what is here already


def _compare_with_works(source: str, verdicts: Sequence[Verdict]) -> None:
    """Find the works that records are about by their keys, and say what the import would do."""
    known = _load_works(source, [verdict.record.key for verdict in verdicts if not verdict.refused])
    undone = find_undone([item.id for item in known.values() if item.withdrawn_at is not None])
    for verdict in verdicts:
        item = known.get(verdict.record.key)
        if verdict.refused:
            verdict.status = RowStatus.REFUSED
        elif item is not None:
            verdict.item_id = item.id
            verdict.status = _compare(verdict, item, comes_back=item.id in undone)


def _load_works(source: str, keys: Sequence[str]) -> dict[str, Item]:
    query = sa.select(Item).where(Item.source == source, Item.source_key.in_(keys))
    found = db.session.scalars(query.options(selectinload(Item.versions).selectinload(Version.files)))
    return {item.source_key or "": item for item in found}


def find_undone(item_ids: Sequence[str]) -> set[str]:
    """Which of these withdrawn works an undone load had created: they come back with the next load."""
    if not item_ids:
        return set()
    query = sa.select(LoadRow.item_id).where(LoadRow.item_id.in_(item_ids), LoadRow.status == RowStatus.UNDONE)
    return {item_id for item_id in db.session.scalars(query.where(LoadRow.before_id.is_(None))) if item_id}


def _compare(verdict: Verdict, item: Item, *, comes_back: bool) -> RowStatus:
    if comes_back:
        return RowStatus.NEW
    if item.withdrawn_at is not None:
        verdict.say("withdrawn")
        return RowStatus.SKIPPED
    if any(version.state is not VersionState.PUBLISHED for version in item.versions):
        verdict.say("edited")
        return RowStatus.SKIPPED
    brought = {
        rule(found.digest, *access_of(file))
        for found, file in zip(verdict.files, verdict.record.files, strict=True)
        if file.role is FileRole.ORIGINAL
    }
    current = item.current
    same = current is not None and is_described_so(current, verdict.record.metadata, brought or None)
    return RowStatus.SAME if same else RowStatus.CHANGED


def _look_for_alike(verdicts: Sequence[Verdict]) -> None:
    """Tell of works that are probably the same: a warning, never an obstacle."""
    fresh = [verdict for verdict in verdicts if verdict.status is RowStatus.NEW and verdict.item_id is None]
    works = [_traits(verdict) for verdict in fresh]
    for verdict, alike in zip(fresh, find_alike(works), strict=True):
        if alike is not None:
            verdict.say("likely", item=alike.item_id, likeness=alike.likeness.value)


def _traits(verdict: Verdict) -> Traits:
    told = verdict.record.traits
    digests = tuple(found.digest for found in verdict.files if found.digest)
    return Traits(tuple((scheme, value) for scheme, value in told.numbers), told.titles, told.year, digests)


# ---------------------------------------------------------------- rows


def _write(session: Session, batch: LoadBatch, verdicts: Sequence[Verdict]) -> None:
    rows, files, counts = [], [], dict(batch.counts)
    for number, verdict in enumerate(verdicts, start=batch.done + 1):
        record = verdict.record
        rows.append(
            {
                "batch_id": batch.id,
                "number": number,
                "key": record.key,
                "place": record.place,
                "title": record.title[:200],
                "status": verdict.status,
                "remarks": verdict.remarks,
                "digest": record.digest,
                "item_id": verdict.item_id,
            }
        )
        files += [
            {"batch_id": batch.id, "number": number, "name": f.name[:255], "digest": f.digest, "size": f.size}
            for f in verdict.files
        ]
        counts[verdict.status.value] = counts.get(verdict.status.value, 0) + 1
    if rows:
        session.execute(sa.insert(LoadRow), rows)
    if files:
        session.execute(sa.insert(LoadFile), files)
    batch.counts = counts
    batch.done += len(rows)
    batch.size += sum(found.size for verdict in verdicts if not verdict.refused for found in verdict.files)
    batch.touched_at = now()


def _finish(batch: LoadBatch) -> None:
    batch.state, batch.total, batch.checked_at = BatchState.CHECKED, batch.done, now()
    batch.position, batch.done = "", 0


def needed_room(batch: LoadBatch) -> int:
    """Bytes that the import takes beside what lies here: the files, and some kilobytes for each work."""
    works = sum(batch.counts.get(status, 0) for status in (RowStatus.NEW, RowStatus.CHANGED))
    return batch.size + works * 20_000
