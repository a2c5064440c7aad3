"""OAI-ORE resource maps in Atom, the form that DSpace writes and reads to copy items with their files.

Specification: ORE User Guide, Resource Map Implementation in Atom (2008-10-17). Only files that anybody may read are
aggregated. `premis:hasMessageDigest` carries the SHA-512 of a file, as Fedora writes it; others pass over it.
"""

from lxml import etree

from oai.formats.elements import add, add_if, root_element
from oai.formats.source import BASE, Source, SourceFile
from oai.formats.wording import library_name
from repo.items.metadata import main_text, names_of

ATOM = "http://www.w3.org/2005/Atom"
SCHEMA = "http://www.kbcafe.com/rss/atom.xsd.xml"
ORE = "http://www.openarchives.org/ore/terms/"
OREATOM = "http://www.openarchives.org/ore/atom/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DCTERMS = "http://purl.org/dc/terms/"
PREMIS = "http://www.loc.gov/premis/rdf/v1#"
DSPACE = "http://www.dspace.org/objectModel/"

NAMESPACES = {
    "atom": ATOM,
    "ore": ORE,
    "oreatom": OREATOM,
    "rdf": RDF,
    "dcterms": DCTERMS,
    "premis": PREMIS,
}
ABOUT, RESOURCE = f"{{{RDF}}}about", f"{{{RDF}}}resource"


def render(source: Source) -> etree._Element:
    """Return the `<atom:entry>` of an item: a resource map and what it aggregates."""
    root = root_element(f"{{{ATOM}}}entry", NAMESPACES, ATOM, SCHEMA)
    changed = f"{source.changed.isoformat(timespec='seconds')[:19]}Z"
    published = f"{source.published.isoformat(timespec='seconds')[:19]}Z"
    address = f"{BASE}/oai?verb=GetRecord&metadataPrefix=ore&identifier={source.identifier}"
    _add(root, "id", source.identifier)
    _add(root, "link", rel="alternate", type="text/html", href=source.address)
    _add(root, "link", rel=f"{ORE}describes", href=_aggregation(source))
    _add(root, "link", rel="self", type="application/atom+xml", href=address)
    _add(root, "published", published)
    _add(root, "updated", changed)
    _add(_add(root, "source"), "generator", source.namespace)
    _add(root, "title", main_text(source.metadata.titles).value)
    for name in names_of(source.metadata.creators) or [library_name(source)]:
        add_if(_add(root, "author"), f"{{{ATOM}}}name", name)
    _add(root, "category", scheme=ORE, term=f"{ORE}Aggregation", label="Aggregation")
    _add(root, "category", scheme=f"{OREATOM}modified", term=changed)
    for file in source.open_files:
        names = {"title": file.name, "type": file.mime, "length": str(file.size)}
        _add(root, "link", rel=f"{ORE}aggregates", href=file.address, **names)
    _add_triples(root, source, changed)
    return root


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    return add(parent, f"{{{ATOM}}}{name}", text, **attributes)


def _aggregation(source: Source) -> str:
    return f"{source.address}#aggregation"


def _add_triples(root: etree._Element, source: Source, changed: str) -> None:
    """What is said of the aggregation and of each file."""
    triples = add(root, f"{{{OREATOM}}}triples")
    about = _describe(triples, _aggregation(source), f"{ORE}Aggregation")
    add(about, f"{{{DCTERMS}}}modified", changed)
    for file in source.open_files:
        _add_file(triples, file)


def _add_file(triples: etree._Element, file: SourceFile) -> None:
    """DSpace takes the type and, from the description, the bundle; without them it takes no file at all."""
    about = _describe(triples, file.address, f"{DSPACE}DSpaceBitstream")
    add(about, f"{{{DCTERMS}}}description", "ORIGINAL")
    if file.digest:
        add(about, f"{{{PREMIS}}}hasMessageDigest").set(RESOURCE, f"urn:sha-512:{file.digest}")


def _describe(triples: etree._Element, about: str, kind: str) -> etree._Element:
    element = add(triples, f"{{{RDF}}}Description")
    element.set(ABOUT, about)
    add(element, f"{{{RDF}}}type").set(RESOURCE, kind)
    return element
