"""Qualified Dublin Core: Dublin Core with the refinements of the DCMI Metadata Terms.

DCMI never named a root element: its "Guidelines for implementing Dublin Core in XML" (2003) leave it to whoever
exchanges records. What is exchanged under the prefix `qdc` is what DSpace began: `qualifieddc` in the namespace
http://dspace.org/qualifieddc/, with the schemas of 2006-01-06 for `dc` and `dcterms`. Whoever harvests DSpace in this
format knows this root, so it is ours; its schema is the container type of DCMI, which lets every element be repeated in
any order. DSpace repeats one date as `available`, `created` and `dateAccepted`; here each says what its name says.

The description has no place that a work is about, so that there is no `dcterms:spatial`: the place of publication is
not it.
"""

from collections.abc import Iterable, Iterator

from lxml import etree

from oai.formats.elements import XSI, add_if, root_element
from oai.formats.source import Source
from oai.formats.wording import available, identifiers, language_codes, library_name, mime_types, w3cdtf
from repo.items.metadata import Metadata, Text, TextKind, main_text, names_of
from repo.vocabularies import access_rights, licences, relations, types

QDC = "http://dspace.org/qualifieddc/"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
SCHEMA = "http://www.ukoln.ac.uk/metadata/dcmi/xmlschema/qualifieddc.xsd"
SCHEMAS = "http://dublincore.org/schemas/xmls/qdc/2006/01/06"
LOCATIONS = (QDC, SCHEMA, DC, f"{SCHEMAS}/dc.xsd", DCTERMS, f"{SCHEMAS}/dcterms.xsd")
NAMESPACES = {"qdc": QDC, "dc": DC, "dcterms": DCTERMS}
XSI_TYPE = f"{{{XSI}}}type"

NEVER_PUBLISHED = {"manuscript"}
"""Types whose date is that of their writing."""

Statement = tuple[str, str, str, str]
"""Tag, text, language, encoding scheme."""


def render(source: Source) -> etree._Element:
    """Return the `<qdc:qualifieddc>` element of an item."""
    root = root_element(f"{{{QDC}}}qualifieddc", NAMESPACES, *LOCATIONS)
    for tag, text, lang, scheme in _statements(source):
        add_if(root, tag, text, lang, **({XSI_TYPE: scheme} if scheme else {}))
    return root


def dc(name: str, text: str, lang: str = "", scheme: str = "") -> Statement:
    return f"{{{DC}}}{name}", text, lang, scheme


def term(name: str, text: str, lang: str = "", scheme: str = "") -> Statement:
    return f"{{{DCTERMS}}}{name}", text, lang, scheme


def _statements(source: Source) -> Iterator[Statement]:
    metadata = source.metadata
    yield from _titles(metadata)
    yield from (dc("creator", name) for name in names_of(metadata.creators))
    yield from (dc("contributor", name) for name in names_of(metadata.contributors))
    yield from (dc("subject", text.value, text.lang) for text in metadata.keywords)
    yield from (dc("subject", f"{s.scheme.upper()} {s.value}") for s in metadata.subjects)
    yield from _texts("abstract", metadata.abstracts)
    yield from (dc("description", text.value, text.lang) for text in metadata.notes)
    yield from (dc("publisher", t.value, t.lang) for t in metadata.publishers or metadata.thesis.institutions)
    yield from _dates(source)
    yield from _types(metadata)
    yield from (dc("format", mime) for mime in mime_types(source))
    yield term("extent", metadata.extent)
    yield from _identifiers(source)
    yield from (dc("language", code) for code in language_codes(metadata.languages))
    yield from _relations(metadata)
    yield from _rights(source)
    yield from _texts("provenance", metadata.rare.provenance)
    if metadata.rare.shelf_mark:
        yield dc("source", f"{library_name(source)}, {metadata.rare.shelf_mark}")


def _texts(name: str, texts: Iterable[Text]) -> Iterator[Statement]:
    return (term(name, text.value, text.lang) for text in texts)


def _titles(metadata: Metadata) -> Iterator[Statement]:
    """The title in the work's own words; translations, transcriptions and other titles are alternative ones."""
    first = main_text(metadata.titles)
    for text in metadata.titles:
        own = text is first or text.kind is TextKind.MAIN
        yield (dc if own else term)("title" if own else "alternative", text.value, text.lang)


def _dates(source: Source) -> Iterator[Statement]:
    """W3CDTF is said to be it only where it says the date wholly; else the date stays as it is (EDTF)."""
    metadata = source.metadata
    name = "created" if metadata.type in NEVER_PUBLISHED else "issued"
    for which, date in ((name, metadata.issued), ("dateAccepted", metadata.thesis.defended)):
        exact = date == w3cdtf(date)
        yield term(which, date, scheme="dcterms:W3CDTF" if exact else "")
    yield term("available", available(source), scheme="dcterms:W3CDTF")


def _types(metadata: Metadata) -> Iterator[Statement]:
    known = types().get(metadata.type)
    if known is None:
        yield dc("type", metadata.type)
        return
    yield dc("type", known.label("en"), "en")
    yield dc("type", known.coar)
    yield dc("type", known.eu_repo)
    yield dc("type", known.dcmi, scheme="dcterms:DCMIType")


def _identifiers(source: Source) -> Iterator[Statement]:
    """The landing page first (CORE looks for it and for files), then the rest; how the work is cited."""
    for value in identifiers(source):
        yield dc("identifier", value, scheme="dcterms:URI" if value == source.address else "")
    yield term("bibliographicCitation", _citation(source.metadata))


def _citation(metadata: Metadata) -> str:
    """Where the work is printed: "Жарчы, 12(3), 10-20"."""
    host = metadata.host
    number = f"{host.volume}({host.issue})" if host.volume and host.issue else host.volume or host.issue
    title = main_text(host.titles).value
    return ", ".join(part for part in (title, number, host.pages) if part) if title else ""


def _relations(metadata: Metadata) -> Iterator[Statement]:
    for relation in metadata.relations:
        kind = relations().get(relation.kind)
        yield (term if kind and kind.dcterms else dc)((kind and kind.dcterms) or "relation", relation.value)
    for text in metadata.host.titles:
        yield term("isPartOf", text.value, text.lang)
    for scheme, number in (("ISSN", metadata.host.issn), ("ISBN", metadata.host.isbn)):
        yield term("isPartOf", f"{scheme}:{number}" if number else "")


def _rights(source: Source) -> Iterator[Statement]:
    access = access_rights()[source.access.value]
    yield term("accessRights", access.label("en"), "en")
    yield term("accessRights", access.coar)
    yield dc("rights", access.eu_repo)
    licence = licences().get(source.metadata.licence)
    if licence is not None:
        yield dc("rights", licence.label("en"), "en")
        yield term("license", licence.url)
