"""The Europeana Data Model, as providers deliver it (EDM external, RDF/XML).

Rules: EDM Mapping Guidelines 2.4 and the schema EDM-EXTERNAL-MAIN.xsd (metis-schema), which fixes the order of the
properties of web resources and aggregations and the rights statements that Europeana knows.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from lxml import etree

from oai.formats.elements import XML_LANG, clean, root_element, xml_lang
from oai.formats.source import Source, SourceFile
from oai.formats.wording import library_name
from repo.items.metadata import Agent, Host, Metadata, Relation, Text, TextKind, main_text
from repo.vocabularies import languages, licences, types
from repo.vocabularies.numbers import is_orcid, number_address

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SCHEMA = "http://www.europeana.eu/schemas/edm/EDM.xsd"
NAMESPACES = {
    "rdf": RDF,
    "edm": "http://www.europeana.eu/schemas/edm/",
    "ore": "http://www.openarchives.org/ore/terms/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "ebucore": "http://www.ebu.ch/metadata/ontologies/ebucore/ebucore#",
}
ABOUT, RESOURCE = f"{{{RDF}}}about", f"{{{RDF}}}resource"

TYPES = {"Image": "IMAGE", "StillImage": "IMAGE", "MovingImage": "VIDEO", "Sound": "SOUND"}
"""edm:type by DCMI type. It has nothing for data and software, which are TEXT like all that is read."""

# Rights statements that Europeana knows, by our addresses of them; it knows them with http.
KNOWN_RIGHTS = re.compile(r"https?://(creativecommons\.org/(licenses|publicdomain)/|rightsstatements\.org/vocab/InC/)")
NOT_EVALUATED = "http://rightsstatements.org/vocab/CNE/1.0/"
PREVIEWS = frozenset({"image/jpeg", "image/png"})
RELATIONS = {
    "IsPartOf": "dcterms:isPartOf",
    "HasPart": "dcterms:hasPart",
    "IsNewVersionOf": "dcterms:isVersionOf",
    "IsPreviousVersionOf": "dcterms:hasVersion",
    "IsVariantFormOf": "dcterms:isFormatOf",
    "IsOriginalFormOf": "dcterms:hasFormat",
    "IsIdenticalTo": "dcterms:isFormatOf",
    "Continues": "dcterms:replaces",
    "IsContinuedBy": "dcterms:isReplacedBy",
    "References": "dcterms:references",
    "Cites": "dcterms:references",
    "IsReferencedBy": "dcterms:isReferencedBy",
    "IsCitedBy": "dcterms:isReferencedBy",
}
# What an IRI may not hold (RFC 3987, 2.2): such a relation is told as text.
NO_ADDRESS = re.compile(r"[\x00-\x20<>\"{}|\\^`]")

Statement = tuple[str, str, str]
"""Property, value and language; the language `RESOURCE` says that the value is an address."""


def render(source: Source) -> etree._Element:
    """Return the `<rdf:RDF>` of an item: the object, its web resources, people with an ORCID, the aggregation."""
    root = root_element(f"{{{RDF}}}RDF", NAMESPACES, RDF, SCHEMA)
    rights = _rights(source.metadata)
    _add(root, "edm:ProvidedCHO", f"{source.address}#object", _object(source))
    _add(root, "edm:WebResource", source.address, [("dc:format", "text/html", "")])
    before = _pages_before(source)
    for file in source.open_files:
        _add(root, "edm:WebResource", file.address, _web_resource(file, before.get(file.name, ""), rights))
    for orcid, agent in _people(source.metadata).items():
        _add(root, "edm:Agent", f"https://orcid.org/{orcid}", _agent(agent))
    _add(root, "ore:Aggregation", f"{source.address}#aggregation", _aggregation(source, rights))
    return root


def _add(root: etree._Element, kind: str, about: str, statements: Iterable[Statement]) -> None:
    element = etree.SubElement(root, _name(kind))
    element.set(ABOUT, about)
    for name, value, lang in dict.fromkeys(statements):
        if not (value := clean(value)):
            continue
        said = etree.SubElement(element, _name(name))
        if lang == RESOURCE:
            said.set(RESOURCE, value)
            continue
        said.text = value
        if lang := xml_lang(lang):
            said.set(XML_LANG, lang)


def _name(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def _object(source: Source) -> Iterator[Statement]:
    """The work itself; `edm:currentLocation` and `edm:type` stand last (EDM-COMMON-MAIN.xsd)."""
    metadata = source.metadata
    yield from _titles(metadata.titles)
    for name, agents in (("dc:creator", metadata.creators), ("dc:contributor", metadata.contributors)):
        yield from (statement for agent in agents for statement in _person(name, agent))
    yield from _texts("dc:publisher", metadata.publishers or metadata.thesis.institutions)
    yield "dcterms:issued", metadata.issued, ""
    yield from _language(metadata)
    yield from _kind(metadata)
    yield from _texts("dc:subject", metadata.keywords)
    yield from (("dc:subject", f"{one.scheme.upper()} {one.value}".strip(), "") for one in metadata.subjects)
    yield from _texts("dc:description", [*metadata.abstracts, *metadata.notes])
    yield from _texts("dcterms:spatial", metadata.places)
    yield "dcterms:extent", metadata.extent, ""
    yield from _texts("dcterms:provenance", [*metadata.rare.provenance, *metadata.rare.copy_notes])
    yield "dc:identifier", source.identifier, ""
    for number in metadata.identifiers:
        bare = f"{number.scheme}:{number.value}" if number.scheme else number.value
        yield "dc:identifier", number_address(number.scheme, number.value) or bare, ""
    yield from _host(metadata.host)
    yield from map(_relation, metadata.relations)
    yield "edm:currentLocation", ", ".join(filter(None, (library_name(source), metadata.rare.shelf_mark))), ""
    known = types().get(metadata.type)
    yield "edm:type", TYPES.get(known.dcmi, "TEXT") if known else "TEXT", ""


def _texts(name: str, texts: Iterable[Text]) -> Iterator[Statement]:
    return ((name, text.value, text.lang) for text in texts)


def _titles(titles: list[Text]) -> Iterator[Statement]:
    """The title and its translations, one a language; what else it is called are alternatives."""
    main = main_text(titles)
    for text in titles:
        is_title = text is main or text.kind in (TextKind.MAIN, TextKind.TRANSLATED)
        yield "dc:title" if is_title else "dcterms:alternative", text.value, text.lang


def _person(name: str, agent: Agent) -> Iterator[Statement]:
    """A reference to people who have an ORCID, else all their names."""
    if is_orcid(agent.orcid):
        yield name, f"https://orcid.org/{agent.orcid}", RESOURCE
        return
    yield from ((name, one.inverted, one.lang) for one in agent.names)


def _people(metadata: Metadata) -> dict[str, Agent]:
    agents = [*metadata.creators, *metadata.contributors]
    return {agent.orcid: agent for agent in reversed(agents) if is_orcid(agent.orcid)}


def _agent(agent: Agent) -> Iterator[Statement]:
    """One preferred name a language, as SKOS has it; then the others."""
    preferred = {name.lang: name for name in reversed(agent.names)}
    yield from (("skos:prefLabel", preferred[lang].inverted, lang) for lang in sorted(preferred))
    yield from (("skos:altLabel", name.inverted, name.lang) for name in agent.names if preferred[name.lang] != name)


def _language(metadata: Metadata) -> Iterator[Statement]:
    """Mandatory for texts: "und" when nobody said."""
    for tag in metadata.languages or ["und"]:
        known = languages().get(tag)
        yield "dc:language", tag if known else tag.partition("-")[0], ""


def _kind(metadata: Metadata) -> Iterator[Statement]:
    known = types().get(metadata.type)
    if known is None:
        yield "dc:type", metadata.type or "text", ""
        return
    yield "dc:type", known.coar, RESOURCE
    yield from (("dc:type", label, lang) for lang, label in known.labels.items())


def _host(host: Host) -> Iterator[Statement]:
    parts = ", ".join(filter(None, (host.volume, host.issue, host.pages)))
    for text in host.titles:
        yield "dcterms:isPartOf", f"{text.value}, {parts}" if parts and text.value else text.value, text.lang
    if address := number_address("issn", host.issn):
        yield "dcterms:isPartOf", address, RESOURCE
    if clean(host.isbn):
        yield "dcterms:isPartOf", f"ISBN {host.isbn}", ""


def _relation(relation: Relation) -> Statement:
    name = RELATIONS.get(relation.kind, "dc:relation")
    address = number_address("url", relation.value) or number_address("doi", relation.value)
    if address and not NO_ADDRESS.search(address):
        return name, address, RESOURCE
    return name, relation.value, ""


def _rights(metadata: Metadata) -> str:
    """The statement that Europeana knows for the licence; "not evaluated" for those that it does not know."""
    licence = licences().get(metadata.licence)
    if licence and KNOWN_RIGHTS.match(licence.url):
        return licence.url.replace("https:", "http:", 1)
    return NOT_EVALUATED


def _pages_before(source: Source) -> dict[str, str]:
    """By the name of a page's file: the address of the page before it, if anybody may read that."""
    addresses = {file.name: file.address for file in source.open_files}
    return {
        page.file: addresses[before.file]
        for before, page in pairwise(source.pages)
        if before.file in addresses and before.file != page.file
    }


def _web_resource(file: SourceFile, before: str, rights: str) -> Iterator[Statement]:
    yield "dc:format", file.mime, ""
    yield "dc:title", file.name, ""
    yield "edm:isNextInSequence", before, RESOURCE
    yield "edm:rights", rights, RESOURCE
    yield "ebucore:hasMimeType", file.mime, ""
    yield "ebucore:fileByteSize", str(file.size), ""


def _aggregation(source: Source, rights: str) -> Iterator[Statement]:
    files = source.open_files
    yield "edm:aggregatedCHO", f"{source.address}#object", RESOURCE
    yield "edm:dataProvider", library_name(source), ""
    yield from (("edm:hasView", file.address, RESOURCE) for file in files[1:])
    yield "edm:isShownAt", source.address, RESOURCE
    yield from (("edm:isShownBy", file.address, RESOURCE) for file in files[:1])
    pictures = [file for file in files if file.mime in PREVIEWS]
    yield from (("edm:object", file.address, RESOURCE) for file in pictures[:1])
    yield "edm:provider", source.namespace, ""
    if licence := licences().get(source.metadata.licence):
        yield from (("dc:rights", label, lang) for lang, label in licence.labels.items())
        if rights == NOT_EVALUATED:
            yield "dc:rights", licence.url, ""
    yield "edm:rights", rights, RESOURCE
