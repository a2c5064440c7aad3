"""The report of a bulk load as a spreadsheet: of a table the rows as they came, with what was said of each beside them.

The titles of our own columns begin with "#", which tables are read without: a report can be corrected and loaded again.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from flask_babel import gettext as _

from ingest.batch import every_row
from ingest.batch_reading import Origin, open_origin, read_profile
from ingest.limits import Refused
from ingest.load_messages import STATUSES, say_remarks
from ingest.loaders.cell_writing import DANGEROUS, MARK
from ingest.loaders.workbook_writing import Sheet, write_workbook
from ingest.loading import read_cells
from ingest.models import LoadBatch, LoadRow, RowStatus
from ingest.sandbox import Sandbox
from repo.settings import current_settings

CELLS = 2000
"""Rows of a table that are read at a time."""

Line = Sequence[str]


def report_lines(batch: LoadBatch, status: RowStatus | None = None) -> Iterator[Line]:
    """The titles, then a line for each row of the load, or for those in `status`. Outside of transactions."""
    rows = (row for some in every_row(batch.id) for row in some if status in (None, row.status))
    ours = [f"# {_('State')}", f"# {_('Remarks')}", f"# {_('Work')}"]
    if batch.format == "table" and batch.place and Path(batch.place).exists():
        yield from _beside_cells(Origin(Path(batch.place), "table", read_profile(batch.profile)), rows, ours)
        return
    yield [_("Record"), _("Key"), _("Title"), *ours]
    for row in rows:
        yield [row.place, row.key, row.title, *_say(row)]


def _beside_cells(origin: Origin, rows: Iterable[LoadRow], ours: Line) -> Iterator[Line]:
    """The rows of the table, each with ours behind its last column; of one that is not there any more ours alone."""
    with open_origin(origin) as sandbox:
        cells = _each_row(sandbox, origin)
        _place, titles = next(cells, ("", ()))
        yield [*titles, *ours]
        place, found = next(cells, ("", ()))
        for row in rows:
            while place and int(place) < int(row.place or 0):
                place, found = next(cells, ("", ()))
            mine = found if place == row.place else ()
            yield [*mine[: len(titles)], *[""] * (len(titles) - len(mine)), *_say(row)]


def _each_row(sandbox: Sandbox, origin: Origin) -> Iterator[tuple[str, Line]]:
    """Every row of a table with its number; nothing more where it cannot be read any more."""
    position = ""
    with suppress(Refused):
        while True:
            some = sandbox.run(read_cells, origin.path, origin.profile, position, CELLS)
            yield from zip(some.places, some.rows, strict=True)
            position = some.position
            if not position:
                return


def _say(row: LoadRow) -> list[str]:
    address = f"{current_settings().base_url}/records/{row.item_id}" if row.item_id else ""
    return [str(STATUSES[row.status]), " ".join(say_remarks(row.remarks)), address]


def write_csv(lines: Iterable[Line]) -> Iterator[bytes]:
    """CSV in UTF-8 with a mark, which Excel wants, some hundred lines at a time."""
    out = io.StringIO()
    writer = csv.writer(out)
    out.write(MARK)
    for number, line in enumerate(lines, start=1):
        writer.writerow([f"'{cell}" if cell.startswith(DANGEROUS) else cell for cell in line])
        if number % 500 == 0:
            yield out.getvalue().encode(errors="replace")
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode(errors="replace")


def write_xlsx(lines: Iterable[Line], out: IO[bytes]) -> None:
    write_workbook(out, [Sheet("Muras", lines)])
