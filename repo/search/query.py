"""What a reader types, understood: pure, and it never fails.

    көл тоо             both words, anywhere in the item
    "ысык көл"          next to each other; «ысык көл» too
    көл OR деңиз        one of them (also ИЛИ, ЖЕ, |); binds closer than the space
    -тарых              without
    кыргыз*             words that begin so
    author:Айтматов     in one part: title, author, subject, abstract, text
    year:1990..2005     also 1990-2005, ..2005, 1990..
    udc:821.512  isbn:  issn:  doi:
    type:thesis  library:  collection:  lang:  access:

Names of parts may be written in English, Russian or Kyrgyz. What cannot be understood is read as words;
brackets and the operators of other engines are ignored.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from repo.search.analysis import Kind, Token, analyse, clean, is_function_word, normal_code
from repo.search.document import Area, Facet

MAX_LENGTH = 1000
"""Characters of a query that are read."""

MAX_WORDS = 32
"""Words of a query that are looked for: each costs the engine about a dozen look-ups."""

MIN_PREFIX = 2
"""Shortest beginning of a word: one letter would be half of the dictionary."""


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
        return next((t.text for t in self.tokens if t.position == position and t.kind is kind), "")

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


@dataclass(frozen=True, slots=True)
class Query:
    """All `groups` must hold; of a group, one term is enough.

    `cut`: the query was too long and only its beginning is looked for. `void`: something was typed, but
    nothing in it can be looked for (only punctuation, emoji), so nothing is found; an empty query finds all.
    """

    groups: tuple[tuple[Term, ...], ...] = ()
    cut: bool = False
    void: bool = False

    @property
    def understood(self) -> str:
        """The query as it was read, in the form of the module's description; parsing it gives the same."""
        return " ".join(" OR ".join(map(str, group)) for group in self.groups)

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
            Facet.SUBJECT: self.subjects,
            Facet.ACCESS: self.access,
            Facet.YEAR: frozenset[str](),
        }[facet]


# Parsing -----------------------------------------------------------------------------------------------

_AREA_NAMES = {
    **dict.fromkeys(("title", "название", "заглавие", "аталышы", "наам"), Area.TITLE),
    **dict.fromkeys(("author", "creator", "автор", "автору"), Area.AUTHOR),
    **dict.fromkeys(("subject", "keyword", "тема", "предмет", "темасы"), Area.SUBJECT),
    **dict.fromkeys(("abstract", "аннотация", "реферат", "аннотациясы"), Area.ABSTRACT),
    **dict.fromkeys(("text", "текст", "тексти"), Area.TEXT),
}
_CODE_NAMES = {
    **dict.fromkeys(("udc", "удк"), "udc"),
    "isbn": "isbn",
    "issn": "issn",
    "doi": "doi",
    "id": "id",
}
_FACET_NAMES = {
    **dict.fromkeys(("type", "тип", "түрү", "вид"), Facet.TYPE),
    **dict.fromkeys(("library", "библиотека", "китепкана"), Facet.LIBRARY),
    **dict.fromkeys(("collection", "коллекция", "жыйнак"), Facet.COLLECTION),
    **dict.fromkeys(("lang", "language", "язык", "тил", "тили"), Facet.LANGUAGE),
    **dict.fromkeys(("access", "доступ"), Facet.ACCESS),
}
_YEAR_NAMES = frozenset(("year", "год", "жыл", "жылы"))

_OR = frozenset(("OR", "ИЛИ", "ЖЕ", "|", "||"))
_AND = frozenset(("AND", "И", "ЖАНА", "&", "&&"))
_NOT = frozenset(("NOT",))

_PIECE = re.compile(
    r"""
    (?P<minus>(?<![^\s(])[-−](?=\S))?                  # directly before what it denies
    (?:(?P<name>[^\W\d_]+):(?P<gap>[\s(]*))?           # "author: Айтматов" is as clear as without the space
    (?:
        "(?P<straight>[^"]*)" | «(?P<angled>[^»]*)» | [“„](?P<curly>[^“”]*)[“”]
      | (?P<word>[^\s()"«»“”„][^\s"«»“”„]*)                # a class number has brackets inside
    )
    """,
    re.VERBOSE,
)
# What other engines write after a word: fuzziness and weight.
_SUFFIX = re.compile(r"(?:[~^][\d.]*[^\w~^]*)+$")
_PLAIN = re.compile(r"\w[\w./:-]*")
_YEARS = re.compile(r"(?P<first>\d{1,4})?(?P<to>\.\.|[-–—])?(?P<last>\d{1,4})?")


def parse_query(text: str) -> Query:
    """The query in `text`; any string will do."""
    text = clean(text).strip()
    reader = _Reader()
    for match in _PIECE.finditer(text[:MAX_LENGTH]):
        reader.take(match)
    groups = tuple(tuple(group) for group in reader.groups if group)
    return Query(groups, cut=reader.full or len(text) > MAX_LENGTH, void=bool(text) and not groups)


class _Reader:
    """Collects the groups of a query from left to right."""

    def __init__(self) -> None:
        self.groups: list[list[Term]] = []
        self.full = False
        self._room = MAX_WORDS
        self._join = False
        self._deny = False

    def take(self, match: re.Match[str]) -> None:
        """Read one piece of the query."""
        name, word, negated = match["name"], match["word"] or "", bool(match["minus"])
        if "(" not in word:
            word = word.rstrip(")")
        if word and not name and not negated and self._operator(word):
            return
        quoted = next((text for text in match.group("straight", "angled", "curly") if text is not None), None)
        if name and not _is_name(name):
            # "http://…" or "Түрк: тарых": not a name of ours, so it is part of the text.
            if word and not match["gap"]:
                word = f"{name}:{word}"
            else:
                self._add(_words(name), negated)
            name = None
        self._add(_leaf(name, word, quoted), negated)

    def _operator(self, word: str) -> bool:
        if word in _OR:
            self._join = bool(self.groups)
        elif word in _NOT:
            self._deny = True
        return _is_operator(word)

    def _add(self, leaf: Leaf | None, negated: bool) -> None:
        if leaf is None:
            return
        self._room -= leaf.length if isinstance(leaf, Words) else 1
        if self._room < 0:
            self.full = True
        if self.full:
            return
        term = Term(leaf, negated or self._deny)
        if self._join:
            self.groups[-1].append(term)
        else:
            self.groups.append([term])
        self._join = self._deny = False


def _is_operator(word: str) -> bool:
    return word in _OR or word in _AND or word in _NOT


def _is_name(name: str) -> bool:
    name = name.lower()
    return name in _AREA_NAMES or name in _CODE_NAMES or name in _FACET_NAMES or name in _YEAR_NAMES


def _leaf(name: str | None, word: str, quoted: str | None) -> Leaf | None:
    """What a piece asks for; None if there is nothing in it to look for."""
    text = word if quoted is None else " ".join(quoted.replace('"', " ").split())
    name = (name or "").lower()
    if name in _CODE_NAMES and (value := normal_code(_CODE_NAMES[name], text.rstrip("*"))):
        return Code(_CODE_NAMES[name], value)
    if name in _FACET_NAMES and text:
        return Value(_FACET_NAMES[name], text)
    if name in _YEAR_NAMES and (years := _years(text)):
        return years
    return _words(text, _AREA_NAMES.get(name), quoted is not None)


def _words(text: str, area: Area | None = None, quoted: bool = False) -> Words | None:
    if not quoted:
        text = _SUFFIX.sub("", text)
    tokens = analyse(text)
    if not tokens:
        return None
    last = next(token.text for token in reversed(tokens) if token.kind is Kind.FOLD)
    prefix = not quoted and text.endswith("*") and len(last) >= MIN_PREFIX
    if not quoted:
        text = clean(text)[tokens[0].start : max(token.end for token in tokens)]
        quoted = not _stands_alone(text)
    return Words(text, tuple(analyse(text)), area, quoted, prefix and not quoted)


def _stands_alone(text: str) -> bool:
    """Whether these words mean the same without the signs that stood around them («|OR|» is no operator)."""
    piece = _PIECE.fullmatch(text)
    return piece is not None and not (_is_operator(text) or piece["gap"] or _is_name(piece["name"] or ""))


def _quote(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else f'"{value}"'


def _years(text: str) -> Years | None:
    match = _YEARS.fullmatch(text)
    if not match or not (match["first"] or match["last"]):
        return None
    first = int(match["first"]) if match["first"] else None
    last = int(match["last"]) if match["last"] else None
    if not match["to"]:
        return Years(first, first)
    if first is not None and last is not None and first > last:
        first, last = last, first
    return Years(first, last)
