"""Reading: home, lists, search, landing page, downloads, feeds."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree, html

from repo.db import db, transaction
from repo.items.access import Access
from repo.items.models import Address, Item
from repo.items.services.lifecycle import withdraw_item
from repo.members.models import Library, RoleName
from repo.settings import Settings
from tests.factories import (
    actor_for,
    make_collection,
    make_library,
    make_metadata,
    make_person,
    publish,
    run_jobs,
    sign_in,
)

PDF = b"%PDF-1.4\n" + b"0123456789" * 100


@pytest.fixture
def house(app: Flask) -> dict[str, str]:
    """An open, an embargoed and a withdrawn item of one library, by name."""
    with app.app_context():
        library = make_library("knu", networks=["192.0.2.0/24"])
        collection = make_collection(library, "science")
        author, librarian = make_person(), make_person("", RoleName.LIBRARIAN, library=library)
        ids = {
            "open": publish(author, librarian, collection, make_metadata("Көл тоосу"), content=PDF).id,
            "embargoed": publish(
                author, librarian, collection, make_metadata("Эмбарго", access="embargoed", embargo_until="2099-01-01")
            ).id,
            "restricted": publish(author, librarian, collection, make_metadata("Чектелген", access="restricted")).id,
            "withdrawn": publish(author, librarian, collection, make_metadata("Жашыруун аталыш")).id,
        }
        with transaction() as session:
            withdraw_item(actor_for(librarian), session.get_one(Item, ids["withdrawn"]), "Ката табылды")
            session.add(Address(path="handle/123456789/7", item_id=ids["open"]))
        run_jobs()
    return ids


@pytest.mark.parametrize("lang", ["ky", "ru", "en"])
def test_every_public_page_answers_in_every_language(house: dict[str, str], client: FlaskClient, lang: str) -> None:
    paths = [
        *("/", "/about", "/policies", "/contact", "/browse/", "/browse/new", "/browse/titles?letter=К"),
        *("/browse/types/article", "/browse/years/2026", "/browse/languages/ky", "/browse/authors"),
        *("/browse/subjects?letter=Ш", "/browse/authors/токтосунова жаркынай", "/libraries", "/libraries/knu"),
        *("/collections/science", f"/records/{house['open']}", f"/records/{house['embargoed']}", "/search?q=көл"),
        *("/search?q=нетуттакого", f"/report/{house['open']}", "/oai/guide"),
    ]
    for path in paths:
        response = client.get(path, query_string={"lang": lang} if "?" not in path else None)
        assert response.status_code == 200, path
        page = html.fromstring(response.data)
        assert page.findall(".//h1"), path
        assert "Жашыруун аталыш" not in response.text, path


def test_the_landing_page_tells_programs_what_it_shows(house: dict[str, str], client: FlaskClient) -> None:
    page = html.fromstring(client.get(f"/records/{house['open']}").data)
    said = {meta.get("name"): meta.get("content") for meta in page.iterfind(".//meta[@name]")}
    assert said["citation_title"] == "Көл тоосу" and said["citation_author"] == "Токтосунова, Жаркынай"
    assert said["citation_pdf_url"].startswith(f"http://muras.example.org/records/{house['open']}/v1/files/")
    assert page.xpath("//script[@type='application/ld+json']")
    closed = html.fromstring(client.get(f"/records/{house['embargoed']}").data)
    assert not closed.xpath("//meta[@name='citation_pdf_url']")


def test_a_stored_page_is_the_page_and_follows_every_change(
    app: Flask, house: dict[str, str], client: FlaskClient
) -> None:
    first = client.get(f"/records/{house['open']}")
    assert client.get(f"/records/{house['open']}").data == first.data
    assert client.get(f"/records/{house['open']}", headers={"Accept-Encoding": "gzip"}).content_encoding == "gzip"
    with app.app_context(), transaction() as session:
        item = session.get_one(Item, house["open"])
        item.current.meta = {**item.current.meta, "access": "closed"}
        item.stamp += 1
    again = client.get(f"/records/{house['open']}")
    assert "/files/" not in html.fromstring(again.data).xpath("string(//div[@class='actions']//@href)")
    assert client.get(f"/records/{house['open']}/v1/files/макала.pdf").status_code == 401


def test_downloads_have_ranges_and_safe_headers(house: dict[str, str], client: FlaskClient) -> None:
    path = f"/records/{house['open']}/v1/files/макала.pdf"
    whole = client.get(path)
    assert whole.data == PDF and whole.content_length == len(PDF)
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in whole.headers["Content-Security-Policy"]
    part = client.get(path, headers={"Range": "bytes=10-19"})
    assert part.status_code == 206 and part.data == PDF[10:20]
    assert client.get(path, headers={"Range": "bytes=999999-"}).status_code == 416
    assert client.get(path, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    moved = client.get(f"/records/{house['open']}/files/макала.pdf")
    assert moved.status_code == 302 and moved.location.endswith("/v1/files/%D0%BC%D0%B0%D0%BA%D0%B0%D0%BB%D0%B0.pdf")


def test_html_and_svg_are_only_ever_saved(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        collection = make_collection(make_library())
        author, reviewer = make_person(), make_person("", RoleName.REVIEWER, collection=collection)
        script = b"<script>alert(1)</script>"
        item = publish(author, reviewer, collection, content=script, name="a.html", mime="text/html").id
    response = client.get(f"/records/{item}/v1/files/a.html")
    assert response.mimetype == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Content-Security-Policy"].startswith("sandbox")


def test_who_may_read_what(app: Flask, house: dict[str, str], client: FlaskClient) -> None:
    file = "/v1/files/макала.pdf"
    assert client.get(f"/records/{house['embargoed']}{file}").status_code == 401
    assert client.get(f"/records/{house['restricted']}{file}").status_code == 401
    inside = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
    assert client.get(f"/records/{house['restricted']}{file}", **inside).status_code == 200
    assert client.get(f"/records/{house['embargoed']}{file}", **inside).status_code == 401
    spoofed = {"headers": {"X-Forwarded-For": "192.0.2.7"}}
    assert client.get(f"/records/{house['restricted']}{file}", **spoofed).status_code == 401


def test_an_embargo_ends_by_itself(
    app: Flask, house: dict[str, str], client: FlaskClient, clock: time_machine.Traveller
) -> None:
    path = f"/records/{house['embargoed']}/v1/files/макала.pdf"
    clock.move_to("2098-12-31T23:59:59Z")
    assert client.get(path).status_code == 401
    clock.move_to("2099-01-01T00:00:00Z")
    assert client.get(path).status_code == 200


def test_a_withdrawn_item_leaves_a_tombstone_without_its_description(
    house: dict[str, str], client: FlaskClient
) -> None:
    response = client.get(f"/records/{house['withdrawn']}")
    assert response.status_code == 410 and "Ката табылды" in response.text
    assert "Жашыруун" not in response.text
    for path in ("/v1/files/макала.pdf", "/v1/preview", "/export/bibtex", "/files/макала.pdf", "/v1"):
        assert client.get(f"/records/{house['withdrawn']}{path}").status_code == 410, path


def test_addresses_lead_where_they_should(house: dict[str, str], client: FlaskClient) -> None:
    assert client.get("/handle/123456789/7").location == f"/records/{house['open']}"
    upper = client.get(f"/records/{house['open'].upper()}")
    assert upper.status_code == 301 and upper.location == f"/records/{house['open']}"
    for path in ("/records/000000000", "/records/zzz", f"/records/{house['open']}/v9", "/handle/1/2"):
        assert client.get(path).status_code == 404, path


def test_feeds_and_sitemap_are_well_formed_and_show_what_is_public(house: dict[str, str], client: FlaskClient) -> None:
    for path in ("/feeds/new.atom", "/feeds/libraries/knu.atom", "/feeds/collections/science.atom"):
        feed = etree.fromstring(client.get(path).data)
        assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 3
    index = etree.fromstring(client.get("/sitemap.xml").data)
    month = index.findtext(".//{*}loc")
    sitemap = client.get(month.removeprefix("http://muras.example.org"))
    assert house["open"] in sitemap.text and house["withdrawn"] not in sitemap.text


def test_lists_cost_the_same_for_more_items(
    app: Flask, house: dict[str, str], client: FlaskClient, count_queries: Callable
) -> None:
    paths = ["/", "/browse/new", "/browse/types/article", "/libraries/knu", "/collections/science", "/feeds/new.atom"]
    paths += ["/search?q=", "/browse/authors", "/browse/titles"]
    few = {}
    for path in paths:
        client.get(path)
        with count_queries() as queries:
            client.get(path)
        few[path] = len(queries)
    with app.app_context():
        library = db.session.query(Library).filter_by(code="knu").one()
        collection = library.collections[0]
        author, librarian = make_person(), make_person("", RoleName.LIBRARIAN, library=library)
        for number in range(4):
            publish(author, librarian, collection, make_metadata(f"Дагы {number}"))
    for path in paths:
        with count_queries() as queries:
            client.get(path)
        assert len(queries) == few[path], (path, queries)


def test_search_finds_by_typing_without_kyrgyz_letters_and_keeps_the_order_of_rights(
    house: dict[str, str], client: FlaskClient
) -> None:
    assert house["open"] in client.get("/search?q=кол тоосу").text
    found = client.get("/search", query_string={"q": "", "access": Access.EMBARGOED.value}).text
    assert house["embargoed"] in found and house["open"] not in found
    for hostile in ('"', "-", "OR", "*" * 50, "[/regex", "x" * 10000, "\u202e", "😀", "a " * 1000):
        assert client.get("/search", query_string={"q": hostile}).status_code == 200


def test_views_and_downloads_are_recorded(
    app: Flask, house: dict[str, str], client: FlaskClient, settings: Settings
) -> None:
    for log in settings.usage_dir.glob("*.log"):
        log.unlink()
    client.get(f"/records/{house['open']}", headers={"User-Agent": "Mozilla/5.0"})
    client.get(f"/records/{house['open']}/v1/files/макала.pdf", headers={"User-Agent": "Googlebot/2.1"})
    client.head(f"/records/{house['open']}")
    lines = "".join(log.read_text() for log in settings.usage_dir.glob("*.log")).splitlines()
    assert len(lines) == 2 and '"view"' in lines[0] and '"robot"' in lines[1] and "127.0.0.1" not in "".join(lines)


def test_a_site_under_https_says_so(settings: Settings) -> None:
    from repo.app import create_app
    from tests.conftest import close_engines

    app = create_app(replace(settings, base_url="https://muras.example.kg"))
    response = app.test_client().get("/about")
    assert "Strict-Transport-Security" in response.headers
    close_engines(app)


def test_a_kept_page_holds_nothing_of_whoever_asked_first(app: Flask, house: dict[str, str]) -> None:
    with app.app_context():
        email = make_person("Купуя Сырчыл", RoleName.LIBRARIAN, library=db.session.query(Library).one()).email
    staff = app.test_client()
    sign_in(staff, email)
    first = staff.get(f"/records/{house['open']}").text
    assert "Купуя Сырчыл" in first and f"/review/{house['open']}/withdraw" in first
    stranger = app.test_client().get(f"/records/{house['open']}").text
    assert "Купуя Сырчыл" not in stranger and "/withdraw" not in stranger and "csrf" not in stranger
    again = staff.get(f"/records/{house['open']}").text
    assert "Купуя Сырчыл" in again and f"/review/{house['open']}/withdraw" in again
