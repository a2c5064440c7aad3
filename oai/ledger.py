"""The ledger: what is listed to harvesters. A projection of items: rendered when an item changes, never on request.

Records are kept for ever; a withdrawn item stays as a header with status "deleted" in all its formats and sets.
"""

from collections.abc import Collection as Several
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from lxml import etree
from sqlalchemy.orm import Session

from oai.about import provenance, rights
from oai.formats import FORMATS, Format
from oai.formats.source import BASE, Source
from oai.horizon import begin_stamping
from oai.models import MEMBER, PAYLOAD, OaiRecord, OaiSetMember
from oai.sets import memberships, set_specs
from oai.sources import Entry, read_entries
from repo.errors import SettingsError
from repo.items.models import Item
from repo.items.projections import Change
from repo.settings import Settings, current_settings

RECORDS_VERSION = 2
"""Rises when headers or sets are written in another way; all records are then written anew by themselves."""

MARK = b"\x01"
"""Stands for the base address in what is kept: a byte that no XML holds is found ten times as fast as a word."""

RIGHTS = rights()


class LedgerProjection:
    """Writes the records of changed items in the same commit."""

    def in_transaction(self, session: Session, changes: Sequence[Change]) -> None:
        for stamp in dict.fromkeys(change.datestamp for change in changes):
            write_records(session, [change.item_id for change in changes if change.datestamp == stamp], stamp)

    def after_commit(self, change: Change) -> None:
        """Nothing is left to do."""


def check_kept_formats(settings: Settings) -> None:
    """Raise SettingsError unless all formats that are to be kept are known."""
    for prefix in settings.stored_formats:
        if prefix not in FORMATS:
            raise SettingsError(f"MURAS_STORED_FORMATS: there is no format {prefix!r}; known are {', '.join(FORMATS)}")


def kept_formats() -> list[Format]:
    """The formats that are rendered when an item changes; the others are rendered when they are asked for."""
    return [FORMATS[prefix] for prefix in current_settings().stored_formats]


def write_records(session: Session, item_ids: Several[str], stamp: datetime | None = None) -> None:
    """Render the records of items in all kept formats, dated now, or `stamp` when the past is told again."""
    at = begin_stamping(session)
    stamp = (stamp or at).replace(microsecond=0)
    ids = _record_ids(session, item_ids, stamp)
    rows: list[dict[str, Any]] = []
    specs: dict[int, list[str]] = {}
    records: list[dict[str, Any]] = []
    for entry in read_entries(session, ids, at):
        id_ = ids[entry.source.item_id]
        specs[id_] = set_specs(entry)
        row = _record_row(id_, entry, specs[id_], stamp)
        rows.append(row)
        for format_ in kept_formats():
            if has_format(format_, specs[id_]):
                metadata = None if entry.withdrawn else render_metadata(format_, entry.source)
                record = render_record(row["header"], row["about"], metadata)
                records.append({"prefix": format_.prefix, "id": id_, "ds": stamp, "body": record})
    if not rows:
        return
    # In one order, so that no two transactions wait for each other.
    session.execute(sa.update(OaiRecord), sorted(rows, key=itemgetter("id")))
    write_members(session, specs, stamp)
    session.execute(sa.delete(PAYLOAD).where(payloads_of(specs)))
    if records:
        session.execute(sa.insert(PAYLOAD), records)


def payloads_of(record_ids: Iterable[int]) -> sa.ColumnElement[bool]:
    """The condition for what is kept of records, in whatever format. The key begins with the prefix: without those
    that there are, the whole table would be read for it."""
    return PAYLOAD.c.prefix.in_(FORMATS) & PAYLOAD.c.id.in_(record_ids)


def has_format(format_: Format, specs: Iterable[str]) -> bool:
    return not format_.only or format_.only in specs


def write_members(session: Session, specs: dict[int, list[str]], stamp: datetime) -> None:
    """Write anew in which sets records are; `specs` by the record's id."""
    session.execute(sa.delete(OaiSetMember).where(OaiSetMember.id.in_(specs)))
    rows = [
        {"spec": spec, "ds": stamp, "id": id_} for id_, found in specs.items() for spec in sorted(memberships(found))
    ]
    session.execute(sa.insert(MEMBER), rows)


def render_record(header: bytes, about: bytes | None, metadata: bytes | None) -> bytes:
    """The `<record>` of an item; a deleted one has neither metadata nor anything to say about them (OAI-PMH 2.0, 2.5).
    It inherits the namespace of the response."""
    if metadata is None:
        return b"<record>%b</record>\n" % header
    return b"<record>%b%b%b%b</record>\n" % (header, metadata, about or b"", RIGHTS)


def render_metadata(format_: Format, source: Source) -> bytes:
    """The `<metadata>` element of an item in a format."""
    if format_.write is not None:
        return f"<metadata>{format_.write(source)}</metadata>".encode().replace(BASE.encode(), MARK)
    element = etree.Element("metadata")
    element.append(format_.render(source))
    return etree.tostring(element, encoding="utf-8").replace(BASE.encode(), MARK)


def render_header(identifier: str, stamp: datetime, specs: list[str], *, deleted: bool) -> bytes:
    """The `<header>` element (OAI-PMH 2.0, 2.5); it inherits the namespace of the response."""
    element = etree.Element("header")
    if deleted:
        element.set("status", "deleted")
    etree.SubElement(element, "identifier").text = identifier
    etree.SubElement(element, "datestamp").text = stamp.strftime("%Y-%m-%dT%H:%M:%SZ")
    for spec in specs:
        etree.SubElement(element, "setSpec").text = spec
    return etree.tostring(element)


def _record_row(id_: int, entry: Entry, specs: list[str], stamp: datetime) -> dict[str, Any]:
    source = entry.source
    return {
        "id": id_,
        "ds": stamp,
        "deleted": entry.withdrawn,
        "header": render_header(source.identifier, stamp, specs, deleted=entry.withdrawn),
        "about": provenance(source.origin) if source.origin and not entry.withdrawn else None,
    }


def _record_ids(session: Session, item_ids: Several[str], stamp: datetime) -> dict[str, int]:
    """The ids of the records of those items that are or were public; records are made where there are none."""
    public = sa.select(Item.id, OaiRecord.id.label("record_id")).outerjoin(OaiRecord, OaiRecord.item_id == Item.id)
    query = public.where(Item.id.in_(item_ids), Item.current_id.is_not(None))
    found = {row.id: row.record_id for row in session.execute(query)}
    missing = [{"item_id": item_id, "ds": stamp, "deleted": False} for item_id, id_ in found.items() if id_ is None]
    if missing:
        session.execute(sa.insert(OaiRecord), missing)
        found = {row.id: row.record_id for row in session.execute(query)}
    return found
