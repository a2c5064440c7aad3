"""EDM: read back as linked data; the rules of Europeana's schema, which fixes orders and rights."""

import re
from dataclasses import replace

import pytest
from lxml import etree
from rdflib import DC, DCTERMS, RDF, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from oai.formats.edm import NAMESPACES, render
from oai.formats.source import BASE, Source, SourcePage
from repo.items.access import Access
from repo.items.metadata import Agent, Metadata, PersonName, Relation, Text
from repo.vocabularies import licences
from tests.oai.formats.examples import examples, full_metadata, make_file, make_source

EXAMPLES = examples()
EDM, ORE, EBUCORE = (Namespace(NAMESPACES[prefix]) for prefix in ("edm", "ore", "ebucore"))
PAGE = URIRef(f"{BASE}/records/0123b4c5x")
WORK, AGGREGATION = URIRef(f"{PAGE}#object"), URIRef(f"{PAGE}#aggregation")
ORCID = URIRef("https://orcid.org/0000-0002-1825-0097")
SCANS = [URIRef(f"{BASE}/f/{number}.jpg") for number in (1, 2, 3)]


def graph_of(source: Source) -> Graph:
    return Graph().parse(data=etree.tostring(render(source), encoding="utf-8"), format="xml")


def scanned(*accesses: Access) -> Source:
    files = tuple(
        replace(make_file(f"{number}.jpg", "image/jpeg", access), address=f"{BASE}/f/{number}.jpg")
        for number, access in enumerate(accesses, 1)
    )
    pages = tuple(SourcePage(f"p{place}", "", file.name) for place, file in enumerate(files))
    return make_source(full_metadata("rare-book"), files, pages)


BOOK = graph_of(scanned(Access.OPEN, Access.OPEN, Access.OPEN))


@pytest.mark.parametrize(
    ("subject", "predicate", "expected"),
    [
        (WORK, RDF.type, {EDM.ProvidedCHO}),
        (
            WORK,
            DC.title,
            {Literal("Көл жана тоо: биринчи китеп", lang="ky"), Literal("Озеро и гора: книга первая", lang="ru")},
        ),
        (
            WORK,
            DCTERMS.alternative,
            {Literal("Köl jana too", lang="ky-Latn"), Literal("كول جانا توو", lang="ky-Arab")},
        ),
        (WORK, DC.creator, {ORCID, Literal("Илимдер академиясы", lang="ky")}),
        (
            WORK,
            DC.contributor,
            {
                Literal("Осмонов, Бакыт", lang="ky"),
                Literal("Иванова, Анна", lang="ru"),
                Literal("Жумабаев, Эрлан", lang="ky"),
            },
        ),
        (WORK, DC.publisher, {Literal("Кыргызмамбас", lang="ky")}),
        (WORK, DCTERMS.issued, {Literal("1926-05~")}),
        (WORK, DC.language, {Literal("ky"), Literal("ru"), Literal("ky-Arab")}),
        (
            WORK,
            DC.type,
            {
                URIRef("http://purl.org/coar/resource_type/c_2f33"),
                Literal("сейрек китеп", lang="ky"),
                Literal("редкая книга", lang="ru"),
                Literal("rare book", lang="en"),
            },
        ),
        (
            WORK,
            DC.subject,
            {
                Literal("көл", lang="ky"),
                Literal("озеро", lang="ru"),
                Literal("lake", lang="en"),
                Literal("UDC 551.481"),
                Literal("BBK 26.22"),
                Literal("GRNTI 37.27"),
            },
        ),
        (
            WORK,
            DC.description,
            {
                Literal("Кыскача мазмуну.\n\nЭкинчи абзац.", lang="ky"),
                Literal("Short summary.", lang="en"),
                Literal("Эскертүү", lang="ky"),
            },
        ),
        (WORK, DCTERMS.spatial, {Literal("Фрунзе", lang="ru")}),
        (WORK, DCTERMS.extent, {Literal("214 б.")}),
        (
            WORK,
            DCTERMS.provenance,
            {Literal("К. Тыныстановдун китепканасы", lang="ky"), Literal("Мукабасы жок", lang="ky")},
        ),
        (
            WORK,
            DC.identifier,
            {
                Literal("oai:muras.example.org:0123b4c5x"),
                Literal("https://doi.org/10.5555/muras.1"),
                Literal("isbn:9789967000001"),
                Literal("https://example.org/a?b=1&c=2"),
            },
        ),
        (
            WORK,
            DCTERMS.isPartOf,
            {
                Literal("Жарчы, 12, 3, 10-20", lang="ky"),
                URIRef("https://portal.issn.org/resource/ISSN/1694-7517"),
                URIRef("https://example.org/serial"),
            },
        ),
        (WORK, DC.relation, {URIRef("https://doi.org/10.5555/muras.2")}),
        (WORK, EDM.currentLocation, {Literal("KNU Library, С 5/12")}),
        (WORK, EDM.type, {Literal("TEXT")}),
        (ORCID, RDF.type, {EDM.Agent}),
        (
            ORCID,
            SKOS.prefLabel,
            {Literal("Токтосунова, Айгүл", lang="ky"), Literal("Toktosunova, Aigul", lang="en")},
        ),
        (AGGREGATION, EDM.aggregatedCHO, {WORK}),
        (AGGREGATION, EDM.dataProvider, {Literal("KNU Library")}),
        (AGGREGATION, EDM.provider, {Literal("muras.example.org")}),
        (AGGREGATION, EDM.isShownAt, {PAGE}),
        (AGGREGATION, EDM.isShownBy, {SCANS[0]}),
        (AGGREGATION, EDM.hasView, {*SCANS[1:]}),
        (AGGREGATION, EDM.object, {SCANS[0]}),
        (AGGREGATION, EDM.rights, {URIRef("http://creativecommons.org/licenses/by/4.0/")}),
        (SCANS[2], EDM.isNextInSequence, {SCANS[1]}),
        (SCANS[2], EBUCORE.hasMimeType, {Literal("image/jpeg")}),
        (SCANS[2], EBUCORE.fileByteSize, {Literal("123456")}),
        (SCANS[2], EDM.rights, {URIRef("http://creativecommons.org/licenses/by/4.0/")}),
    ],
)
def test_the_graph_holds_each_statement(subject: URIRef, predicate: URIRef, expected: set[Node]) -> None:
    assert set(BOOK.objects(subject, predicate)) == expected


def test_closed_files_are_no_web_resources() -> None:
    graph = graph_of(scanned(Access.CLOSED, Access.OPEN, Access.RESTRICTED))
    assert set(graph.subjects(RDF.type, EDM.WebResource)) == {PAGE, SCANS[1]}
    assert graph.value(AGGREGATION, EDM.isShownBy) == SCANS[1]
    assert not list(graph.subject_objects(EDM.isNextInSequence))  # the page before is closed


@pytest.mark.parametrize("access", [access for access in Access if access is not Access.OPEN])
def test_what_is_not_open_is_shown_at_its_page_alone(access: Access) -> None:
    source = EXAMPLES[f"access-{access.value}"]
    graph = graph_of(source)
    assert graph.value(AGGREGATION, EDM.isShownAt) == PAGE
    assert [graph.value(AGGREGATION, name) for name in (EDM.isShownBy, EDM.object, EDM.hasView)] == [None] * 3
    assert source.files[0].address not in etree.tostring(render(source), encoding="unicode")


# EDM-EXTERNAL-MAIN.xsd, ORE.xsd, CONTEXTS.xsd of metis-schema: the orders that they fix, as far as we use them.
ORDERS = {
    "Aggregation": "aggregatedCHO dataProvider hasView isShownAt isShownBy object provider rights rights",
    "WebResource": "format title isNextInSequence rights hasMimeType fileByteSize",
    "Agent": "prefLabel altLabel",
}
RIGHTS = re.compile(
    r"http://creativecommons\.org/licenses/(by|by-sa|by-nd|by-nc|by-nc-sa|by-nc-nd)/4\.0/"
    r"|http://creativecommons\.org/publicdomain/(zero|mark)/1\.0/"
    r"|http://rightsstatements\.org/vocab/(InC|CNE)/1\.0/"
)


@pytest.mark.parametrize("name", EXAMPLES)
def test_europeana_s_rules_are_kept(name: str) -> None:
    root = render(EXAMPLES[name])
    for element in root:
        kind = etree.QName(element).localname
        names = [etree.QName(child).localname for child in element]
        if kind == "ProvidedCHO":
            assert {"title", "type"} <= set(names) and "language" in names
            assert names[-1] == "type" and element[-1].text in ("TEXT", "IMAGE", "SOUND", "VIDEO")
            assert [one for one in names if one == "currentLocation"] == names[-2:-1]
            continue
        order = ORDERS[kind].split()
        places = [order.index(one) for one in names]
        assert places == sorted(places), kind
    [aggregation] = [one for one in root if etree.QName(one).localname == "Aggregation"]
    stated = aggregation.iter(f"{{{NAMESPACES['edm']}}}rights")
    rights = [one.get(f"{{{NAMESPACES['rdf']}}}resource") for one in stated]
    assert len(rights) == 1 and RIGHTS.fullmatch(rights[0] or "")


@pytest.mark.parametrize("licence", ["", "no-such-licence", *licences()])
def test_every_licence_has_a_statement_that_europeana_knows(licence: str) -> None:
    graph = graph_of(make_source(Metadata(titles=[Text(value="Көл")], licence=licence)))
    assert RIGHTS.fullmatch(str(graph.value(AGGREGATION, EDM.rights)))


def test_a_licence_that_europeana_does_not_know_is_told_in_words() -> None:
    graph = graph_of(make_source(Metadata(licence="kg-declaration")))
    told = set(graph.objects(AGGREGATION, DC.rights))
    assert Literal("https://cbd.minjust.gov.kg/act/view/ru-ru/111549") in told and len(told) == 4
    assert str(graph.value(AGGREGATION, EDM.rights)).endswith("/CNE/1.0/")


@pytest.mark.parametrize(
    ("code", "kind"),
    [("image", "IMAGE"), ("map", "IMAGE"), ("video", "VIDEO"), ("sound", "SOUND"), ("dataset", "TEXT")],
)
def test_types(code: str, kind: str) -> None:
    assert graph_of(EXAMPLES[f"{code}-full"]).value(WORK, EDM.type) == Literal(kind)


def test_one_preferred_name_a_language_and_one_agent_a_person() -> None:
    names = [PersonName(family=family, lang="ky") for family in ("Айтматов", "Айтматов Ч.")]
    person = Agent(names=names, orcid="0000-0002-1825-0097")
    graph = graph_of(make_source(Metadata(creators=[person], contributors=[person])))
    assert list(graph.objects(ORCID, SKOS.prefLabel)) == [Literal("Айтматов", lang="ky")]
    assert list(graph.objects(ORCID, SKOS.altLabel)) == [Literal("Айтматов Ч.", lang="ky")]


def test_addresses_that_cannot_be_one_are_text() -> None:
    relations = [Relation(kind="Cites", value="https://example.org/<b>"), Relation(kind="Cites", value="Эл")]
    graph = graph_of(make_source(Metadata(relations=relations)))
    assert set(graph.objects(WORK, DCTERMS.references)) == {Literal("https://example.org/<b>"), Literal("Эл")}


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name.endswith("-hostile")])
def test_hostile_text_stays_text(name: str) -> None:
    graph = graph_of(EXAMPLES[name])
    assert any("]]> <b>&amp;" in str(title) for title in graph.objects(WORK, DC.title))
    assert all(re.fullmatch(r"https?://\S+", str(one)) for one in graph.objects() if isinstance(one, URIRef))
