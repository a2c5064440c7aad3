"""DataCite 4.6: every statement at its place (DataCite Metadata Schema 4.6, properties 1-20)."""

import pytest
from lxml import etree

from oai.formats.source import BASE
from repo.items.access import Access
from repo.items.metadata import Agent, Metadata, Number, PersonName, Text
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

LANDING = f"{BASE}/records/0123b4c5x"


def dates(root: etree._Element) -> list[tuple[str, str]]:
    return [(a["dateType"], text) for a, text in told(root, "datacite:dates/datacite:date")]


def test_what_an_article_says() -> None:
    root = rendered("datacite", "article-full")
    assert told(root, "datacite:identifier") == [({"identifierType": "DOI"}, "10.5555/muras.1")]
    assert texts(root, "datacite:publicationYear") == ["1926"]
    assert in_languages(root, "datacite:publisher") == [("ky", "Кыргызмамбас")]
    assert told(root, "datacite:resourceType") == [({"resourceTypeGeneral": "JournalArticle"}, "article")]
    assert texts(root, "datacite:language") == ["ky"]
    assert texts(root, "datacite:version") == ["2"]
    assert texts(root, "datacite:sizes/datacite:size")[0] == "214 б."
    assert len(texts(root, "datacite:formats/datacite:format")) == 2
    titles = root.findall("datacite:titles/datacite:title", NAMES)
    assert [t.get("titleType") for t in titles] == [None, "TranslatedTitle", "AlternativeTitle", "AlternativeTitle"]
    assert [lang for lang, _ in in_languages(root, "datacite:titles/datacite:title")] == [
        *("ky", "ru", "ky-Latn", "ky-Arab")
    ]


def test_people_with_names_in_their_language() -> None:
    root = rendered("datacite", "article-full")
    person, body = root.findall("datacite:creators/datacite:creator", NAMES)
    assert in_languages(person, "datacite:creatorName") == [("ky", "Токтосунова, Айгүл")]
    assert texts(person, "datacite:nameIdentifier") == ["https://orcid.org/0000-0002-1825-0097"]
    assert told(person, "datacite:affiliation") == [
        (
            {
                "affiliationIdentifier": "https://ror.org/04t0e1f58",
                "affiliationIdentifierScheme": "ROR",
                "schemeURI": "https://ror.org",
            },
            "Кыргыз улуттук университети",
        )
    ]
    assert body.find("datacite:creatorName", NAMES).get("nameType") == "Organizational"
    assert texts(body, "datacite:familyName") == []
    contributors = root.findall("datacite:contributors/datacite:contributor", NAMES)
    assert [c.get("contributorType") for c in contributors] == [
        *("Supervisor", "Editor", "Translator", "HostingInstitution")
    ]


def test_an_orcid_that_is_none_is_left_out() -> None:
    metadata = least_metadata("book")
    metadata.creators = [Agent(names=[PersonName(family="Асанов")], orcid="0000-0002-1825-0098")]
    assert texts(rendered("datacite", metadata), "datacite:creators/datacite:creator/datacite:nameIdentifier") == []


def test_other_numbers_and_related_works() -> None:
    root = rendered("datacite", "article-full")
    assert told(root, "datacite:alternateIdentifiers/datacite:alternateIdentifier") == [
        ({"alternateIdentifierType": "URL"}, LANDING),
        ({"alternateIdentifierType": "OAI"}, "oai:muras.example.org:0123b4c5x"),
        ({"alternateIdentifierType": "ISBN"}, "9789967000001"),
        ({"alternateIdentifierType": "URL"}, "https://example.org/a?b=1&c=2"),
    ]
    related = told(root, "datacite:relatedIdentifiers/datacite:relatedIdentifier")
    assert [(a["relatedIdentifierType"], a["relationType"], text) for a, text in related] == [
        ("URL", "IsPartOf", "https://example.org/serial"),
        ("DOI", "IsSupplementTo", "10.5555/muras.2"),
        ("ISSN", "IsPublishedIn", "1694-7517"),
    ]


@pytest.mark.parametrize("value", ["", "10.5555", "javascript:alert(1)", "10.12345"])
def test_without_a_doi_the_landing_page_is_the_identifier(value: str) -> None:
    metadata = least_metadata("book")
    metadata.identifiers = [Number(scheme="doi", value=value)]
    assert told(rendered("datacite", metadata), "datacite:identifier") == [({"identifierType": "URL"}, LANDING)]


def test_a_doi_as_an_address_is_brought_into_its_form() -> None:
    metadata = least_metadata("book")
    metadata.identifiers = [Number(scheme="doi", value="https://doi.org/10.5555/ABC")]
    root = rendered("datacite", metadata)
    assert told(root, "datacite:identifier") == [({"identifierType": "DOI"}, "10.5555/abc")]
    kinds = [a["alternateIdentifierType"] for a, _ in told(root, "datacite:alternateIdentifiers/*")]
    assert kinds == ["URL", "OAI"]


def test_the_journal_of_an_article() -> None:
    root = rendered("datacite", "article-full")
    item = root.find("datacite:relatedItems/datacite:relatedItem", NAMES)
    assert dict(item.attrib) == {"relatedItemType": "Journal", "relationType": "IsPublishedIn"}
    assert told(item, "datacite:relatedItemIdentifier") == [({"relatedItemIdentifierType": "ISSN"}, "1694-7517")]
    assert in_languages(item, "datacite:titles/datacite:title") == [("ky", "Жарчы")]
    assert [child.text for child in item if child.tag.endswith(("volume", "issue", "Page"))] == ["12", "3", "10", "20"]


def test_the_book_of_a_chapter() -> None:
    item = rendered("datacite", "book-part-full").find("datacite:relatedItems/datacite:relatedItem", NAMES)
    assert item.get("relatedItemType") == "Book"


def test_rights_of_access_and_licence() -> None:
    access, licence = told(rendered("datacite", "access-restricted"), "datacite:rightsList/datacite:rights")
    assert (access[0]["rightsURI"], access[1]) == ("http://purl.org/coar/access_right/c_16ec", "restricted access")
    assert licence[0]["rightsURI"] == "https://creativecommons.org/licenses/by/4.0/"
    assert (licence[0]["rightsIdentifier"], licence[0]["rightsIdentifierScheme"]) == ("CC-BY-4.0", "SPDX")


def test_dates_of_a_thesis_and_of_an_embargo() -> None:
    root = rendered("datacite", "candidate-thesis-full")
    assert dates(root) == [("Issued", "1926-05"), ("Available", "2026-03-02"), ("Other", "2024-11-08")]
    assert [a.get("dateInformation") for a, _ in told(root, "datacite:dates/datacite:date")] == [
        *("1926-05~", None, "Defended")
    ]
    assert ("Available", "2031-01-01") in dates(rendered("datacite", "access-embargoed"))
    assert "Available" not in dict(dates(rendered("datacite", "access-closed")))


def test_descriptions_of_a_rare_book() -> None:
    descriptions = told(rendered("datacite", "rare-book-full"), "datacite:descriptions/datacite:description")
    assert [(a["descriptionType"], text.split(".")[0]) for a, text in descriptions] == [
        ("Abstract", "Кыскача мазмуну"),
        ("Abstract", "Short summary"),
        ("Other", "Эскертүү"),
        ("Other", "К"),
        ("Other", "Мукабасы жок"),
    ]


def test_who_paid() -> None:
    metadata = least_metadata("report")
    metadata.contributors = [
        Agent(names=[PersonName(family="Сорос-Кыргызстан")], organisation=True, role="funder"),
        Agent(names=[PersonName(family="\x01")], role="funder"),
    ]
    root = rendered("datacite", metadata)
    assert texts(root, "datacite:fundingReferences/datacite:fundingReference/*") == ["Сорос-Кыргызстан"]


def test_what_is_not_known_is_said_in_the_terms_of_the_standard() -> None:
    root = rendered("datacite", Metadata())
    assert texts(root, "datacite:creators/datacite:creator/datacite:creatorName") == [":unav"]
    assert texts(root, "datacite:titles/datacite:title") == [":unav"]
    assert texts(root, "datacite:publicationYear") == ["2026"]
    (publisher,) = told(root, "datacite:publisher")
    assert publisher[1] == "KNU Library"
    assert publisher[0]["publisherIdentifier"] == "https://ror.org/04t0e1f58"


def test_the_university_publishes_a_thesis_without_publisher() -> None:
    metadata = full_metadata("master-thesis").model_copy(update={"publishers": [Text(value=" ")]})
    assert texts(rendered("datacite", metadata), "datacite:publisher") == ["KNU Library"]
    metadata = full_metadata("master-thesis").model_copy(update={"publishers": []})
    assert texts(rendered("datacite", metadata), "datacite:publisher") == ["Кыргыз улуттук университети"]


def test_no_file_is_given_as_an_address() -> None:
    """DataCite describes the work; whoever wants the file goes to the landing page, which knows who may read it."""
    for access in Access:
        source = make_source(full_metadata("article"), (make_file(access=access),))
        assert "/files/" not in etree.tostring(rendered("datacite", source), encoding="unicode")


def test_nothing_empty_is_said() -> None:
    for name, source in EXAMPLES.items():
        found = empty_elements(rendered("datacite", source))
        assert found == [], name


def test_hostile_text_stays_text() -> None:
    root = rendered("datacite", "article-hostile")
    assert texts(root, "datacite:titles/datacite:title")[0] == "Көл жана тоо: биринчи китеп" + HOSTILE_AS_TEXT
    assert {element.tag.split("}")[0][1:] for element in root.iter()} == {NAMES["datacite"]}
