"""Rendering records anew, when the code of a format has changed or other formats are kept; the endpoint stays up.

What is kept carries the version of the code that made it (`oai.formats.Format.version`). Record by record, in the order
of their ids and in short transactions, the old bytes are replaced; only what comes out differently gets a new
datestamp. An end in the middle is gone on from.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from oai.formats import FORMATS, Format
from oai.horizon import begin_stamping
from oai.ledger import (
    RECORDS_VERSION,
    has_format,
    kept_formats,
    payloads_of,
    render_metadata,
    render_record,
    write_records,
)
from oai.models import PAYLOAD, RECORD, OaiFormat, OaiPayload, OaiRecord, OaiSetMember
from oai.sets import set_specs
from oai.sources import read_entries
from repo.db import db, transaction

CHUNK = 500
"""Records in a transaction."""

RECORDS = ""
"""Stands for headers and sets among the prefixes."""

SEEN = (OaiRecord.id, OaiRecord.item_id, OaiRecord.ds, OaiRecord.deleted, OaiRecord.header, OaiRecord.about)


def outdated() -> list[str]:
    """What is not kept as this release and its settings want it: prefixes to render, or to give up."""
    kept = {state.prefix: state for state in db.session.scalars(sa.select(OaiFormat))}
    wanted = wanted_versions()
    late = [prefix for prefix, version in wanted.items() if not _is_current(kept.get(prefix), version)]
    return [*late, *(kept.keys() - wanted.keys())]


def wanted_versions() -> dict[str, int]:
    return {RECORDS: RECORDS_VERSION, **{format_.prefix: format_.version for format_ in kept_formats()}}


def render_anew(prefix: str) -> Iterator[tuple[int, int]]:
    """Bring what is kept under `prefix` up to date, a chunk a transaction; yields (done, total) records meanwhile."""
    total = db.session.scalar(sa.select(sa.func.count()).select_from(OaiRecord)) or 0
    version = wanted_versions().get(prefix)
    step = _drop_chunk if version is None else _render_chunk
    done = 0
    while True:
        with transaction() as session:
            count = step(session, prefix)
        if count == 0:
            return
        done += count
        yield done, total


def _is_current(state: OaiFormat | None, version: int) -> bool:
    """What a later release rendered is left: while it takes over, both would render each other's records for ever."""
    return state is not None and (state.version > version or (state.complete and state.version == version))


def _render_chunk(session: Session, prefix: str) -> int:
    """Render the next records; returns how many, 0 when all are done."""
    state = _state(session, prefix)
    if state.version > wanted_versions()[prefix]:
        return 0
    # Locked, so that nobody publishes an item while its older description is rendered.
    query = sa.select(*SEEN).where(OaiRecord.id > state.after).order_by(OaiRecord.id).limit(CHUNK)
    records = session.execute(query.with_for_update()).all()
    if not records:
        state.complete = state.whole = True
        return 0
    state.after = records[-1].id
    if prefix == RECORDS or any(record.header is None for record in records):
        write_records(session, [record.item_id for record in records])
    else:
        _render_format(session, FORMATS[prefix], records)
    return len(records)


def _state(session: Session, prefix: str) -> OaiFormat:
    version = wanted_versions()[prefix]
    state = session.get(OaiFormat, prefix, with_for_update=True)
    if state is None:
        state = OaiFormat(prefix=prefix, version=version, after=0, complete=False)
        session.add(state)
    elif state.version < version:
        state.version, state.after, state.complete = version, 0, False
    return state


def _render_format(session: Session, format_: Format, records: Sequence[Any]) -> None:
    """`records` are rows of SEEN."""
    at = begin_stamping(session)
    before = _kept(session, format_.prefix, [record.id for record in records])
    new: list[dict[str, Any]] = []
    changed: list[tuple[Any, bytes]] = []
    for record, metadata in _render_those_of(session, format_, records, at):
        body = render_record(record.header, record.about, metadata)
        if record.id not in before:  # it was rendered on request until now, and has been told already
            new.append({"prefix": format_.prefix, "id": record.id, "ds": record.ds, "body": body})
        elif body != before[record.id]:
            changed.append((record, body))
    if new:
        session.execute(sa.insert(PAYLOAD), new)
    if changed:
        _stamp(session, format_.prefix, changed, at)


def _render_those_of(
    session: Session, format_: Format, records: Sequence[Any], at: datetime
) -> Iterator[tuple[Any, bytes | None]]:
    """The records that a format has, each with its metadata in it. Of a deleted one the item itself may be gone."""
    deleted = [record for record in records if record.deleted]
    if format_.only and deleted:
        member = OaiSetMember.id.in_([record.id for record in deleted]) & (OaiSetMember.spec == format_.only)
        theirs = set(session.scalars(sa.select(OaiSetMember.id).where(member)))
        deleted = [record for record in deleted if record.id in theirs]
    yield from ((record, None) for record in deleted)
    shown = {record.item_id: record for record in records if not record.deleted}
    for entry in read_entries(session, shown, at) if shown else ():
        if has_format(format_, set_specs(entry)):
            yield shown[entry.source.item_id], render_metadata(format_, entry.source)


def _kept(session: Session, prefix: str, ids: Sequence[int]) -> dict[int, bytes]:
    kept = sa.select(OaiPayload.id, OaiPayload.body).where(OaiPayload.prefix == prefix, OaiPayload.id.in_(ids))
    return {row.id: row.body for row in session.execute(kept)}


def _stamp(session: Session, prefix: str, changed: Sequence[tuple[Any, bytes]], at: datetime) -> None:
    """Write what has changed in a format, and date the records anew in their headers, all formats and sets."""
    ids = [record.id for record, _body in changed]
    stamps = {record.id: (_datestamp(record.ds), _datestamp(at)) for record, _body in changed}
    others = sa.select(PAYLOAD.c.prefix, PAYLOAD.c.id, PAYLOAD.c.body)
    others = others.where(payloads_of(ids), PAYLOAD.c.prefix != prefix)
    bodies: dict[str, list[tuple[int, bytes]]] = {prefix: [(record.id, body) for record, body in changed]}
    for row in session.execute(others):
        bodies.setdefault(row.prefix, []).append((row.id, row.body))
    # The records are locked, so it does not matter in which order their formats are written.
    for of, kept in bodies.items():
        # The header comes first in a record.
        rows = [(id_, body.replace(*stamps[id_], 1)) for id_, body in kept]
        _rewrite(session, PAYLOAD.c.body, rows, {"ds": at}, PAYLOAD.c.prefix == of)
    headers = [(record.id, record.header.replace(*stamps[record.id], 1)) for record, _body in changed]
    _rewrite(session, RECORD.c.header, headers, {"ds": at})
    session.execute(sa.update(OaiSetMember).where(OaiSetMember.id.in_(ids)).values(ds=at))


def _rewrite(
    session: Session,
    column: sa.Column[Any],
    rows: Sequence[tuple[int, bytes]],
    also: Mapping[str, object],
    *conditions: sa.ColumnElement[bool],
) -> None:
    """Put other bytes into a column of the rows with these ids, and the same values into others. One statement on
    PostgreSQL, for which a statement a row takes several times as long."""
    table = column.table
    rewrite = sa.update(table).where(*conditions).values(**also)
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import ARRAY

        ids = sa.literal([id_ for id_, _bytes in rows], ARRAY(sa.BigInteger))
        written = sa.literal([bytes_ for _id, bytes_ in rows], ARRAY(sa.LargeBinary))
        given = sa.func.unnest(ids, written).table_valued("id", "bytes").render_derived(name="given")
        session.execute(rewrite.where(table.c.id == given.c.id).values({column: given.c.bytes}))
    else:
        rewrite = rewrite.where(table.c.id == sa.bindparam("of_id")).values({column: sa.bindparam("bytes")})
        session.execute(rewrite, [{"of_id": id_, "bytes": bytes_} for id_, bytes_ in rows])


def _datestamp(moment: datetime) -> bytes:
    return f"<datestamp>{moment:%Y-%m-%dT%H:%M:%SZ}".encode()


def _drop_chunk(session: Session, prefix: str) -> int:
    """Forget some records in a format that is not kept any more; at the end the format itself."""
    gone = sa.update(OaiFormat).where(OaiFormat.prefix == prefix, OaiFormat.whole)
    session.execute(gone.values(whole=False, complete=False, after=0))  # should it be wanted again in the middle
    kept = sa.select(OaiPayload.id).where(OaiPayload.prefix == prefix).order_by(OaiPayload.id).limit(CHUNK)
    ids = session.scalars(kept).all()
    if ids:
        session.execute(sa.delete(OaiPayload).where(OaiPayload.prefix == prefix, OaiPayload.id.in_(ids)))
    else:
        session.execute(sa.delete(OaiFormat).where(OaiFormat.prefix == prefix))
    return len(ids)
