"""Which items a query finds, and in what order: pure, one plan that every engine translates clause by clause.

The order is one a librarian agrees with: what stands in the title comes before the author, before subjects,
before the abstract and the rest of the description, before the text; the word as it was typed before other
forms of it, before its folded spelling. Each word of a query has to be found; grammar ("и", "the") only helps.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from repo.search.analysis import Kind, exact_term, fold, in_other_alphabet, sound_term, stem_term
from repo.search.document import Area, Facet
from repo.search.fields import (
    MAX_WHOLE_TITLE,
    RESTRICTED,
    facet_field,
    forms_field,
    in_class,
)
from repo.search.query import Code, Filters, Leaf, Query, Term, Value, Words, Years, is_side

AREA_WEIGHTS = {
    Area.TITLE: 8.0,
    Area.AUTHOR: 6.0,
    Area.SUBJECT: 4.0,
    Area.ABSTRACT: 2.5,
    Area.DETAIL: 2.0,
    Area.TEXT: 1.0,
}
EXACT, STEM, FOLD, SOUND = 1.0, 0.6, 0.35, 0.2
SOUNDING = frozenset((Area.TITLE, Area.AUTHOR, Area.SUBJECT, Area.DETAIL))
"""Areas in which words are found by their sound in the other alphabet."""
PHRASE = 1.5
WHOLE_TITLE = 40.0
CODE = 30.0

LEAST_STEM = 3
"""Letters of a stem by which the beginning of a word is looked for in passages."""

OTHER_PLACES = 0.1
"""How much a word's further places add to its best one."""


# Clauses -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Has:
    """The field has this term."""

    field: str
    term: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class HasPhrase:
    """The field has these words side by side; at least two."""

    field: str
    words: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class HasPrefix:
    """The field has a term that begins so; all such terms weigh the same."""

    field: str
    prefix: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class InYears:
    """Both ends included; None is open."""

    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Best:
    """Any clause; the score is that of the best, and OTHER_PLACES of the others."""

    clauses: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class All:
    """Every clause of `must` and none of `must_not`; `should` only adds to the score.

    Without any clause it holds for every item, with `should` alone one of them must hold, or `least`.
    """

    must: tuple["Clause", ...] = ()
    should: tuple["Clause", ...] = ()
    must_not: tuple["Clause", ...] = ()
    least: int = 0


@dataclass(frozen=True, slots=True)
class Unscored:
    """Holds as its clause does and adds nothing to the score."""

    clause: "Clause"


@dataclass(frozen=True, slots=True)
class Nothing:
    """Holds for no item."""


Clause = Has | HasPhrase | HasPrefix | InYears | Best | All | Unscored | Nothing


# Queries -----------------------------------------------------------------------------------------------


def query_clause(query: Query, classes: frozenset[str]) -> Clause:
    """The clause of `query` for a reader of these classes (besides what is open to all)."""
    if query.void:
        return Nothing()
    wanted = [_group_clause(group, classes) for group in query.groups if not is_side(group)]
    helping: list[Clause] = []
    must_not: list[Clause] = []
    for term in (group[0] for group in query.groups if is_side(group)):
        (must_not if term.negated else helping).append(_leaf_clause(term.leaf, classes))
    if query.least and wanted:
        wanted = [All(should=tuple(wanted), least=query.least)]
    elif wanted:
        helping.extend(_title_clauses(query))
    return All(tuple(wanted), tuple(helping), tuple(must_not))


def passage_clause(query: Query, item: str, classes: frozenset[str]) -> Clause:
    """The clause that finds, among the passages of one item, those with most of the query's words."""
    words: list[Clause] = []
    for leaf in query.wanted_words:
        if leaf.area not in (None, Area.TEXT, Area.ABSTRACT):
            continue
        for position, folded in enumerate(leaf.forms(Kind.FOLD)):
            weight = 0.1 if leaf.is_grammar else 1.0
            if leaf.prefix and position == leaf.length - 1:
                words.append(Best(tuple(_beginnings(folded, weight))))
            else:
                stems = (stem_term(stem) for stem in leaf.all_at(position, Kind.STEM))
                words.append(Best(tuple(Has("words", term, weight) for term in (folded, *stems))))
    if not words:
        return Nothing()
    audience = All(should=tuple(Has("audience", reader_class) for reader_class in sorted(classes)))
    return All(must=(Unscored(Has("id", item)), Unscored(audience), All(should=tuple(words))))


def _beginnings(prefix: str, weight: float) -> Iterable[Clause]:
    """Of most words a passage has the stem alone: one that begins so, or with which a word that begins so may begin."""
    yield HasPrefix("words", prefix, weight)
    yield HasPrefix("words", stem_term(prefix), weight)
    for length in range(LEAST_STEM, len(prefix)):
        yield Has("words", stem_term(prefix[:length]), weight)


def filter_clauses(filters: Filters) -> dict[Facet, Clause]:
    """One clause for each facet in which something was chosen."""
    clauses: dict[Facet, Clause] = {}
    for facet in Facet:
        if values := filters.values(facet):
            clauses[facet] = Unscored(All(should=tuple(Has(facet_field(facet), value) for value in sorted(values))))
    if filters.year_from is not None or filters.year_to is not None:
        clauses[Facet.YEAR] = Unscored(InYears(filters.year_from, filters.year_to))
    return clauses


def _group_clause(group: tuple[Term, ...], classes: frozenset[str]) -> Clause:
    clauses: list[Clause] = []
    for term in group:
        clause = _leaf_clause(term.leaf, classes)
        clauses.append(All(must_not=(clause,)) if term.negated else clause)
    return clauses[0] if len(clauses) == 1 else Best(tuple(clauses))


def _leaf_clause(leaf: Leaf, classes: frozenset[str]) -> Clause:
    match leaf:
        case Words():
            return _words_clause(leaf, classes)
        case Code("udc", value):
            # Each digit of a UDC number divides the class before it: 821.512 holds 821.512.154.
            return HasPrefix("code", f"udc:{value}", CODE)
        case Code(scheme, value):
            return Has("code", f"{scheme}:{value}", CODE)
        case Value(facet, value):
            spellings = dict.fromkeys((value, value.lower(), value.upper()))
            return Unscored(All(should=tuple(Has(facet_field(facet), spelling) for spelling in spellings)))
        case Years(first, last):
            return Unscored(InYears(first, last))


def _words_clause(leaf: Words, classes: frozenset[str]) -> Clause:
    """The words anywhere, or in one area, in the best place and form."""
    areas = AREA_WEIGHTS if leaf.area is None else {leaf.area: AREA_WEIGHTS[leaf.area]}
    clauses: list[Clause] = []
    for area, weight in areas.items():
        clauses.extend(_area_clauses(leaf, area, weight, ""))
    if Area.TEXT in areas:
        for reader_class in sorted(classes):
            clauses.extend(_area_clauses(leaf, RESTRICTED, AREA_WEIGHTS[Area.TEXT], reader_class))
    if leaf.area is None:
        codes = (token.text for token in leaf.tokens if token.kind is Kind.CODE)
        clauses.extend(Has("code", code, CODE) for code in codes)
    return Best(tuple(clauses))


def _area_clauses(leaf: Words, area: str, weight: float, reader_class: str) -> Iterable[Clause]:
    folds = [in_class(reader_class, fold) for fold in leaf.forms(Kind.FOLD)]
    if leaf.prefix:
        begins = HasPrefix(area, folds[-1], weight * FOLD)
        before = tuple(Has(area, fold, weight * FOLD) for fold in folds[:-1])
        yield All(must=(*before, begins)) if before else begins
    elif leaf.length > 1:
        yield HasPhrase(area, tuple(folds), weight * PHRASE)
        if not leaf.quoted and all(map(str.isalpha, leaf.forms(Kind.FOLD))):
            # «Ысык-Көл» takes endings, «Ысык-Көлдө», which no phrase has: its words then stand for it. Numbers do not.
            words = (_word_clauses(leaf, at, area, weight, reader_class) for at in range(leaf.length))
            yield All(must=tuple(Best(tuple(clauses)) for clauses in words))
    else:
        yield from _word_clauses(leaf, 0, area, weight, reader_class)


def _word_clauses(leaf: Words, at: int, area: str, weight: float, reader_class: str) -> Iterable[Clause]:
    """One word of a leaf, in each of its forms."""
    exact, stems = leaf.at(at, Kind.EXACT), () if leaf.quoted else leaf.all_at(at, Kind.STEM)
    yield Has(forms_field(area), in_class(reader_class, exact_term(exact)), weight * EXACT)
    folded = {plain for stem in stems if (plain := fold(stem)) != stem}
    for stem in stems:
        likeness = FOLD if stem in folded else STEM
        yield Has(forms_field(area), in_class(reader_class, stem_term(stem)), weight * likeness)
    if area in SOUNDING and not leaf.quoted:
        for sound in leaf.all_at(at, Kind.SOUND):
            yield Has(forms_field(area), sound_term(in_other_alphabet(sound)), weight * SOUND)
    yield Has(area, in_class(reader_class, leaf.at(at, Kind.FOLD)), weight * FOLD)


def _title_clauses(query: Query) -> Iterable[Clause]:
    """Whoever types a title wants that item first; then those with the words side by side in the title."""
    words = [leaf for leaf in query.wanted_words if leaf.area in (None, Area.TITLE) and not leaf.prefix]
    folds = tuple(fold for leaf in words for fold in leaf.forms(Kind.FOLD))
    if not folds:
        return
    exact = " ".join(form for leaf in words for form in leaf.forms(Kind.EXACT))
    yield Has("title_whole", exact_term(exact)[:MAX_WHOLE_TITLE], WHOLE_TITLE)
    if len(folds) > 1:
        # Folded, a single word may be another one («Кол» is not «Көл»); a whole title hardly ever is.
        yield Has("title_whole", " ".join(folds)[:MAX_WHOLE_TITLE], WHOLE_TITLE)
        yield HasPhrase(Area.TITLE, folds, AREA_WEIGHTS[Area.TITLE] * PHRASE)
