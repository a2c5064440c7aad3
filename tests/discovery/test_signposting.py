"""Typed links on landing pages: read by a client that we did not write, small, stored, and only of what all may see."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from signposting.linkheader import find_signposting_http_link
from signposting.linkset import find_signposting_linkset
from signposting.resolver import find_signposting_http
from signposting.signpost import Signposting

from oai.formats import FORMATS
from repo.db import transaction
from repo.discovery.signposting import MOST_BYTES, Link, OpenFile, landing_links, write_header, write_linkset
from repo.items.access import Access
from repo.items.metadata import Agent, Metadata, Number, PersonName
from repo.items.models import Item
from repo.items.services.lifecycle import start_version, withdraw_item
from repo.members.models import RoleName
from repo.settings import Settings
from tests import factories
from tests.factories import accept, actor_for, attach_file, make_collection, make_library, make_metadata, make_person
from tests.services.server import StartServer

ORCID = "0000-0002-1825-0097"
SITE = "http://muras.example.org"
RECORD = f"{SITE}/records/01234567s"


@pytest.fixture
def house(app: Flask) -> dict[str, str]:
    """Works with an open and a closed file, under an embargo, restricted and withdrawn; ids by name."""
    with app.app_context():
        library = make_library("knu", networks=["192.0.2.0/24"])
        collection = make_collection(library, "science")
        author, librarian = make_person(), make_person("", RoleName.LIBRARIAN, library=library)
        described = make_metadata(
            identifiers=[Number(scheme="doi", value="10.5072/Muras.1")],
            creators=[Agent(names=[PersonName(family="Токтосунова", given="Жаркынай", lang="ky")], orcid=ORCID)],
        )
        version = factories.make_draft(author, collection, described)
        attach_file(author, version, "макала <1>.pdf", b"%PDF-1.4 open")
        attach_file(author, version, "zqclosed.pdf", b"%PDF-1.4 closed", access=Access.CLOSED)
        factories.submit(author, version)
        accept(librarian, version)
        factories.run_jobs()

        def publish(name: str, **fields: object) -> str:
            return factories.publish(author, librarian, collection, make_metadata(**fields), name=f"{name}.pdf").id

        ids = {
            "open": version.item_id,
            "embargoed": publish("zqembargoed", access="embargoed", embargo_until="2099-01-01"),
            "restricted": publish("zqrestricted", access="restricted"),
            "withdrawn": publish("zqwithdrawn"),
        }
        with transaction() as session:
            withdraw_item(actor_for(librarian), session.get_one(Item, ids["withdrawn"]), "Ката табылды")
        factories.run_jobs()
    return ids


def links_of(client: FlaskClient, path: str, **more: object) -> Signposting:
    """The links of a page, read by the client."""
    answer = client.get(path, **more)
    assert answer.status_code == 200
    return find_signposting_http_link(answer.headers.get_all("Link"), SITE + path)


def test_a_landing_page_tells_programs_where_everything_is(house: dict[str, str], client: FlaskClient) -> None:
    path = f"/records/{house['open']}"
    found = links_of(client, path)
    assert found.citeAs.target == "https://doi.org/10.5072/muras.1"
    assert {author.target for author in found.authors} == {f"https://orcid.org/{ORCID}"}
    assert {kind.target for kind in found.types} == {
        "https://schema.org/AboutPage",
        "https://schema.org/ScholarlyArticle",
    }
    assert found.license.target.startswith("https://creativecommons.org/licenses/by/4.0")
    (item,) = found.items
    assert item.type == "application/pdf"
    assert client.get(item.target.removeprefix(SITE)).data == b"%PDF-1.4 open"
    for description in found.describedBy:
        assert client.get(description.target.removeprefix(SITE)).mimetype == description.type
    namespaces = {f.namespace.removesuffix("#") for f in FORMATS.values() if not f.only}
    assert set().union(*(d.profiles for d in found.describedBy)) == namespaces, "the client drops an empty fragment"
    assert client.head(path).headers["Link"] == client.get(path).headers["Link"]


def test_what_is_linked_leads_back(house: dict[str, str], client: FlaskClient) -> None:
    page = f"/records/{house['open']}"
    found = links_of(client, page)
    (item,) = found.items
    file = links_of(client, item.target.removeprefix(SITE))
    assert file.collection.target == SITE + page
    for description in found.describedBy:
        back = client.get(description.target.removeprefix(SITE)).headers["Link"]
        assert back == f'<{SITE}{page}>;rel="describes";type="text/html"'


def test_both_forms_of_the_link_set_say_what_the_header_says(house: dict[str, str], client: FlaskClient) -> None:
    page = f"/records/{house['open']}"
    (address,) = {link.target.removeprefix(SITE) for link in links_of(client, page).linksets}
    answer = client.get(address)
    assert answer.content_type == "application/linkset+json" and "Accept" in answer.headers["Vary"]
    by_anchor = {context.pop("anchor"): context for context in json.loads(answer.data)["linkset"]}
    assert by_anchor[SITE + page]["cite-as"] == [{"href": "https://doi.org/10.5072/muras.1"}]
    text = client.get(address, headers={"Accept": "application/linkset"})
    assert text.content_type == "application/linkset"
    read = find_signposting_http_link([text.text.replace("\n", " ")], SITE + address)
    told = {(a, str(link.rel), link.target) for a in by_anchor for link in read.for_context(a)}
    assert len(by_anchor) > 5 and told == {
        (anchor, rel, link["href"])
        for anchor, rels in by_anchor.items()
        for rel, links in rels.items()
        for link in links
    }
    header = links_of(client, page)
    assert {link.target for link in header if str(link.rel) != "linkset"} <= {target for _, _, target in told}


@pytest.mark.parametrize("name", ["embargoed", "restricted", "closed"])
def test_no_link_leads_to_what_not_everybody_may_read(house: dict[str, str], client: FlaskClient, name: str) -> None:
    """Nor for readers who may read it, in the library's network here."""
    page = f"/records/{house['open' if name == 'closed' else name]}"
    inside = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
    for path in (page, f"{page}/linkset"):
        answer = client.get(path, **inside)
        assert answer.status_code == 200 and f"zq{name}" not in answer.headers.get("Link", "")
    assert f"zq{name}" not in client.get(f"{page}/linkset", **inside).text
    if name == "restricted":
        path = f"{page}/v1/files/zqrestricted.pdf"
        inside_answer = client.get(path, **inside)
        assert inside_answer.status_code == 200 and "Link" not in inside_answer.headers


def test_what_is_withdrawn_has_no_links(house: dict[str, str], client: FlaskClient) -> None:
    for ending in ("", "/linkset", "/v1/linkset", "/export/oai_dc"):
        answer = client.get(f"/records/{house['withdrawn']}{ending}")
        assert answer.status_code == 410 and "Link" not in answer.headers
    assert client.get("/records/0000000000/linkset").status_code == 404


def test_links_follow_a_new_version_and_signing_in(app: Flask, house: dict[str, str], client: FlaskClient) -> None:
    path = f"/records/{house['open']}"
    before = client.get(path).headers["Link"]
    with app.app_context():
        librarian = make_person("", RoleName.ADMINISTRATOR)
        with transaction() as session:
            newer = start_version(actor_for(librarian), session.get_one(Item, house["open"]))
            newer.meta = {**newer.meta, "access": "restricted"}
        factories.submit(librarian, newer)
        accept(librarian, newer)
        factories.run_jobs()
        email = librarian.email
    found = links_of(client, path)
    assert not found.items and before != client.get(path).headers["Link"]
    older = client.get(f"{path}/v1").headers["Link"]
    assert f'<{SITE}{path}>;rel="latest-version"' in older and f"<{SITE}{path}/v1/linkset>" in older
    factories.sign_in(client, email)
    assert client.get(path).headers["Link"] == client.get(f"{path}?cite=apa").headers["Link"]
    assert not links_of(client, path).items


def test_stored_links_cost_no_query(
    house: dict[str, str], client: FlaskClient, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    path = f"/records/{house['open']}"
    first = client.get(path).headers["Link"]
    with count_queries() as queries:
        assert client.get(path).headers["Link"] == first
    assert len(queries) == 2, queries  # the record's stamp, and the networks of libraries


def test_a_client_that_we_did_not_write_finds_all_over_http(
    app: Flask, settings: Settings, house: dict[str, str], start_server: StartServer
) -> None:
    server = start_server(
        settings.data_dir, "web", MURAS_DATABASE_URL=settings.database_url, MURAS_SECRET_KEY=settings.secret_key
    )
    found = find_signposting_http(f"{server.url}/records/{house['open']}")
    (item,) = found.items
    with urlopen(Request(item.target, headers={"Accept": "*/*"}), timeout=30) as answer:
        assert answer.read() == b"%PDF-1.4 open"
    for link in found.linksets:
        whole = find_signposting_linkset(link.target, link.type).for_context(f"{server.url}/records/{house['open']}")
        assert whole.citeAs.target == found.citeAs.target
        assert {i.target for i in whole.items} == {item.target}
        assert {d.target for d in whole.describedBy} == {d.target for d in found.describedBy}


# ---------------------------------------------------------------- the header, whatever is in it


def test_a_header_with_many_links_leaves_authors_and_files_to_the_link_set() -> None:
    files = [OpenFile(f"{RECORD}/v1/files/{number}.tif", "image/tiff") for number in range(5000)]
    links = landing_links(Metadata(type="book"), RECORD, RECORD, FORMATS.values(), files)
    header = write_header(links)
    assert 'rel="item"' not in header and 'rel="linkset"' in header and 'rel="cite-as"' in header
    assert len(header) <= MOST_BYTES
    (context,) = json.loads(write_linkset({RECORD: links}))["linkset"]
    assert len(context["item"]) == 5000


ANY_LINK = st.builds(Link, st.sampled_from(["item", "license"]), st.text(min_size=1), st.text(), st.text())


@given(st.lists(ANY_LINK))
def test_nothing_in_a_link_breaks_out_of_the_header(links: list[Link]) -> None:
    header = write_header(links)
    assert header.isascii() and len(header) <= MOST_BYTES and (header.isprintable() or not header)
    form = r"<[^<>\s\"]*>(;[a-z-]+=\"[^<>\s\"]*\")+"
    assert not header or re.fullmatch(f"{form}(, {form})*", header)
