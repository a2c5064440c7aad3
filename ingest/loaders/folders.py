"""The files that a package names, found in its folder and nowhere else; pure.

Names are compared in NFC, because macOS writes them decomposed. What leads out of the folder, and what is no regular
file of it, is refused: a link may show the server's own files as the work's.
"""

import os
import re
import stat
from collections.abc import Container, Iterator
from pathlib import Path
from unicodedata import normalize

from ingest.loaders.packages import Note

LEADING_OUT = re.compile(r"/|~|[A-Za-z]:")
OF_SYSTEMS = re.compile(r"\.|~\$|__MACOSX$|(thumbs\.db|ehthumbs\.db|desktop\.ini)$", re.I)
"""Beginnings of names of files that systems and offices leave in folders."""


class MisplacedError(Exception):
    """A file that cannot be taken; `note` says why."""

    def __init__(self, note: Note, name: str) -> None:
        super().__init__(name)
        self.note = note
        self.name = name


class Folder:
    """A folder that is loaded. Each folder in it is listed once, however many files there are."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._listed: dict[Path, tuple[dict[str, str], dict[str, str | None]]] = {}

    def find(self, name: str) -> Path:
        """The file that `name` says, with slashes of any system. Raises MisplacedError."""
        path = self.place(name)
        if not is_plain_file(path):
            raise MisplacedError(Note.NOT_A_FILE, name)
        return path

    def place(self, name: str) -> Path:
        """What lies where `name` says, a file or a folder, reached through no link. Raises MisplacedError."""
        parts = split_name(name)
        path = self.root
        for part in parts:
            names, folded = self._names(path)
            there = names.get(part) or folded.get(part.casefold())
            if there is None:
                raise MisplacedError(Note.FILE_MISSING, name)
            path = path / there
            if path.is_symlink():
                raise MisplacedError(Note.NOT_A_FILE, name)
        return path

    def find_all(self, name: str) -> list[Path]:
        """The file of that name, or all files of the folder of that name in the order people count them."""
        path = self.place(name)
        if not path.is_dir():
            return [self.find(name)]
        files = sorted(path.iterdir(), key=lambda file: natural_key(file.name))
        files = [file for file in files if not OF_SYSTEMS.match(file.name)]
        if not files:
            raise MisplacedError(Note.FILE_MISSING, name)
        for file in files:
            if not is_plain_file(file):
                raise MisplacedError(Note.NOT_A_FILE, f"{name.rstrip('/')}/{file.name}")
        return files

    def _names(self, folder: Path) -> tuple[dict[str, str], dict[str, str | None]]:
        """Names on the disk by their NFC, and by their lower case, where None stands for more than one."""
        if folder not in self._listed:
            try:
                names = {normalize("NFC", file.name): file.name for file in sorted(folder.iterdir())}
            except OSError:
                names = {}
            folded: dict[str, str | None] = {}
            for plain, name in names.items():
                folded[plain.casefold()] = None if plain.casefold() in folded else name
            self._listed[folder] = names, folded
        return self._listed[folder]


def split_name(name: str) -> list[str]:
    """The parts of a relative path in NFC. Raises MisplacedError for one that leads elsewhere."""
    plain = normalize("NFC", name.strip()).replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if not parts or ".." in parts or LEADING_OUT.match(plain) or "\0" in plain:
        raise MisplacedError(Note.BAD_PATH, name)
    return parts


def is_plain_file(path: Path) -> bool:
    """Whether it is a regular file that has no second name: a hard link may lead out of the folder."""
    try:
        found = path.lstat()
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def extra_files(root: Path, named: Container[Path]) -> Iterator[str]:
    """The files below `root` that are not among `named`, as paths in the folder; those of systems are passed over."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not OF_SYSTEMS.match(name))
        for name in sorted(names):
            path = Path(folder, name)
            if not OF_SYSTEMS.match(name) and path not in named:
                yield path.relative_to(root).as_posix()


def main_folder(path: Path) -> Path:
    """Where the work of an unpacked archive begins: below folders that hold one folder and nothing else."""
    while True:
        inside = [entry for entry in path.iterdir() if not OF_SYSTEMS.match(entry.name)]
        if len(inside) != 1 or inside[0].is_symlink() or not inside[0].is_dir():
            return path
        path = inside[0]


def natural_key(name: str) -> list[tuple[int, str]]:
    """Sorts "page2" before "page10"."""
    parts = re.findall(r"\d+|\D+", normalize("NFC", name).casefold())
    return [(int(part), "") if part.isdecimal() and part.isascii() else (-1, part) for part in parts]
