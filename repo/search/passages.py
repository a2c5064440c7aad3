"""Where a passage stands, and its text, read from there when it is shown: the index keeps no texts."""

from collections.abc import Iterable
from dataclasses import dataclass

from repo.items.metadata import read_metadata
from repo.items.models import File, Version
from repo.search.description import texts_of
from repo.search.document import abstract_segments, split_segments
from repo.search.ports import Passage
from repo.storage.texts import read_piece


@dataclass(frozen=True, slots=True)
class Place:
    """A piece (`storage.texts`, from 0) of the text of a file, and the page, from 1, on which it stands."""

    file_name: str
    page: int
    piece: int

    def __str__(self) -> str:
        return f"{self.piece}:{self.page}:{self.file_name}"


def read_place(text: str) -> Place | None:
    """The place of a passage; None for one of the abstracts."""
    piece, _, rest = text.partition(":")
    page, _, name = rest.partition(":")
    return Place(name, int(page), int(piece)) if name and piece.isdigit() and page.isdigit() else None


def abstract_text(passage: Passage, version: Version) -> str:
    """The text of a passage of the abstracts of a version; "" if it is not there any more."""
    segments = abstract_segments(texts_of(read_metadata(version.meta).abstracts))
    return _numbered(passage.number, (segment.text for segment in segments))


def file_text(passage: Passage, place: Place, file: File) -> str:
    """The text of a passage of a file; "" if it is not there any more. Costs the same for any length of the file."""
    return _numbered(passage.number, split_segments(read_piece(file.digest, place.piece)))


def _numbered(number: int, texts: Iterable[str]) -> str:
    return next((text for at, text in enumerate(texts) if at == number), "")
