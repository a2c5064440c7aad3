"""The import of a bulk load: chunk by chunk, each public with its rows and the place where the load goes on.

A chunk is taken again after a crash: its rows say which versions were made for it, in the transaction that made them,
so that a work that is public already is known to be this load's. What has changed in the source since the check is
left out, because nobody has seen it.
"""

import base64
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from ingest.batch_check import find_undone, load_collections, loadable
from ingest.batch_files import FileRefused, at_once, bring_file, bring_record, upload_name
from ingest.batch_noting import Chunk, Numbered, move_on, note_left_out, note_works, remark, rows_of
from ingest.batch_reading import Origin, SourceError
from ingest.loaders.packages import PackageFile
from ingest.loading import Record
from ingest.models import BatchState, LoadBatch, LoadFile, LoadRow, RowStatus
from repo.db import db
from repo.failpoints import failpoint
from repo.items.access import SYSTEM, Action, Actor
from repo.items.metadata import read_metadata
from repo.items.models import Item
from repo.items.rights import collection_target, decide
from repo.items.services.handing_in import hand_in_items
from repo.items.services.importing import (
    CHUNK,
    Brought,
    Described,
    Outcome,
    Results,
    bring_bytes,
    import_items,
    settle_import,
)
from repo.members.models import Collection, ReviewPolicy
from repo.storage import uploads
from repo.storage.ports import PathRefused, SourceChanged

logger = logging.getLogger(__name__)

VERB = "loaded"
CHUNK_BYTES = 1_000_000_000
"""Of files, after which a chunk ends: they lie in the house twice until it is public."""
TO_DO = (RowStatus.NEW, RowStatus.CHANGED)
UNSTORABLE = (sa.exc.DataError, PathRefused, SourceChanged, ValueError, TypeError, LookupError)
"""What a record that nobody has thought of may raise; a full disk or a database that is away is no record's fault."""


@dataclass(frozen=True)
class Import:
    """A load on its way in; `alive` is called now and then while files are read."""

    batch_id: int
    source: str
    collection_id: int
    origin: Origin
    actor: Actor
    alive: Callable[[], None]


def needs_review(actor: Actor, collection: Collection) -> bool:
    """Whether works go to the reviewers: where the collection has them, unless the person is one of those who decide.

    Who looks after a collection has seen the report of the check, and could accept each work the next minute.
    """
    if collection.review_policy is ReviewPolicy.DIRECT:
        return False
    return not decide(actor, Action.REVIEW, collection_target(collection)).allowed


def cut_chunks(records: Sequence[Record], first: int) -> Iterator[Numbered]:
    """Records with the numbers of their rows, at most CHUNK together, and not many large files."""
    chunk: Numbered = []
    size = 0
    for number, record in enumerate(records, start=first):
        weight = sum(_size(file) for file in record.files)
        if chunk and (len(chunk) == CHUNK or size + weight > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append((number, record))
        size += weight
    if chunk:
        yield chunk


def _size(file: PackageFile) -> int:
    try:
        return file.path.stat().st_size
    except OSError:
        return 0


def import_chunk(ours: Import, records: Numbered, *, last: bool) -> bool:
    """Import a chunk; False when the batch is not being imported any more. May be done again after a crash.

    A chunk that cannot be stored is taken record by record, and whichever is to blame is refused. Raises SourceError.
    """
    try:
        going_on = _import(ours, records, last=last)
    except UNSTORABLE:
        logger.exception("load %d: records are taken one by one", ours.batch_id)
        going_on = all(_import_alone(ours, one, last=last and one is records[-1]) for one in records)
    failpoint("load:chunk-done")
    return going_on


def _import_alone(ours: Import, one: tuple[int, Record], *, last: bool) -> bool:
    try:
        _settle(ours)
        return _import(ours, [one], last=last)
    except UNSTORABLE:
        _settle(ours)
        return _import(ours, [one], last=last, refuse=True)


def _settle(ours: Import) -> None:
    db.session.rollback()
    settle_import(ours.source)


def _import(ours: Import, records: Numbered, *, last: bool, refuse: bool = False) -> bool:
    batch = db.session.get_one(LoadBatch, ours.batch_id, options=[joinedload(LoadBatch.collection)])
    if batch.state is not BatchState.IMPORTING:
        db.session.rollback()
        return False
    chunk, todo = Chunk(), _find_work(ours, records)
    if refuse:
        chunk.left_out = {number: remark("not_stored") for number, _record in todo}
        todo = []
    _describe(ours, batch, chunk, todo)

    def accept(session: Session, results: Results) -> None:
        for key, row in rows_of(session, ours.batch_id, chunk, results):
            if results[key].outcome in (Outcome.CREATED, Outcome.UPDATED):
                row.item_id = results[key].item_id
                row.version_id, row.before_id = results[key].version_id, results[key].before_id

    def note(session: Session, results: Results) -> None:
        row = session.get_one(LoadBatch, ours.batch_id, with_for_update=True)
        note_works(session, row, chunk, results)

    def follow(session: Session, results: Results) -> None:
        row = session.get_one(LoadBatch, ours.batch_id, with_for_update=True)
        note_works(session, row, chunk, results)
        note_left_out(session, row, chunk)
        move_on(row, records, last=last)

    if chunk.reviewed:
        results = hand_in_items(ours.collection_id, ours.source, list(chunk.reviewed.values()), VERB, note, ours.actor)
        _discard_unused(chunk, results)
    described = list(chunk.direct.values())
    actor = replace(SYSTEM, person_id=ours.actor.person_id)
    import_items(ours.collection_id, ours.source, described, VERB, follow, accepting=accept, actor=actor)
    return True


# ---------------------------------------------------------------- before anything is written


def _find_work(ours: Import, records: Numbered) -> Numbered:
    """Those of the records that the check found fit to be imported, and that no run before a crash has imported."""
    numbers = [number for number, _record in records]
    query = sa.select(LoadRow).where(LoadRow.batch_id == ours.batch_id, LoadRow.number.in_(numbers))
    rows = {row.number: row for row in db.session.scalars(query)}
    for number, record in records:
        if number not in rows or rows[number].key != record.key:
            raise SourceError("changed", place=record.place)
    return [(number, record) for number, record in records if rows[number].status in TO_DO]


def _describe(ours: Import, batch: LoadBatch, chunk: Chunk, todo: Numbered) -> None:
    """Decide for each record where it goes, and bring its files. Ends the transaction that it reads in."""
    numbers = [number for number, _record in todo]
    rows = sa.select(LoadRow.number, LoadRow.digest).where(
        LoadRow.batch_id == ours.batch_id, LoadRow.number.in_(numbers)
    )
    checked = {row.number: row.digest for row in db.session.execute(rows)}
    collections = {"": batch.collection, **load_collections(batch, [record for _n, record in todo])}
    ids = {code: place.id for code, place in collections.items()}
    shown = loadable(ours.actor, collections)
    reviewed = _reviewed(ours, todo, collections)
    expected, returning = _expected_files(ours, numbers), _returning(ours, todo)
    db.session.rollback()
    for number, record in todo:
        if checked[number] != record.digest or record.collection not in ids or record.metadata is None:
            chunk.left_out[number] = remark("changed")
        else:
            chunk.numbers[record.key] = number
    fit = [(number, record) for number, record in todo if number not in chunk.left_out]
    files = _bring_files(ours, chunk, fit, expected)
    for number, record in fit:
        if number in chunk.left_out:
            continue
        to_reviewers = record.key in reviewed
        described = Described(
            key=record.key,
            metadata=read_metadata(record.metadata or {}),
            record=_record(ours, number, record, stored=to_reviewers),
            files=tuple(files[number]) if record.files else None,
            collection_id=ids[record.collection],
            returns=record.key in returning,
            addresses=record.addresses,
            shown_in=tuple(ids[code] for code in record.shown_in if code in shown),
        )
        (chunk.reviewed if to_reviewers else chunk.direct)[record.key] = described


def _reviewed(ours: Import, todo: Numbered, collections: Mapping[str, Collection]) -> set[str]:
    """The keys of works about which reviewers decide: by the rule of the collection in which a work is already, else
    of the one into which it goes."""
    keys = [record.key for _number, record in todo]
    query = sa.select(Item).where(Item.source == ours.source, Item.source_key.in_(keys))
    homes = {i.source_key: i.collection for i in db.session.scalars(query.options(joinedload(Item.collection)))}
    places = {r.key: homes.get(r.key) or collections.get(r.collection) for _number, r in todo}
    return {key for key, place in places.items() if place is not None and needs_review(ours.actor, place)}


def _expected_files(ours: Import, numbers: Sequence[int]) -> dict[int, list[str]]:
    """The digests that the check saw, by the numbers of the rows."""
    query = sa.select(LoadFile).where(LoadFile.batch_id == ours.batch_id, LoadFile.number.in_(numbers))
    found: dict[int, list[str]] = {}
    for file in db.session.scalars(query.order_by(LoadFile.id)):
        found.setdefault(file.number, []).append(file.digest)
    return found


def _returning(ours: Import, todo: Numbered) -> set[str]:
    """The keys of works that an undone load had created, and that come back now."""
    keys = [record.key for _number, record in todo]
    query = sa.select(Item.source_key, Item.id).where(Item.source == ours.source, Item.source_key.in_(keys))
    withdrawn = {row.id: row.source_key for row in db.session.execute(query.where(Item.withdrawn_at.is_not(None)))}
    return {withdrawn[item_id] or "" for item_id in find_undone(list(withdrawn))}


def _bring_files(ours: Import, chunk: Chunk, fit: Numbered, expected: dict[int, list[str]]) -> dict[int, list[Brought]]:
    """Copy the files of the records into the house, and have them read. A work of which one is refused is left out."""
    wanted = [
        (number, place, file, expected.get(number, [])[place : place + 1])
        for number, record in fit
        for place, file in enumerate(record.files)
    ]

    def bring(one: tuple[int, int, PackageFile, list[str]]) -> Brought | FileRefused:
        number, place, file, digests = one
        try:
            return bring_file(ours.origin.root, file, "".join(digests), upload_name(ours.batch_id, number, place))
        except FileRefused as refused:
            return refused

    found: dict[int, list[Brought]] = {number: [] for number, _record in fit}
    for (number, _place, _file, _digests), brought in zip(
        wanted, at_once(bring, wanted) if wanted else (), strict=True
    ):
        ours.alive()
        if isinstance(brought, FileRefused):
            chunk.left_out.setdefault(number, brought.said)
        else:
            found[number].append(brought)
    for number in chunk.left_out:
        discard_brought(found.get(number, []))
    failpoint("load:files-brought")
    return found


def discard_brought(files: Sequence[Brought]) -> None:
    for file in files:
        if file.upload_id:
            uploads().discard(file.upload_id)


def _record(ours: Import, number: int, record: Record, *, stored: bool) -> Brought | None:
    """What was sent, byte by byte: with the work's private files."""
    data = base64.b64decode(record.raw)
    if not data:
        return None
    if stored:
        return bring_record(record.raw_name, data, upload_name(ours.batch_id, number, -1))
    return bring_bytes(record.raw_name, data, "application/octet-stream")


def _discard_unused(chunk: Chunk, results: Results) -> None:
    """Remove the bytes of what was not handed in after all."""
    for key, described in chunk.reviewed.items():
        if results[key].outcome not in (Outcome.CREATED, Outcome.UPDATED):
            discard_brought([brought for brought, _role in described.brought])
