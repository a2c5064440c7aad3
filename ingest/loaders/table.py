"""A table, one row a work, beside the files that it names, or alone; pure.

In a folder the table is its only CSV or XLSX file, or the one that is called "metadata". Columns are known by their
titles (`ingest/loaders/columns.py`). The key of a row is what its column "key" says, else a digest of what identifies
the work: a row that is corrected there is a new work, which is why the templates have the column.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.loaders.columns import read_title
from ingest.loaders.delimited import Row, TooLongError, read_dialect, read_rows
from ingest.loaders.entry import Entry, Rules, read_rules, split_cell
from ingest.loaders.folders import OF_SYSTEMS, Folder, MisplacedError, is_plain_file
from ingest.loaders.packages import Note, Package, PackageFile, refuse
from ingest.loaders.profile import Profile
from ingest.loaders.targets import targets

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx")
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
    table = find_table(path)
    if position == "end":
        return
    if table is None:
        yield refuse(Note.NO_METADATA, path.name)
        return
    try:
        yield from _load_text(table, path, profile, position)
    except LookupError:
        yield refuse(Note.WRONG_VALUE, "encoding", value=profile.encoding)
    except TooLongError:
        yield refuse(Note.TOO_LARGE, table.name)


def find_table(path: Path) -> Path | None:
    """The table that is loaded: the file itself, or the one of a folder; None when there is none or more than one."""
    if not path.is_dir():
        return path
    found = [file for file in sorted(path.iterdir()) if file.suffix.lower() in ENDINGS and is_plain_file(file)]
    found = [file for file in found if not OF_SYSTEMS.match(file.name)]
    named = [file for file in found if file.stem.casefold() == "metadata"]
    for choice in (named, [file for file in found if file.suffix.lower() != ".txt"], found):
        if len(choice) == 1:
            return choice[0]
    return None


def _load_text(table: Path, path: Path, profile: Profile, position: str) -> Iterator[Package]:
    dialect = read_dialect(table, profile.encoding)
    first = next(read_rows(table, dialect, dialect.start, 1), None)
    heading = read_heading(first, profile) if first else None
    if first is None or heading is None:
        yield refuse(Note.NO_METADATA, table.name, columns=", ".join(first.cells if first else [])[:500])
        return
    number, _, start = position.partition(":")
    after, begin = (int(number), int(start)) if position else (first.number, first.end)
    reader = RowReader(heading, read_rules(profile), Folder(path if path.is_dir() else path.parent), path.is_dir())
    for row in read_rows(table, dialect, begin, after + 1):
        if row.remarks or any(cell.strip() for cell in row.cells):
            yield reader.read(row, f"{row.number}:{row.end}")


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

    def __init__(self, heading: Heading, rules: Rules, folder: Folder, with_files: bool) -> None:
        self._heading = heading
        self._rules = rules
        self._folder = folder
        self._with_files = with_files

    def read(self, row: Row, position: str) -> Package:
        entry = Entry(self._rules)
        entry.remarks.extend(row.remarks)
        if len(row.cells) > len(self._heading.titles) and any(row.cells[len(self._heading.titles) :]):
            entry.remark(Note.BROKEN, cells=len(row.cells), columns=len(self._heading.titles))
        self._put_cells(entry, row.cells)
        entry.put_constants()
        described = entry.finish()
        files = self._files(entry)
        if not described.get("titles") and not any(remark.fatal for remark in entry.remarks):
            entry.remark(Note.NO_METADATA, "title")
        return Package(
            key=entry.parts.key or (_digest(described, entry.parts.files) if described.get("titles") else ""),
            place=str(row.number),
            position=position,
            metadata=described if described.get("titles") else None,
            raw=base64.b64encode(self._heading.raw + row.raw).decode(),
            raw_name="row.csv",
            files=tuple(files),
            collection=entry.parts.collection,
            addresses=tuple(entry.parts.addresses),
            remarks=tuple(entry.remarks),
        )

    def _put_cells(self, entry: Entry, cells: list[str]) -> None:
        titles, separator = self._heading.titles, self._rules.profile.separator
        for path, numbers in self._heading.places.items():
            found: list[str] = []
            for number in numbers:
                if number < len(cells) and cells[number].strip():
                    found += split_cell(path, self._plain(entry, cells[number], titles[number]), separator)
            if found:
                entry.put(path, found, titles[numbers[0]])
        for number in self._heading.unknown:
            if number < len(cells) and cells[number].strip():
                entry.remark(Note.NOT_MAPPED, titles[number])

    def _plain(self, entry: Entry, cell: str, title: str) -> str:
        """The cell, unless it is a formula: what it says is known only to the program that wrote it."""
        if not cell.startswith("="):
            return cell
        if kept := AS_TEXT.fullmatch(cell):
            return kept[1]
        entry.remark(Note.FORMULA, title, value=cell[:200])
        return ""

    def _files(self, entry: Entry) -> Iterator[PackageFile]:
        """The files that a row names, each once."""
        taken = set()
        for name in entry.parts.files:
            try:
                if not self._with_files:
                    raise MisplacedError(Note.FILE_MISSING, name)
                found = [path for path in self._folder.find_all(name) if path not in taken]
            except MisplacedError as error:
                entry.remark(error.note, error.name[:200])
                continue
            taken.update(found)
            yield from (PackageFile(path.name, path) for path in found)


def _digest(described: dict[str, Any], files: list[str]) -> str:
    """A key of what tells works apart, whatever else is said of them."""
    telling = ("titles", "creators", "issued", "edition", "identifiers", "host")
    told = json.dumps([[described.get(name) for name in telling], files], sort_keys=True)
    return "row-" + hashlib.sha256(told.encode()).hexdigest()[:24]
