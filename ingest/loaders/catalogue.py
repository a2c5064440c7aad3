"""Catalogue records of one file, or of all files of the kind in a folder beside the files that they name; pure.

A position in a file is the number of the next record and the byte to go on from, "13:20480", in a folder with the name
of the file behind it, "13:20480:books.mrc"; "end" is behind everything.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from ingest.loaders.encodings import read_encoding
from ingest.loaders.entry import read_rules
from ingest.loaders.folders import OF_SYSTEMS, Folder, is_plain_file, natural_key
from ingest.loaders.marc_packages import Reading, make_packages
from ingest.loaders.packages import Note, Package, refuse
from ingest.loaders.profile import Profile

ReadFile = Callable[[Path, str, int, int], Iterator[Reading]]
"""`(file, encoding or "", number of the first record, byte to begin at)`."""


def load_catalogue(
    path: Path, profile: Profile, position: str, read_file: ReadFile, endings: tuple[str, ...], raw_name: str
) -> Iterator[Package]:
    if position == "end":
        return
    encoding = read_encoding(profile.encoding)
    if profile.encoding and not encoding:
        yield refuse(Note.WRONG_VALUE, "encoding", value=profile.encoding)
        return
    folder = Folder(path) if path.is_dir() else None
    readings = read_files(path, encoding, position, read_file, endings)
    try:
        yield from make_packages(readings, read_rules(profile), raw_name, folder)
    except OSError as error:
        yield refuse(Note.BROKEN, path.name, why=str(error.strerror))


def read_files(
    path: Path, encoding: str, position: str, read_file: ReadFile, endings: tuple[str, ...]
) -> Iterator[Reading]:
    """The records of a file, or of the files of a folder in the order in which people count them."""
    number, offset, name = ((position or "1:0") + ":").split(":", 2)
    if not path.is_dir():
        yield from read_file(path, encoding, int(number), int(offset))
        return
    at, name = int(number), name.removesuffix(":")
    for file in list_files(path, endings):
        if name and _order(file) < _order(path / name):
            continue
        begin = int(offset) if file.name == name else 0
        for reading in read_file(file, encoding, at, begin):
            at = int(reading.position.partition(":")[0])
            yield replace(reading, place=f"{file.name}: {reading.place}", position=f"{reading.position}:{file.name}")


def list_files(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    """The files of a folder with one of these endings, in the order in which people count them."""
    return sorted((file for file in folder.iterdir() if _is_catalogue(file, endings)), key=_order)


def _is_catalogue(file: Path, endings: tuple[str, ...]) -> bool:
    return file.suffix.lower() in endings and not OF_SYSTEMS.match(file.name) and is_plain_file(file)


def _order(file: Path) -> tuple[list[tuple[int, str]], str]:
    return natural_key(file.name), file.name
