"""Every public page of a filled house weighs at most 30 KB on its way, stylesheet included, in all languages."""

import gzip
import random

import pytest
from flask import Flask
from lxml import html
from werkzeug.routing import MapAdapter

from repo.items.metadata import Agent, Metadata, PersonName, Text
from repo.members.models import RoleName
from repo.members.tokens import Purpose, make_token
from repo.web.static import find_asset
from tests.conftest import VisitorClient
from tests.factories import make_collection, make_library, make_metadata, make_person, publish

LIMIT = 30_000
LANGUAGES = ("ky", "ru", "en")
RESULTS = 20  # on a page of results
LETTERS = "аабгдеёжзийклмноопрстууфхчшыэюя"
ROOMS = ("house", "records", "search", "browse", "oai", "account")
NO_PAGES = {
    *("records.version_file", "records.newest_file", "records.preview", "records.export", "records.linkset"),
    *("oai.provider", "oai.style", "search.take_along", "search.suggest_more", "search.description"),
    "account.overview",  # only for whoever is signed in
}


def word(chance: random.Random) -> str:
    return "".join(chance.choices(LETTERS, k=chance.randint(4, 11)))


def words(chance: random.Random, count: int) -> str:
    """Letters by chance pack worse than any language."""
    return " ".join(word(chance) for _ in range(count)).capitalize()


@pytest.fixture
def paths(app: Flask) -> list[str]:
    """The public pages of a house with many libraries, collections and works, each with all that it may have."""
    chance = random.Random(20260302)
    with app.app_context():
        library = make_library("knu")
        for _ in range(30):
            make_library(
                names={lang: words(chance, 4) for lang in LANGUAGES},
                city={lang: word(chance).capitalize() for lang in LANGUAGES},
            )
        collection = make_collection(library, "science")
        for _ in range(10):
            make_collection(library, parent=collection)
        author, reviewer = make_person(), make_person("", RoleName.REVIEWER, collection=collection)
        ids = [publish(author, reviewer, collection, described(chance, n)).id for n in range(RESULTS + 1)]
        confirm, reset = make_token(Purpose.CONFIRM, author), make_token(Purpose.RESET, author)
    return [
        *("/", "/about", "/policies", "/contact", f"/report/{ids[0]}", "/oai/guide"),
        *(
            "/search",
            "/search?q=көл",
            "/search/advanced",
            f"/records/{ids[0]}",
            f"/records/{ids[0]}/similar",
            f"/records/{ids[0]}/v1",
        ),
        *("/browse/", "/browse/new", "/browse/titles", "/browse/titles?letter=К", "/browse/types/article"),
        *("/browse/years/2026", "/browse/languages/ky", "/browse/authors", "/browse/subjects"),
        *("/browse/authors/токтосунова жаркынай", "/libraries", "/libraries/knu", "/collections/science"),
        *("/account/sign-in", "/account/sign-up", "/account/forgot"),
        *(f"/account/confirm/{confirm}", f"/account/reset/{reset}"),
    ]


def described(chance: random.Random, number: int) -> Metadata:
    """An article with long texts in three languages and several authors; the first of them wrote all."""
    authors = [("Токтосунова", "Жаркынай"), *((word(chance).capitalize(), word(chance).capitalize()) for _ in range(4))]
    return make_metadata(
        titles=[Text(value=f"Көл {words(chance, 12)}", lang="ky")],
        creators=[Agent(names=[PersonName(family=family, given=given, lang="ky")]) for family, given in authors],
        abstracts=[Text(value=f"Көл {words(chance, 200)}", lang=lang) for lang in LANGUAGES],
        keywords=[Text(value=word(chance), lang="ky") for _ in range(8)],
        issued=str(2026 - number // 2),
    )


def test_pages_weigh_at_most_30_kb(app: Flask, client: VisitorClient, paths: list[str]) -> None:
    style = find_asset("muras.css")
    assert style is not None
    weights = {}
    for path in paths:
        for lang in LANGUAGES:
            answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}", headers={"Accept-Encoding": "gzip"})
            assert (answer.status_code, answer.content_encoding) == (200, "gzip"), path
            page = html.fromstring(gzip.decompress(answer.data))
            assert [link.get("href").split("?")[0] for link in page.iterfind(".//link[@rel='stylesheet']")] == [
                "/static/muras.css"
            ]
            weights[path, lang] = len(answer.data) + len(style.packed)
            if path == "/search?q=көл":
                assert len(page.findall(".//mark")) >= RESULTS
    heavy = {page: weight for page, weight in weights.items() if weight > LIMIT}
    assert not heavy, f"heaviest: {sorted(weights.items(), key=lambda pair: -pair[1])[:5]}"


def test_no_public_page_is_left_out(app: Flask, paths: list[str]) -> None:
    adapter: MapAdapter = app.url_map.bind("muras.example.org")
    weighed = {adapter.match(path.partition("?")[0])[0] for path in paths}
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    pages = {rule.endpoint for rule in rules if rule.endpoint.split(".")[0] in ROOMS}
    assert weighed == pages - NO_PAGES
