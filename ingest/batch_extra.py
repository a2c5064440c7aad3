"""Files beside a table that none of its rows names: a forgotten row, a slip in a name. They are told, not loaded."""

from pathlib import Path

import sqlalchemy as sa

from ingest.batch_reading import Origin
from ingest.loaders.folders import extra_files
from ingest.loaders.own import RECORD
from ingest.loaders.table import find_table
from ingest.models import LoadBatch, LoadFile
from repo.db import db, transaction

TOLD = 50
"""Names that are kept; of the others the number."""


def note_extra_files(batch_id: int, origin: Origin) -> None:
    """Write down which files of a checked folder no row names. Outside of transactions.

    A file counts as named when a row has one of its name and size: what was found of the rows holds no more.
    """
    table = find_table(origin.path) if origin.path.is_dir() else None
    if table is None:
        return
    named = _named(batch_id)
    names, number = [], 0
    for name in extra_files(origin.path, {table}):
        if Path(name).name == RECORD or _mark(Path(name).name, _size(origin.path / name)) in named:
            continue
        number += 1
        if number <= TOLD:
            names.append(name)
    with transaction() as session:
        session.get_one(LoadBatch, batch_id).extra = {"count": number, "names": names} if number else None


def _named(batch_id: int) -> set[int]:
    """The marks of all files of the rows: a number a file, because there may be a million."""
    query = sa.select(LoadFile.name, LoadFile.size).where(LoadFile.batch_id == batch_id)
    files = db.session.execute(query.execution_options(yield_per=5000))
    found = {_mark(name, size) for name, size in files}
    db.session.rollback()
    return found


def _mark(name: str, size: int) -> int:
    return hash((name[:255], size))


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return -1
