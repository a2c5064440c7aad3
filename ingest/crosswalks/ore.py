"""Resource maps of OAI-ORE 1.0, as DSpace (Atom) and EPrints (RDF) list a work's files: `element -> Found`; pure.

A map describes no work: only files are found.
"""

from collections.abc import Iterator

from lxml.etree import _Element

from ingest.crosswalks.elements import children, local_name, name_in_address, text_of
from ingest.crosswalks.found import Found, Link
from repo.items.metadata import Metadata

ORE = "http://www.openarchives.org/ore/terms/"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
CONTENT = "ORIGINAL"
"""DSpace says of each file in which bundle it lies: texts and thumbnails made from it lie in others."""


def read(element: _Element) -> Found:
    links = list(_links(element))
    bundles = dict(_bundles(element))
    originals = [link for link in links if bundles.get(link.address, CONTENT) == CONTENT]
    return Found(Metadata(), files=tuple(originals))


def _links(element: _Element) -> Iterator[Link]:
    for one in element.iter():
        if local_name(one) == "link" and one.get("rel") == ORE + "aggregates" and (address := one.get("href")):
            size = one.get("length") or ""
            name = one.get("title") or name_in_address(address)
            yield Link(name, address, one.get("type") or "", int(size) if size.isdecimal() else None)
        elif local_name(one) == "aggregates" and (address := one.get(RDF + "resource")):
            yield Link(name_in_address(address), address)


def _bundles(element: _Element) -> Iterator[tuple[str, str]]:
    for one in element.iter(RDF + "Description"):
        for said in children(one, "description"):
            yield one.get(RDF + "about") or "", text_of(said)
