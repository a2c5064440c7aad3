"""Help with a question: suggestions, another spelling, fields to fill in, more of the same."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from repo.db import db, transaction
from repo.discovery.advanced import compose, decompose
from repo.items.access import SYSTEM
from repo.items.metadata import Agent, PersonName, Text
from repo.items.models import Item
from repo.items.services.lifecycle import withdraw_item
from repo.members.models import RoleName
from repo.search.parser import parse_query
from tests.conftest import VisitorClient
from tests.factories import make_collection, make_draft, make_library, make_metadata, make_person, publish, run_jobs
from tests.search.test_query import MALFORMED

WORKS = {
    "lake": ("Көлдүн экологиясы", "Айтматова", "экология"),
    "water": ("Көл суусунун курамы", "Бекова", "экология"),
    "carpet": ("Шырдактын оюулары", "Айтматова", "кол өнөрчүлүк"),
    "gone": ("Көлмөнүн сыры", "Жоголов", "жоготуу"),
}


@pytest.fixture
def ids(context: Flask) -> dict[str, str]:
    """Public works, one that was withdrawn and a draft with words of its own."""
    collection = make_collection(make_library("knu"), "science")
    author, administrator = make_person(), make_person("", RoleName.ADMINISTRATOR)
    made = {name: publish(author, administrator, collection, described(*work)).id for name, work in WORKS.items()}
    make_draft(author, collection, described("Көлчүк жашырын", "Жашыров", "купуя"))
    with transaction() as session:
        withdraw_item(SYSTEM, session.get_one(Item, made["gone"]), "Ката", None)
    run_jobs()
    db.session.rollback()
    return made


def described(title: str, family: str, subject: str):  # type: ignore[no-untyped-def]
    return make_metadata(
        titles=[Text(value=title, lang="ky")],
        creators=[Agent(names=[PersonName(family=family, given="Асел", lang="ky")])],
        keywords=[Text(value=subject, lang="ky")],
        abstracts=[Text(value="Кыскача баяндама", lang="ky")],
    )


# Suggestions -------------------------------------------------------------------------------------------


def suggested(client: VisitorClient, typed: str) -> list[tuple[str, str]]:
    """What is suggested and where it leads; every address is there."""
    answer = client.get("/search/suggest", query_string={"q": typed, "lang": "en"})
    assert answer.content_type == "application/x-suggestions+json; charset=utf-8"
    said, texts, kinds, addresses = answer.json
    assert said == typed and len(texts) == len(kinds) == len(addresses)
    for address in addresses:
        assert client.get(address.removeprefix("http://localhost:8000")).status_code == 200, address
    return list(zip(texts, kinds, strict=True))


SUGGESTED = {
    "айтм": [("Айтматова, Асел", "Author")],
    "асел бек": [("Бекова, Асел", "Author")],
    "онорч": [("кол өнөрчүлүк", "Subject")],
    "суусун": [("Көл суусунун курамы", "Work")],
    "эколог": [("экология", "Subject"), ("Көлдүн экологиясы", "Work")],
    "көл сууc": [("Көл суусунун курамы", "Work")],  # its last letter is Latin
    "к": [],
    "": [],
    "жогол": [],
    "жашыр": [],
    "купуя": [],
}


def test_suggestions(client: VisitorClient, ids: dict[str, str]) -> None:
    """Of what is public now; neither a withdrawn work nor a draft is betrayed by its words."""
    assert {typed: suggested(client, typed) for typed in SUGGESTED} == SUGGESTED


def test_anything_may_be_typed(client: VisitorClient, ids: dict[str, str]) -> None:
    for typed in (query.encode(errors="replace").decode() for query in MALFORMED):
        status = client.get("/search/suggest", query_string={"q": typed}).status_code
        assert status == (400 if "\x00" in typed else 200), typed


def test_suggestions_are_links_without_a_script(client: VisitorClient, ids: dict[str, str]) -> None:
    page = html.fromstring(client.get("/search?q=айтматова&lang=ky").text)
    (link,) = [one for one in page.iterfind(".//main//a") if one.text == "Айтматова, Асел"]
    assert client.get(link.get("href")).status_code == 200


def test_browsers_learn_how_to_ask(client: VisitorClient, ids: dict[str, str]) -> None:
    """OpenSearch 1.1, draft 6: what the elements are and how long a name may be."""
    page = html.fromstring(client.get("/?lang=ru").text)
    (link,) = page.findall(".//link[@rel='search']")
    answer = client.get(link.get("href"))
    assert answer.content_type.startswith(link.get("type"))
    described = etree.fromstring(answer.data)
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert described.tag == f"{space}OpenSearchDescription"
    assert 0 < len(described.findtext(f"{space}ShortName") or "") <= 16
    assert 0 < len(described.findtext(f"{space}Description") or "") <= 1024
    templates = {one.get("type"): one.get("template") for one in described.findall(f"{space}Url")}
    asked = templates["text/html"].replace("{searchTerms}", "эколог*").replace("{startPage?}", "1")
    assert "Көлдүн экологиясы" in client.get(asked.removeprefix("http://localhost:8000")).text.replace(
        "<mark>", ""
    ).replace("</mark>", "")
    asked = templates["application/x-suggestions+json"].replace("{searchTerms}", "айтм")
    assert client.get(asked.removeprefix("http://localhost:8000")).json[1] == ["Айтматова, Асел"]


# Another spelling --------------------------------------------------------------------------------------


def advice(client: VisitorClient, query: str) -> list[str]:
    """The words that another spelling, or words alone, are offered with."""
    page = html.fromstring(client.get("/search", query_string={"q": query, "lang": "en"}).text)
    return [
        link.text_content()
        for place in page.iterfind(".//main//p")
        if place.text_content().strip().startswith(("Did you mean", "No work has"))
        for link in place.iterfind("a")
    ]


OFFERED = {
    "экалогия": ["экология"],
    "көл экалогия": ["көл экология"],
    "author:айтмотова": ["author:айтматова"],
    "экология шырдак": ["экология", "шырдак"],
    "экология": [],
    "жогалов": [],  # near to a name of a withdrawn work only
    "купиа": [],
    "суу": [],
    "🎉": [],
    "12345": [],
}


def test_another_spelling_is_offered(client: VisitorClient, ids: dict[str, str]) -> None:
    assert {query: advice(client, query) for query in OFFERED} == OFFERED


def test_all_but_one_of_the_words_are_better_than_nothing(client: VisitorClient, ids: dict[str, str]) -> None:
    page = client.get("/search?q=көл+суусунун+курамы+жоксөз&lang=en").text
    assert "These have all but one of them." in page and ids["water"] in page and ids["carpet"] not in page


# Fields ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "query"),
    [
        ({"all": "көл суу"}, "көл суу"),
        ({"all": "көл OR деңиз", "without": "тоо жээк"}, "көл OR деңиз -тоо -жээк"),
        ({"phrase": 'ысык "көл'}, '"ысык көл"'),
        ({"any": "көл деңиз дарыя"}, "көл OR деңиз OR дарыя"),
        (
            {"title": "көл", "author": "Ч. Айтматов", "subject": '"кыргыз адабияты"'},
            'title:көл author:Ч author:Айтматов subject:"кыргыз адабияты"',
        ),
        ({"author": "year:1990"}, "year:1990"),
        ({"all": "  ", "any": "🎉"}, ""),
    ],
)
def test_fields_make_a_question(fields: dict[str, str], query: str) -> None:
    assert compose(fields) == query
    assert parse_query(query).understood == query


@given(st.sampled_from(MALFORMED) | st.text(max_size=80))
def test_a_question_fills_the_fields_and_stays_itself(typed: str) -> None:
    """Years have fields of their own beside the question."""
    query = parse_query(typed)
    fields = decompose(query)
    again = parse_query(compose(fields))
    if not {"from", "to"} & set(fields):
        assert sorted(map(str, flatten(again))) == sorted(map(str, flatten(query)))


def flatten(query):  # type: ignore[no-untyped-def]
    return [term for group in query.groups for term in group]


def test_the_form_asks_and_is_filled_with_what_was_asked(client: VisitorClient, ids: dict[str, str]) -> None:
    answer = client.get("/search/advanced?all=&title=экология&without=суу&from=2026&type=article&language=&lang=ky")
    assert answer.status_code == 302
    found = client.get(answer.location).text.replace("<mark>", "").replace("</mark>", "")
    assert WORKS["lake"][0] in found and WORKS["water"][0] not in found
    page = html.fromstring(client.get("/search/advanced" + answer.location.removeprefix("/search")).text)
    assert {name: page.get_element_by_id(name).get("value") for name in ("all", "title", "without", "from")} == {
        "all": "",
        "title": "экология",
        "without": "суу",
        "from": "2026",
    }
    assert page.get_element_by_id("type").value == "article"


# More of the same --------------------------------------------------------------------------------------


def test_similar_works(client: VisitorClient, ids: dict[str, str]) -> None:
    page = html.fromstring(client.get(f"/records/{ids['lake']}/similar").text)
    links = [link.get("href").rpartition("/")[2] for link in page.iterfind(".//h2/a")]
    assert links == [ids["water"], ids["carpet"]]
    assert client.get(f"/records/{ids['gone']}/similar").status_code == 410
    assert client.get("/records/00000-00000/similar").status_code == 404
    assert f"/records/{ids['lake']}/similar" in client.get(f"/records/{ids['lake']}").text
