"""CSV beside the files: one row a work, in the columns that the loader of tables knows by their paths.

Which columns there are is known when the last work has been seen: until then rows are kept as JSON, a line each.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.exporting.cells import cells_of, is_whole, write_cell
from ingest.exporting.works import Line, Part, Stored, Work, remark
from ingest.loaders.targets import targets
from repo.items.metadata import write_metadata

TABLE, ROWS = "metadata.csv", "_rows.jsonl"
MARK = "\ufeff"
"""By which spreadsheets know that a table is in UTF-8."""


def pack(work: Work, with_files: bool) -> Iterator[Part]:
    metadata = work.source.metadata
    described = {path: write_cell(path, found) for path, found in cells_of(metadata).items()}
    stored = [Stored(f"files/{work.id}/{file.path}", file) for file in work.files] if with_files else []
    named = [part.path for part in stored if part.file in work.originals]
    beside = {"key": work.id, "collection": work.collection}
    if named:
        beside["files"] = _name_files(work, named)
    beside["addresses"] = write_cell("addresses", work.addresses)
    row = {"beside": beside, "described": described, "metadata": write_metadata(metadata)}
    yield Line(ROWS, json.dumps(row, ensure_ascii=False).encode() + b"\n")
    if any(file.access is not work.source.access for file in work.originals):
        yield remark(work.id, "a table cannot say that files have access rules of their own")
    yield from stored


def finish(folder: Path) -> Iterator[Line]:
    """Make the table of the rows that were kept in `folder`; tells which works it cannot describe in full."""
    if not (folder / ROWS).exists():
        return
    columns = _columns(folder / ROWS)
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as table:
        table.write(MARK)
        writer = csv.DictWriter(table, columns, restval="", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        for row in _rows(folder / ROWS):
            writer.writerow(row["beside"] | row["described"])
            cells = {path: row["described"][path] for path in columns if path in row["described"]}
            if not is_whole(row["metadata"], cells):
                yield remark(row["beside"]["key"], "a table cannot say all of this description, other formats do")


def _columns(rows: Path) -> list[str]:
    """The columns that any row has, in the order of the places; of languages the one that most works have first."""
    found: Counter[str] = Counter()
    for row in _rows(rows):
        found.update(row["beside"].keys())
        found.update(row["described"].keys())
    order = {path: number for number, path in enumerate(targets())}
    return sorted(found, key=lambda path: (order[path.partition("[")[0]], -found[path], path))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _name_files(work: Work, named: list[str]) -> str:
    """The files of a work in their order; their folder, where a name would be parted in a cell."""
    if any(set(";\n") & set(name) for name in named):
        return f"files/{work.id}/files"
    return "\n".join(named)
