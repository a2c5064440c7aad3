"""What the import of a bulk load writes down: what became of each record, and where the load goes on."""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.loading import Record
from ingest.models import BatchState, LoadBatch, LoadRow, RowStatus
from repo.db import now
from repo.items.services.importing import Described, Imported, Outcome, Results


@dataclass
class Chunk:
    """Records that are to be imported, by their keys, and why others are left out, by the number of their rows."""

    numbers: dict[str, int] = field(default_factory=dict)
    direct: dict[str, Described] = field(default_factory=dict)
    reviewed: dict[str, Described] = field(default_factory=dict)
    left_out: dict[int, dict[str, Any]] = field(default_factory=dict)


Numbered = list[tuple[int, Record]]
"""Records, each with the number of its row."""


def rows_of(session: Session, batch_id: int, chunk: Chunk, results: Results) -> list[tuple[str, LoadRow]]:
    """The rows of what was imported, with their keys."""
    numbers = [chunk.numbers[key] for key in results]
    query = sa.select(LoadRow).where(LoadRow.batch_id == batch_id, LoadRow.number.in_(numbers))
    return [(row.key, row) for row in session.scalars(query)]


def note_works(session: Session, batch: LoadBatch, chunk: Chunk, results: Results) -> None:
    counts = dict(batch.counts)
    for key, row in rows_of(session, batch.id, chunk, results):
        count_row(counts, row.status, -1)
        _settle_row(row, results[key], submitted=key in chunk.reviewed, returned=_returns(chunk, key))
        count_row(counts, row.status, 1)
    batch.counts = counts
    session.flush()


def _returns(chunk: Chunk, key: str) -> bool:
    return key in chunk.direct and chunk.direct[key].returns


def _settle_row(row: LoadRow, imported: Imported, *, submitted: bool, returned: bool) -> None:
    """What the import made of a record. A version that the row knows was made for it by a run before a crash."""
    ours_already = row.version_id is not None and row.version_id == imported.version_id
    row.item_id = imported.item_id
    match imported.outcome:
        case Outcome.EDITED | Outcome.WITHDRAWN:
            row.status, row.remarks = RowStatus.SKIPPED, [*row.remarks, remark(imported.outcome.value)]
        case Outcome.UNCHANGED if not ours_already and not returned:
            row.status = RowStatus.SAME
        case _:
            row.version_id = imported.version_id
            row.before_id = row.before_id if ours_already else imported.before_id
            row.before_id = None if returned else row.before_id
            made = RowStatus.CREATED if row.before_id is None else RowStatus.UPDATED
            row.status = RowStatus.SUBMITTED if submitted else made


def note_left_out(session: Session, batch: LoadBatch, chunk: Chunk) -> None:
    counts = dict(batch.counts)
    query = sa.select(LoadRow).where(LoadRow.batch_id == batch.id, LoadRow.number.in_(chunk.left_out))
    for row in session.scalars(query) if chunk.left_out else ():
        count_row(counts, row.status, -1)
        row.status, row.remarks = RowStatus.REFUSED, [*row.remarks, chunk.left_out[row.number]]
        count_row(counts, row.status, 1)
    batch.counts = counts


def move_on(batch: LoadBatch, records: Numbered, *, last: bool) -> None:
    """Note where the load goes on, or that it is done."""
    if records:
        batch.done, batch.position = records[-1][0], records[-1][1].position
    batch.touched_at = now()
    if last:
        batch.state, batch.finished_at = BatchState.DONE, now()


def count_row(counts: dict[str, Any], status: RowStatus, number: int) -> None:
    counts[status.value] = counts.get(status.value, 0) + number


def remark(code: str) -> dict[str, Any]:
    return {"code": code, "about": "", "data": {}}
