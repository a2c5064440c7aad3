"""The sets that harvesters choose from: libraries with their collections, types, access, languages, themes."""

from collections.abc import Iterable, Iterator, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from oai.formats import FORMATS
from oai.formats.source import Source
from oai.models import OaiSet, OaiSetMember
from oai.sources import Entry
from repo.items.access import Access
from repo.members.models import Collection, Library
from repo.vocabularies import Term, access_rights, languages, type_groups, types

LIBRARIES = "library"
"""The set of all libraries' items; a library's set lies below it, its collections below that."""

OPENAIRE = "openaire"
"""What the guidelines for literature repositories (3.0, "Use of OAI-PMH") let OpenAIRE harvest: works with a text."""

RARE = "rare"
THESES = "theses"

THEMES: dict[str, Mapping[str, str]] = {
    OPENAIRE: {"en": "OpenAIRE"},
    RARE: {"ky": "Сейрек китептер", "ru": "Редкие книги", "en": "Rare books"},
    THESES: type_groups()[THESES].labels,
}

VOCABULARIES = {"type": types, "access": access_rights, "language": languages}
"""Sets "type:book" and so on, below a set of the vocabulary's name, for each of its terms."""

UNSAID = {"type": "other", "language": "und"}
"""Where an item belongs whose description says nothing, or nothing known."""

UNDETERMINED = {"ky": "Тили көрсөтүлгөн эмес", "ru": "Язык не указан", "en": "Language not given"}

NAMES: dict[str, Mapping[str, str]] = {
    LIBRARIES: {"ky": "Бардык китепканалар", "ru": "Все библиотеки", "en": "All libraries"},
    "type": {"ky": "Түрлөр", "ru": "Виды работ", "en": "Types"},
    "access": {"ky": "Жеткиликтүүлүк", "ru": "Доступ", "en": "Access"},
    "language": {"ky": "Тилдер", "ru": "Языки", "en": "Languages"},
}


def set_specs(entry: Entry) -> list[str]:
    """The sets that an item is in, without those above them, in the order of its header."""
    source = entry.source
    specs = [":".join((LIBRARIES, *path)) for path in entry.paths]
    specs.append(f"access:{source.access.value}")
    specs.append(f"type:{source.metadata.type if source.metadata.type in types() else UNSAID['type']}")
    known = [code for code in source.metadata.languages if code in languages()]
    specs += [f"language:{code}" for code in known or [UNSAID["language"]]]
    return list(dict.fromkeys([*specs, *_themes(source)]))


def _themes(source: Source) -> Iterator[str]:
    known = types().get(source.metadata.type)
    if source.files and source.access is not Access.CLOSED:
        yield OPENAIRE
    if known is not None and "rare" in known.sections:
        yield RARE
    if known is not None and known.group == THESES:
        yield THESES


def memberships(specs: Iterable[str]) -> set[str]:
    """All keys of membership: the sets, those above them, and both again within each set that has formats of its
    own. The roots of the hierarchies are left out: everything is in them."""
    whole = {above for spec in specs for above in _with_ancestors(spec)} - NAMES.keys()
    own = {format_.only for format_ in FORMATS.values() if format_.only} & whole
    return whole | {within(only, spec) for only in own for spec in whole}


def within(only: str, spec: str) -> str:
    """The key of what is in both sets; no setSpec has a slash (OAI-PMH.xsd, setSpecType)."""
    return f"{only}/{spec}"


def key_of(only: str, spec: str) -> str:
    """The key of the rows that a list of the set `spec` walks along, in a format that the set `only` alone has; "" for
    all records."""
    if spec in NAMES:  # a root: it narrows nothing
        spec = ""
    return within(only, spec) if only and spec else only or spec


def _with_ancestors(spec: str) -> Iterator[str]:
    parts = spec.split(":")
    return (":".join(parts[: n + 1]) for n in range(len(parts)))


def describe_sets(session: Session) -> None:
    """Write the sets as libraries, collections and vocabularies stand now; called when these change."""
    known = {described.spec: described for described in session.scalars(sa.select(OaiSet))}
    wanted = {described.spec: described for described in _describe(session)}
    for spec, described in wanted.items():
        if spec not in known:
            session.add(described)
        else:
            kept = known[spec]
            kept.kind, kept.name, kept.description = described.kind, described.name, described.description
    session.flush()
    # Of a set that is no more the members stay listed until their records are written anew.
    gone = OaiSet.spec.in_(sorted(known.keys() - wanted.keys()))
    session.execute(sa.delete(OaiSet).where(gone, ~sa.exists().where(OaiSetMember.spec == OaiSet.spec)))


def _describe(session: Session) -> Iterator[OaiSet]:
    yield OaiSet(spec=LIBRARIES, kind="library", name=_joined(NAMES[LIBRARIES]))
    libraries = {row.id: row for row in session.execute(sa.select(Library.id, Library.code, Library.names))}
    for library in libraries.values():
        yield OaiSet(spec=f"{LIBRARIES}:{library.code}", kind="library", name=_joined(library.names))
    columns = (Collection.id, Collection.path, Collection.code, Collection.names, Collection.about)
    collections = session.execute(sa.select(*columns, Collection.library_id)).all()
    codes = {collection.id: collection.code for collection in collections}
    for collection in collections:
        path = [codes[int(part)] for part in collection.path.split("/") if part]
        yield OaiSet(
            spec=":".join((LIBRARIES, libraries[collection.library_id].code, *path)),
            kind="collection",
            name=_joined(collection.names),
            description=_joined(collection.about) or None,
        )
    for kind, vocabulary in VOCABULARIES.items():
        yield OaiSet(spec=kind, kind=kind, name=_joined(NAMES[kind]))
        yield from (_of_term(kind, term) for term in vocabulary().values())
    yield OaiSet(spec=f"language:{UNSAID['language']}", kind="language", name=_joined(UNDETERMINED))
    for spec, names in THEMES.items():
        yield OaiSet(spec=spec, kind="theme", name=_joined(names))


def _of_term(kind: str, term: Term) -> OaiSet:
    return OaiSet(spec=f"{kind}:{term.code}", kind=kind, name=_joined(term.labels))


def _joined(names: Mapping[str, str]) -> str:
    """A set has one name (OAI-PMH 2.0, 4.6): all languages in it, English last, each once."""
    return " / ".join(dict.fromkeys(names[lang] for lang in ("ky", "ru", "en") if names.get(lang)))
