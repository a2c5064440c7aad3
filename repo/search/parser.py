"""What a reader types, understood: pure, and it never fails.

    көл тоо             both words, anywhere in the item
    "ысык көл"          next to each other; «ысык көл» too
    көл OR деңиз        one of them (also ИЛИ, ЖЕ, |); binds closer than the space
    -тарых              without
    кыргыз*             words that begin so
    author:Айтматов     in one part: title, author, subject, abstract, detail, text
    year:1990..2005     also 1990-2005, ..2005, 1990..
    udc:821.512  isbn:  issn:  doi:
    type:thesis  library:  collection:  lang:  script:Arab  access:

Names of parts may be written in English, Russian or Kyrgyz. What cannot be understood is read as words;
brackets and the operators of other engines are ignored.
"""

import re

from repo.search.analysis import Kind, analyse, clean, normal_code
from repo.search.document import Area, Facet
from repo.search.query import Code, Leaf, Query, Term, Value, Words, Years

MAX_LENGTH = 1000
"""Characters of a query that are read."""

MAX_WORDS = 32
"""Words of a query that are looked for: each costs the engine about a dozen look-ups."""

MIN_PREFIX = 2
"""Shortest beginning of a word: one letter would be half of the dictionary."""

_AREA_NAMES = {
    **dict.fromkeys(("title", "название", "заглавие", "аталышы", "наам"), Area.TITLE),
    **dict.fromkeys(("author", "creator", "автор", "автору"), Area.AUTHOR),
    **dict.fromkeys(("subject", "keyword", "тема", "предмет", "темасы"), Area.SUBJECT),
    **dict.fromkeys(("abstract", "аннотация", "реферат", "аннотациясы"), Area.ABSTRACT),
    **dict.fromkeys(("detail", "publisher", "издательство", "басмакана"), Area.DETAIL),
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
    **dict.fromkeys(("script", "алфавит", "письменность", "жазуу", "жазуусу"), Facet.SCRIPT),
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
