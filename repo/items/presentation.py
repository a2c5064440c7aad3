"""What a page says about a work: its description made ready for one reader's language; pure.

The landing page, the preview before submitting and the desk of a reviewer show the same `RecordView` through the
macros of `templates/macros/record.html`. Texts keep their own language; codes become words of the vocabularies.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from repo.items.access import Access, FileRole, effective_access
from repo.items.metadata import Agent, Metadata, Text, TextKind, best_text
from repo.vocabularies import numbers, terms
from repo.web.folding import fold_text

if TYPE_CHECKING:
    from repo.items.models import Version

DOI_FIRST = ("doi", "handle", "ark", "isbn", "issn")


@dataclass(frozen=True)
class Words:
    """A text and its language (BCP 47), "" where that is the reader's or none."""

    value: str
    lang: str = ""


@dataclass(frozen=True)
class StoredFile:
    """What is known of a file that readers are told about."""

    id: int
    name: str
    size: int
    pages: int | None = None
    access: Access | None = None
    until: date | None = None


@dataclass(frozen=True)
class ShownPerson:
    """`also` is the name in the work's own language, `heading` the name as lists have it, `places` the numbers of the
    affiliations; `role` is said of those who are not simply authors."""

    name: Words
    also: Words | None
    heading: str
    fold: str
    orcid: str
    role: str
    places: tuple[int, ...]


@dataclass(frozen=True)
class ShownPlace:
    number: int
    name: Words
    ror: str


@dataclass(frozen=True)
class Keyword:
    value: str
    fold: str


@dataclass(frozen=True)
class ShownText:
    """What there is in one language, which is named by `language`: a title (when it is not the heading), an abstract,
    keywords."""

    lang: str
    language: str
    title: str
    paragraphs: tuple[str, ...]
    keywords: tuple[Keyword, ...]


@dataclass(frozen=True)
class ShownFile:
    """`kind` is the ending in capitals ("PDF"), `until` the first open day of an embargo that still holds."""

    id: int
    name: str
    kind: str
    size: int
    pages: int | None
    access: Access
    access_label: str
    until: date | None


@dataclass(frozen=True)
class ShownLicence:
    """`short` is "CC BY 4.0" where there is such a name; `explanation` says in plain words what readers may do."""

    short: str
    label: str
    explanation: str
    url: str


@dataclass(frozen=True)
class Value:
    """One value of a fact; `address` leads to the thing itself."""

    words: Words
    address: str = ""


@dataclass(frozen=True)
class Fact:
    """A line of the details. `kind` names it for the template, which knows the words, unless `label` has them."""

    kind: str
    values: tuple[Value, ...]
    label: str = ""


@dataclass(frozen=True)
class RecordView:
    """Everything about a work that its page says, in the order of the page."""

    type: terms.ResourceType | None
    kind: str
    year: int | None
    languages: tuple[str, ...]
    title: Words
    alias: Words | None
    people: tuple[ShownPerson, ...]
    places: tuple[ShownPlace, ...]
    texts: tuple[ShownText, ...]
    files: tuple[ShownFile, ...]
    facts: tuple[Fact, ...]
    licence: ShownLicence | None
    access: Access
    access_label: str
    until: date | None


def present(metadata: Metadata, files: Iterable[StoredFile], lang: str, at: datetime) -> RecordView:
    """Return what a page in `lang` ("ky", "ru", "en") says about a work at that moment (embargoes end)."""
    title = metadata.title()
    own = title.lang or next(iter(metadata.languages), "")
    translated = metadata.title(lang)
    places = _places(metadata.creators, lang)
    embargo = _day(metadata.embargo_until)
    access = effective_access(metadata.access, embargo, at)
    return RecordView(
        type=terms.types().get(metadata.type),
        kind=_upper(terms.label("types", metadata.type, lang)),
        year=metadata.year,
        languages=tuple(_upper(terms.language_label(tag, lang)) for tag in metadata.languages),
        title=Words(title.value, title.lang),
        alias=Words(translated.value, translated.lang) if translated.value != title.value else None,
        people=tuple(_person(agent, lang, own, places) for agent in metadata.creators if agent.name().direct),
        places=tuple(ShownPlace(n, name, ror) for n, (name, ror) in enumerate(places, start=1)),
        texts=_texts(metadata, lang, own),
        files=tuple(_file(file, metadata.access, embargo, lang, at) for file in files),
        facts=tuple(fact for fact in _facts(metadata, lang) if fact.values),
        licence=_licence(metadata.licence, lang),
        access=access,
        access_label=_upper(terms.label("access", access, lang)),
        until=embargo if access is Access.EMBARGOED else None,
    )


def stored_files(version: "Version") -> list[StoredFile]:
    """Return the files of a version that readers are told about: not the private ones."""
    return [
        StoredFile(file.id, file.name, file.blob.size, file.blob.pages, file.access, file.until)
        for file in version.files
        if file.role is FileRole.ORIGINAL
    ]


# ---------------------------------------------------------------- people


def _person(agent: Agent, lang: str, own: str, places: Sequence[tuple[Words, str]]) -> ShownPerson:
    name, original = agent.name(lang), agent.name(own.split("-")[0])
    differs = original.direct != name.direct
    return ShownPerson(
        name=Words(name.direct, name.lang),
        also=Words(original.direct, original.lang) if differs else None,
        heading=agent.name().inverted,
        fold=fold_text(agent.name().inverted),
        orcid=agent.orcid,
        role="" if agent.role == "author" else terms.label("roles", agent.role, lang),
        places=tuple(places.index(place) + 1 for place in _affiliations(agent, lang)),
    )


def _places(agents: Iterable[Agent], lang: str) -> list[tuple[Words, str]]:
    """The affiliations of all, each once, in the order of their people."""
    return list(dict.fromkeys(place for agent in agents if agent.name().direct for place in _affiliations(agent, lang)))


def _affiliations(agent: Agent, lang: str) -> list[tuple[Words, str]]:
    found = [(best_text(place.names, lang), place.ror) for place in agent.affiliations]
    return list(dict.fromkeys((Words(name.value, name.lang), ror) for name, ror in found if name.value))


# ---------------------------------------------------------------- texts


def _texts(metadata: Metadata, lang: str, own: str) -> tuple[ShownText, ...]:
    """A text for each language that has an abstract or keywords: the reader's first, then the work's own."""
    found = {text.lang for text in (*metadata.abstracts, *metadata.keywords) if text.value}
    order = sorted(found, key=lambda tag: (tag.split("-")[0] != lang, tag != own, tag))
    main = metadata.title().value
    return tuple(_text(metadata, tag, main, lang) for tag in order)


def _text(metadata: Metadata, tag: str, main: str, lang: str) -> ShownText:
    titles = [text.value for text in metadata.titles if text.lang == tag and text.value != main]
    abstracts = [text.value for text in metadata.abstracts if text.lang == tag]
    words = [text.value for text in metadata.keywords if text.lang == tag and text.value]
    return ShownText(
        lang=tag,
        language=_upper(terms.language_label(tag, lang)),
        title=titles[0] if titles else "",
        paragraphs=tuple(part.strip() for text in abstracts for part in re.split(r"\n+", text) if part.strip()),
        keywords=tuple(Keyword(word, fold_text(word)) for word in words),
    )


# ---------------------------------------------------------------- files and rights


def _file(file: StoredFile, access: Access, embargo: date | None, lang: str, at: datetime) -> ShownFile:
    rule, until = (file.access, file.until) if file.access is not None else (access, embargo)
    rule = effective_access(rule, until, at)
    ending = PurePosixPath(file.name).suffix[1:]
    return ShownFile(
        id=file.id,
        name=file.name,
        kind=ending.upper() if ending.isalnum() and len(ending) <= 5 else "",
        size=file.size,
        pages=file.pages,
        access=rule,
        access_label=_upper(terms.label("access", rule, lang)),
        until=until if rule is Access.EMBARGOED else None,
    )


def _licence(code: str, lang: str) -> ShownLicence | None:
    term = terms.licences().get(code)
    if term is None:
        return ShownLicence("", code, "", "") if code else None
    return ShownLicence(term.short, term.label(lang), term.explanations.get(lang, ""), term.url)


# ---------------------------------------------------------------- details


def _facts(metadata: Metadata, lang: str) -> list[Fact]:
    host, thesis, rare = metadata.host, metadata.thesis, metadata.rare
    main = metadata.title().value
    other = [text for text in metadata.titles if text.kind is TextKind.ALTERNATIVE and text.value != main]
    return [
        Fact("other_titles", _each(other)),
        Fact("host", _best(host.titles, lang)),
        Fact("volume", _plain(host.volume)),
        Fact("issue", _plain(host.issue)),
        Fact("pages", _plain(host.pages)),
        Fact("degree", _plain(terms.label("degrees", thesis.degree, lang))),
        Fact("speciality", _speciality(metadata, lang)),
        Fact("institution", _best(thesis.institutions, lang)),
        Fact("council", _plain(thesis.council)),
        Fact("defended", _plain(thesis.defended)),
        *_roles(metadata.contributors, lang),
        Fact("publisher", _each(_in_language(metadata.publishers, lang))),
        Fact("place", _each(_in_language(metadata.places, lang))),
        Fact("edition", _plain(metadata.edition)),
        Fact("issued", _plain(metadata.issued)),
        Fact("extent", _plain(metadata.extent)),
        Fact("language", tuple(Value(Words(terms.language_label(tag, lang))) for tag in metadata.languages)),
        Fact("script", _plain(terms.label("scripts", rare.script, lang))),
        Fact("orthography", _plain(rare.orthography)),
        Fact("provenance", _best(rare.provenance, lang)),
        Fact("copy_notes", _best(rare.copy_notes, lang)),
        Fact("shelf_mark", _plain(rare.shelf_mark)),
        *(Fact(scheme, _subjects(metadata, scheme)) for scheme in ("udc", "bbk", "grnti")),
        *_identifiers(metadata, lang),
        *_relations(metadata, lang),
        Fact("notes", _each(_in_language(metadata.notes, lang))),
    ]


def _roles(contributors: Iterable[Agent], lang: str) -> list[Fact]:
    """A line for each role: «Scientific supervisor: …»."""
    by_role: dict[str, list[Value]] = {}
    for agent in contributors:
        name = agent.name(lang)
        if name.direct:
            address = f"https://orcid.org/{agent.orcid}" if numbers.is_orcid(agent.orcid) else ""
            by_role.setdefault(agent.role, []).append(Value(Words(name.direct, name.lang), address))
    return [Fact("role", tuple(values), _upper(terms.label("roles", role, lang))) for role, values in by_role.items()]


def _identifiers(metadata: Metadata, lang: str) -> list[Fact]:
    found = [(number.scheme, number.value) for number in metadata.identifiers if number.value]
    found += [("issn", metadata.host.issn)] if metadata.host.issn else []
    found += [("isbn", metadata.host.isbn)] if metadata.host.isbn else []
    by_scheme: dict[str, list[Value]] = {}
    for scheme, value in dict.fromkeys(found):
        kept = numbers.normalise_number(scheme, value) or value
        shown = Words(numbers.format_number(scheme, kept))
        by_scheme.setdefault(scheme, []).append(Value(shown, numbers.number_address(scheme, value)))
    order = sorted(by_scheme, key=lambda scheme: DOI_FIRST.index(scheme) if scheme in DOI_FIRST else len(DOI_FIRST))
    return [Fact("identifier", tuple(by_scheme[s]), _upper(terms.label("identifiers", s, lang))) for s in order]


def _relations(metadata: Metadata, lang: str) -> list[Fact]:
    by_kind: dict[str, list[Value]] = {}
    for relation in metadata.relations:
        if relation.value or relation.note:
            address = numbers.number_address("url", relation.value) or numbers.number_address("doi", relation.value)
            by_kind.setdefault(relation.kind, []).append(Value(Words(relation.note or relation.value), address))
    return [Fact("relation", tuple(v), _upper(terms.label("relations", kind, lang))) for kind, v in by_kind.items()]


def _speciality(metadata: Metadata, lang: str) -> tuple[Value, ...]:
    name = best_text(metadata.thesis.speciality_names, lang)
    text = " ".join(part for part in (metadata.thesis.speciality, name.value) if part)
    return (Value(Words(text, name.lang)),) if text else ()


def _subjects(metadata: Metadata, scheme: str) -> tuple[Value, ...]:
    return tuple(Value(Words(s.value)) for s in metadata.subjects if s.scheme == scheme and s.value)


def _in_language(texts: Sequence[Text], lang: str) -> list[Text]:
    """Those in the reader's language; all of them where there is none."""
    filled = [text for text in texts if text.value]
    return [text for text in filled if text.lang.split("-")[0] == lang] or filled


def _best(texts: Sequence[Text], lang: str) -> tuple[Value, ...]:
    text = best_text(texts, lang)
    return (Value(Words(text.value, text.lang)),) if text.value else ()


def _each(texts: Iterable[Text]) -> tuple[Value, ...]:
    return tuple(Value(Words(text.value, text.lang)) for text in texts if text.value)


def _plain(text: str) -> tuple[Value, ...]:
    return (Value(Words(text)),) if text else ()


def _upper(text: str) -> str:
    """With a capital at the start, as on a line of its own; labels of vocabularies begin small."""
    return text[:1].upper() + text[1:]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
