"""The ledger: what is listed to harvesters. A projection of items: rendered when an item changes, never on request.

Records are kept for ever; a withdrawn item stays as a header with status "deleted" in all its formats and sets.
"""

from collections.abc import Collection as Several
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from lxml import etree
from sqlalchemy.orm import Session

from oai.about import provenance
from oai.formats import FORMATS, Format
from oai.formats.source import Source
from oai.horizon import begin_stamping
from oai.models import OaiPayload, OaiRecord, OaiSetMember
from oai.sets import memberships, set_specs
from oai.sources import Entry, load_entries
from repo.items.projections import Change
from repo.settings import current_settings

RECORDS_VERSION = 2
"""Rises when headers or sets are written in another way; all records are then written anew by themselves."""


class LedgerProjection:
    """Writes the record of a changed item in the same commit."""

    def in_transaction(self, session: Session, change: Change) -> None:
        write_records(session, [change.item_id], change.datestamp)

    def after_commit(self, change: Change) -> None:
        """Nothing is left to do."""


def kept_formats() -> list[Format]:
    """The formats that are rendered when an item changes; the others are rendered when they are asked for."""
    return [FORMATS[prefix] for prefix in current_settings().stored_formats if prefix in FORMATS]


def write_records(session: Session, item_ids: Several[str], stamp: datetime | None = None) -> None:
    """Render the records of items in all kept formats, dated now, or `stamp` when the past is told again."""
    at = begin_stamping(session)
    stamp = (stamp or at).replace(microsecond=0)
    entries = load_entries(session, item_ids, at)
    if not entries:
        return
    ids = _record_ids(session, entries, stamp)
    specs = {item_id: set_specs(entry) for item_id, entry in entries.items()}
    rows = [_record_row(ids[item_id], entry, specs[item_id], stamp) for item_id, entry in entries.items()]
    session.execute(sa.update(OaiRecord), rows)
    write_members(session, {ids[item_id]: found for item_id, found in specs.items()}, stamp)
    session.execute(sa.delete(OaiPayload).where(OaiPayload.id.in_(ids.values())))
    bodies = [
        {"prefix": format_.prefix, "id": ids[item_id], "body": render_body(format_, entry.source)}
        for item_id, entry in entries.items()
        if not entry.withdrawn
        for format_ in kept_formats()
        if has_format(format_, specs[item_id])
    ]
    if bodies:
        session.execute(sa.insert(OaiPayload), bodies)


def has_format(format_: Format, specs: Iterable[str]) -> bool:
    return not format_.only or format_.only in specs


def write_members(session: Session, specs: dict[int, list[str]], stamp: datetime) -> None:
    """Write anew in which sets records are; `specs` by the record's id."""
    session.execute(sa.delete(OaiSetMember).where(OaiSetMember.id.in_(specs)))
    rows = [
        {"spec": spec, "ds": stamp, "id": id_} for id_, found in specs.items() for spec in sorted(memberships(found))
    ]
    session.execute(sa.insert(OaiSetMember), rows)


def render_body(format_: Format, source: Source) -> bytes:
    """The `<metadata>` element of an item in a format; it inherits the namespace of the response."""
    element = etree.Element("metadata")
    element.append(format_.render(source))
    return etree.tostring(element, encoding="utf-8")


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
    """The ids of the items' records, which are made where there are none."""
    query = sa.select(OaiRecord.item_id, OaiRecord.id).where(OaiRecord.item_id.in_(item_ids))
    found = {row.item_id: row.id for row in session.execute(query)}
    missing = [{"item_id": item_id, "ds": stamp, "deleted": False} for item_id in item_ids if item_id not in found]
    if missing:
        session.execute(sa.insert(OaiRecord), missing)
        found = {row.item_id: row.id for row in session.execute(query)}
    return found
