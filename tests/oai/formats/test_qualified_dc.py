"""Qualified Dublin Core: valid to DCMI's own schemas, every refinement with what its name says."""

from importlib.resources import as_file, files
from pathlib import Path

import pytest
from lxml import etree

from oai.formats.qualified_dc import QDC
from oai.formats.source import BASE
from repo.items.access import Access
from repo.items.metadata import Metadata, Relation, Text, TextKind
from tests.oai.formats.examples import full_metadata, least_metadata, make_file, make_source
from tests.oai.formats.reading import (
    EXAMPLES,
    HOSTILE_AS_TEXT,
    NAMES,
    empty_elements,
    in_languages,
    rendered,
    texts,
    told,
)

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
ROOT = """
<schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:dcterms="http://purl.org/dc/terms/" targetNamespace="{qdc}">
  <import namespace="http://purl.org/dc/terms/" schemaLocation="{dcterms}"/>
  <element name="qualifieddc" type="dcterms:elementOrRefinementContainer"/>
</schema>
"""


class _Xml(etree.Resolver):
    """The schema of `xml:lang`, which is imported by address."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def resolve(self, url: str, public_id: str, context: object) -> object:
        return self.resolve_filename(str(self.path), context) if url.endswith("/xml.xsd") else None


@pytest.fixture(scope="module")
def schema(request: pytest.FixtureRequest) -> etree.XMLSchema:
    """DCMI's schemas of 2008-02-11, which fido has with it, and a root of their container type."""
    data: Path = request.getfixturevalue("real_data")
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    parser.resolvers.add(_Xml(data / "6-oai-schemas-vocab/artefactual__atom/data/xsd/xml.xsd"))
    with as_file(files("fido") / "conf") as folder:
        text = ROOT.format(qdc=QDC, dcterms=(folder / "dcterms.xsd").as_uri())
        return etree.XMLSchema(etree.fromstring(text, parser))


@pytest.mark.parametrize("name", EXAMPLES)
def test_valid_to_the_schemas_of_dcmi(name: str, schema: etree.XMLSchema) -> None:
    root = rendered("qdc", EXAMPLES[name])
    assert schema.validate(root), schema.error_log
    assert empty_elements(root) == []


def test_the_schema_sees_what_is_wrong(schema: etree.XMLSchema) -> None:
    root = rendered("qdc", "article-full")
    root.find("dcterms:available", NAMES).text = "tomorrow"
    assert not schema.validate(root)
    root = rendered("qdc", "article-full")
    etree.SubElement(root, "{http://purl.org/dc/terms/}noSuchTerm")
    assert not schema.validate(root)


def test_what_an_article_says() -> None:
    root = rendered("qdc", "article-full")
    assert in_languages(root, "dc:title") == [("ky", "Көл жана тоо: биринчи китеп")]
    assert [lang for lang, _ in in_languages(root, "dcterms:alternative")] == ["ru", "ky-Latn", "ky-Arab"]
    assert texts(root, "dc:creator") == ["Токтосунова, Айгүл", "Илимдер академиясы"]
    assert texts(root, "dc:contributor") == ["Осмонов, Бакыт", "Иванова, Анна", "Жумабаев, Эрлан"]
    assert texts(root, "dc:subject") == ["көл", "озеро", "lake", "UDC 551.481", "BBK 26.22", "GRNTI 37.27"]
    assert [lang for lang, _ in in_languages(root, "dcterms:abstract")] == ["ky", "en"]
    assert texts(root, "dc:description") == ["Эскертүү"]
    assert texts(root, "dc:publisher") == ["Кыргызмамбас"]
    assert texts(root, "dcterms:extent") == ["214 б."]
    assert texts(root, "dc:language") == ["kir", "rus"]
    assert texts(root, "dc:type") == [
        "article",
        "http://purl.org/coar/resource_type/c_6501",
        "info:eu-repo/semantics/article",
        "Text",
    ]
    assert texts(root, "dcterms:bibliographicCitation") == ["Жарчы, 12(3), 10-20"]
    assert texts(root, "dcterms:isPartOf") == ["https://example.org/serial", "Жарчы", "ISSN:1694-7517"]
    assert texts(root, "dc:relation") == ["10.5555/muras.2"]
    assert texts(root, "dcterms:license") == ["https://creativecommons.org/licenses/by/4.0/"]
    assert texts(root, "dcterms:accessRights") == ["open access", "http://purl.org/coar/access_right/c_abf2"]


def test_identifiers_begin_with_the_landing_page() -> None:
    assert texts(rendered("qdc", "article-full"), "dc:identifier") == [
        f"{BASE}/records/0123b4c5x",
        f"{BASE}/records/0123b4c5x/v2/files/file-12.pdf",
        f"{BASE}/records/0123b4c5x/v2/files/file-12.pdf",
        "https://doi.org/10.5555/muras.1",
        "ISBN:9789967000001",
        "https://example.org/a?b=1&c=2",
    ]


def test_dates_of_a_thesis() -> None:
    root = rendered("qdc", "candidate-thesis-full")
    assert told(root, "dcterms:issued") == [({}, "1926-05~")]  # W3CDTF knows no "about"
    assert told(root, "dcterms:dateAccepted") == [({XSI_TYPE: "dcterms:W3CDTF"}, "2024-11-08")]
    assert texts(root, "dcterms:created") == []


def test_a_manuscript_was_written_not_issued() -> None:
    root = rendered("qdc", "manuscript-full")
    assert (texts(root, "dcterms:created"), texts(root, "dcterms:issued")) == (["1926-05~"], [])


def test_a_rare_book_has_owners_and_an_original() -> None:
    root = rendered("qdc", "rare-book-full")
    assert in_languages(root, "dcterms:provenance") == [("ky", "К. Тыныстановдун китепканасы")]
    assert texts(root, "dc:source") == ["KNU Library, С 5/12"]


def test_available_is_the_day_on_which_files_open() -> None:
    days = {access: texts(rendered("qdc", f"access-{access.value}"), "dcterms:available") for access in Access}
    assert days == {
        Access.OPEN: ["2026-03-02"],
        Access.EMBARGOED: ["2031-01-01"],
        Access.RESTRICTED: [],
        Access.CLOSED: [],
    }


@pytest.mark.parametrize("access", [access for access in Access if access is not Access.OPEN])
def test_files_that_are_not_open_have_no_address(access: Access) -> None:
    source = make_source(full_metadata("article"), (make_file(access=access),))
    assert "/files/" not in etree.tostring(rendered("qdc", source), encoding="unicode")


def test_relations_with_a_refinement() -> None:
    metadata = least_metadata("book").model_copy(
        update={
            "relations": [
                Relation(kind="IsTranslationOf", value="10.5555/a"),
                Relation(kind="Cites", value="«Ала-Тоо», 1967"),
                Relation(kind="NoSuchKind", value="x"),
                Relation(kind="HasPart", value=""),
            ]
        }
    )
    root = rendered("qdc", metadata)
    assert texts(root, "dcterms:isVersionOf") == ["10.5555/a"]
    assert texts(root, "dcterms:references") == ["«Ала-Тоо», 1967"]
    assert texts(root, "dc:relation") == ["x"]
    assert texts(root, "dcterms:hasPart") == []


def test_a_work_that_has_only_a_translated_title() -> None:
    metadata = Metadata(titles=[Text(value="The lake", lang="en", kind=TextKind.TRANSLATED)])
    assert in_languages(rendered("qdc", metadata), "dc:title") == [("en", "The lake")]


def test_hostile_text_stays_text() -> None:
    root = rendered("qdc", "article-hostile")
    assert texts(root, "dc:title") == ["Көл жана тоо: биринчи китеп" + HOSTILE_AS_TEXT]
    spaces = {element.tag.split("}")[0][1:] for element in root.iter()}
    assert spaces == {QDC, NAMES["dc"], NAMES["dcterms"]}
