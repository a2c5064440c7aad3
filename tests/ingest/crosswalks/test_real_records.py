"""Real records of every format, and that none of them, nor a broken one, is too much for the crosswalks."""

from pathlib import Path

import pytest
from lxml import etree

from ingest.crosswalks import CROSSWALKS, Found, find_crosswalk
from oai.formats import oai_dc
from repo.items.access import Access
from repo.items.metadata import TextKind, read_metadata, write_metadata
from tests.oai.formats.examples import full_metadata, make_source

OPENAIRE = "6-oai-schemas-vocab/openaire__guidelines-literature-repositories/samples"
DATACITE = "6-oai-schemas-vocab/datacite__schema/source/meta/kernel-4.6/example"
SICKLE = "6-oai-schemas-vocab/mloesch__sickle/sickle/tests/sample_data"
PYOAI = "6-oai-schemas-vocab/infrae__pyoai/src/oaipmh/tests"
FINLAND = "4-catalogue/NatLibFi__RecordManager/tests/fixtures/Base/record"
KITODO = "4-catalogue/kitodo__kitodo-presentation/Tests/Fixtures"
METS = "5-packages/mets__METS-schema/v2/examples"


def read(path: Path) -> Found:
    return read_element(etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot())


def read_element(element: etree._Element) -> Found:
    if element.tag == "{http://www.openarchives.org/OAI/2.0/}OAI-PMH":
        element = next(held for held in element.iter("{*}metadata") if len(held))[0]
    crosswalk = find_crosswalk(element)
    assert crosswalk is not None, element.tag
    return crosswalk(element)


def test_openaire(real_data: Path) -> None:
    found = read(real_data / OPENAIRE / "sample_journalarticle1.xml")
    metadata = found.metadata
    assert metadata.type == "article"
    assert metadata.creators[3].orcid == "0000-0003-1983-9378"
    assert metadata.licence == "cc-by-nc-4.0"
    assert (metadata.host.volume, metadata.host.pages, metadata.host.issn) == ("23", "7444-7447", "0947-6539")
    assert found.address == "http://europepmc.org/articles/PMC5574022"
    assert [(link.mime, link.open) for link in found.files] == [("application/pdf", True)]
    closed = read(real_data / OPENAIRE / "mocksample.xml")
    assert closed.metadata.access is Access.RESTRICTED
    assert not closed.files[0].open


def test_datacite(real_data: Path) -> None:
    found = read(real_data / DATACITE / "datacite-example-multilingual-v4.xml")
    assert [title.kind for title in found.metadata.titles] == [
        TextKind.MAIN,
        TextKind.TRANSLATED,
        TextKind.TRANSLATED,
    ]
    assert found.metadata.creators[1].organisation
    assert [word.lang for word in found.metadata.keywords] == ["en", "es", "zh"]
    assert found.address == "https://doi.org/10.82433/byt7-2g42"
    hosted = read(real_data / DATACITE / "datacite-example-relateditem1-v4.xml").metadata
    assert (hosted.host.volume, hosted.host.issue, hosted.host.pages) == ("3", "4", "20-35")
    full = read(real_data / DATACITE / "datacite-example-full-v4.xml").metadata
    assert full.creators[0].affiliations[0].ror == "04wxnsj81"


def test_dublin_core(real_data: Path) -> None:
    found = read(real_data / SICKLE / "ListRecords.xml")
    assert found.address == "http://test.example.com/publication/1585322"
    assert len(found.metadata.creators) == 1, "the same name four times is one person"
    assert found.metadata.languages == ["en"]
    report = read(real_data / PYOAI / "fake1/00004.xml")
    assert report.metadata.title().value.startswith("De vrouwenbeweging online")


def test_marc21(real_data: Path) -> None:
    metadata = read(real_data / FINLAND / "marc1.xml").metadata
    assert metadata.title().value == "Tutki ja kirjoita"
    assert [agent.name().inverted for agent in metadata.creators][:2] == ["Hirsjärvi, Sirkka", "Remes, Pirkko"]
    assert (metadata.issued, metadata.edition) == ("2013?", "17. uud. p.")
    assert metadata.identifiers[0].value == "9789513148362"
    scripts = read(real_data / FINLAND / "marc_alt_script.xml").metadata
    assert [text.kind for text in scripts.titles[:2]] == [TextKind.TRANSCRIBED, TextKind.MAIN]
    assert scripts.title().value == "漢字源: 上級漢和辞典"


def test_unimarc() -> None:
    fields = {
        "101": [("a", "rus")],
        "200": [("a", "Тоолор"), ("e", "ырлар"), ("f", "А. Осмонов")],
        "210": [("a", "Фрунзе"), ("c", "Кыргызмамбас"), ("d", "1937")],
        "675": [("a", "821.512")],
        "686": [("a", "84(5Ки)"), ("2", "rubbk")],
        "700": [("a", "Осмонов"), ("g", "Алыкул"), ("4", "070")],
        "702": [("a", "Иванова"), ("b", "А."), ("4", "730")],
    }
    root = etree.Element("{http://www.loc.gov/MARC21/slim}record")
    for tag, subfields in fields.items():
        field = etree.SubElement(root, "{http://www.loc.gov/MARC21/slim}datafield", tag=tag, ind1=" ", ind2=" ")
        for code, text in subfields:
            etree.SubElement(field, "{http://www.loc.gov/MARC21/slim}subfield", code=code).text = text
    metadata = read_element(root).metadata
    assert metadata.title().value == "Тоолор: ырлар"
    assert [agent.name().direct for agent in metadata.creators] == ["Алыкул Осмонов"]
    assert [(agent.name().inverted, agent.role) for agent in metadata.contributors] == [("Иванова, А.", "translator")]
    assert [(s.scheme, s.value) for s in metadata.subjects] == [("udc", "821.512"), ("bbk", "84(5Ки)")]
    assert (metadata.issued, metadata.languages) == ("1937", ["ru"])


def test_mods(real_data: Path) -> None:
    found = read(real_data / KITODO / "Format/modsOriginInfo.xml")
    assert found.metadata.creators[0].name().inverted == "Alterman, Eric"
    assert found.metadata.issued == "2019", "the first of the key dates"
    assert found.metadata.licence == "public-domain"
    assert found.address == "https://digital.slub-dresden.de/id1703800435"


def test_mets(real_data: Path) -> None:
    found = read(real_data / METS / "mets2-example-borndigital.xml")
    assert found.metadata.title().value.startswith("Understanding and implementing METS")
    assert found.metadata.identifiers[0].value == "2142/121056"
    assert [link.name for link in found.files][:1] == ["iPRES2023_METS_Tutorial.docx"]
    pages = read(real_data / KITODO / "MetsDocument/mets_with_pages.xml")
    assert pages.metadata.title().value == "Example Book"
    assert [link.name for link in pages.files] == ["0001.png", "0002.png", "0003.png", "0004.png"]


def test_ore() -> None:
    atom, triple = "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    ore, terms = "http://www.openarchives.org/ore/terms/", "http://purl.org/dc/terms/"
    root = etree.fromstring(
        f"""<entry xmlns="{atom}">
        <link rel="alternate" href="https://d.example/handle/1/2"/>
        <link rel="{ore}aggregates" href="https://d.example/a.pdf" title="A.pdf" type="application/pdf" length="12"/>
        <link rel="{ore}aggregates" href="https://d.example/a.pdf.txt" title="A.txt" type="text/plain"/>
        <triples xmlns="{atom}"><r:Description xmlns:r="{triple}" r:about="https://d.example/a.pdf.txt">
        <description xmlns="{terms}">TEXT</description></r:Description></triples></entry>"""
    )
    found = read_element(root)
    assert [(link.name, link.address, link.mime, link.size) for link in found.files] == [
        ("A.pdf", "https://d.example/a.pdf", "application/pdf", 12)
    ]


@pytest.mark.parametrize("type_", ["article", "book", "map"])
def test_what_we_write_ourselves_is_read_again(type_: str) -> None:
    ours = full_metadata(type_)
    found = read_element(oai_dc.render(make_source(ours)))
    assert found.address == "https://base.invalid/records/0123b4c5x"
    theirs = found.metadata
    assert theirs.type == type_
    assert theirs.title().value == ours.title().value
    assert [agent.name().inverted for agent in theirs.creators] == [agent.name().inverted for agent in ours.creators]
    assert [(s.scheme, s.value) for s in theirs.subjects] == [(s.scheme, s.value) for s in ours.subjects]
    assert [text.value for text in theirs.abstracts] == [text.value for text in ours.abstracts]
    assert {"doi", "isbn"} <= {number.scheme for number in theirs.identifiers}


def test_every_record_of_ours_can_be_stored(real_data: Path) -> None:
    """Whatever is in them, a description comes out that the model takes, and nothing is raised."""
    read_some = 0
    for folder in ("4-catalogue", "5-packages", "6-oai-schemas-vocab"):
        for path in sorted((real_data / folder).rglob("*.xml")):
            try:
                root = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
            except etree.XMLSyntaxError:
                continue
            for element in [root, *root.iter("{*}metadata")][:50]:
                element = element[0] if etree.QName(element).localname == "metadata" and len(element) else element
                if isinstance(element.tag, str) and (crosswalk := find_crosswalk(element)):
                    metadata = crosswalk(element).metadata
                    assert read_metadata(write_metadata(metadata)) == metadata
                    read_some += 1
    assert read_some > 50


@pytest.mark.parametrize("namespace", CROSSWALKS)
def test_an_empty_record(namespace: str) -> None:
    found = read_element(etree.Element(f"{{{namespace}}}nothing"))
    assert found.metadata.title().value == ""
    assert found.files == ()
