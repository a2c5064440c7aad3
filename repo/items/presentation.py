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
from repo.items.facts import Fact, Words, find_facts, upper_first
from repo.items.metadata import Agent, Metadata, best_text
from repo.vocabularies import terms
from repo.web.folding import fold_text

if TYPE_CHECKING:
    from repo.items.models import Version


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
        kind=upper_first(terms.label("types", metadata.type, lang)),
        year=metadata.year,
        languages=tuple(upper_first(terms.language_label(tag, lang)) for tag in metadata.languages),
        title=Words(title.value, title.lang),
        alias=Words(translated.value, translated.lang) if translated.value != title.value else None,
        people=tuple(_person(agent, lang, own, places) for agent in metadata.creators if agent.name().direct),
        places=tuple(ShownPlace(n, name, ror) for n, (name, ror) in enumerate(places, start=1)),
        texts=_texts(metadata, lang, own),
        files=tuple(_file(file, metadata.access, embargo, lang, at) for file in files),
        facts=find_facts(metadata, lang),
        licence=_licence(metadata.licence, lang),
        access=access,
        access_label=upper_first(terms.label("access", access, lang)),
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
        language=upper_first(terms.language_label(tag, lang)),
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
        access_label=upper_first(terms.label("access", rule, lang)),
        until=until if rule is Access.EMBARGOED else None,
    )


def _licence(code: str, lang: str) -> ShownLicence | None:
    term = terms.licences().get(code)
    if term is None:
        return ShownLicence("", code, "", "") if code else None
    return ShownLicence(term.short, term.label(lang), term.explanations.get(lang, ""), term.url)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
