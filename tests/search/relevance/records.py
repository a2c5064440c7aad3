"""Real catalogue records, read by our loaders and described to the index as a published work is."""

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ingest.loaders.profile import Profile
from ingest.loaders.registry import LOADERS
from repo.items.metadata import Metadata, read_metadata

FOLDER = "4-catalogue"
EPRINTS = "5-packages/caltechlibrary__eprinttools/srctest"
MASTER = "amironov73__ManagedIrbis/TestData/Irbis64/Datai/ISTU/istu.mst"
FILES = {
    "irbis": ("irbis", "amironov73__ManagedIrbis/Source/Classic/Apps/ExcelReportTester/records.txt"),
    "fst": ("irbis", "amironov73__ManagedIrbis/Source/Classic/Apps/FstTestRunner/record.txt"),
    "python": ("irbis", "amironov73__PythonIrbis/tests/data/records.txt"),
    "test1": ("marc", "amironov73__ManagedIrbis/TestData/TEST1.ISO"),
    "bu": ("marc", "LibreCat__Catmandu-MARC/t/bu_bibs.mrc"),
    "camel": ("marc", "LibreCat__Catmandu-MARC/t/camel.mrc"),
    "1251": ("marc", "edsu__pymarc/test/1251.dat"),
    "marc": ("marc", "edsu__pymarc/test/marc.dat"),
    "regression": ("marc", "edsu__pymarc/test/regression45.dat"),
    "unimarc": ("marc", "edsu__pymarc/test/testunimarc.dat"),
    "isbn": ("marc", "edsu__pymarc/test/multi_isbn.dat"),
    "diacritic": ("marc", "edsu__pymarc/test/diacritic.dat"),
    "marc8": ("marc", "edsu__pymarc/test/marc8.dat"),
    "alphatag": ("marc", "edsu__pymarc/test/alphatag.dat"),
    "batch": ("marcxml", "edsu__pymarc/test/batch.xml"),
    "psychology": ("marcxml", "NatLibFi__RecordManager/tests/fixtures/Base/record/marc2.xml"),
    "dewey": ("marcxml", "NatLibFi__RecordManager/tests/fixtures/Base/record/marc_dewey.xml"),
}
"""Format and file by the beginning of the ids; files that repeat the records of others are left out."""


def read_records(data: Path) -> Iterator[tuple[str, Metadata]]:
    """Every record with a title: (id, description). The id is the file's name here and the number in it."""
    with tempfile.TemporaryDirectory() as scratch:
        export = Path(scratch) / "istu.txt"
        export.write_text("".join(export_master(data / FOLDER / MASTER)), encoding="utf-8")
        yield from _read("istu", "irbis", export)
    for name, (format, path) in FILES.items():
        yield from _read(name, format, data / FOLDER / path)
    for path in sorted((data / EPRINTS).glob("*.xml")):
        yield from _read(path.stem, "eprints", path)


def _read(name: str, format: str, path: Path) -> Iterator[tuple[str, Metadata]]:
    for number, package in enumerate(LOADERS[format](path, Profile(), ""), start=1):
        if package.metadata is not None and package.metadata.get("titles"):
            yield f"{name}-{number}", read_metadata(package.metadata)


# ---------------------------------------------------------------- the master file of IRBIS64

CROSS_REFERENCE = struct.Struct(">3i")
"""Of a record: the lower and the upper half of its place, flags."""
LEADER = struct.Struct(">8i")
"""MFN, length, place of the version before (2), place of the data, number of fields, version, status."""
DIRECTORY = struct.Struct(">3i")
"""Of a field: tag, place in the data, length."""


def export_master(master: Path) -> Iterator[str]:
    """The records of a master file (.mst, with its .xrf beside it) as the text export of IRBIS writes them: loaders
    read what systems export, not their own files. The file here ends in the middle of a record, which is left out."""
    held, places = master.read_bytes(), master.with_suffix(".xrf").read_bytes()
    for at in range(0, len(places) - CROSS_REFERENCE.size + 1, CROSS_REFERENCE.size):
        lower, upper, _ = CROSS_REFERENCE.unpack_from(places, at)
        place = (upper << 32) + lower
        if 0 < place <= len(held) - LEADER.size:
            _, length, _, _, base, fields, _, _ = LEADER.unpack_from(held, place)
            if place + length <= len(held):
                yield "".join(_lines(held[place : place + length], base, fields)) + "*****\n"


def _lines(record: bytes, base: int, fields: int) -> Iterator[str]:
    for number in range(fields):
        tag, at, length = DIRECTORY.unpack_from(record, LEADER.size + number * DIRECTORY.size)
        yield f"#{tag}: {record[base + at : base + at + length].decode('utf-8')}\n"
