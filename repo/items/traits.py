"""By what a work is known again when nobody says which one it is: identifiers, bytes, title and year; pure."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from repo.items.metadata import Metadata
from repo.vocabularies.numbers import normalise_number

SAME_THING = ("doi", "isbn", "handle", "ark", "pmid", "arxiv")
"""Identifiers that name one work; an ISSN stands on all articles of a journal."""


class Likeness(enum.StrEnum):
    """Why a work is probably the same."""

    IDENTIFIER = "identifier"
    FILE = "file"
    TITLE = "title"


@dataclass(frozen=True)
class Traits:
    """`numbers` are (scheme, normalised value), `digests` SHA-512 of the files. Titles are compared folded."""

    numbers: tuple[tuple[str, str], ...] = ()
    titles: tuple[str, ...] = ()
    year: int | None = None
    digests: tuple[str, ...] = ()


def traits_of(metadata: Metadata, digests: Iterable[str] = ()) -> Traits:
    numbers = [
        (number.scheme, normalised)
        for number in metadata.identifiers
        if number.scheme in SAME_THING and (normalised := normalise_number(number.scheme, number.value))
    ]
    titles = [title.value for title in metadata.titles if title.value]
    return Traits(tuple(dict.fromkeys(numbers)), tuple(dict.fromkeys(titles)), metadata.year, tuple(digests))
