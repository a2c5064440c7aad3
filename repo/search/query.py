"""A query as it was understood, and what may be chosen beside it; pure. `parser.py` makes it from what was typed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from repo.search.analysis import Kind, Token, is_function_word
from repo.search.document import Area, Facet

_PLAIN = re.compile(r"\w[\w./:-]*")


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Words:
    """One word, or several that stand next to each other: typed so, or joined ("Ысык-Көл").

    `prefix`: the last one is only the beginning of a word. `area` None: anywhere.
    """

    text: str
    tokens: tuple[Token, ...]
    area: Area | None = None
    quoted: bool = False
    prefix: bool = False

    @property
    def length(self) -> int:
        return self.tokens[-1].position + 1

    def at(self, position: int, kind: Kind) -> str:
        """The form of one word, "" if it has none of this kind."""
        return next(iter(self.all_at(position, kind)), "")

    def all_at(self, position: int, kind: Kind) -> tuple[str, ...]:
        """The forms of one word of a kind of which it may have several."""
        return tuple(t.text for t in self.tokens if t.position == position and t.kind is kind)

    def forms(self, kind: Kind) -> list[str]:
        """One form of each word; kinds that every word has are FOLD and EXACT."""
        return [token.text for token in self.tokens if token.kind is kind]

    @property
    def is_grammar(self) -> bool:
        """Whether a hit may go without them: «и», "the", an initial."""
        return not self.quoted and not self.prefix and all(map(is_function_word, self.forms(Kind.FOLD)))

    def __str__(self) -> str:
        shown = f'"{self.text}"' if self.quoted else self.text + "*" * self.prefix
        return f"{self.area}:{shown}" if self.area else shown


@dataclass(frozen=True, slots=True)
class Code:
    """An identifier or class number; a class (udc) includes what lies below it."""

    scheme: str
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{_quote(self.value)}"


@dataclass(frozen=True, slots=True)
class Value:
    """A facet's value, typed by hand."""

    facet: Facet
    value: str

    def __str__(self) -> str:
        return f"{self.facet}:{_quote(self.value)}"


@dataclass(frozen=True, slots=True)
class Years:
    """Both ends included; None is open."""

    first: int | None
    last: int | None

    def __str__(self) -> str:
        if self.first == self.last:
            return f"year:{self.first}"
        return f"year:{'' if self.first is None else self.first}..{'' if self.last is None else self.last}"


Leaf = Words | Code | Value | Years


@dataclass(frozen=True, slots=True)
class Term:
    """A leaf that must be there or must not."""

    leaf: Leaf
    negated: bool = False

    def __str__(self) -> str:
        return f"-{self.leaf}" if self.negated else str(self.leaf)


def is_side(group: tuple[Term, ...]) -> bool:
    """Whether a group asks for nothing by itself: grammar, or what must not be there."""
    term = group[0]
    return len(group) == 1 and (term.negated or (isinstance(term.leaf, Words) and term.leaf.is_grammar))


@dataclass(frozen=True, slots=True)
class Query:
    """All `groups` must hold; of a group, one term is enough.

    `cut`: the query was too long and only its beginning is looked for. `void`: something was typed, but
    nothing in it can be looked for (only punctuation, emoji), so nothing is found; an empty query finds all.
    `least`: so many of the groups with something to look for are enough, 0: all; those with more come first.
    """

    groups: tuple[tuple[Term, ...], ...] = ()
    cut: bool = False
    void: bool = False
    least: int = 0

    @property
    def understood(self) -> str:
        """The query as it was read, in the form that `parser` describes; parsing it gives the same."""
        return " ".join(" OR ".join(map(str, group)) for group in self.groups)

    @property
    def relaxed(self) -> "Query | None":
        """The same query, for which all but one of its groups are enough; None if it has fewer than three."""
        count = sum(not is_side(group) for group in self.groups)
        return replace(self, least=count - 1) if count > 2 and not self.least else None

    @property
    def wanted_words(self) -> Iterator[Words]:
        """Words that a hit should contain, for ranking passages and for marking."""
        for group in self.groups:
            for term in group:
                if isinstance(term.leaf, Words) and not term.negated:
                    yield term.leaf


@dataclass(frozen=True, slots=True)
class Filters:
    """What was chosen beside the query; within one facet any value is enough, years include both ends."""

    types: frozenset[str] = frozenset()
    libraries: frozenset[str] = frozenset()
    collections: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    scripts: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    access: frozenset[str] = frozenset()
    year_from: int | None = None
    year_to: int | None = None

    def values(self, facet: Facet) -> frozenset[str]:
        """The chosen values of a facet; years are a range and have none."""
        return {
            Facet.TYPE: self.types,
            Facet.LIBRARY: self.libraries,
            Facet.COLLECTION: self.collections,
            Facet.LANGUAGE: self.languages,
            Facet.SCRIPT: self.scripts,
            Facet.SUBJECT: self.subjects,
            Facet.ACCESS: self.access,
            Facet.YEAR: frozenset[str](),
        }[facet]


def _quote(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else f'"{value}"'
