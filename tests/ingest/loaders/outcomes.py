"""What becomes of the real packages; `python -m tests.ingest.loaders.outcomes` writes it into the documentation."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.loaders.packages import Package
from ingest.loaders.profile import Profile
from ingest.loaders.registry import LOADERS, detect_format
from ingest.loaders.unpack import unpack

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs/loading-packages.md"
FOLDERS = (
    "5-packages",
    "4-catalogue/DSpace__DSpace",
    "4-catalogue/kitodo__kitodo-presentation",
    "3-scans/OCR-D__assets",
)
ENDINGS = (".zip", ".xml", ".csv", ".xlsx", ".json")
FORMATS = ("bagit", "saf", "mets", "eprints", "table")
"""Those that this page tells of."""
BEGIN, END = "<!-- outcomes -->\n", "<!-- end of outcomes -->\n"


@dataclass(frozen=True)
class Outcome:
    name: str
    format: str
    packages: tuple[Package, ...]
    alone: tuple[Package, ...]
    """The same, their descriptions alone."""


def find_units(data: Path) -> Iterator[Path]:
    """Each package: a bag or an OCFL object as a whole, else each file that could be one."""
    for name in FOLDERS:
        yield from _units(data / name)


def _units(folder: Path) -> Iterator[Path]:
    names = {path.name for path in folder.iterdir()}
    if "bagit.txt" in names or any(name.startswith("0=ocfl_object") for name in names):
        yield folder
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield from _units(path)
        elif path.suffix in ENDINGS:
            yield path


def run_unit(unit: Path, data: Path, scratch: Path) -> Outcome:
    name = unit.relative_to(data).as_posix()
    source = unit
    if unit.suffix == ".zip":
        source = scratch / name.replace("/", "-")
        unpack(unit, source)
    found = detect_format(source)
    if found not in FORMATS:
        return Outcome(name, "", (), ())
    load, alone = LOADERS[found], Profile(fields={"files": ""})
    return Outcome(name, found, tuple(load(source, Profile(), "")), tuple(load(source, alone, "")))


def count_loaded(packages: tuple[Package, ...]) -> int:
    return sum(not package.refused for package in packages)


def run_all(data: Path, scratch: Path) -> list[Outcome]:
    return [run_unit(unit, data, scratch) for unit in find_units(data)]


def describe(outcomes: list[Outcome]) -> str:
    """The table, in Markdown: what none of these formats reads is counted by folder."""
    lines = ["| package | format | works | without files | refused | what is said |\n|---|---|--:|--:|--:|---|\n"]
    for one in outcomes:
        if one.format:
            notes = Counter(remark.note.value for package in one.packages for remark in package.remarks)
            told = ", ".join(f"{note} {number}" if number > 1 else note for note, number in sorted(notes.items()))
            loaded = count_loaded(one.packages)
            numbers = f"{loaded} | {count_loaded(one.alone)} | {len(one.packages) - loaded}"
            lines.append(f"| {one.name} | {one.format} | {numbers} | {told} |\n")
    lines.append("\nIn none of these formats:\n\n| folder | number |\n|---|--:|\n")
    others = Counter("/".join(one.name.split("/")[:2]) for one in outcomes if not one.format)
    lines += [f"| {folder} | {number} |\n" for folder, number in sorted(others.items())]
    return "".join(lines)


def page_with(table: str) -> str:
    """The page with the table in its place."""
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    return before + BEGIN + table + END + rest.partition(END)[2]


def main() -> None:
    data = Path(os.environ.get("MURAS_TEST_DATA", ROOT / "../shared/data")).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        DOCUMENT.write_text(page_with(describe(run_all(data, Path(scratch)))))


if __name__ == "__main__":
    main()
