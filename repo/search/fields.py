"""A document as the fields of an index: pure, the same names and values in every engine.

An area ("title", "text" …) has two fields: the folded words with their positions, in which phrases are found,
and `<area>_forms` with the exact forms ("=көлдү") and stems ("~истори") without positions, which costs little
because a word that repeats is stored once. Words of texts that only some may read stand in the area
"restricted", each marked with the reader class it is for ("library:nlkr|тарых"): there is no query that finds
them without asking for a class, so they can neither be hit nor counted by anybody else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from repo.search.analysis import Forms, exact_term, is_kyrgyz, sound_term, word_forms
from repo.search.document import (
    EVERYTHING,
    OPEN,
    Area,
    Facet,
    LangText,
    SearchDocument,
    Segment,
    abstract_segments,
    facet_value,
)

NO_LANGUAGE = "mis"
"""ISO 639-2: a language that has no code, and so no stemmer."""

INDEX_VERSION = 7
"""Raise it whenever fields or analysis change: an index of another version is rebuilt, not read."""


class FieldKind(StrEnum):
    """How an engine keeps a field."""

    ID = "id"  # one term, stored
    STAMP = "stamp"  # unsigned number, read back
    WORDS = "words"  # words between spaces, with positions
    BAG = "bag"  # words between spaces, with frequencies
    SET = "set"  # words between spaces, nothing but their presence
    CODE = "code"  # each value one term
    FACET = "facet"  # each value one term, counted
    YEAR = "year"  # number, counted, with ranges
    ORDER = "order"  # text that sorts by its code points
    SPELLING = "spelling"  # each value one term "fold|as it is written", listed by how it begins
    STORED = "stored"  # only given back


MAX_WHOLE_TITLE = 1000
"""Characters of a folded title that are compared with a whole query."""

FieldValues = dict[str, list[str] | list[int]]


@dataclass(frozen=True, slots=True)
class IndexedItem:
    """One item's row of the item index and its rows of the passage index."""

    id: str
    fields: FieldValues
    passages: list[FieldValues]


def spelling_term(folded: str, written: str) -> str:
    return f"{folded}|{written}"


def may_be_mistyped(fold: str) -> bool:
    """Whether a word is long enough to be told from its neighbours, and no number."""
    return len(fold) >= LEAST_SPELT and fold.isalpha()


def in_class(reader_class: str, term: str) -> str:
    """`term` as it stands in a text for one reader class; "" is an area that everybody reads."""
    return f"{reader_class}|{term}" if reader_class else term


def forms_field(area: str) -> str:
    return f"{area}_forms"


def facet_field(facet: Facet) -> str:
    return f"facet_{facet}"


YEAR_FIELD = facet_field(Facet.YEAR)

WORD, NAME, TOPIC = "spelt_word", "spelt_name", "spelt_topic"
"""Words of titles, names and subjects; names of authors; subjects and keywords: as they are written."""

LEAST_SPELT = 4
"""Letters of a word for which another is proposed."""

MOST_BEGINNINGS = 6
"""Words of a heading by which it is found while it is typed."""

RESTRICTED = "restricted"
"""The area of texts that only some may read; each of its terms carries a reader class."""

WORD_AREAS = (*Area, RESTRICTED)

ITEM_FIELDS: dict[str, FieldKind] = {
    "id": FieldKind.ID,
    "stamp": FieldKind.STAMP,
    **{str(area): FieldKind.WORDS for area in WORD_AREAS},
    **{forms_field(area): FieldKind.BAG for area in WORD_AREAS},
    "title_whole": FieldKind.CODE,
    "code": FieldKind.CODE,
    WORD: FieldKind.SPELLING,
    NAME: FieldKind.SPELLING,
    TOPIC: FieldKind.SPELLING,
    **{facet_field(facet): FieldKind.YEAR if facet is Facet.YEAR else FieldKind.FACET for facet in Facet},
    "order_title": FieldKind.ORDER,
    "order_date": FieldKind.ORDER,
}

PASSAGE_FIELDS: dict[str, FieldKind] = {
    "id": FieldKind.ID,
    "audience": FieldKind.CODE,
    "words": FieldKind.SET,
    "lang": FieldKind.STORED,
    "place": FieldKind.STORED,
    "number": FieldKind.STORED,
}


def indexed_item(document: SearchDocument) -> IndexedItem:
    """Everything engines store of `document`; each word of a text is analysed once."""
    subjects = (*document.subjects, *document.keywords)
    titles = [word_forms(text.value, text.lang) for text in document.titles]
    names = [word_forms(text.value, text.lang) for text in map(_as_name, document.creators)]
    topics = [word_forms(text.value, text.lang) for text in subjects]
    details = [word_forms(text.value, text.lang) for text in document.details]
    values: FieldValues = {
        "id": [document.id],
        "stamp": [document.stamp],
        "title_whole": [whole[:MAX_WHOLE_TITLE] for forms in titles for whole in _whole(forms)],
        "code": [*document.codes, f"id:{document.id}"],
        # The id at the end: equal titles and dates come in the same order on every page and engine.
        "order_title": [f"{document.sort_title}\x00{document.id}"],
        WORD: _spelt_words([*titles, *names, *topics]),
        NAME: _spelt_headings(document.creators, names),
        TOPIC: _spelt_headings(subjects, topics),
        **_facets(document),
    }
    if document.year is not None:
        values["order_date"] = [f"{document.year:04d}{document.published:%Y%m%d%H%M%S}{document.id}"]
    areas = {Area.TITLE: titles, Area.AUTHOR: names, Area.SUBJECT: topics, Area.DETAIL: details}
    for area, texts in areas.items():
        # One value a text: engines leave a gap between values, so that no phrase reaches from one to the next.
        values[area] = [_folds(forms) for forms in texts]
        values[forms_field(area)] = [f"{_bag(forms)} {_sounds(forms)}" for forms in texts]
    passages = [
        *_add_segments(values, Area.ABSTRACT, document.id, abstract_segments(document.abstracts)),
        *_add_segments(values, Area.TEXT, document.id, document.text_open),
        *_add_segments(values, RESTRICTED, document.id, document.text_restricted),
    ]
    return IndexedItem(document.id, values, passages)


def _facets(document: SearchDocument) -> FieldValues:
    found: dict[Facet, list[str] | list[int]] = {
        Facet.TYPE: [document.type],
        Facet.LIBRARY: [document.library],
        Facet.COLLECTION: list(document.collections),
        Facet.YEAR: [] if document.year is None else [document.year],
        Facet.LANGUAGE: list(document.languages),
        Facet.SCRIPT: list(document.scripts),
        Facet.SUBJECT: list(dict.fromkeys(facet_value(subject.value) for subject in document.subjects)),
        Facet.ACCESS: [str(document.access)],
    }
    return {facet_field(facet): values for facet, values in found.items()}


def _whole(forms: Sequence[Forms]) -> tuple[str, str]:
    """A whole title, folded and as it is written."""
    return " ".join(form.fold for form in forms), exact_term(" ".join(form.exact for form in forms))


def _spelt_words(texts: Iterable[Sequence[Forms]]) -> list[str]:
    """The words that a mistyped one may have been meant for, of what everybody may see."""
    forms = (form for text in texts for form in text)
    return list(dict.fromkeys(spelling_term(form.fold, form.exact) for form in forms if may_be_mistyped(form.fold)))


def _spelt_headings(texts: Iterable[LangText], analysed: Iterable[Sequence[Forms]]) -> list[str]:
    """Headings by each of their words: «Айтматов, Чыңгыз» is what "чын" and "айт" begin."""
    found: dict[str, None] = {}
    for text, forms in zip(texts, analysed, strict=True):
        words, heading = [form.fold for form in forms], facet_value(text.value)
        for first in range(min(len(words), MOST_BEGINNINGS)):
            found[spelling_term(" ".join(words[first:] + words[:first]), heading)] = None
    return list(found)


def _as_name(name: LangText) -> LangText:
    """Names of people are not cut: «Асанов» has no ending."""
    return replace(name, lang=NO_LANGUAGE) if is_kyrgyz(name.value, name.lang) else name


def _add_segments(values: FieldValues, area: str, item: str, segments: Iterable[Segment]) -> list[FieldValues]:
    """Fill `area` with one value for each reader class and return the passages."""
    by_class: dict[str, list[Forms]] = {}
    passages: list[FieldValues] = []
    for segment in segments:
        forms = word_forms(segment.text, segment.lang)
        for reader_class in [""] if OPEN in segment.audience else [*sorted(segment.audience), EVERYTHING]:
            by_class.setdefault(reader_class, []).extend(forms)
        passages.append(
            {
                "id": [item],
                "audience": sorted({*segment.audience, EVERYTHING}),
                "words": [" ".join(_presence(forms))],
                "lang": [segment.lang],
                "place": [segment.place],
                "number": [str(segment.number)],
            }
        )
    values[area] = [_folds(forms, reader_class) for reader_class, forms in by_class.items()]
    values[forms_field(area)] = [_bag(forms, reader_class) for reader_class, forms in by_class.items()]
    return passages


def _folds(forms: Iterable[Forms], reader_class: str = "") -> str:
    return " ".join(in_class(reader_class, form.fold) for form in forms)


def _bag(forms: Iterable[Forms], reader_class: str = "") -> str:
    if not reader_class:
        return " ".join(form.terms for form in forms)
    return " ".join(in_class(reader_class, term) for form in forms for term in form.terms.split())


def _sounds(forms: Iterable[Forms]) -> str:
    return " ".join(sound_term(sound) for form in forms for sound in form.sounds)


def _presence(forms: Iterable[Forms]) -> set[str]:
    # A word that repeats has the same forms: looked at once.
    return {key for form in {id(form): form for form in forms}.values() for key in form.keys}
