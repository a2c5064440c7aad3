"""Tables to load, and a load brought to where a test wants it."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import sqlalchemy as sa

from ingest.batch import Plan, check_batch, create_batch, import_batch, load_batch, undo_batch
from ingest.models import LoadBatch, LoadRow
from repo.db import db, transaction
from repo.items.access import SYSTEM, Actor
from repo.items.models import Item
from repo.jobs.services import run_pending_jobs
from repo.members.models import Collection

HEADINGS = ("key", "title[ky]", "creators", "date", "type", "language")


def row(number: int, title: str = "", **more: str) -> dict[str, str]:
    """A row of a table, as complete as a submission has to be but for its licence."""
    told = (str(number), title or f"Китеп {number}", "Айтматов, Чыңгыз", str(1950 + number % 50), "book", "ky")
    return {**dict(zip(HEADINGS, told, strict=True)), **more}


def write_table(folder: Path, rows: Iterable[dict[str, str]], files: dict[str, bytes] | None = None) -> Path:
    """A folder with `metadata.csv` and the files that its rows name."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(rows)
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as stream:
        headings = list(dict.fromkeys(name for row in rows for name in row))
        writer = csv.DictWriter(stream, headings)
        writer.writeheader()
        writer.writerows(rows)
    for name, content in (files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def begin(place: Path, collection: Collection, actor: Actor = SYSTEM, source: str = "", format_: str = "table") -> int:
    with transaction() as session:
        plan = Plan(session.get_one(Collection, collection.id), format_, source=source)
        return create_batch(actor, plan, place).id


def check(batch_id: int, actor: Actor = SYSTEM) -> LoadBatch:
    with transaction():
        check_batch(actor, load_batch(batch_id))
    run_pending_jobs("batch")
    return batch_now(batch_id)


def bring_in(batch_id: int, actor: Actor = SYSTEM) -> LoadBatch:
    """Import a load that is checked."""
    with transaction():
        import_batch(actor, load_batch(batch_id))
    run_pending_jobs("batch")
    return batch_now(batch_id)


def undo(batch_id: int, actor: Actor = SYSTEM) -> LoadBatch:
    with transaction():
        undo_batch(actor, load_batch(batch_id))
    run_pending_jobs("batch")
    return batch_now(batch_id)


def load(
    place: Path, collection: Collection, actor: Actor = SYSTEM, source: str = "", format_: str = "table"
) -> LoadBatch:
    """Everything from the beginning to the end."""
    batch_id = begin(place, collection, actor, source, format_)
    check(batch_id, actor)
    return bring_in(batch_id, actor)


def batch_now(batch_id: int) -> LoadBatch:
    db.session.rollback()
    db.session.expire_all()
    return load_batch(batch_id)


def rows_of(batch_id: int) -> Sequence[LoadRow]:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(sa.select(LoadRow).where(LoadRow.batch_id == batch_id).order_by(LoadRow.number)).all()


def said_of(row: LoadRow) -> list[str]:
    """The codes of its remarks."""
    return [said["code"] for said in row.remarks]


def public_titles() -> list[str]:
    db.session.rollback()
    query = sa.select(Item.title).where(Item.current_id.is_not(None), Item.withdrawn_at.is_(None))
    return sorted(title or "" for title in db.session.scalars(query))
