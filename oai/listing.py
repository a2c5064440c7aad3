"""Reading the ledger: one page of a list at a time, by keyset, at the same cost at any depth."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

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
from oai.ledger import kept_formats, render_metadata, render_record
from oai.models import OaiPayload, OaiRecord, OaiSet, OaiSetMember
from oai.namespace import read_namespace
from oai.resumption import LIFE, Position, read_token, write_token
from oai.sets import key_of
from oai.sources import read_entries
from oai.walking import key_of_row, walk
from repo.db import UTCDateTime, db, now

T = TypeVar("T")

PAGE = 100
"""Records on a page."""

PAGE_BYTES = 4_000_000
"""A page of long records ends earlier: with the first record beyond this size."""

STEP = 20
"""Records rendered at a time for a page in a format that is not kept."""


class Stored(NamedTuple):
    """A record as it lies in the ledger, without what is said of it in any format."""

    id: int
    item_id: str
    ds: datetime
    deleted: bool
    header: bytes
    about: bytes | None


@dataclass(frozen=True)
class ListPage:
    """`records` are elements as they are sent, `<record>` or `<header>`. `token` is None for a list that fits on one
    page, "" on the last page of a longer one (OAI-PMH 2.0, 3.5)."""

    records: Sequence[bytes]
    token: str | None
    cursor: int
    total: int
    expires: datetime | None


def find_record(identifier: str, prefix: str) -> bytes:
    """Return one record. Raises IdDoesNotExistError, CannotDisseminateFormatError."""
    record = _require_record(identifier)
    format_ = _require_format(prefix)
    if not _is_in(record.id, format_.only):
        raise CannotDisseminateFormatError(f"{identifier} is not available as {prefix}.")
    kept = db.session.get(OaiPayload, (prefix, record.id)) if format_ in kept_formats() else None
    if kept is not None:
        return kept.body
    stored = Stored(record.id, record.item_id, record.ds, record.deleted, record.header or b"", record.about)
    return next(_render(format_, [stored]))


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
    walked = _walk(position)
    if not walked.records:
        raise NoRecordsMatchError("No records match the request.")
    if walked.last is None:
        return ListPage(walked.records, None, 0, len(walked.records), None)
    return _page(replace(position, total=_count(position)), walked)


def next_page(verb: str, token: str) -> ListPage:
    """The page that a resumption token asks for. Raises BadResumptionTokenError."""
    position = read_token(token, verb)
    if position.prefix not in FORMATS:
        raise BadResumptionTokenError(f"The format {position.prefix} is not offered any more.")
    walked = _walk(position)
    if not walked.records:
        raise BadResumptionTokenError("The list has changed and ends before this token; begin it again.")
    return _page(position, walked)


def _page(position: Position, walked: "_Walked") -> ListPage:
    if walked.last is None:
        return ListPage(walked.records, "", position.given, position.total, None)
    expires = (now() + LIFE).replace(microsecond=0)
    given = position.given + len(walked.records)
    following = replace(position, after=walked.last, given=given, expires=expires)
    return ListPage(walked.records, write_token(following), position.given, position.total, expires)


# ---------------------------------------------------------------- reading


class _Walked(NamedTuple):
    """What stands on a page, and the key of its last record when others follow."""

    records: list[bytes]
    last: tuple[datetime, int] | None


def _walk(position: Position) -> _Walked:
    format_ = FORMATS[position.prefix]
    if position.verb == "ListRecords" and format_ in kept_formats():
        rows = walk(position, PAGE + 1)
        if rows is not None:
            return _fit(rows, (body for _id, _ds, body in rows[:PAGE]), key_of_row)
    stored = _rows(position)
    if position.verb == "ListIdentifiers":
        return _fit(stored, (row.header for row in stored[:PAGE]), _key)
    return _fit(stored, _render(format_, stored[:PAGE]), _key)


def _fit(rows: Sequence[T], records: Iterable[bytes], key: Callable[[T], tuple[datetime, int]]) -> _Walked:
    """The records that fit on a page, of `rows`, which hold one more; what does not fit is not asked for."""
    fitting = list(_within(PAGE_BYTES, records))
    return _Walked(fitting, key(rows[len(fitting) - 1]) if len(rows) > len(fitting) else None)


def _within(size: int, records: Iterable[bytes]) -> Iterator[bytes]:
    """The first records, up to the one with which they grow beyond `size`."""
    for record in records:
        yield record
        size -= len(record)
        if size < 0:
            return


def _key(stored: Stored) -> tuple[datetime, int]:
    return stored.ds, stored.id


def _rows(position: Position) -> Sequence[Stored]:
    """The records of a page, one more than it holds."""
    ds, id_ = position.after or (position.start, 0)
    statement = _statement(bool(position.spec), position.after is not None, position.start is not None)
    named = {"spec": position.spec, "end": position.end, "ds": ds, "id": id_, "limit": PAGE + 1}
    return [Stored._make(row) for row in db.session.connection().execute(statement, named)]


@cache
def _statement(in_set: bool, begun: bool, ranged: bool) -> sa.Select[*tuple[Any, ...]]:
    """Along one index, in the order of (datestamp, id); what else is shown is looked up row by row. An outer join,
    because SQLite keeps to the order of joins only when it has to (https://www.sqlite.org/optoverview.html, 7)."""
    record, member = OaiRecord.__table__.c, OaiSetMember.__table__.c
    key = member if in_set else record
    shown = (record.id, record.item_id, record.ds, record.deleted, record.header, record.about)
    query = sa.select(*shown).select_from(key.id.table)
    if in_set:
        query = query.outerjoin(OaiRecord.__table__, record.id == key.id).where(key.spec == sa.bindparam("spec"))
    ds, id_ = sa.bindparam("ds", type_=UTCDateTime()), sa.bindparam("id", type_=sa.Integer)
    if begun:
        query = query.where(sa.tuple_(key.ds, key.id) > sa.tuple_(ds, id_))
    elif ranged:
        query = query.where(key.ds >= ds)
    query = query.where(key.ds <= sa.bindparam("end", type_=UTCDateTime()))
    return query.order_by(key.ds, key.id).limit(sa.bindparam("limit", type_=sa.Integer))


def _render(format_: Format, stored: Sequence[Stored]) -> Iterator[bytes]:
    """Render what is not kept, some at a time, so that a page that ends early has not rendered the rest."""
    for first in range(0, len(stored), STEP):
        step = stored[first : first + STEP]
        shown = [row.item_id for row in step if not row.deleted]
        entries = read_entries(db.session(), shown, now()) if shown else ()
        bodies = {entry.source.item_id: render_metadata(format_, entry.source) for entry in entries}
        for row in step:
            yield render_record(row.header, row.about, bodies.get(row.item_id))


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
