"""A table, one row a work, beside the files that it names, or alone; pure.

In a folder the table is its only CSV or XLSX file, or the one that is called "metadata". Columns are known by their
titles (`ingest/loaders/columns.py`). The key of a row is what its column "key" says, else a digest of what identifies
the work: a row that is corrected there is a new work, which is why the templates have the column.
"""

import base64
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.loaders.beside import Beside, Known
from ingest.loaders.columns import read_title
from ingest.loaders.delimited import Row, read_dialect, read_rows
from ingest.loaders.elements import TooLongError
from ingest.loaders.entry import Entry, Rules, digest_key, read_rules, split_cell
from ingest.loaders.folders import OF_SYSTEMS, Folder, is_plain_file, main_folder
from ingest.loaders.packages import Note, Package, PackageFile, Remark, refuse
from ingest.loaders.profile import Profile
from ingest.loaders.targets import BESIDE, find_target, targets
from ingest.loaders.values import clean
from ingest.loaders.workbook import open_workbook
from ingest.readers.archives import BrokenError
from repo.items.metadata import write_metadata

ENDINGS = (".csv", ".tsv", ".xlsx")
DATES = ("date", "thesis.defended", "embargo")
AS_TEXT = re.compile(r'="([^"]*)"')
"""How Excel keeps numbers as they are in CSV: ="0042"."""


@dataclass(frozen=True)
class Heading:
    """The columns of a table: `places` are, by path, the numbers of the columns that are mapped there, in the order in
    which a record is put together; `unknown` those that nobody knows."""

    titles: list[str]
    raw: bytes
    places: dict[str, list[int]]
    unknown: list[int]


def load(path: Path, profile: Profile, position: str) -> Iterator[Package]:
    """A package for each row that is not empty. Positions are "row:byte" of the row."""
    path = main_folder(path) if path.is_dir() else path
    table = find_table(path)
    if position == "end":
        return
    if table is None:
        yield refuse(Note.NO_METADATA, path.name)
        return
    try:
        yield from _load(table, path, profile, position)
    except LookupError:
        yield refuse(Note.WRONG_VALUE, "encoding", value=profile.encoding)
    except TooLongError:
        yield refuse(Note.TOO_LARGE, table.name)
    except (BrokenError, OSError) as error:
        yield refuse(Note.BROKEN, table.name, why=str(error)[:200])


def find_table(path: Path) -> Path | None:
    """The table that is loaded: the file itself, or the one of a folder; None when there is none or more than one."""
    if not path.is_dir():
        return path
    found = [file for file in sorted(path.iterdir()) if file.suffix.lower() in ENDINGS and is_plain_file(file)]
    found = [file for file in found if not OF_SYSTEMS.match(file.name)]
    named = [file for file in found if file.stem.casefold() == "metadata"]
    return next((choice[0] for choice in (named, found) if len(choice) == 1), None)


def _load(table: Path, path: Path, profile: Profile, position: str) -> Iterator[Package]:
    with open_rows(table, profile.encoding) as rows:
        first = next((row for row in rows(0, -1) if is_filled(row)), None)
        heading = read_heading(first, profile) if first else None
        if first is None or heading is None:
            yield refuse(Note.NO_METADATA, table.name, columns=", ".join(first.cells if first else [])[:500])
            return
        number, _, end = position.partition(":")
        after, begin = (int(number), int(end)) if position else (first.number, first.end)
        reader = RowReader(heading, read_rules(profile), Folder(path) if path.is_dir() else None)
        for row in rows(after, begin):
            if is_filled(row):
                yield reader.read(row, f"{row.number}:{row.end}")


@contextmanager
def open_rows(table: Path, encoding: str) -> Iterator[Callable[[int, int], Iterator[Row]]]:
    """`rows(after, begin)`: the rows below a number, which begin at a byte of the file; -1 is where the titles are."""
    with table.open("rb") as file:
        zipped = file.read(4) == b"PK\3\4"
    if zipped:
        with open_workbook(table) as workbook:
            yield lambda after, _: workbook.rows(after)
        return
    dialect = read_dialect(table, encoding)
    yield lambda after, begin: read_rows(table, dialect, dialect.start if begin < 0 else begin, after + 1)


def is_filled(row: Row) -> bool:
    """Whether a row says anything; one that begins with "#" is an example or a remark."""
    if any(remark.fatal for remark in row.remarks):
        return True
    first = next((cell for cell in row.cells if cell.strip()), "#")
    return not first.lstrip().startswith("#")


def read_heading(row: Row, profile: Profile) -> Heading | None:
    """The columns, if one of them at least is known."""
    places: dict[str, list[int]] = {}
    unknown = []
    for number, title in enumerate(row.cells):
        found = read_title(title, profile)
        if found:
            places.setdefault(found, []).append(number)
        elif found is None and title.strip():
            unknown.append(number)
    order = list(targets())
    ordered = sorted(places, key=lambda path: order.index(path.partition("[")[0]))
    return Heading(row.cells, row.raw, {path: places[path] for path in ordered}, unknown) if places else None


class RowReader:
    """Makes packages of rows."""

    def __init__(self, heading: Heading, rules: Rules, folder: Folder | None) -> None:
        self._heading = heading
        self._rules = rules
        self._folder = folder
        self._beside = Beside(folder) if folder else None

    def read(self, row: Row, position: str) -> Package:
        entry = Entry(self._rules)
        entry.remarks.extend(row.remarks)
        if len(row.cells) > len(self._heading.titles) and any(row.cells[len(self._heading.titles) :]):
            entry.remark(Note.BROKEN, cells=len(row.cells), columns=len(self._heading.titles))
        known = self._find_known(entry, row)
        if known is None:
            self._put_cells(entry, row, self._heading.places)
            entry.put_constants()
            described, files = entry.finish(), [PackageFile(path.name, path) for path in entry.find_files(self._folder)]
        else:
            described, files = self._correct(entry, row, known), self._known_files(entry, known)
        if not described.get("titles") and not any(remark.fatal for remark in entry.remarks):
            entry.remark(Note.NO_METADATA, "title")
        return Package(
            key=entry.parts.key or digest_key(described, entry.parts.files),
            place=str(row.number),
            position=position,
            metadata=described if described.get("titles") else None,
            raw=base64.b64encode(self._raw(row)).decode(),
            raw_name="row.csv",
            files=tuple(files),
            collection=entry.parts.collection,
            shown_in=known.record.shown_in if known else (),
            addresses=tuple(entry.parts.addresses),
            remarks=tuple(entry.remarks),
        )

    def _raw(self, row: Row) -> bytes:
        """The row below the titles as they came; of a spreadsheet what its cells show."""
        if row.raw:
            return self._heading.raw + row.raw
        out = io.StringIO()
        csv.writer(out).writerows([self._heading.titles, row.cells])
        return out.getvalue().encode(errors="replace")

    def _find_known(self, entry: Entry, row: Row) -> Known | None:
        """The record beside the table of the work in this row."""
        found = self._beside.find(clean("".join(self._said(row, "key")))) if self._beside else None
        if isinstance(found, Remark):
            entry.remarks.append(found)
        return found if isinstance(found, Known) else None

    def _said(self, row: Row, path: str) -> list[str]:
        """What the row says under a path, before anything is made of it."""
        numbers = (number for number in self._heading.places.get(path, ()) if number < len(row.cells))
        return [
            part for number in numbers for part in split_cell(path, row.cells[number], self._rules.profile.separator)
        ]

    def _correct(self, entry: Entry, row: Row, known: Known) -> dict[str, Any]:
        """The description of the record with what the row says anew."""
        changed = known.changed(
            {path: self._said(row, path) for path in self._heading.places}, self._rules.profile.separator
        )
        fields = {path: place[0].field for path in self._heading.places if (place := find_target(path))}
        self._put_cells(entry, row, [path for path, field in fields.items() if field in changed | BESIDE])
        entry.finish()
        for field in known.lost(changed):
            entry.remark(Note.RECORD_LOST, field)
        return write_metadata(known.complete(entry.parts.metadata, changed))

    def _known_files(self, entry: Entry, known: Known) -> list[PackageFile]:
        """The files of the work: those of the record, in the place of its originals those that the row names."""
        if self._rules.without_files:
            return []
        entry.remarks.extend(known.record.remarks)
        return known.files(entry.find_files(self._folder) if "files" in self._heading.places else None)

    def _put_cells(self, entry: Entry, row: Row, paths: Iterable[str]) -> None:
        titles, cells, separator = self._heading.titles, row.cells, self._rules.profile.separator
        for path in paths:
            found: list[str] = []
            numbers = self._heading.places[path]
            for number in numbers:
                if number < len(cells) and cells[number].strip():
                    self._doubt_date(entry, row, number, path)
                    found += split_cell(path, self._plain(entry, cells[number], titles[number]), separator)
            if found:
                entry.put(path, found, titles[numbers[0]])
        for number in self._heading.unknown:
            if number < len(cells) and cells[number].strip():
                entry.remark(Note.NOT_MAPPED, titles[number])

    def _doubt_date(self, entry: Entry, row: Row, number: int, path: str) -> None:
        """Pages "3-5" and issue "5/6" become dates when they are typed into a spreadsheet."""
        if number in row.dates and path not in DATES:
            entry.remark(Note.GARBLED, self._heading.titles[number], value=row.cells[number])

    def _plain(self, entry: Entry, cell: str, title: str) -> str:
        """The cell, unless it is a formula: what it says is known only to the program that wrote it."""
        if not cell.startswith("="):
            return cell
        if kept := AS_TEXT.fullmatch(cell):
            return kept[1]
        entry.remark(Note.FORMULA, title, value=cell[:200])
        return ""
