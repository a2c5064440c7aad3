"""The demonstration in the house: read, searched, harvested, and its people at their desks."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from lxml import etree, html

from repo.app import create_app
from repo.db import db
from repo.demo.house import list_accounts
from repo.demo.loading import item_ids
from repo.demo.services import Loaded, load_demonstration
from repo.items.models import Blob, Event, Item, Version
from repo.jobs.models import Job, JobState
from repo.settings import Settings
from tests.conftest import DATABASES, VisitorClient, close_engines
from tests.services.databases import TestDatabases

LANGUAGES = ["ky", "ru", "en"]


@pytest.fixture(scope="module", params=DATABASES)
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One loaded house for the tests of this module, which only look."""
    kind = "postgres" if request.param == "postgresql" else request.param
    databases: TestDatabases = request.getfixturevalue(f"{kind}_databases")
    with databases.migrated() as url:
        settings = Settings(
            data_dir=tmp_path_factory.mktemp("demo"),
            base_url="http://muras.example.org",
            secret_key="not a secret: the demonstration's own key",
            database_url=url,
            testing=True,
        )
        app = create_app(settings)
        app.test_client_class = VisitorClient
        yield app
        close_engines(app)


@pytest.fixture(scope="module")
def loaded(app: Flask) -> Loaded:
    with app.app_context():
        return load_demonstration()


@pytest.fixture(scope="module")
def ids(app: Flask, loaded: Loaded) -> dict[str, str]:
    """Ids of items by the keys of their works."""
    with app.app_context():
        return item_ids()


@pytest.fixture
def visitor(app: Flask, loaded: Loaded) -> VisitorClient:
    client = app.test_client()
    assert isinstance(client, VisitorClient)
    return client


def sign_in(app: Flask, key: str) -> VisitorClient:
    """A browser in which a demonstration account is signed in, with the password that is printed."""
    client = app.test_client()
    assert isinstance(client, VisitorClient)
    with app.app_context():
        account = next(account for account in list_accounts() if account.email.startswith(key))
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', client.get("/account/sign-in").text)
    assert token
    data = {"email": account.email, "password": account.password, "csrf_token": token[1]}
    assert client.post("/account/sign-in", data=data).status_code == 302
    return client


def test_all_of_it_is_there_and_every_job_went_well(app: Flask, loaded: Loaded) -> None:
    assert loaded.works == {"published": 32, "withdrawn": 1, "submitted": 1, "drafts": 2}
    assert (loaded.libraries, loaded.collections, len(loaded.accounts)) == (4, 11, 5)
    with app.app_context():
        assert not db.session.scalars(sa.select(Job.error).where(Job.state != JobState.DONE)).all()


def test_files_are_of_many_formats_and_all_were_read(app: Flask, loaded: Loaded) -> None:
    with app.app_context():
        reports = db.session.scalars(sa.select(Blob.report)).all()
    kinds = {report["kind"] for report in reports if report}
    assert kinds >= {"pdf", "docx", "odt", "pptx", "epub", "text", "jpeg", "png", "tiff", "zip"}
    flags = {flag["code"] for report in reports if report for flag in report["flags"]}
    assert flags <= {"no_text_layer", "unsupported"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_answers_in_every_language(ids: dict[str, str], visitor: VisitorClient, lang: str) -> None:
    libraries = ["demo-ala-archa", "demo-sulayman", "demo-tengir-too", "demo-kol-bashat"]
    collections = ["demo-herald", "demo-theses", "demo-data", "demo-student", "demo-region", "demo-rare"]
    paths = ["/", "/browse/", "/browse/new", "/browse/titles", "/browse/authors", "/browse/subjects", "/libraries"]
    paths += [f"/libraries/{code}" for code in libraries] + [f"/collections/{code}" for code in collections]
    paths += ["/browse/types/article", "/browse/years/2025", "/browse/languages/ky-Latn", "/search?q=шырдак"]
    hidden = {"honey-preprint", "draft", "submitted", "returned"}
    paths += [f"/records/{item_id}" for key, item_id in ids.items() if key not in hidden]
    paths += [f"/records/{ids['stations']}/v1", f"/records/{ids['stations']}/v2"]
    for path in paths:
        answer = visitor.get(path, query_string=None if "?" in path else {"lang": lang})
        assert answer.status_code == 200, path
        assert "demo:" not in answer.text, path
    for key in hidden - {"honey-preprint"}:
        assert visitor.get(f"/records/{ids[key]}").status_code == 404, key


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("тайгак чагылуу", "shyrdak"),
        ("snow stakes", "snow-cover"),
        ("стеклянной банки с фильтром", "small-hydro"),
        ("диктофон выключить", "contact"),
        ("Кырк күн чилде", "pastures"),
        ("кырк кун чилде", "pastures"),
        ("кузнец молот", "review"),
        ("плагиат", "lecture"),
        ("скотч", "guide"),
        ("javonlarni", "uzbek"),
        ("Жер-суу баяны", "arabic"),
        ("Ajьl kitepqanasь", "latin"),
        ("Айыл китепканасы", "latin"),
        ("10.5555/muras.demo.2026.001", "snow-cover"),
    ],
)
def test_search_finds_words_of_every_format(ids: dict[str, str], visitor: VisitorClient, query: str, key: str) -> None:
    assert ids[key] in visitor.get("/search", query_string={"q": query}).text


@pytest.mark.parametrize("query", ["son-in-law stolen horses", "дептер жетиштүү табылбаган", "Көк жал бөрү небере"])
def test_search_keeps_what_nobody_may_read(ids: dict[str, str], visitor: VisitorClient, query: str) -> None:
    """Words of the embargoed and the closed work's files."""
    found = visitor.get("/search", query_string={"q": f'"{query}"'}).text
    assert ids["phd"] not in found and ids["bachelor"] not in found


def file_of(client: VisitorClient, item_id: str, app: Flask) -> int:
    """The answer to a request for the first file of an item."""
    with app.app_context():
        version = db.session.get_one(Item, item_id).current
        assert version is not None
        name = version.files[0].name
    return client.get(f"/records/{item_id}/v{version.number}/files/{name}").status_code


def test_who_may_read_what(app: Flask, ids: dict[str, str], visitor: VisitorClient) -> None:
    member, librarian = sign_in(app, "member"), sign_in(app, "librarian")
    expected = {"honey": (200, 200), "phd": (401, 403), "newspaper": (401, 200), "bachelor": (401, 403)}
    for key, (stranger_gets, member_gets) in expected.items():
        assert file_of(visitor, ids[key], app) == stranger_gets, key
        assert file_of(member, ids[key], app) == member_gets, key
        assert file_of(librarian, ids[key], app) == 200, key
    contract = f"/records/{ids['autoreferat-ky']}/v1/files/автордук-келишим.pdf"
    assert visitor.get(contract).status_code == 404 and librarian.get(contract).status_code == 200


def test_what_happened_to_works_after_they_were_published(
    app: Flask, ids: dict[str, str], visitor: VisitorClient
) -> None:
    gone = visitor.get(f"/records/{ids['honey-preprint']}")
    assert gone.status_code == 301 and gone.location.endswith(f"/records/{ids['honey']}")
    older, newer = (visitor.get(f"/records/{ids['stations']}/v{n}?lang=en").text for n in (1, 2))
    assert newer.index("stations.csv") < newer.index("README.txt")
    assert "2014–2023" in older and "There is a newer version" in older and "2014–2024" in newer
    with app.app_context():
        current = db.session.get_one(Item, ids["shyrdak"]).current
        assert current is not None and (current.number, current.revision) == (1, 1)
    corrected = html.fromstring(visitor.get(f"/records/{ids['shyrdak']}?lang=ky").data)
    assert "Темиркул Жаныбаев" in corrected.xpath("string(//ul[@class='people'])")
    assert ids["snow-cover"] in visitor.get("/collections/demo-region").text
    related = f"http://muras.example.org/records/{ids['stations']}"
    assert related in visitor.get(f"/records/{ids['snow-cover']}").text


def test_an_older_script_comes_with_its_transcription(ids: dict[str, str], visitor: VisitorClient) -> None:
    kyrgyz, english = (
        html.fromstring(visitor.get(f"/records/{ids['latin']}?lang={lang}").data) for lang in ("ky", "en")
    )
    transcribed = "Айыл китепканасы: айыл окуучуларына жардам"
    assert kyrgyz.xpath("string(//h1)") == english.xpath("string(//h1)") == "Ajьl kitepqanasь: ajьl oquucularьna çardam"
    assert kyrgyz.xpath("string(//p[@class='alias'])") == transcribed
    assert "Молдобек Токтош уулу" in kyrgyz.xpath("string(//ul[@class='people'])")
    assert transcribed in english.xpath("string(//dl[@class='facts'])")
    arabic = html.fromstring(visitor.get(f"/records/{ids['arabic']}?lang=ru").data)
    assert arabic.xpath("//h1[@lang='ky-Arab' and @dir='rtl']")


def test_every_desk_has_something_on_it(app: Flask, ids: dict[str, str]) -> None:
    assert "Цена мёда" in sign_in(app, "reviewer").get("/review/").text
    assert ids["submitted"] in sign_in(app, "librarian").get(f"/review/{ids['submitted']}").text
    own = sign_in(app, "depositor").get("/deposit/").text
    assert ids["draft"] in own and ids["returned"] in own and "Аннотацияны орусча да кошуңуз" in own
    assert "Кайнар өрөөнү" in sign_in(app, "depositor").get(f"/deposit/{ids['draft']}/description?lang=ky").text
    office = sign_in(app, "administrator")
    for path in ("/admin/health", "/admin/people", "/admin/libraries/demo-ala-archa", "/admin/collections/demo-herald"):
        assert office.get(path).status_code == 200, path


def test_harvesters_get_them_with_their_sets(ids: dict[str, str], visitor: VisitorClient) -> None:
    listed: list[etree._Element] = []
    address = "/oai?verb=ListRecords&metadataPrefix=oai_dc"
    while address:
        page = etree.fromstring(visitor.get(address).data)
        listed += page.findall(".//{*}header")
        token = page.findtext(".//{*}resumptionToken")
        address = f"/oai?verb=ListRecords&resumptionToken={token}" if token else ""
    assert len(listed) == 33
    assert [header.findtext("{*}identifier") for header in listed if header.get("status") == "deleted"] == [
        f"oai:muras.example.org:{ids['honey-preprint']}"
    ]
    sets = etree.fromstring(visitor.get("/oai?verb=ListSets").data).findall(".//{*}setSpec")
    assert "library:demo-ala-archa:demo-research:demo-herald" in {spec.text for spec in sets}


def test_a_second_run_changes_nothing(app: Flask, loaded: Loaded) -> None:
    def state() -> list[object]:
        counted = [db.session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (Event, Job, Version)]
        return [*counted, *db.session.execute(sa.select(Item.id, Item.stamp, Item.changed_at).order_by(Item.id))]

    with app.app_context():
        before = state()
        again = load_demonstration()
        assert again.new == 0 and again.accounts == loaded.accounts
        db.session.rollback()
        assert state() == before
