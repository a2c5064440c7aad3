"""What becomes of the real files of catalogue records; `python -m tests.ingest.loaders.catalogues` writes it down."""

import os
from collections import Counter
from pathlib import Path

from ingest.crosswalks.marc_flavours import flavour_of
from ingest.loaders.catalogue_detecting import READERS, detect_catalogue
from ingest.loaders.packages import Note
from ingest.loaders.profile import Profile
from ingest.loaders.registry import LOADERS, detect_format

DOCUMENT = Path(__file__).parents[3] / "docs" / "loading-marc.md"
CATALOGUE = "4-catalogue"


def files(real_data: Path) -> list[Path]:
    """Those that one of our loaders takes for its own."""
    found = sorted(path for path in (real_data / CATALOGUE).rglob("*") if path.is_file())
    return [path for path in found if detect_catalogue(path)]


def outcome(path: Path, real_data: Path) -> tuple[str, ...]:
    """A row of the table: file, format, records, refused, encodings, flavours, remarks with their numbers."""
    format = detect_format(path)
    packages = list(LOADERS[format](path, Profile(), ""))
    readings = list(READERS[format][0](path, "", 1, 0))
    encodings = Counter(reading.encoding for reading in readings if reading.record)
    flavours = Counter(str(reading.flavour or flavour_of(reading.record)) for reading in readings if reading.record)
    remarks = Counter(
        str(remark.note) for package in packages for remark in {r.note: r for r in package.remarks}.values()
    )
    return (
        f"`{path.relative_to(real_data / CATALOGUE).as_posix()}`",
        format,
        str(len(packages)),
        str(sum(package.refused for package in packages)),
        _list(encodings),
        _list(flavours),
        ", ".join(f"{note} {count}" for note, count in sorted(remarks.items()) if note != Note.NOT_MAPPED),
    )


def _list(counted: Counter[str]) -> str:
    return ", ".join(sorted(counted))


def table() -> dict[str, tuple[str, ...]]:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines if line.startswith("| `")]
    return {row[0]: row for row in rows}


def keys_of(path: str) -> list[str]:
    """The keys of a file's records, for a child process."""
    return [package.key for package in LOADERS[detect_format(Path(path))](Path(path), Profile(), "")]


def main() -> None:
    real_data = Path(os.environ["MURAS_TEST_DATA"]).resolve()
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("| `")]
    at = next(number for number, line in enumerate(kept) if line.startswith("|---|---|--:")) + 1
    rows = ["| " + " | ".join(outcome(path, real_data)) + " |" for path in files(real_data)]
    DOCUMENT.write_text("\n".join([*kept[:at], *rows, *kept[at:], ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
