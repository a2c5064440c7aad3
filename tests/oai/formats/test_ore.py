"""Resource maps: what DSpace reads to copy an item with its files; read back as Atom and as linked data."""

from dataclasses import replace

import feedparser
import pytest
from lxml import etree
from rdflib import RDF, Graph, Literal, Namespace, URIRef

from oai.formats.ore import ATOM, DCTERMS, DSPACE, ORE, OREATOM, PREMIS, render
from oai.formats.source import BASE, Source
from repo.items.access import Access
from repo.items.metadata import Metadata
from tests.oai.formats.examples import HOSTILE, examples, full_metadata, make_file, make_source

EXAMPLES = examples()
FILES = (f"{BASE}/records/0123b4c5x/v2/files/1.pdf", f"{BASE}/records/0123b4c5x/v2/files/%D1%82.csv")


def article() -> Source:
    """Two open files and one that is closed."""
    files = [make_file("макала.pdf"), make_file("т.csv", "text/csv"), make_file("купуя.pdf", access=Access.CLOSED)]
    addresses = (*FILES, f"{BASE}/records/0123b4c5x/v2/files/secret.pdf")
    placed = tuple(replace(file, address=address) for file, address in zip(files, addresses, strict=True))
    return make_source(full_metadata("article"), placed)


ENTRY = render(article())


def links(rel: str) -> list[dict[str, str]]:
    found = [dict(link.attrib) for link in ENTRY.iter(f"{{{ATOM}}}link") if link.get("rel") == rel]
    return [{str(key): str(value) for key, value in link.items()} for link in found]


def test_dspace_finds_the_landing_page_and_each_open_file() -> None:
    [page] = links("alternate")
    assert page["href"] == f"{BASE}/records/0123b4c5x"
    assert links(f"{ORE}aggregates") == [
        {
            "rel": f"{ORE}aggregates",
            "href": FILES[0],
            "title": "макала.pdf",
            "type": "application/pdf",
            "length": "123456",
        },
        {"rel": f"{ORE}aggregates", "href": FILES[1], "title": "т.csv", "type": "text/csv", "length": "123456"},
    ]


def test_dspace_finds_the_bundle_of_each_file() -> None:
    """It looks for the description of the address, its first type and what it calls the bundle."""
    for address in FILES:
        paths = {"o": OREATOM, "r": str(RDF), "d": DCTERMS}
        [about] = ENTRY.xpath("o:triples/r:Description[@r:about=$a]", namespaces=paths, a=address)
        assert about.find(f"{{{RDF}}}type").get(f"{{{RDF}}}resource") == f"{DSPACE}DSpaceBitstream"
        assert about.findtext(f"{{{DCTERMS}}}description") == "ORIGINAL"


def test_closed_files_are_not_told_of() -> None:
    text = etree.tostring(ENTRY, encoding="unicode")
    assert "secret.pdf" not in text and "купуя" not in text


@pytest.mark.parametrize("access", Access)
def test_only_open_items_are_copied_with_files(access: Access) -> None:
    root = render(EXAMPLES[f"access-{access.value}"])
    aggregated = [one for one in root.iter(f"{{{ATOM}}}link") if one.get("rel") == f"{ORE}aggregates"]
    assert len(aggregated) == (1 if access is Access.OPEN else 0)


def test_a_reader_of_feeds_reads_it() -> None:
    body = etree.tostring(ENTRY, encoding="unicode")
    parsed = feedparser.parse(f'<feed xmlns="{ATOM}">{body}</feed>'.encode())
    assert not parsed.bozo
    [entry] = parsed.entries
    assert entry.title == "Көл жана тоо: биринчи китеп"
    assert entry.link == f"{BASE}/records/0123b4c5x"
    assert [author.name for author in entry.authors] == ["Токтосунова, Айгүл", "Илимдер академиясы"]
    assert (entry.published, entry.updated) == ("2026-03-02T09:30:00Z", "2026-03-02T09:30:00Z")
    assert {link.href for link in entry.links if link.rel == f"{ORE}aggregates"} == set(FILES)


def test_the_triples_are_linked_data() -> None:
    [triples] = ENTRY.iter(f"{{{OREATOM}}}triples")
    bare = etree.Element(f"{{{RDF}}}RDF")
    bare.extend(triples)
    graph = Graph().parse(data=etree.tostring(bare), format="xml")
    for address in FILES:
        digest = graph.value(URIRef(address), Namespace(PREMIS).hasMessageDigest)
        assert digest == URIRef("urn:sha-512:" + "ab" * 64)
    aggregation = URIRef(f"{BASE}/records/0123b4c5x#aggregation")
    assert (aggregation, RDF.type, Namespace(ORE).Aggregation) in graph
    assert graph.value(aggregation, Namespace(DCTERMS).modified) == Literal("2026-03-02T09:30:00Z")


def test_works_without_authors_have_the_library() -> None:
    root = render(make_source(Metadata()))
    assert root.findtext(f"{{{ATOM}}}author/{{{ATOM}}}name") == "KNU Library"


def test_hostile_names_stay_text() -> None:
    root = etree.fromstring(etree.tostring(render(EXAMPLES["book-hostile"]), encoding="utf-8"))
    [link] = [one for one in root.iter(f"{{{ATOM}}}link") if one.get("rel") == f"{ORE}aggregates"]
    assert "<b>&amp;" in HOSTILE and "<b>&amp;" in (link.get("title") or "")
