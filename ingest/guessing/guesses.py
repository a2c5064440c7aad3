"""The shape of a guess. Each says how sure it is and where it comes from; the form marks it as a guess."""

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    PROPERTIES = "properties"
    """What the file says of itself."""
    PAGES = "pages"
    """What stands on its first pages."""
    BOTH = "both"


@dataclass(frozen=True)
class Guess:
    """A value, with its language (`ky`, `ru`, `en`) where it is a text."""

    value: str
    confidence: float
    """From 0 to 1: how often guesses of this kind were right on the labelled articles, roughly."""
    source: Source
    language: str | None = None


@dataclass(frozen=True)
class PersonGuess:
    """An author as named in the document: `given` may be initials."""

    family: str
    given: str
    confidence: float
    source: Source


@dataclass(frozen=True)
class KeywordsGuess:
    values: tuple[str, ...]
    language: str | None
    confidence: float
    source: Source = Source.PAGES


@dataclass(frozen=True)
class Guesses:
    """Only what is likely right; an empty form field costs less than a wrong one that is overlooked."""

    language: Guess | None = None
    titles: tuple[Guess, ...] = ()
    """One a language; that of the document first."""
    authors: tuple[PersonGuess, ...] = ()
    abstracts: tuple[Guess, ...] = ()
    keywords: tuple[KeywordsGuess, ...] = ()
    udc: Guess | None = None
    doi: Guess | None = None
    year: Guess | None = None
