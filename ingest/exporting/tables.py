"""CSV beside the files: one row a work, in the columns that the loader of tables knows by their paths.

Which columns there are is known when the last work has been seen: until then rows are kept as JSON, a line each.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.exporting.works import Data, Line, Part, Stored, Work
from ingest.loaders.beside import WORKS
from ingest.loaders.cell_writing import MARK, cells_of, columns_of, write_cell
from ingest.loaders.own import RECORD

TABLE, ROWS = "metadata.csv", "_rows.jsonl"


def pack(work: Work, with_files: bool) -> Iterator[Part]:
    """A row, and in the folder of the work its record, which says what no table can (`ingest.loaders.beside`)."""
    folder = f"{WORKS}/{work.id}"
    row = {"key": work.id, "collection": work.collection, "addresses": write_cell("addresses", work.addresses)}
    row |= {path: write_cell(path, found) for path, found in cells_of(work.source.metadata).items()}
    files = work.files if with_files else ()
    if with_files and work.originals:
        row["files"] = _name_files(folder, [file.path for file in work.originals])
    yield Line(ROWS, json.dumps(row, ensure_ascii=False).encode() + b"\n")
    yield Data(f"{folder}/{RECORD}", work.packed_record({file.path: file.path for file in files}))
    yield from (Stored(f"{folder}/{file.path}", file) for file in files)


def finish(folder: Path) -> None:
    """Make the table of the rows that were kept in `folder`."""
    if not (folder / ROWS).exists():
        return
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as table:
        table.write(MARK)
        writer = csv.DictWriter(table, _columns(folder / ROWS), restval="", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(_rows(folder / ROWS))


def _columns(rows: Path) -> list[str]:
    """The columns that any row has, in the order of the places; of languages the one that most works have first."""
    found: Counter[str] = Counter()
    for row in _rows(rows):
        found.update(row.keys())
    return columns_of(found, found)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _name_files(folder: str, paths: list[str]) -> str:
    """The originals of a work in their order; their folder, where a name would be parted in a cell."""
    if any(set(";\n") & set(path) for path in paths):
        return f"{folder}/{paths[0].partition('/')[0]}"
    return "\n".join(f"{folder}/{path}" for path in paths)
