"""New works of a load written by their tables: as objects of a session, their rows take three times as long."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from repo.db import Base
from repo.items.models import Version

ITEM, VERSION, BLOB, FILE, SHOWN = (
    Base.metadata.tables[name] for name in ("item", "version", "blob", "file", "item_collection")
)


def insert_new(session: Session, versions: Sequence[Version]) -> None:
    """Insert versions of new works, which no session knows, with their works, files and blobs; each gets its id.

    All come from the same hands and have the same fields set (SQLAlchemy fills in what none of them says). What was
    added to the session is flushed before, so that no blob is written twice.
    """
    if not versions:
        return
    session.flush()
    files = [file for version in versions for file in version.files]
    blobs = {file.digest: file.blob for file in files if sa.inspect(file.blob).transient}
    for version in versions:
        version.item.collection_id = version.item.collection.id
        version.item_id = version.item.id
    _insert(session, ITEM, [version.item for version in versions])
    if shown := [{"item_id": v.item.id, "collection_id": c.id} for v in versions for c in v.item.shown_in]:
        session.execute(sa.insert(SHOWN), shown)
    _insert(session, BLOB, list(blobs.values()))
    returning = sa.insert(VERSION).returning(VERSION.c.id, sort_by_parameter_order=True)
    ids = session.scalars(returning, [_row(VERSION, version) for version in versions])
    for version, id_ in zip(versions, ids, strict=True):
        version.id = id_
        for file in version.files:
            file.version_id = id_
    _insert(session, FILE, files)


def _insert(session: Session, table: sa.Table, objects: Sequence[Base]) -> None:
    if objects:
        session.execute(sa.insert(table), [_row(table, one) for one in objects])


def _row(table: sa.Table, one: Base) -> dict[str, Any]:
    return {column.name: one.__dict__[column.name] for column in table.columns if column.name in one.__dict__}
