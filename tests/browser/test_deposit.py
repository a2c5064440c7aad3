"""The deposit as a person does it, with and without JavaScript, on a phone and at a desk."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, Route, expect
from werkzeug.serving import make_server

from repo import backends
from repo.app import create_app
from repo.db import db, transaction
from repo.items.metadata import Metadata, read_metadata
from repo.items.models import Version
from repo.items.services.drafts import open_version, save_draft
from repo.items.states import VersionState
from repo.jobs.services import run_pending_jobs
from repo.members.models import Person, RoleName
from repo.settings import Settings
from tests import factories
from tests.articles import draft_article, load_articles
from tests.articles.writers import write_pdf
from tests.conftest import close_engines
from tests.services.browser import DESK, PHONE, OpenPage, assert_readable
from tests.services.ports import free_port


@dataclass
class Site:
    url: str
    app: Flask
    author: str
    collection: int

    def read_files(self) -> None:
        with self.app.app_context():
            run_pending_jobs("ingest")

    def draft(self, item_id: str) -> Version:
        db.session.expire_all()
        version = open_version(item_id)
        assert version is not None
        return version

    def new_draft(self, metadata: Metadata | None = None) -> str:
        with self.app.app_context():
            person = db.session.scalars(sa.select(Person).where(Person.email == self.author)).one()
            from repo.members.models import Collection

            collection = db.session.get_one(Collection, self.collection)
            return factories.make_draft(person, collection, metadata or Metadata(type="article")).item_id


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    port = free_port()
    app = create_app(replace(settings, base_url=f"http://127.0.0.1:{port}", max_upload=5_000_000))
    with app.app_context():
        library = factories.make_library("knu")
        collection = factories.make_collection(library, "articles")
        author = factories.make_person("Нуриза Сайдылдаева", RoleName.MEMBER, library)
        email, collection_id = author.email, collection.id
        db.session.rollback()
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield Site(f"http://127.0.0.1:{port}", app, email, collection_id)
    server.shutdown()
    thread.join()
    server.server_close()
    backends.close(app)
    close_engines(app)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("paper") / "saidyldaeva-2026.pdf"
    write_pdf(draft_article(load_articles()[0]), path)
    return path


def sign_in(page: Page, site: Site, language: str = "en") -> None:
    page.goto("/account/sign-in")
    page.locator("#email").fill(site.author)
    page.locator("#password").fill(factories.PASSWORD)
    page.locator("main form button").last.click()
    page.wait_for_url("**/account/")
    page.goto(f"/deposit/?lang={language}")  # signing in has brought the language of the account


def press(page: Page, what: str) -> None:
    page.locator(f"main button[value='{what}']:not(.spoken)").first.click()


def item_of(page: Page) -> str:
    found = re.search(r"/deposit/([0-9a-z]{9})", page.url)
    assert found, page.url
    return found[1]


@pytest.mark.parametrize(("java_script", "width"), [(True, DESK), (False, PHONE)])
def test_from_an_empty_list_to_a_submission(
    open_page: OpenPage, site: Site, paper: Path, java_script: bool, width: int
) -> None:
    page = open_page(site.url, width=width, java_script=java_script, language="en")
    sign_in(page, site)
    page.goto("/deposit/")
    page.locator("main a.button").click()
    page.locator("#type").select_option("article")
    page.locator("#collection").select_option(str(site.collection))
    page.locator("main form button").click()

    expect(page.locator("h1")).to_have_text("Files")
    item_id = item_of(page)
    page.locator("input[type=file]").set_input_files(paper)
    if not java_script:
        page.get_by_role("button", name="Upload").click()
    expect(page.locator("#received .state")).to_contain_text("is being read")
    site.read_files()
    if not java_script:
        page.get_by_role("link", name="Refresh").click()
    expect(page.locator("#received .state")).to_contain_text("Uploaded and read", timeout=15_000)
    press(page, "next")

    title = page.locator("[id='titles.0.value']")
    expect(title).to_have_class("guessed")
    guessed = title.input_value()
    assert guessed
    page.locator("#issued").fill("2026")
    press(page, "add:titles")
    expect(page.locator("[id='titles.1.value']")).to_be_focused()
    page.locator("[id='titles.1.value']").fill("A second title")
    press(page, "next")
    expect(page.locator("h1")).to_have_text("People")
    press(page, "next")
    expect(page.locator("h1")).to_have_text("Details")
    press(page, "next")

    expect(page.locator("h1")).to_have_text("Rights")
    press(page, "next")
    expect(page.locator(".faults")).to_be_focused()
    page.locator(".faults a").click()
    page.locator("input[name=licence][value='cc-by-4.0']").check()
    press(page, "next")
    expect(page.locator("h1")).to_have_text("Agreement")
    page.locator("#accept").check()
    press(page, "next")

    expect(page.locator("h1")).to_have_text("Check and submit")
    expect(page.locator(".record .kind + h2")).to_have_text(guessed)
    expect(page.locator(".stages svg")).to_have_count(6)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("main")).to_contain_text("Under review")
    with site.app.app_context():
        version = site.draft(item_id)
        metadata = read_metadata(version.meta)
        assert version.state is VersionState.SUBMITTED
        assert [title.value for title in metadata.titles] == [guessed, "A second title"]
        assert metadata.creators and metadata.licence == "cc-by-4.0"


# ---------------------------------------------------------------- comfort


@pytest.fixture
def page(open_page: OpenPage, site: Site) -> Page:
    page: Page = open_page(site.url, language="en")
    sign_in(page, site)
    return page


def test_an_upload_survives_a_broken_line_and_a_reload(page: Page, site: Site, tmp_path: Path) -> None:
    content = random.randbytes(3_000_000)
    path = tmp_path / "big.bin"
    path.write_bytes(content)
    item_id = site.new_draft()
    page.goto(f"/deposit/{item_id}/files")
    broken = 0

    def break_line(route: Route) -> None:
        nonlocal broken
        if route.request.method == "PATCH" and broken < 2:
            broken += 1
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/uploads/*", break_line)
    page.locator("input[type=file]").set_input_files(path)
    row = page.locator("ul.uploads .upload")
    expect(row.locator(".state")).to_contain_text("The connection was interrupted")
    row.get_by_role("button", name="Try again").click()
    expect(row.locator(".state")).to_contain_text("The connection was interrupted")

    # The computer is closed: the page is gone, the row in the list tells what to do.
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("#received .state")).to_contain_text("Not complete yet")
    begun = []
    page.on("request", lambda request: begun.append(request.method))
    page.locator("input[type=file]").set_input_files(path)
    expect(page.locator("#received .state")).to_contain_text("is being read")
    assert "HEAD" in begun and "POST" not in begun, "it goes on, it does not begin again"
    with site.app.app_context():
        import hashlib

        (file,) = site.draft(item_id).files
        assert file.digest == hashlib.sha512(content).hexdigest()


def test_a_file_chosen_before_the_script_has_come_is_sent(page: Page, site: Site) -> None:
    held: list[Route] = []
    page.route("**/static/deposit.js*", lambda route: held.append(route))
    page.goto(f"/deposit/{site.new_draft()}/files", wait_until="commit")
    early = {"name": "early.txt", "mimeType": "text/plain", "buffer": b"early"}
    page.locator("input[type=file]").set_input_files(early)
    expect(page.get_by_role("button", name="Upload")).to_be_visible()
    held[0].continue_()
    expect(page.locator("#received .upload", has_text="early.txt")).to_have_count(1)


def test_pause_resume_and_remove(page: Page, site: Site, tmp_path: Path) -> None:
    path = tmp_path / "data.bin"
    path.write_bytes(random.randbytes(2_000_000))
    item_id = site.new_draft()
    page.goto(f"/deposit/{item_id}/files")
    held: list[Route] = []
    page.route(
        "**/uploads/*", lambda route: held.append(route) if route.request.method == "PATCH" else route.continue_()
    )
    page.locator("input[type=file]").set_input_files(path)
    row = page.locator("ul.uploads .upload", has_text="data.bin")
    expect(row.get_by_role("button", name="Pause")).to_be_visible()
    page.wait_for_timeout(300)
    row.get_by_role("button", name="Pause").click()
    expect(row.locator(".state")).to_have_text("Paused. What is uploaded is kept.")
    assert_readable(page)
    page.locator("input[type=file]").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b""})
    expect(page.locator("#received .upload")).to_have_count(1)  # the empty one; the other has its row already
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    for route in held:
        route.abort()
    page.reload()
    expect(page.locator("#received .upload")).to_have_count(1)
    with site.app.app_context():
        assert [file.name for file in site.draft(item_id).files] == ["a.txt"]


def test_a_file_that_is_too_large_is_not_sent_at_all(page: Page, site: Site, tmp_path: Path) -> None:
    path = tmp_path / "huge.bin"
    path.write_bytes(bytes(5_000_001))
    page.goto(f"/deposit/{site.new_draft()}/files")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.locator("input[type=file]").set_input_files(path)
    expect(page.locator("ul.uploads .state")).to_contain_text("The file is too large: at most 5")
    assert "POST" not in sent


def test_files_are_dropped_into_their_place(page: Page, site: Site) -> None:
    item_id = site.new_draft()
    page.goto(f"/deposit/{item_id}/files")
    drop = """(area) => {
      const data = new DataTransfer();
      for (const name of ["a.txt", "b.txt", "c.txt"]) data.items.add(new File([name], name));
      area.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    }"""
    page.locator(".drop").evaluate(drop)
    expect(page.locator("#received .upload")).to_have_count(3)
    with site.app.app_context():
        assert {file.name for file in site.draft(item_id).files} == {"a.txt", "b.txt", "c.txt"}


def test_what_is_typed_is_saved_meanwhile(page: Page, site: Site) -> None:
    item_id = site.new_draft()
    page.goto(f"/deposit/{item_id}/description")
    with page.expect_response(lambda response: response.request.method == "POST", timeout=8_000):
        page.locator("[id='titles.0.value']").fill("Өзү сакталган аталыш")
    expect(page.locator(".saved")).to_have_text(re.compile(r"Saved at \d\d:\d\d"))
    with site.app.app_context():
        assert read_metadata(site.draft(item_id).meta).title().value == "Өзү сакталган аталыш"
    # Going on at once is no conflict with what the script has just saved.
    page.locator("#issued").fill("2026")
    press(page, "later")
    page.wait_for_url("**/deposit/")
    with site.app.app_context():
        assert read_metadata(site.draft(item_id).meta).issued == "2026"


def test_pressing_a_button_while_it_is_being_saved(page: Page, site: Site) -> None:
    item_id = site.new_draft()
    page.goto(f"/deposit/{item_id}/description")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "autosave" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/description", hold)
    with page.expect_request(lambda request: request.method == "POST", timeout=8_000):
        page.locator("#issued").fill("2025")
    page.locator("#issued").fill("2026")
    press(page, "later")
    held[0].continue_()
    page.wait_for_url("**/deposit/")
    with site.app.app_context():
        assert read_metadata(site.draft(item_id).meta).issued == "2026"


def test_somebody_else_saved_meanwhile(page: Page, site: Site) -> None:
    item_id = site.new_draft()
    page.goto(f"/deposit/{item_id}/description")
    with site.app.app_context(), transaction():
        version = site.draft(item_id)
        person = db.session.get_one(Person, version.item.depositor_id)
        changed = read_metadata(version.meta).model_copy(update={"issued": "1999"})
        save_draft(factories.actor_for(person), version, changed, version.edition)
    page.locator("#issued").fill("2026")
    expect(page.locator(".saved")).to_contain_text("Somebody else has changed this record", timeout=8_000)
    press(page, "later")
    expect(page.locator("main")).to_contain_text("1999")
    expect(page.locator("main")).to_contain_text("2026")
    assert_readable(page)
    page.get_by_role("button", name="Save and continue").click()
    expect(page.locator("#issued")).to_have_value("2026")


def test_a_guess_that_was_changed_is_one_no_more(page: Page, site: Site, paper: Path) -> None:
    item_id = site.new_draft()
    page.goto(f"/deposit/{item_id}/files")
    page.locator("input[type=file]").set_input_files(paper)
    expect(page.locator("#received .state")).to_contain_text("is being read")
    site.read_files()
    page.goto(f"/deposit/{item_id}/description")
    title, abstract = page.locator("[id='titles.0.value']"), page.locator("[id='abstracts.0.value']")
    with page.expect_response(lambda response: response.request.method == "POST", timeout=8_000):
        title.fill("Оңдолгон аталыш")
        expect(title).not_to_have_class("guessed")
    with site.app.app_context():
        metadata = read_metadata(site.draft(item_id).meta)
        assert metadata.title().value == "Оңдолгон аталыш"
        assert metadata.abstracts == [], "what nobody has looked at was not saved for them"
    page.reload()
    expect(title).not_to_have_class("guessed")
    expect(abstract).to_have_class("guessed")


# ---------------------------------------------------------------- looks


@pytest.mark.parametrize(
    ("width", "dark", "language"), [(PHONE, False, "ky"), (PHONE, True, "ru"), (DESK, True, "ky"), (DESK, False, "en")]
)
def test_every_page_is_readable(open_page: OpenPage, site: Site, width: int, dark: bool, language: str) -> None:
    page = open_page(site.url, width=width, dark=dark, language=language)
    sign_in(page, site, language)
    assert_readable(page)
    item_id = site.new_draft(factories.make_metadata("Атайынузунсөздөрдөнтүзүлгөнаталышкоюлганэмгектинсүрөттөмөсү"))
    addresses = ["/deposit/", "/deposit/new", "/deposit/agreement", f"/deposit/{item_id}/delete"]
    steps: list[Any] = ["files", "description", "people", "details", "rights", "agreement", "check"]
    addresses += [f"/deposit/{item_id}/{step}?check=1" for step in steps]
    addresses += [f"/deposit/{site.new_draft(Metadata(type='candidate-thesis'))}/{step}?check=1" for step in steps]
    for address in addresses:
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == language
        assert_readable(page)
