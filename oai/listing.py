"""Reading the ledger: one page of a list at a time, by keyset, at the same cost at any depth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from oaipmh.error import (
    BadResumptionTokenError,
    CannotDisseminateFormatError,
    IdDoesNotExistError,
    NoRecordsMatchError,
    NoSetHierarchyError,
)

from oai.formats import FORMATS, Format
from oai.ledger import oai_namespace
from oai.models import OaiPayload, OaiRecord, OaiSet, OaiSetMember
from oai.resumption import LIFE, Position, read_token, write_token
from repo.db import db, now
from repo.settings import current_settings

PAGE = 100
"""Records on a page."""

SETTLE = timedelta(seconds=3)
"""How long a record waits before it is listed. Its datestamp is taken before its commit: a harvester that read past
that moment meanwhile would never ask for it again."""


@dataclass(frozen=True)
class Stored:
    """A record as it lies in the ledger: `body` is its `<metadata>`, empty when it is deleted."""

    ds: datetime
    id: int
    header: bytes
    body: bytes


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
    record = require_record(identifier)
    _require_format(prefix)
    payload = db.session.get(OaiPayload, (prefix, record.id))
    if payload is None:
        raise CannotDisseminateFormatError(f"{identifier} is not available as {prefix}.")
    return Stored(payload.ds, payload.id, payload.header, payload.body)


def require_record(identifier: str) -> OaiRecord:
    start = f"oai:{oai_namespace()}:"
    item_id = identifier.removeprefix(start) if identifier.startswith(start) else ""
    record = db.session.scalar(sa.select(OaiRecord).where(OaiRecord.item_id == item_id)) if item_id else None
    if record is None:
        raise IdDoesNotExistError(f"There is no item {identifier} here.")
    return record


def formats_of(identifier: str | None) -> list[Format]:
    """The formats of an item, or all."""
    if identifier is None:
        return [FORMATS[prefix] for prefix in stored_prefixes()]
    record = require_record(identifier)
    prefixes = db.session.scalars(sa.select(OaiPayload.prefix).where(OaiPayload.id == record.id))
    return [FORMATS[prefix] for prefix in sorted(prefixes)]


def stored_prefixes() -> list[str]:
    return [prefix for prefix in current_settings().stored_formats if prefix in FORMATS]


def list_sets() -> Sequence[OaiSet]:
    """All sets. Raises NoSetHierarchyError while there is none."""
    sets = db.session.scalars(sa.select(OaiSet).order_by(OaiSet.spec)).all()
    if not sets:
        raise NoSetHierarchyError("There are no sets yet.")
    return sets


def earliest_datestamp() -> datetime:
    """The smallest datestamp, deleted records included (OAI-PMH 2.0, 4.2); the present for an empty repository."""
    return db.session.scalar(sa.select(sa.func.min(OaiRecord.ds))) or now().replace(microsecond=0)


def first_page(verb: str, prefix: str, spec: str, start: datetime | None, until: datetime | None) -> ListPage:
    """The first page of a list; the range's end is frozen here. Raises NoRecordsMatchError and others."""
    _require_format(prefix)
    if spec and db.session.get(OaiSet, spec) is None:
        list_sets()  # a request with a set where there are no sets at all has an error of its own
        raise NoRecordsMatchError(f"There is no set {spec} here.")
    settled = (now() - SETTLE).replace(microsecond=0)
    end = min(until, settled) if until else settled
    found = _read(prefix, spec, start, end, after=None)
    if not found:
        raise NoRecordsMatchError("No records match the request.")
    if len(found) <= PAGE:
        return ListPage(found, None, 0, len(found), None)
    total = _count(prefix, spec, start, end)
    return _page(Position(verb, prefix, spec, start, end, (found[0].ds, 0), 0, total, now() + LIFE), found)


def next_page(verb: str, token: str) -> ListPage:
    """The page that a resumption token asks for. Raises BadResumptionTokenError."""
    position = read_token(token, verb)
    found = _read(position.prefix, position.spec, position.start, position.end, position.after)
    if not found:
        raise BadResumptionTokenError("The list has changed and ends before this token; begin it again.")
    return _page(position, found)


def _page(position: Position, found: Sequence[Stored]) -> ListPage:
    records = found[:PAGE]
    if len(found) <= PAGE:
        return ListPage(records, "", position.given, position.total, None)
    expires = (now() + LIFE).replace(microsecond=0)
    following = Position(
        verb=position.verb,
        prefix=position.prefix,
        spec=position.spec,
        start=position.start,
        end=position.end,
        after=(records[-1].ds, records[-1].id),
        given=position.given + len(records),
        total=position.total,
        expires=expires,
    )
    return ListPage(records, write_token(following), position.given, position.total, expires)


def _read(
    prefix: str, spec: str, start: datetime | None, end: datetime, after: tuple[datetime, int] | None
) -> Sequence[Stored]:
    """One record more than a page holds, so that the last page is known as such."""
    key: type[OaiPayload] | type[OaiSetMember] = OaiSetMember if spec else OaiPayload
    query = (
        sa.select(OaiPayload.ds, OaiPayload.id, OaiPayload.header, OaiPayload.body)
        .where(OaiPayload.prefix == prefix, *_range(key, start, end))
        .order_by(key.ds, key.id)
        .limit(PAGE + 1)
    )
    if spec:
        query = query.where(OaiSetMember.spec == spec, OaiPayload.id == OaiSetMember.id)
    if after is not None:
        query = query.where(sa.tuple_(key.ds, key.id) > sa.tuple_(sa.literal(after[0], key.ds.type), after[1]))
    return [Stored(*row) for row in db.session.execute(query)]


def _count(prefix: str, spec: str, start: datetime | None, end: datetime) -> int:
    """The one count of a harvest; later pages carry it in their token."""
    key: type[OaiPayload] | type[OaiSetMember] = OaiSetMember if spec else OaiPayload
    query = sa.select(sa.func.count()).select_from(key).where(*_range(key, start, end))
    query = query.where(OaiSetMember.spec == spec) if spec else query.where(OaiPayload.prefix == prefix)
    return db.session.scalar(query) or 0


def _range(
    key: type[OaiPayload] | type[OaiSetMember], start: datetime | None, end: datetime
) -> list[sa.ColumnElement[bool]]:
    return [key.ds <= end] if start is None else [key.ds >= start, key.ds <= end]


def _require_format(prefix: str) -> None:
    if prefix not in stored_prefixes():
        raise CannotDisseminateFormatError(f"The format {prefix} is not offered here.")
