"""A search as its address says it, and what its page shows beside the results."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

import sqlalchemy as sa
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from repo.db import db
from repo.discovery.browse import libraries_by_name
from repo.items.facts import Words
from repo.members.models import Collection, Library
from repo.search.document import Facet
from repo.search.highlight import Parts, mark_words
from repo.search.parser import parse_query
from repo.search.ports import WINDOW, SearchRequest, SearchResult
from repo.search.query import Filters, Sort
from repo.vocabularies import choices, label, language_label
from repo.web.languages import current_language, local_name

PAGE = 20
SHOWN_VALUES = 12
CHOSEN_LIMIT = 50
"""Values of one facet that are read from an address."""

FACETS: dict[Facet, LazyString] = {
    Facet.TYPE: _l("Type"),
    Facet.ACCESS: _l("Access"),
    Facet.LANGUAGE: _l("Language"),
    Facet.SCRIPT: _l("Script"),
    Facet.LIBRARY: _l("Library"),
    Facet.COLLECTION: _l("Collection"),
    Facet.SUBJECT: _l("Subject"),
}
VOCABULARIES = {Facet.TYPE: "types", Facet.ACCESS: "access", Facet.SCRIPT: "scripts"}
"""Whose codes are those of a facet; languages have words of their own."""
SORTS: dict[Sort, LazyString] = {
    Sort.RELEVANCE: _l("Best match"),
    Sort.NEWEST: _l("Newest"),
    Sort.OLDEST: _l("Oldest"),
    Sort.TITLE: _l("By title"),
}


@dataclass(frozen=True)
class ShownValue:
    """A value of a facet: `href` chooses it, or takes it away when it is chosen."""

    label: str
    count: int
    href: str
    chosen: bool


@dataclass(frozen=True)
class ShownFacet:
    label: str
    values: tuple[ShownValue, ...]


@dataclass(frozen=True)
class Asked:
    """A search as its address says it; whatever does not fit is left out."""

    q: str
    request: SearchRequest
    args: MultiDict[str, str]

    def href(self, **changes: object) -> str:
        """The address of this search with these arguments instead; None takes one away. Begins at the first page."""
        kept = [(k, v) for k, v in self.args.items(multi=True) if k not in (*changes, "page", "letter", "lang")]
        return "?" + urlencode([*kept, *((k, str(v)) for k, v in changes.items() if v is not None)])

    def toggle(self, facet: Facet, value: str) -> str:
        """The address with a value of a facet chosen, or taken away."""
        chosen = self.args.getlist(facet.value)
        left = [one for one in chosen if one != value] if value in chosen else [*chosen, value]
        kept = [(k, v) for k, v in self.args.items(multi=True) if k not in (facet.value, "page", "letter", "lang")]
        return "?" + urlencode([*kept, *((facet.value, one) for one in left)])

    def mark(self, title: Words) -> Parts:
        """The parts of a title, each with whether it was looked for."""
        return mark_words(title.value, self.request.query, title.lang).parts

    def chose_years(self, first: int, last: int) -> bool:
        """Whether some of these years are chosen."""
        low, high = self.request.filters.year_from, self.request.filters.year_to
        return (low, high) != (None, None) and (low or 0) <= last and first <= (high or 9999)

    @property
    def unfiltered(self) -> str:
        """The address without any choice beside the question."""
        return self.href(**dict.fromkeys(("from", "to", *Facet)))

    @property
    def is_filtered(self) -> bool:
        return any(self.request.filters.values(facet) for facet in Facet) or bool(
            self.request.filters.year_from or self.request.filters.year_to
        )


def read_search(args: MultiDict[str, str]) -> Asked:
    """Read an address. Never fails: the query forgives, numbers that are none are left out."""
    q = (args.get("q", "") + args.get("letter", "")[:1]).strip()

    def chosen(facet: Facet) -> frozenset[str]:
        return frozenset(value for value in args.getlist(facet.value)[:CHOSEN_LIMIT] if 0 < len(value) <= 400)

    filters = Filters(
        types=chosen(Facet.TYPE),
        libraries=chosen(Facet.LIBRARY),
        collections=chosen(Facet.COLLECTION),
        languages=chosen(Facet.LANGUAGE),
        scripts=chosen(Facet.SCRIPT),
        subjects=chosen(Facet.SUBJECT),
        access=chosen(Facet.ACCESS),
        year_from=_number(args.get("from", ""), 0, 9999),
        year_to=_number(args.get("to", ""), 0, 9999),
    )
    sort = next((sort for sort in Sort if sort.value == args.get("sort")), Sort.RELEVANCE)
    page = _number(args.get("page", ""), 1, WINDOW) or 1
    return Asked(q, SearchRequest(parse_query(q), filters, sort, page, PAGE), args)


def show_facets(asked: Asked, result: SearchResult) -> list[ShownFacet]:
    """The facets in which there is something to choose, with words for their codes, the chosen values among them."""
    shown = []
    for facet, heading in FACETS.items():
        values = result.facets.get(facet, [])[:SHOWN_VALUES]
        name = _names(facet, [value for value, _count in values])
        chosen = asked.request.filters.values(facet)
        rows = (ShownValue(name(v), count, asked.toggle(facet, v), v in chosen) for v, count in values)
        if chosen or any(count < result.total for _value, count in values):
            shown.append(ShownFacet(str(heading), tuple(rows)))
    return shown


def show_choices() -> dict[str, list[tuple[str, str]]]:
    """What can be chosen in a form beside the question, as (code, words), by the name under which it is sent."""
    lang = current_language()
    found = {facet: choices(name, lang) for facet, name in VOCABULARIES.items()}
    found[Facet.LANGUAGE] = choices("languages", lang)
    found[Facet.LIBRARY] = [(library.code, local_name(library.names)) for library in libraries_by_name()]
    shown = {facet.value: [("", _("Any")), *pairs] for facet, pairs in found.items()}
    return shown | {"sort": [(sort.value, str(words)) for sort, words in SORTS.items()]}


def show_chips(asked: Asked) -> list[tuple[str, str]]:
    """What was chosen, as (words, the address without it)."""
    chips = []
    for facet in FACETS:
        values = sorted(asked.request.filters.values(facet))
        name = _names(facet, values)
        chips += [(name(value), asked.toggle(facet, value)) for value in values]
    low, high = asked.request.filters.year_from, asked.request.filters.year_to
    if low is not None or high is not None:
        years = _("Years: %(years)s", years=f"{low or '…'}–{high or '…'}")
        chips.append((years, asked.href(**{"from": None, "to": None})))
    return chips


def _names(facet: Facet, codes: Iterable[str]) -> Callable[[str], str]:
    """A function from the codes of a facet to words; libraries and collections are looked up at once."""
    lang = current_language()
    if facet in VOCABULARIES:
        return lambda code: label(VOCABULARIES[facet], code, lang)
    match facet:
        case Facet.LANGUAGE:
            return lambda code: language_label(code, lang)
        case Facet.LIBRARY | Facet.COLLECTION:
            table = Library if facet is Facet.LIBRARY else Collection
            found = db.session.execute(sa.select(table.code, table.names).where(table.code.in_(list(codes))))
            names = {code: local_name(said) for code, said in found}
            return lambda code: names.get(code, code)
    return lambda code: code


def _number(text: str, low: int, high: int) -> int | None:
    """The number, or None for what is none or lies outside."""
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        return None
    return int(text) if low <= int(text) <= high else None
