"""What becomes of the records of a harvest: new works, changes, withdrawals, and a word for each that is not taken."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.orm import Session

from ingest.harvest_files import Files, gather_files
from ingest.harvest_messages import deletion_reason
from ingest.models import HarvestRecord, HarvestSource, HarvestStatus
from ingest.oai_client import Provider
from ingest.oai_pages import Read
from oai.namespace import read_namespace
from repo.db import db, now, transaction
from repo.items.access import SYSTEM
from repo.items.checks import check_metadata
from repo.items.metadata import Text, read_metadata
from repo.items.models import Item
from repo.items.origin import Origin
from repo.items.services.importing import Described, Outcome, Results, bring_bytes, import_items
from repo.items.services.lifecycle import restore_item, withdraw_item
from repo.settings import current_settings
from repo.vocabularies.numbers import normalise_number

RECORD = "source-record.xml"
"""What the private file with the bytes that were sent is called."""

Alive = Callable[[int, int | None], None]
Follow = Callable[[HarvestSource], None]

TAKEN = {Outcome.CREATED: HarvestStatus.CREATED, Outcome.UPDATED: HarvestStatus.UPDATED}


def source_key(source: HarvestSource) -> str:
    """What `Item.source` says of works from there: the same after a rebuild, and for all sets of a repository."""
    return f"oai:{hashlib.sha256(source.base_url.encode()).hexdigest()[:16]}"


@dataclass
class _Said:
    """What is noted of a record."""

    status: HarvestStatus
    report: list[dict[str, Any]] = field(default_factory=list)
    item_id: str | None = None
    links: str = ""
    digest: str = ""


@dataclass
class _Chunk:
    """Records on their way in, by their identifiers, and what is known of them."""

    source: HarvestSource
    records: Mapping[str, Read]
    rows: dict[str, HarvestRecord]
    said: dict[str, _Said] = field(default_factory=dict)
    described: dict[str, Described] = field(default_factory=dict)
    files: dict[str, Files] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)


def take_records(source_id: int, provider: Provider, records: Mapping[str, Read], alive: Alive, follow: Follow) -> None:
    """Take at most CHUNK records, and call `follow` in the transaction that makes them public. May be done again."""
    source = db.session.get_one(HarvestSource, source_id)
    chunk = _Chunk(source, records, _load_rows(source_id, list(records)))
    for identifier, record in records.items():
        _judge(chunk, identifier, record)
    if source.full_texts:
        _gather(chunk, provider, alive)
    collection_id, key = source.collection_id, source_key(source)
    db.session.rollback()
    _bring_back(chunk, key)
    described = list(chunk.described.values())

    def note(session: Session, results: Results) -> None:
        row = session.get_one(HarvestSource, source_id)
        _withdraw(chunk, row, key)
        _note(session, chunk, row, results)
        follow(row)

    import_items(collection_id, key, described, "harvested", note)


def _load_rows(source_id: int, identifiers: list[str]) -> dict[str, HarvestRecord]:
    query = sa.select(HarvestRecord).where(
        HarvestRecord.source_id == source_id, HarvestRecord.identifier.in_(identifiers)
    )
    return {row.identifier: row for row in db.session.scalars(query)}


# ---------------------------------------------------------------- before anything is written


def _judge(chunk: _Chunk, identifier: str, record: Read) -> None:
    """Decide what a record is: no use, ours, gone, as it was, or something to describe."""
    row = chunk.rows.get(identifier)
    if record.flaw is not None:
        chunk.said[identifier] = _Said(HarvestStatus.REFUSED, [{"code": record.flaw.value, "data": {}}])
    elif _is_ours(record):
        chunk.said[identifier] = _Said(HarvestStatus.SKIPPED, [{"code": "own", "data": {}}])
    elif record.deleted:
        chunk.said[identifier] = _Said(HarvestStatus.DELETED, item_id=row.item_id if row else None)
        chunk.gone.append(identifier)
    elif row is not None and row.digest == record.digest:
        chunk.said[identifier] = _Said(HarvestStatus.UNCHANGED, list(row.report), row.item_id, row.links, record.digest)
    else:
        _describe(chunk, identifier, record)


def _is_ours(record: Read) -> bool:
    """Whether a record, by its identifier or its way, comes from this house: it must not come back as another work."""
    prefix, base = f"oai:{read_namespace(db.session())}:", current_settings().base_url
    told = [(record.identifier, ""), *((step.identifier, step.base_url) for step in record.way)]
    return any(name.startswith(prefix) or (at and at.startswith(f"{base}/")) for name, at in told)


def _describe(chunk: _Chunk, identifier: str, record: Read) -> None:
    try:
        metadata = read_metadata(record.metadata or {})
    except ValidationError:
        chunk.said[identifier] = _Said(HarvestStatus.REFUSED, [{"code": "unreadable", "data": {}}])
        return
    report = [{"code": "mended", "data": {}}] if record.mended else []
    for fault in dict.fromkeys(fault.code for fault in check_metadata(metadata, now().date())):
        report.append({"code": fault.value, "data": {}})
    if not metadata.title().value:  # whoever reads a list must have something to press
        metadata.titles = [Text(value=record.address or identifier)]
    chunk.said[identifier] = _Said(HarvestStatus.REFUSED, report, digest=record.digest)
    if (row := chunk.rows.get(identifier)) is not None and row.status is HarvestStatus.DELETED:
        chunk.back.append(identifier)
    chunk.described[identifier] = Described(
        key=identifier,
        metadata=metadata,
        record=bring_bytes(RECORD, base64.b64decode(record.source), "application/xml"),
        origin=_origin(chunk.source, record),
    )


def _origin(source: HarvestSource, record: Read) -> Origin:
    """The record's way here: this step, and those before it that the source told of."""
    before: Origin | None = None
    for step in reversed(record.way):
        before = Origin(
            base_url=step.base_url,
            identifier=step.identifier,
            datestamp=step.datestamp,
            namespace=step.namespace,
            harvested_at=step.harvested_at,
            altered=step.altered,
            before=before,
        )
    return Origin(
        base_url=source.base_url,
        identifier=record.identifier,
        datestamp=record.datestamp,
        namespace=record.namespace,
        harvested_at=now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        repository=source.name,
        address=normalise_number("url", record.address) or "",
        before=before,
    )


def _gather(chunk: _Chunk, provider: Provider, alive: Alive) -> None:
    """Fetch the full texts of what is new or has other links than before."""
    for identifier, one in list(chunk.described.items()):
        row = chunk.rows.get(identifier)
        alive(sum(chunk.source.counts.values()), chunk.source.size)
        found = gather_files(provider, chunk.records[identifier], one.metadata, known=row.links if row else "")
        chunk.said[identifier].report += found.report
        chunk.said[identifier].links = found.links
        if found.files is not None:
            chunk.described[identifier] = replace(chunk.described[identifier], files=found.files, tells_rules=False)


def _bring_back(chunk: _Chunk, key: str) -> None:
    """Works that were withdrawn because their records were deleted, and whose records are there again."""
    if chunk.back:
        with transaction():
            for item in _items(key, chunk.back):
                if item.withdrawn_at is not None and item.current is not None and item.current.meta:
                    restore_item(SYSTEM, item)


def _items(key: str, identifiers: list[str]) -> list[Item]:
    return list(db.session.scalars(sa.select(Item).where(Item.source == key, Item.source_key.in_(identifiers))))


# ---------------------------------------------------------------- in the transaction


def _withdraw(chunk: _Chunk, source: HarvestSource, key: str) -> None:
    for item in _items(key, chunk.gone) if chunk.gone else []:
        chunk.said[item.source_key or ""].item_id = item.id
        if item.current_id is not None and item.withdrawn_at is None:
            withdraw_item(SYSTEM, item, deletion_reason(source))


def _note(session: Session, chunk: _Chunk, source: HarvestSource, results: Results) -> None:
    """Write the rows of the records and the counts of the harvest."""
    counts = dict(source.counts)
    rows = _load_rows(source.id, list(chunk.records))
    for identifier, record in chunk.records.items():
        said = chunk.said[identifier]
        row = rows.get(identifier)
        if identifier in results:
            _settle(said, results[identifier].item_id, results[identifier].outcome, is_new=row is None)
        if row is None:
            row = HarvestRecord(source_id=source.id, identifier=identifier)
            session.add(row)
        row.datestamp, row.item_id = record.datestamp, said.item_id or row.item_id
        row.status, row.report, row.digest, row.links = said.status, said.report, said.digest, said.links
        row.run, row.seen_at = source.run, now()
        counts[said.status.value] = counts.get(said.status.value, 0) + 1
    source.counts = counts
    session.flush()


def _settle(said: _Said, item_id: str, outcome: Outcome, *, is_new: bool) -> None:
    """What the import made of it. A record without a row is new, even if a crash left its work here."""
    said.item_id = item_id
    match outcome:
        case Outcome.EDITED:
            said.status, said.digest = HarvestStatus.REFUSED, ""
            said.report.insert(0, {"code": "edited", "data": {}})
        case Outcome.WITHDRAWN:
            said.status = HarvestStatus.SKIPPED
            said.report.insert(0, {"code": "withdrawn", "data": {}})
        case Outcome.UNCHANGED:
            said.status = HarvestStatus.CREATED if is_new else HarvestStatus.UNCHANGED
        case _:
            said.status = TAKEN[outcome]
