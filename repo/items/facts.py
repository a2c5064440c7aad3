"""The details of a work as lines of a list, «Publisher: …», for one reader's language; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from repo.items.metadata import Agent, Metadata, Text, TextKind, best_text
from repo.vocabularies import numbers, terms

DOI_FIRST = ("doi", "handle", "ark", "isbn", "issn")


@dataclass(frozen=True)
class Words:
    """A text and its language (BCP 47), "" where that is the reader's or none."""

    value: str
    lang: str = ""


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


def find_facts(metadata: Metadata, lang: str) -> tuple[Fact, ...]:
    """Return the details that there are, in the order of the page."""
    return tuple(fact for fact in _facts(metadata, lang) if fact.values)


def _facts(metadata: Metadata, lang: str) -> list[Fact]:
    host, thesis, rare = metadata.host, metadata.thesis, metadata.rare
    main = metadata.title().value
    known = (main, metadata.title(lang).value)  # they stand in the head of the page
    further = (TextKind.ALTERNATIVE, TextKind.TRANSCRIBED)
    other = [text for text in metadata.titles if text.kind in further and text.value not in known]
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
    return [
        Fact("role", tuple(values), upper_first(terms.label("roles", role, lang))) for role, values in by_role.items()
    ]


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
    return [_fact("identifier", "identifiers", scheme, by_scheme[scheme], lang) for scheme in order]


def _relations(metadata: Metadata, lang: str) -> list[Fact]:
    by_kind: dict[str, list[Value]] = {}
    for relation in metadata.relations:
        if relation.value or relation.note:
            address = numbers.number_address("url", relation.value) or numbers.number_address("doi", relation.value)
            by_kind.setdefault(relation.kind, []).append(Value(Words(relation.note or relation.value), address))
    return [
        Fact("relation", tuple(v), upper_first(terms.label("relations", kind, lang))) for kind, v in by_kind.items()
    ]


def _fact(kind: str, vocabulary: str, code: str, values: Sequence[Value], lang: str) -> Fact:
    """A line that is named by a term of a vocabulary."""
    return Fact(kind, tuple(values), upper_first(terms.label(vocabulary, code, lang)))


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


def upper_first(text: str) -> str:
    """With a capital at the start, as on a line of its own; labels of vocabularies begin small."""
    return text[:1].upper() + text[1:]
