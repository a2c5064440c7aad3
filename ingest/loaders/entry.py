"""A record being read, field by field, by the rules of its library; pure.

`Entry.put` takes the values of one field and the path to which it is mapped. What does not fit becomes a remark, and
the rest of the record is read, so that all its faults are told at once.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.crosswalks.people import agents_of
from ingest.crosswalks.values import MOST, numbers_of, texts_of, titles_of
from ingest.loaders import values
from ingest.loaders.folders import Folder, MisplacedError
from ingest.loaders.packages import Note, Remark
from ingest.loaders.profile import Profile
from ingest.loaders.targets import Parts, Value, find_target
from ingest.loaders.values import WrongError
from repo.items.access import Access
from repo.items.metadata import Metadata, write_metadata

ORDERED: Mapping[str, Callable[[Any], list[Any]]] = {
    "titles": titles_of,
    "creators": agents_of,
    "contributors": agents_of,
    "identifiers": numbers_of,
    "languages": lambda found: list(dict.fromkeys(found)),
    **dict.fromkeys(("abstracts", "keywords", "publishers", "places", "notes"), texts_of),
}
"""What brings a list into order: nothing twice, and one title the main one."""


@dataclass(frozen=True)
class Rules:
    """A profile made ready for many records: its words folded, its letters as a table."""

    profile: Profile
    terms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    letters: Mapping[int, str] = field(default_factory=dict)

    @property
    def without_files(self) -> bool:
        """Whether descriptions are loaded alone: the profile leaves "files" out."""
        return self.profile.fields.get("files") == ""

    def read(self, path: str, value: str) -> str:
        """A value of the field at `path` with its letters mended and the library's own word for it translated."""
        value = values.clean(value.translate(self.letters) if self.letters else value)
        own = self.terms.get(path)
        return own.get(value.casefold(), value) if own else value


def read_rules(profile: Profile) -> Rules:
    terms: dict[str, dict[str, str]] = {}
    for path, words in profile.terms.items():
        place = find_target(path)
        known = terms.setdefault(place[0].path if place else path, {})
        known.update({values.clean(word).casefold(): value for word, value in words.items()})
    letters = {source: shown for source, shown in profile.letters.items() if len(source) == 1}
    return Rules(profile, terms, str.maketrans(letters))


def unknown_paths(profile: Profile) -> list[str]:
    """The paths of a profile that lead nowhere."""
    told = [*filter(None, profile.fields.values()), *profile.constants, *profile.terms]
    return [path for path in dict.fromkeys(told) if find_target(path) is None]


def split_cell(path: str, cell: str, separator: str) -> list[str]:
    """The values of a cell: parted where the field takes several; keywords by commas if nothing else parts them."""
    place = find_target(path)
    if place is None or not (place[0].several or place[0].parallel):
        return [cell]
    parts = cell.replace("\n", separator).split(separator) if separator else cell.splitlines()
    if place[0].path == "keywords" and len(parts) == 1:
        parts = cell.split(",")
    return parts


def digest_key(described: Mapping[str, Any], files: Sequence[str] = ()) -> str:
    """A key for a work whose source gives it none, of what tells works apart; "" when that is nothing."""
    told = [described.get(name) for name in ("titles", "creators", "issued", "edition", "identifiers", "host")]
    if not any(told):
        return ""
    return "work-" + hashlib.sha256(json.dumps([told, list(files)], sort_keys=True).encode()).hexdigest()[:24]


class Entry:
    """Put in what a record says, then take the description out of `finish` and the rest of `parts`."""

    def __init__(self, rules: Rules, metadata: Metadata | None = None) -> None:
        self.rules = rules
        self.parts = Parts(metadata or Metadata())
        self.remarks: list[Remark] = []

    def put(self, path: str, found: Sequence[str], about: str = "") -> None:
        """Put the values of one field where `path` says; `about` is what the source calls the field."""
        place = find_target(path)
        if place is None:
            self.remark(Note.NOT_MAPPED, about or path)
            return
        target, lang = place
        kept = [self.rules.read(target.path, value) for value in found]
        if not target.parallel:
            kept = [value for value in kept if value]
        if len(kept) > MOST:
            self.remark(Note.LEFT_OUT, about or path, taken=MOST, found=len(kept))
        for number, value in enumerate(kept[:MOST]):
            try:
                if value:
                    target.put(self.parts, Value(value, lang, number))
            except WrongError as error:
                self.remark(error.note, about or path, value=value[:200])

    def put_cell(self, path: str, cell: str, about: str = "") -> None:
        """Put what stands in one cell, in which the profile's separator may part several values."""
        self.put(path, split_cell(path, cell, self.rules.profile.separator), about)

    def find_files(self, folder: Folder | None) -> list[Path]:
        """The files that the record names, each once; without a folder none is there."""
        taken: dict[Path, None] = {}
        for name in self.parts.files:
            try:
                if folder is None:
                    raise MisplacedError(Note.FILE_MISSING, name)
                taken.update(dict.fromkeys(folder.find_all(name)))
            except MisplacedError as error:
                self.remark(error.note, error.name[:200])
        return list(taken)

    def put_constants(self) -> None:
        """What the profile says of all records, wherever this one says nothing."""
        for path, value in self.rules.profile.constants.items():
            place = find_target(path)
            if place is None or not place[0].filled(self.parts):
                self.put_cell(path, value, path)

    def remark(self, note: Note, about: str = "", **data: str | int) -> None:
        self.remarks.append(Remark(note, about, data))

    def finish(self) -> dict[str, Any]:
        """The description as JSON: one main title, nothing twice, an embargo that has its day."""
        made = self.parts.metadata
        for name, put_in_order in ORDERED.items():
            # A single value is in order, but for a title, which is the main one.
            if len(found := getattr(made, name)) > (name != "titles"):
                setattr(made, name, put_in_order(found))
        if made.access is Access.EMBARGOED and not made.embargo_until:
            self.remark(Note.WRONG_VALUE, "embargo", value="")
        if made.access is not Access.EMBARGOED:
            made.embargo_until = ""
        return write_metadata(made)
