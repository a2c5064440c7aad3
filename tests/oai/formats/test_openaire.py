"""OpenAIRE 4.0: every statement at its place (the guidelines' pages on the fields, version 4.0)."""

import dataclasses
import re
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from oai.formats.source import BASE
from repo.items.access import Access
from repo.items.metadata import Agent, Metadata, Number, PersonName, Relation
from repo.vocabularies import types
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
from tests.oai.formats.schemas import FOLDERS

COAR = "http://purl.org/coar"
OPEN, EMBARGOED = f"{COAR}/access_right/c_abf2", f"{COAR}/access_right/c_f1cf"
RESTRICTED, CLOSED = f"{COAR}/access_right/c_16ec", f"{COAR}/access_right/c_14cb"


def test_what_an_article_says() -> None:
    root = rendered("oai_openaire", "article-full")
    assert told(root, "datacite:identifier") == [({"identifierType": "URL"}, f"{BASE}/records/0123b4c5x")]
    assert in_languages(root, "datacite:titles/datacite:title")[0] == ("ky", "Көл жана тоо: биринчи китеп")
    kinds = [title.get("titleType") for title in root.findall("datacite:titles/datacite:title", NAMES)]
    assert kinds == [None, "TranslatedTitle", "AlternativeTitle", "AlternativeTitle"]
    assert texts(root, "dc:language") == ["kir", "rus"]
    assert in_languages(root, "dc:publisher") == [("ky", "Кыргызмамбас")]
    assert [lang for lang, _ in in_languages(root, "dc:description")] == ["ky", "en"]
    assert told(root, "oaire:resourceType") == [
        ({"resourceTypeGeneral": "literature", "uri": f"{COAR}/resource_type/c_6501"}, "journal article")
    ]
    assert [mime.partition("/")[0] for mime in texts(root, "dc:format")] == ["application", "application"]
    assert texts(root, "datacite:sizes/datacite:size") == ["214 б.", "123456 bytes", "123456 bytes"]
    assert texts(root, "dc:source") == ["KNU Library, С 5/12"]


def test_people_and_the_library() -> None:
    root = rendered("oai_openaire", "article-full")
    person, body = root.findall("datacite:creators/datacite:creator", NAMES)
    assert told(person, "datacite:creatorName") == [({"nameType": "Personal"}, "Токтосунова, Айгүл")]
    assert texts(person, "datacite:givenName") + texts(person, "datacite:familyName") == ["Айгүл", "Токтосунова"]
    assert told(person, "datacite:nameIdentifier") == [
        (
            {"nameIdentifierScheme": "ORCID", "schemeURI": "https://orcid.org"},
            "https://orcid.org/0000-0002-1825-0097",
        )
    ]
    assert told(person, "datacite:affiliation")[0][0]["affiliationIdentifier"] == "https://ror.org/04t0e1f58"
    assert told(body, "datacite:creatorName") == [({"nameType": "Organizational"}, "Илимдер академиясы")]
    contributors = root.findall("datacite:contributors/datacite:contributor", NAMES)
    assert [(c.get("contributorType"), texts(c, "datacite:contributorName")[0]) for c in contributors] == [
        ("Supervisor", "Осмонов, Бакыт"),
        ("Editor", "Иванова, Анна"),
        ("Other", "Жумабаев, Эрлан"),  # version 4.1 of DataCite knows no translators
        ("HostingInstitution", "KNU Library"),
    ]


def test_numbers_and_related_works() -> None:
    root = rendered("oai_openaire", "article-full")
    assert told(root, "datacite:alternateIdentifiers/datacite:alternateIdentifier") == [
        ({"alternateIdentifierType": "DOI"}, "10.5555/muras.1"),
        ({"alternateIdentifierType": "ISBN"}, "9789967000001"),
        ({"alternateIdentifierType": "URL"}, "https://example.org/a?b=1&c=2"),
    ]
    related = told(root, "datacite:relatedIdentifiers/datacite:relatedIdentifier")
    assert [(a["relatedIdentifierType"], a["relationType"], text) for a, text in related] == [
        ("URL", "IsPartOf", "https://example.org/serial"),
        ("DOI", "IsSupplementTo", "10.5555/muras.2"),
        ("ISSN", "IsPartOf", "1694-7517"),
    ]


def test_relations_that_the_guidelines_do_not_have() -> None:
    metadata = least_metadata("book").model_copy(
        update={
            "relations": [
                Relation(kind="IsTranslationOf", value="https://doi.org/10.5555/ABC"),
                Relation(kind="NoSuchKind", value="10.5555/abc"),
                Relation(kind="Cites", value="«Ала-Тоо», 1967"),
            ]
        }
    )
    related = told(rendered("oai_openaire", metadata), "datacite:relatedIdentifiers/datacite:relatedIdentifier")
    assert related == [({"relatedIdentifierType": "DOI", "relationType": "IsDerivedFrom"}, "10.5555/abc")]


def test_subjects_with_languages_and_schemes() -> None:
    root = rendered("oai_openaire", "article-full")
    subjects = root.findall("datacite:subjects/datacite:subject", NAMES)
    assert [(s.get(f"{{{NAMES['xml']}}}lang"), s.get("subjectScheme"), s.text) for s in subjects] == [
        ("ky", None, "көл"),
        ("ru", None, "озеро"),
        ("en", None, "lake"),
        (None, "UDC", "551.481"),
        (None, "BBK", "26.22"),
        (None, "GRNTI", "37.27"),
        ("ky", None, "10.02.01 Кыргыз тили"),
        ("ru", None, "10.02.01 Кыргызский язык"),
    ]


def test_where_it_was_printed() -> None:
    root = rendered("oai_openaire", "article-full")
    said = {name: texts(root, f"oaire:citation{name}") for name in ("Title", "Volume", "Issue", "StartPage", "EndPage")}
    assert said == {"Title": ["Жарчы"], "Volume": ["12"], "Issue": ["3"], "StartPage": ["10"], "EndPage": ["20"]}
    assert texts(root, "oaire:citationEdition") == ["2-басылышы"]


def dates(root: etree._Element) -> dict[str, str]:
    return {a["dateType"]: text for a, text in told(root, "datacite:dates/datacite:date")}


def test_an_embargo_has_begin_and_end() -> None:
    root = rendered("oai_openaire", "access-embargoed")
    assert dates(root) == {"Issued": "1926-05", "Accepted": "2026-03-02", "Available": "2031-01-01"}
    assert told(root, "datacite:rights")[0][0]["rightsURI"] == EMBARGOED
    assert told(root, "oaire:licenseCondition")[0][0] == {
        "startDate": "2031-01-01",
        "uri": "https://creativecommons.org/licenses/by/4.0/",
    }


def test_an_embargo_that_ended_leaves_its_end() -> None:
    source = dataclasses.replace(EXAMPLES["article-full"], embargo_until=date(2026, 6, 1))
    assert dates(rendered("oai_openaire", source)) == {"Issued": "1926-05", "Available": "2026-06-01"}


@pytest.mark.parametrize(
    ("issued", "defended", "expected"),
    [
        ("1967", "", "1967"),
        ("2024-02-29", "", "2024-02-29"),
        ("1926/1928", "", "1926"),
        ("../1928", "", "1928"),
        ("192X", "", "1925"),  # as the guidelines' 1650 for the 17th century
        ("19XX", "", "1950"),
        ("2001-21", "", "2001"),
        ("2023-02-30", "", "2023-02"),
        ("0000", "", "2026-03-02"),
        ("жок", "2024-11-08", "2024-11-08"),
        ("", "", "2026-03-02"),
        ("XXXX", "", "2026-03-02"),
        ("Y17000000002", "", "2026-03-02"),
    ],
)
def test_there_is_always_one_date_of_publication(issued: str, defended: str, expected: str) -> None:
    metadata = least_metadata("book")
    metadata.issued, metadata.thesis.defended = issued, defended
    assert dates(rendered("oai_openaire", metadata))["Issued"] == expected


def test_files_say_who_may_read_them() -> None:
    files = tuple(make_file(f"{access.value}.pdf", access=access) for access in Access)
    root = rendered("oai_openaire", make_source(full_metadata("article"), files))
    rights = [attributes["accessRightsURI"] for attributes, _ in told(root, "oaire:file")]
    assert rights == [OPEN, EMBARGOED, RESTRICTED]  # a file that nobody can have is not named


@pytest.mark.parametrize(
    ("access", "uri"),
    [("open", OPEN), ("embargoed", EMBARGOED), ("restricted", RESTRICTED), ("closed", CLOSED)],
)
def test_one_access_right(access: str, uri: str) -> None:
    root = rendered("oai_openaire", f"access-{access}")
    label = "metadata only access" if access == "closed" else f"{access} access"
    assert texts(root, "datacite:rights") == [label]
    assert [attributes["rightsURI"] for attributes, _ in told(root, "datacite:rights")] == [uri]
    if access != "open":
        assert OPEN not in [attributes["accessRightsURI"] for attributes, _ in told(root, "oaire:file")]


def test_kinds_of_files() -> None:
    root = rendered("oai_openaire", "article-full")
    assert [attributes["objectType"] for attributes, _ in told(root, "oaire:file")] == ["fulltext", "dataset"]
    source = make_source(least_metadata("software"), (make_file("a.zip", "application/zip"),))
    assert told(rendered("oai_openaire", source), "oaire:file")[0][0] == {
        "accessRightsURI": OPEN,
        "mimeType": "application/zip",
        "objectType": "software",
    }


def test_a_scanned_book_does_not_list_its_pages() -> None:
    root = rendered("oai_openaire", "scanned-book")
    assert told(root, "oaire:file") == []
    assert texts(root, "dc:format") == ["image/tiff"]


def test_versions_where_they_are_known() -> None:
    version = f"{COAR}/version/c_b1a7d7d4d402bcce"
    assert told(rendered("oai_openaire", "preprint-full"), "oaire:version") == [({"uri": version}, "AO")]
    assert told(rendered("oai_openaire", "dataset-full"), "oaire:version") == [({}, "2")]
    assert told(rendered("oai_openaire", "article-full"), "oaire:version") == []


def test_who_paid() -> None:
    funder = Agent(names=[PersonName(family="Сорос-Кыргызстан")], organisation=True, role="funder")
    metadata = least_metadata("report").model_copy(update={"contributors": [funder]})
    root = rendered("oai_openaire", metadata)
    assert texts(root, "oaire:fundingReferences/oaire:fundingReference/oaire:funderName") == ["Сорос-Кыргызстан"]
    types = [c.get("contributorType") for c in root.iter(f"{{{NAMES['datacite']}}}contributor")]
    assert types == ["HostingInstitution"]


@pytest.mark.parametrize("code", types())
def test_types_have_the_names_of_the_guidelines(code: str, real_data: Path) -> None:
    """Their schema names each term in a comment."""
    schema = real_data / "6-oai-schemas-vocab" / FOLDERS["openaire"] / "oaire-resourceType-v4.xsd"
    names = dict(re.findall(r'value="([^"]+)"/><!--(.*?)-->', schema.read_text("utf-8")))
    ((attributes, text),) = told(rendered("oai_openaire", least_metadata(code)), "oaire:resourceType")
    assert text == names[attributes["uri"]]


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_the_guidelines_want_once(name: str) -> None:
    """The schema lets all be repeated or left out; the application profile does not."""
    root = rendered("oai_openaire", name)
    assert len(root.findall("datacite:titles", NAMES)) == 1
    for path in ("datacite:identifier", "datacite:rights", "oaire:resourceType"):
        assert len(root.findall(path, NAMES)) == 1, path
    issued = [a for a, _ in told(root, "datacite:dates/datacite:date") if a["dateType"] == "Issued"]
    assert len(issued) == 1


def test_the_least_says_nothing_empty() -> None:
    for name, source in EXAMPLES.items():
        assert empty_elements(rendered("oai_openaire", source)) == [], name
    root = rendered("oai_openaire", "book-least")
    assert {child.tag.split("}")[1] for child in root} == {
        *("titles", "contributors", "dates", "resourceType", "identifier", "rights")
    }


def test_hostile_text_stays_text() -> None:
    root = rendered("oai_openaire", "article-hostile")
    title = texts(root, "datacite:titles/datacite:title")[0]
    assert title == "Көл жана тоо: биринчи китеп" + HOSTILE_AS_TEXT
    assert {element.tag.split("}")[0] for element in root.iter()} == {
        "{" + NAMES[prefix] for prefix in ("oaire", "datacite", "dc")
    }


def test_odd_data_is_no_error() -> None:
    metadata = Metadata(type="", languages=["", "no-such", "кыргызча"], identifiers=[Number(scheme="", value="17")])
    metadata.creators = [Agent(names=[PersonName(family="\x01")], role="no-such"), Agent()]
    root = rendered("oai_openaire", metadata)
    assert texts(root, "datacite:titles/datacite:title") == [":unav"]
    assert root.find("datacite:creators", NAMES) is None
    assert told(root, "datacite:alternateIdentifiers/datacite:alternateIdentifier") == [
        ({"alternateIdentifierType": "other"}, "17")
    ]
