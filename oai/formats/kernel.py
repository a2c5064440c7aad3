"""Properties of the DataCite Metadata Schema that two formats write: `datacite`, and `oai_openaire`, whose guidelines
took them over from version 4.1 with shorter lists of terms."""

from collections.abc import Iterable, Iterator, Sequence

from lxml import etree

from oai.formats.elements import add, add_if, clean
from oai.formats.source import Source
from oai.formats.wording import available, files_of, library_name
from repo.items.access import Access
from repo.items.metadata import Agent, Metadata, Text, TextKind, best_text
from repo.vocabularies import identifier_schemes, relations, roles
from repo.vocabularies.numbers import is_orcid, normalise_number

KERNEL = "http://datacite.org/schema/kernel-4"
UNAVAILABLE = ":unav"
"""Stands for a value that is not known (DataCite Metadata Schema 4.6, appendix 3)."""

TITLE_TYPES = {
    TextKind.MAIN: "",
    TextKind.TRANSLATED: "TranslatedTitle",
    TextKind.TRANSCRIBED: "AlternativeTitle",
    TextKind.ALTERNATIVE: "AlternativeTitle",
}

RELATED = ("url", "doi", "ark", "urn", "isbn", "issn")
"""Schemes of numbers that a related work may be named by, in the order in which they are tried."""

Entry = tuple[str, str, dict[str, str]]
"""Text, language and attributes of an element."""


def add_all(root: etree._Element, wrapper: str, name: str, entries: Iterable[Entry]) -> None:
    """Append `<wrapper>` with one `<name>` for each entry that has a text; nothing when none has."""
    box = etree.SubElement(root, f"{{{KERNEL}}}{wrapper}")
    tag = f"{{{KERNEL}}}{name}"
    for text, lang, attributes in entries:
        add_if(box, tag, text, lang, **attributes)
    if not len(box):
        root.remove(box)


def title_entries(titles: Sequence[Text]) -> Iterator[Entry]:
    """The titles; one that says that there is none, because there must be one."""
    if not any(clean(text.value) for text in titles):
        yield UNAVAILABLE, "", {}
    for text in titles:
        yield text.value, text.lang, {"titleType": TITLE_TYPES[text.kind]}


def add_agent(parent: etree._Element, kind: str, agent: Agent, lang: bool = False, **attributes: str) -> None:
    """Append a `<creator>` or `<contributor>` if it has a name, with `lang` in its language."""
    name = agent.name()
    if not clean(name.inverted):
        return
    element = add(parent, f"{{{KERNEL}}}{kind}", **attributes)
    type_ = "Organizational" if agent.organisation else "Personal"
    add(element, f"{{{KERNEL}}}{kind}Name", name.inverted, name.lang if lang else "", nameType=type_)
    if not agent.organisation:
        add_if(element, f"{{{KERNEL}}}givenName", name.given)
        add_if(element, f"{{{KERNEL}}}familyName", name.family)
    if is_orcid(agent.orcid):
        add_identifier(element, "ORCID", "https://orcid.org", agent.orcid)
    for place in agent.affiliations:
        add_if(element, f"{{{KERNEL}}}affiliation", best_text(place.names).value, **_ror_of_affiliation(place.ror))


def add_identifier(parent: etree._Element, scheme: str, uri: str, value: str) -> None:
    """Append the identifier of an agent in its form as an address."""
    tag = f"{{{KERNEL}}}nameIdentifier"
    add(parent, tag, f"{uri}/{value}", nameIdentifierScheme=scheme, schemeURI=uri)


def add_host(parent: etree._Element, source: Source) -> None:
    """Append the library as the institution from which the work can be had."""
    name = library_name(source)
    if not clean(name):
        return
    element = add(parent, f"{{{KERNEL}}}contributor", contributorType="HostingInstitution")
    add(element, f"{{{KERNEL}}}contributorName", name, nameType="Organizational")
    if source.library.ror:
        add_identifier(element, "ROR", "https://ror.org", bare_ror(source.library.ror))


def bare_ror(ror: str) -> str:
    return ror.removeprefix("https://ror.org/")


def _ror_of_affiliation(ror: str) -> dict[str, str]:
    if not ror:
        return {}
    return {
        "affiliationIdentifier": f"https://ror.org/{bare_ror(ror)}",
        "affiliationIdentifierScheme": "ROR",
        "schemeURI": "https://ror.org",
    }


def contributor_type(role: str, openaire: bool = False) -> str:
    """The contributorType of a role, "Other" for roles that have none."""
    known = roles().get(role)
    if known is None:
        return "Other"
    return (openaire and known.openaire) or known.datacite or "Other"


def funder_names(contributors: Sequence[Agent]) -> Iterator[str]:
    """The names of those who paid."""
    return filter(None, (clean(agent.name().inverted) for agent in contributors if agent.role == "funder"))


def number_entries(metadata: Metadata, without: str = "") -> Iterator[Entry]:
    """The identifiers of the item, but for the DOI `without`."""
    for number in metadata.identifiers:
        if not (without and number.scheme == "doi" and normalise_number("doi", number.value) == without):
            known = identifier_schemes().get(number.scheme)
            type_ = (known.datacite or known.label("en")) if known else number.scheme
            yield number.value, "", {"alternateIdentifierType": clean(type_) or "other"}


def related_entries(metadata: Metadata, openaire: bool = False) -> Iterator[Entry]:
    """Related works that a number or an address names, and the host."""
    for relation in metadata.relations:
        kind = relations().get(relation.kind)
        number = related_number(relation.value)
        if kind and number:
            type_ = (openaire and kind.openaire) or kind.code
            yield number[1], "", {"relatedIdentifierType": number[0], "relationType": type_}
    in_host = "IsPartOf" if openaire else "IsPublishedIn"
    for scheme, value in (("ISSN", metadata.host.issn), ("ISBN", metadata.host.isbn)):
        yield value, "", {"relatedIdentifierType": scheme, "relationType": in_host}


def related_number(value: str) -> tuple[str, str] | None:
    """Return relatedIdentifierType and number of a related work; None for a value that is in no scheme."""
    for scheme in RELATED:
        number = normalise_number(scheme, value)
        if number and not (scheme == "url" and normalise_number("doi", value)):
            return identifier_schemes()[scheme].datacite, number
    return None


def subject_entries(metadata: Metadata) -> Iterator[Entry]:
    """Keywords, classes of classifications, the speciality of a thesis."""
    yield from ((text.value, text.lang, {}) for text in metadata.keywords)
    yield from ((s.value, "", {"subjectScheme": s.scheme.upper()}) for s in metadata.subjects)
    code = metadata.thesis.speciality
    names = metadata.thesis.speciality_names
    yield from ((f"{code} {name.value}", name.lang, {}) for name in names if name.value)
    if not names:
        yield code, "", {}


def date_entries(source: Source, issued: str, embargo_start: str = "") -> Iterator[Entry]:
    """Date of publication; when the files open or opened; with `embargo_start` the dateType of an embargo's begin.

    `dateInformation` has the date in EDTF where W3CDTF cannot say it.
    """
    exact = source.metadata.issued
    yield issued, "", {"dateType": "Issued", "dateInformation": exact if exact != issued else ""}
    if source.access is Access.EMBARGOED and embargo_start:
        yield source.published.date().isoformat(), "", {"dateType": embargo_start}
    yield available(source), "", {"dateType": "Available"}


def sizes(source: Source) -> Iterator[Entry]:
    """How large the work is: as the description says, then the files in bytes."""
    yield source.metadata.extent, "", {}
    yield from ((f"{file.size} bytes", "", {}) for file in files_of(source))
