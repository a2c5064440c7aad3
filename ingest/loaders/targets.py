"""The paths of our description to which a column or a field may be mapped, and how a value is put there; pure.

A path names a place ("title", "identifiers.isbn"), with the language of the text in brackets ("title[ru]"). What a
record says beside its description has paths too: its key, its files, its collection, its old addresses.
`ingest/loaders/entry.py` reads whole records with them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from functools import cache, lru_cache
from typing import Any

from ingest.crosswalks.people import agent_of
from ingest.loaders import values
from ingest.loaders.values import Reader, WrongError, number_reader, term_reader
from repo.items.access import Access
from repo.items.metadata import Affiliation, Agent, Metadata, Relation, Subject, Text, TextKind
from repo.vocabularies import identifier_schemes, relations, roles
from repo.vocabularies.numbers import normalise_number

PATH = re.compile(r"([a-z_]+(?:\.[A-Za-z_-]+)*)(?:\[([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)\])?")


@dataclass
class Parts:
    """A work while it is read. `people` are those who were put in under a path, so that other columns find them."""

    metadata: Metadata = field(default_factory=Metadata)
    key: str = ""
    collection: str = ""
    files: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    people: dict[str, list[Agent]] = field(default_factory=dict)


@dataclass(frozen=True)
class Value:
    """One value of a field: `place` is its number among them, `lang` the language that the path names."""

    text: str
    lang: str = ""
    place: int = 0


BESIDE = frozenset(one.name for one in fields(Parts)) - {"metadata"}
"""The fields of what is told beside the description."""
Put = Callable[[Parts, Value], None]
"""Raises WrongError for what the place cannot hold."""


@dataclass(frozen=True)
class Target:
    """A place for values; `field` is where it lies in `Parts` or, more often, in its metadata.

    `several`: a cell may hold more than one; `parallel`: its values belong, one by one, to those of another field;
    `translated`: its texts are in a language; `vocabulary`: whose terms it takes.
    """

    path: str
    field: str
    put: Put
    several: bool = False
    parallel: bool = False
    translated: bool = False
    vocabulary: str = ""

    def filled(self, parts: Parts) -> bool:
        """Whether anything was said here; open access is what is taken when nothing is."""
        found = value_of(parts if self.is_beside else parts.metadata, self.field)
        return bool(found) and found is not Access.OPEN

    @property
    def is_beside(self) -> bool:
        """Whether it is told beside the description."""
        return self.field in BESIDE


@lru_cache(maxsize=4096)
def find_target(path: str) -> tuple[Target, str] | None:
    """The target of a path and the language in its brackets; None when our description has no such place."""
    found = PATH.fullmatch(path.strip())
    target = targets().get(found[1]) if found else None
    if found is None or target is None or (found[2] and not target.translated):
        return None
    try:
        return target, values.read_language(found[2]) if found[2] else ""
    except WrongError:
        return None


@cache
def targets() -> dict[str, Target]:
    """All places by their paths, in the order in which a record's fields are put there."""
    return {
        target.path: target for target in (*_own(), *_described(), *_people(), *_numbers(), *_grouped(), *_rights())
    }


def value_of(holder: Any, field: str) -> Any:
    """What stands in a field, "host.titles"."""
    for name in field.split("."):
        holder = getattr(holder, name)
    return holder


def put_value(holder: Any, field: str, value: Any) -> None:
    """Put a value into a field in the place of what stands there."""
    way, _, name = field.rpartition(".")
    setattr(value_of(holder, way) if way else holder, name, value)


# ---------------------------------------------------------------- how values are put


def _holder(parts: Parts, field: str) -> Any:
    return parts if field in BESIDE else parts.metadata


def _one(path: str, field: str, read: Reader = str, vocabulary: str = "") -> Target:
    """A place for one value: a second one is a fault, so that none is lost unsaid."""

    def put(parts: Parts, value: Value) -> None:
        if value.place:
            raise WrongError
        put_value(_holder(parts, field), field, read(value.text))

    return Target(path, field, put, vocabulary=vocabulary)


def _many(path: str, field: str, read: Reader = str, vocabulary: str = "") -> Target:
    def put(parts: Parts, value: Value) -> None:
        value_of(_holder(parts, field), field).append(read(value.text))

    return Target(path, field, put, several=True, vocabulary=vocabulary)


def _texts(path: str, field: str, kind: TextKind = TextKind.MAIN, several: bool = False) -> Target:
    def put(parts: Parts, value: Value) -> None:
        value_of(_holder(parts, field), field).append(Text(value=value.text, lang=value.lang, kind=kind))

    return Target(path, field, put, several=several, translated=True)


def _agents(path: str, field: str, role: str, organisation: bool = False) -> Target:
    """People by names like «Айтматов, Чыңгыз»; in a column of another language, other names of the same people."""

    def put(parts: Parts, value: Value) -> None:
        agent = agent_of(value.text, value.lang, role, organisation=organisation)
        if agent is None:
            raise WrongError
        known = parts.people.setdefault(path, [])
        same = known[value.place] if value.place < len(known) else None
        if same is not None and value.lang and value.lang not in [name.lang for name in same.names]:
            same.names.extend(agent.names)
            return
        known.append(agent)
        getattr(parts.metadata, field).append(agent)

    return Target(path, field, put, several=True, translated=True)


def _of_agent(path: str, whose: str, put_in: Callable[[Agent, Value], None], translated: bool = False) -> Target:
    """Something of each of the people under the path `whose`."""

    def put(parts: Parts, value: Value) -> None:
        known = parts.people.get(whose) or []
        if value.place >= len(known):
            raise WrongError
        put_in(known[value.place], value)

    return Target(
        path, "creators" if whose == "creators" else "contributors", put, parallel=True, translated=translated
    )


def _put_orcid(agent: Agent, value: Value) -> None:
    agent.orcid = values.read_orcid(value.text)


def _put_affiliation(agent: Agent, value: Value) -> None:
    text = Text(value=value.text, lang=value.lang)
    if value.lang and agent.affiliations and value.lang not in [name.lang for name in agent.affiliations[0].names]:
        agent.affiliations[0].names.append(text)
    else:
        agent.affiliations.append(Affiliation(names=[text]))


# ---------------------------------------------------------------- the places


def _own() -> Iterator[Target]:
    """What is told beside the description."""
    yield _one("key", "key")
    yield _one("collection", "collection")
    yield _many("files", "files")
    yield _many("addresses", "addresses")


def _described() -> Iterator[Target]:
    yield _one("type", "type", values.read_type, "types")
    yield _texts("title", "titles")
    for kind in (TextKind.TRANSLATED, TextKind.TRANSCRIBED, TextKind.ALTERNATIVE):
        yield _texts(f"title.{kind}", "titles", kind)
    yield _many("language", "languages", values.read_language, "languages")
    yield _one("date", "issued", values.read_date)
    yield _texts("abstract", "abstracts")
    yield _texts("keywords", "keywords", several=True)
    for scheme in ("udc", "bbk", "grnti"):
        yield Target(f"subjects.{scheme}", "subjects", _subject(scheme), several=True)
    yield _texts("publisher", "publishers", several=True)
    yield _texts("place", "places", several=True)
    yield _one("edition", "edition")
    yield _one("extent", "extent")
    yield _texts("notes", "notes")


def _subject(scheme: str) -> Put:
    return lambda parts, value: parts.metadata.subjects.append(Subject(scheme=scheme, value=value.text))


def _people() -> Iterator[Target]:
    """ "creators" are authors; "creators.editor" and "contributors.editor" have the role of that name."""
    for field_name, usual in (("creators", "author"), ("contributors", "contributor")):
        yield _agents(field_name, field_name, usual)
        yield _agents(f"{field_name}.organisation", field_name, usual, organisation=True)
        yield _of_agent(f"{field_name}.orcid", field_name, _put_orcid)
        yield _of_agent(f"{field_name}.affiliation", field_name, _put_affiliation, translated=True)
        for role in roles():
            yield _agents(f"{field_name}.{role}", field_name, role)


def _numbers() -> Iterator[Target]:
    for scheme in ("", *identifier_schemes()):
        read = number_reader(scheme)

        def put(parts: Parts, value: Value, read: Any = read) -> None:
            parts.metadata.identifiers.append(read(value.text))

        yield Target(f"identifiers.{scheme}".rstrip("."), "identifiers", put, several=True)
    for kind in relations():
        yield Target(f"relations.{kind}", "relations", _relation(kind), several=True)


def _relation(kind: str) -> Put:
    """The other end by an address or a DOI; in words, where it has neither."""

    def put(parts: Parts, value: Value) -> None:
        told = normalise_number("url", value.text) or normalise_number("doi", value.text)
        parts.metadata.relations.append(Relation(kind=kind, value=told or "", note="" if told else value.text))

    return put


def _grouped() -> Iterator[Target]:
    """Where an article stands, what a thesis was for, what is known of an old book."""
    yield _texts("host.title", "host.titles")
    for name in ("volume", "issue", "pages"):
        yield _one(f"host.{name}", f"host.{name}")
    for name in ("issn", "isbn"):
        read = number_reader(name)
        yield _one(f"host.{name}", f"host.{name}", lambda text, read=read: read(text).value)  # type: ignore[misc]
    yield _one("thesis.degree", "thesis.degree", term_reader("degrees"), "degrees")
    yield _one("thesis.speciality", "thesis.speciality")
    yield _texts("thesis.speciality_name", "thesis.speciality_names")
    yield _texts("thesis.institution", "thesis.institutions")
    yield _one("thesis.council", "thesis.council")
    yield _one("thesis.defended", "thesis.defended", values.read_date)
    yield _one("rare.script", "rare.script", term_reader("scripts"), "scripts")
    yield _one("rare.orthography", "rare.orthography")
    yield _one("rare.shelf_mark", "rare.shelf_mark")
    yield _texts("rare.provenance", "rare.provenance")
    yield _texts("rare.copy_notes", "rare.copy_notes")


def _rights() -> Iterator[Target]:
    yield _one("rights.licence", "licence", values.read_licence, "licences")
    yield Target("rights.access", "access", _put_access, vocabulary="access")
    yield Target("embargo", "embargo_until", _put_embargo)


def _put_access(parts: Parts, value: Value) -> None:
    parts.metadata.access = Access(values.read_access(value.text))


def _put_embargo(parts: Parts, value: Value) -> None:
    """A first open day means an embargo, unless the work stays shut for another reason."""
    parts.metadata.embargo_until = values.read_day(value.text)
    if parts.metadata.access is Access.OPEN:
        parts.metadata.access = Access.EMBARGOED
