"""Reading the ledger: one page of a list at a time, by keyset, at the same cost at any depth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

import sqlalchemy as sa
from oaipmh.error import (
    BadResumptionTokenError,
    CannotDisseminateFormatError,
    IdDoesNotExistError,
    NoMetadataFormatsError,
    NoRecordsMatchError,
    NoSetHierarchyError,
)

from oai.formats import FORMATS, Format
from oai.ledger import kept_formats, render_body
from oai.models import OaiPayload, OaiRecord, OaiSet, OaiSetMember
from oai.namespace import read_namespace
from oai.resumption import LIFE, Position, read_token, write_token
from oai.sets import key_of
from oai.sources import read_entries
from repo.db import UTCDateTime, db, now

PAGE = 100
"""Records on a page."""

PAGE_BYTES = 4_000_000
"""A page of long records ends earlier: with the first record beyond this size."""

FETCH = 26
"""Rows fetched at a time: a page of long records has then not read much more than it gives."""

STEP = 20
"""Records rendered at a time for a page in a format that is not kept."""


class Stored(NamedTuple):
    """A record as it lies in the ledger: `body` is its `<metadata>`, None when it is deleted."""

    id: int
    item_id: str
    deleted: bool
    header: bytes
    about: bytes | None
    body: bytes | None = None

    @property
    def ds(self) -> datetime:
        """As its header says it: one of a hundred on a page is asked, which is not worth a column of times."""
        return datetime.fromisoformat(self.header.partition(b"<datestamp>")[2][:20].decode())


@dataclass(frozen=True)
class ListPage:
    """`token` is None for a list that fits on one page, "" on the last page of a longer one (OAI-PMH 2.0, 3.5)."""

    records: Sequence[Stored]
    token: str | None
    cursor: int
    total: int
    expires: datetime | None


def find_record(identifier: str, prefix: str) -> Stored:
    """Return one record. Raises IdDoesNotExistError, CannotDisseminateFormatError."""
    record = _require_record(identifier)
    format_ = _require_format(prefix)
    if not _is_in(record.id, format_.only):
        raise CannotDisseminateFormatError(f"{identifier} is not available as {prefix}.")
    found = Stored(record.id, record.item_id, record.deleted, record.header or b"", record.about)
    if record.deleted:
        return found
    kept = db.session.get(OaiPayload, (prefix, record.id)) if format_ in kept_formats() else None
    return found._replace(body=kept.body) if kept else next(iter(_render(format_, [found])))


def formats_of(identifier: str | None) -> list[Format]:
    """The formats of an item, or all. Raises IdDoesNotExistError, NoMetadataFormatsError."""
    if identifier is None:
        return list(FORMATS.values())
    record = _require_record(identifier)
    found = [format_ for format_ in FORMATS.values() if _is_in(record.id, format_.only)]
    if not found:
        raise NoMetadataFormatsError(f"{identifier} is available in no format.")
    return found


def list_sets() -> Sequence[OaiSet]:
    """All sets. Raises NoSetHierarchyError while there is none."""
    sets = db.session.scalars(sa.select(OaiSet).order_by(OaiSet.spec)).all()
    if not sets:
        raise NoSetHierarchyError("There are no sets yet.")
    return sets


def earliest_datestamp() -> datetime:
    """The smallest datestamp, deleted records included (OAI-PMH 2.0, 4.2); the present for an empty repository."""
    return db.session.scalar(sa.select(sa.func.min(OaiRecord.ds))) or now().replace(microsecond=0)


def first_page(
    verb: str, prefix: str, spec: str, start: datetime | None, until: datetime | None, horizon: datetime
) -> ListPage:
    """The first page of a list; the range's end is frozen here, at `horizon` (`oai.horizon`) at the latest. Raises
    NoRecordsMatchError and others."""
    format_ = _require_format(prefix)
    if spec and db.session.get(OaiSet, spec) is None:
        list_sets()  # a request with a set where there are no sets at all has an error of its own
        raise NoRecordsMatchError(f"There is no set {spec} here.")
    end = min(until, horizon) if until else horizon
    position = Position(verb, prefix, key_of(format_.only, spec), start, end, None, 0, 0, now() + LIFE)
    records, more = _read(position)
    if not records:
        raise NoRecordsMatchError("No records match the request.")
    if not more:
        return ListPage(records, None, 0, len(records), None)
    return _page(replace(position, total=_count(position)), records, more)


def next_page(verb: str, token: str) -> ListPage:
    """The page that a resumption token asks for. Raises BadResumptionTokenError."""
    position = read_token(token, verb)
    if position.prefix not in FORMATS:
        raise BadResumptionTokenError(f"The format {position.prefix} is not offered any more.")
    records, more = _read(position)
    if not records:
        raise BadResumptionTokenError("The list has changed and ends before this token; begin it again.")
    return _page(position, records, more)


def _page(position: Position, records: Sequence[Stored], more: bool) -> ListPage:
    if not more:
        return ListPage(records, "", position.given, position.total, None)
    expires = (now() + LIFE).replace(microsecond=0)
    last = records[-1]
    following = replace(position, after=(last.ds, last.id), given=position.given + len(records), expires=expires)
    return ListPage(records, write_token(following), position.given, position.total, expires)


# ---------------------------------------------------------------- reading


def _read(position: Position) -> tuple[list[Stored], bool]:
    """The records of a page, and whether others follow."""
    format_ = FORMATS[position.prefix]
    kept = position.verb == "ListRecords" and format_ in kept_formats()
    rows = map(Stored._make, chain.from_iterable(_rows(position, kept).partitions(FETCH)))
    if position.verb == "ListIdentifiers":
        found = list(rows)
        return found[:PAGE], len(found) > PAGE
    records: list[Stored] = []
    size = 0
    for record in rows if kept else _render(format_, list(rows)):
        if len(records) == PAGE or (records and size > PAGE_BYTES):
            return records, True
        if record.body is None and not record.deleted:  # kept since today, and not reached yet
            record = next(iter(_render(format_, [record])))
        records.append(record)
        size += len(record.body or b"")
    return records, False


def _rows(position: Position, kept: bool) -> sa.Result[*tuple[Any, ...]]:
    """The rows of a page, one more than it holds."""
    ds, id_ = position.after or (position.start, 0)
    statement = _statement(bool(position.spec), kept, position.after is not None, position.start is not None)
    named = {"spec": position.spec, "prefix": position.prefix, "end": position.end, "ds": ds, "id": id_}
    return db.session.connection().execute(statement, {**named, "limit": PAGE + 1})


@cache
def _statement(in_set: bool, kept: bool, begun: bool, ranged: bool) -> sa.Select[*tuple[Any, ...]]:
    """Along one index, in the order of (datestamp, id); what else is shown is looked up row by row. Outer joins,
    because SQLite keeps to the order of joins only when it has to (https://www.sqlite.org/optoverview.html, 7)."""
    record, member, payload = OaiRecord.__table__.c, OaiSetMember.__table__.c, OaiPayload.__table__.c
    key = member if in_set else record
    shown = (record.id, record.item_id, record.deleted, record.header, record.about)
    # A query of its own for each row: joined, it is read as a whole by PostgreSQL while it knows nothing of the table.
    of_record = (payload.prefix == sa.bindparam("prefix")) & (payload.id == record.id)
    body = sa.select(payload.body).where(of_record).scalar_subquery() if kept else sa.null()
    query = sa.select(*shown, body).select_from(key.id.table)
    if in_set:
        query = query.outerjoin(OaiRecord.__table__, record.id == key.id).where(key.spec == sa.bindparam("spec"))
    ds, id_ = sa.bindparam("ds", type_=UTCDateTime()), sa.bindparam("id", type_=sa.Integer)
    if begun:
        query = query.where(sa.tuple_(key.ds, key.id) > sa.tuple_(ds, id_))
    elif ranged:
        query = query.where(key.ds >= ds)
    query = query.where(key.ds <= sa.bindparam("end", type_=UTCDateTime()))
    return query.order_by(key.ds, key.id).limit(sa.bindparam("limit", type_=sa.Integer))


def _render(format_: Format, records: Sequence[Stored]) -> Iterator[Stored]:
    """Render what is not kept, some at a time, so that a page that ends early has not rendered the rest."""
    for first in range(0, len(records), STEP):
        step = records[first : first + STEP]
        shown = [record.item_id for record in step if not record.deleted]
        entries = read_entries(db.session(), shown, now()) if shown else ()
        bodies = {entry.source.item_id: render_body(format_, entry.source) for entry in entries}
        for record in step:
            yield record._replace(body=bodies.get(record.item_id))


def _count(position: Position) -> int:
    """The one count of a harvest; later pages carry it in their token."""
    key: type[OaiRecord] | type[OaiSetMember] = OaiSetMember if position.spec else OaiRecord
    query = sa.select(sa.func.count()).select_from(key).where(key.ds <= position.end)
    if position.spec:
        query = query.where(OaiSetMember.spec == position.spec)
    if position.start is not None:
        query = query.where(key.ds >= position.start)
    return db.session.scalar(query) or 0


# ---------------------------------------------------------------- what there is


def _require_record(identifier: str) -> OaiRecord:
    start = f"oai:{read_namespace(db.session())}:"
    item_id = identifier.removeprefix(start) if identifier.startswith(start) else ""
    record = db.session.scalar(sa.select(OaiRecord).where(OaiRecord.item_id == item_id)) if item_id else None
    if record is None:
        raise IdDoesNotExistError(f"There is no item {identifier} here.")
    return record


def _require_format(prefix: str) -> Format:
    format_ = FORMATS.get(prefix)
    if format_ is None:
        raise CannotDisseminateFormatError(f"The format {prefix} is not offered here.")
    return format_


def _is_in(record_id: int, spec: str) -> bool:
    if not spec:
        return True
    member = sa.select(OaiSetMember.id).where(OaiSetMember.id == record_id, OaiSetMember.spec == spec)
    return db.session.scalar(member) is not None
