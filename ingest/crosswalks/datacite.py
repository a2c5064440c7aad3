"""DataCite Metadata Schema 3 and 4 (4.6), also in the wrapper of `oai_datacite`: `element -> Found`; pure.

OpenAIRE's application profile is made of the same elements and reads them from here.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from lxml.etree import _Element

from ingest.crosswalks.elements import below, children, first_text, lang_of, local_name, text_of
from ingest.crosswalks.found import Found
from ingest.crosswalks.people import agent_of, agents_of
from ingest.crosswalks.values import (
    access_of,
    date_of,
    language_of,
    licence_of,
    number_of,
    numbers_of,
    texts_of,
    titles_of,
    type_of,
)
from repo.items.access import Access
from repo.items.metadata import (
    Affiliation,
    Agent,
    Host,
    Metadata,
    Number,
    PersonName,
    Relation,
    Subject,
    Text,
    TextKind,
)
from repo.vocabularies import relations, roles
from repo.vocabularies.numbers import is_orcid, is_ror, strip_prefix

TITLE_KINDS = {
    "AlternativeTitle": TextKind.ALTERNATIVE,
    "Subtitle": TextKind.ALTERNATIVE,
    "TranslatedTitle": TextKind.TRANSLATED,
    "Other": TextKind.ALTERNATIVE,
}
ROLES = {"ContactPerson": "contributor", "ProjectManager": "project-leader", "Sponsor": "funder"}
NOTES = ("Methods", "SeriesInformation", "TableOfContents", "TechnicalInfo", "Other")
SCHEMES = {"udc": "udc", "bbk": "bbk", "grnti": "grnti"}


def read(element: _Element) -> Found:
    """The description in a `<resource>`; around it may be `<oai_datacite><payload>`."""
    resource = find_resource(element)
    access, until = read_access(resource)
    kinds = [one.get("resourceTypeGeneral") or "" for one in children(resource, "resourceType")]
    metadata = Metadata(
        type=type_of([*map(text_of, children(resource, "resourceType")), *kinds]),
        languages=[tag for tag in map(language_of, map(text_of, children(resource, "language"))) if tag],
        abstracts=texts_of(_descriptions(resource, "Abstract")),
        notes=texts_of(
            _descriptions(resource, "Methods", "SeriesInformation", "TableOfContents", "TechnicalInfo", "Other")
        ),
        publishers=texts_of(Text(value=text_of(one), lang=lang_of(one)) for one in children(resource, "publisher")),
        extent=first_text(resource, "sizes", "size"),
        edition=first_text(resource, "version"),
        access=access,
        embargo_until=until,
        **read_shared(resource),
    )
    metadata.issued = metadata.issued or date_of(first_text(resource, "publicationYear"))
    address = next((n.value for n in metadata.identifiers if n.scheme == "url"), "")
    doi = next((n.value for n in metadata.identifiers if n.scheme == "doi"), "")
    return Found(metadata, address or (f"https://doi.org/{doi}" if doi else ""))


def find_resource(element: _Element) -> _Element:
    if local_name(element) == "resource":
        return element
    return next(iter(below(element, "payload", "resource")), element)


def read_shared(resource: _Element) -> dict[str, Any]:
    """The fields of a description that DataCite and OpenAIRE write alike."""
    return {
        "titles": titles_of(_title(one) for one in below(resource, "titles", "title")),
        "creators": agents_of(_agent(one, "creatorName", "author") for one in below(resource, "creators", "creator")),
        "contributors": agents_of(
            _agent(one, "contributorName", role_of(one.get("contributorType") or ""))
            for one in below(resource, "contributors", "contributor")
        ),
        "keywords": texts_of(
            Text(value=text_of(one), lang=lang_of(one))
            for one in below(resource, "subjects", "subject")
            if _scheme(one) not in SCHEMES
        ),
        "subjects": [
            Subject(scheme=SCHEMES[_scheme(one)], value=text_of(one))
            for one in below(resource, "subjects", "subject")
            if _scheme(one) in SCHEMES
        ],
        "issued": _issued(resource),
        "identifiers": numbers_of(_numbers(resource)),
        "relations": list(_relations(resource)),
        "host": _host(resource),
        "licence": licence_of(_rights(resource)),
    }


def read_access(resource: _Element) -> tuple[Access, str]:
    """Who may read the files, and the first open day of an embargo."""
    until = next((day for kind, day in _dates(resource) if kind == "Available" and len(day) == 10), "")
    access = access_of(_rights(resource)) or Access.OPEN
    return access, until if access is Access.EMBARGOED else ""


def role_of(contributor_type: str) -> str:
    """Our role for a contributorType."""
    if contributor_type in ROLES:
        return ROLES[contributor_type]
    known = (code for code, term in roles().items() if term.datacite == contributor_type != "Other")
    return {"Editor": "editor"}.get(contributor_type) or next(known, "contributor")


def _title(element: _Element) -> Text:
    kind = TITLE_KINDS.get(element.get("titleType") or "", TextKind.MAIN)
    return Text(value=text_of(element), lang=lang_of(element), kind=kind)


def _agent(element: _Element, name: str, role: str) -> Agent | None:
    """A creator or contributor with number and affiliations; the parts of the name where they are told apart."""
    shown = next(iter(children(element, name)), None)
    if shown is None:
        return None
    organisation = shown.get("nameType") == "Organizational"
    agent = agent_of(text_of(shown), lang_of(shown), role, organisation=organisation)
    if agent is None:
        return None
    family, given = first_text(element, "familyName"), first_text(element, "givenName")
    if family and not organisation:
        agent.names = [PersonName(family=family, given=given, lang=lang_of(shown))]
    numbers = [strip_prefix("orcid", text_of(one)) for one in children(element, "nameIdentifier")]
    agent.orcid = next((number for number in numbers if is_orcid(number)), agent.orcid)
    agent.affiliations = [_affiliation(one) for one in children(element, "affiliation") if text_of(one)]
    return agent


def _affiliation(element: _Element) -> Affiliation:
    ror = strip_prefix("ror", element.get("affiliationIdentifier") or "")
    return Affiliation(names=[Text(value=text_of(element), lang=lang_of(element))], ror=ror if is_ror(ror) else "")


def _scheme(element: _Element) -> str:
    return (element.get("subjectScheme") or "").lower()


def _descriptions(resource: _Element, *kinds: str) -> Iterator[Text]:
    for one in below(resource, "descriptions", "description"):
        if (one.get("descriptionType") or "Abstract") in kinds:
            yield Text(value=text_of(one), lang=lang_of(one))


def _dates(resource: _Element) -> Iterator[tuple[str, str]]:
    for one in below(resource, "dates", "date"):
        if day := date_of(text_of(one)):
            yield one.get("dateType") or "", day


def _issued(resource: _Element) -> str:
    dates = list(_dates(resource))
    for kind in ("Issued", "Created", "Accepted", "Submitted", "Copyrighted"):
        if day := next((day for told, day in dates if told == kind), ""):
            return day
    return ""


def _numbers(resource: _Element) -> Iterator[Number | None]:
    for one in children(resource, "identifier"):
        yield number_of(text_of(one), one.get("identifierType") or "")
    for one in below(resource, "alternateIdentifiers", "alternateIdentifier"):
        yield number_of(text_of(one), one.get("alternateIdentifierType") or "")


def _related(resource: _Element) -> Iterable[tuple[str, str, str]]:
    """(relationType, identifier type, value) of all related identifiers."""
    for one in below(resource, "relatedIdentifiers", "relatedIdentifier"):
        yield one.get("relationType") or "", (one.get("relatedIdentifierType") or "").lower(), text_of(one)


def _relations(resource: _Element) -> Iterator[Relation]:
    for kind, scheme, value in _related(resource):
        number = number_of(value, scheme)
        if kind in relations() and number is not None and number.scheme not in ("issn", "isbn"):
            yield Relation(kind=kind, value=number.value if number.scheme in ("doi", "url") else value)


def _host(resource: _Element) -> Host:
    """What the work stands in: numbers of type IsPartOf, and the related item that is so called (4.4)."""
    host = Host()
    for kind, scheme, value in _related(resource):
        number = number_of(value, scheme)
        if kind in ("IsPartOf", "IsPublishedIn") and number is not None and number.scheme in ("issn", "isbn"):
            setattr(host, number.scheme, getattr(host, number.scheme) or number.value)
    for one in below(resource, "relatedItems", "relatedItem"):
        if one.get("relationType") in ("IsPartOf", "IsPublishedIn"):
            host.titles = texts_of(Text(value=text_of(t), lang=lang_of(t)) for t in below(one, "titles", "title"))
            host.volume, host.issue = first_text(one, "volume"), first_text(one, "issue")
            host.pages = "-".join(filter(None, [first_text(one, "firstPage"), first_text(one, "lastPage")]))
    return host


def _rights(resource: _Element) -> list[str]:
    found = [*below(resource, "rightsList", "rights"), *children(resource, "rights")]
    return [text for one in found for text in (one.get("rightsURI") or "", text_of(one)) if text]
