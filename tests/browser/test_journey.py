"""The whole journey of a paper, in a real browser on the real server, with and without JavaScript.

An author signs up, deposits a PDF, gets it back, mends it; a reviewer accepts it; a reader finds it by a word of its
text and downloads it; an aggregator harvests it.
"""

import email
import re
from collections.abc import Callable
from email.policy import default
from pathlib import Path
from subprocess import CompletedProcess
from time import monotonic, sleep

import pytest
from playwright.sync_api import Page, expect
from sickle import Sickle

from tests.services.browser import OpenPage
from tests.services.server import Server, StartServer

PDF = "1-pdf/amironov73__ManagedIrbis5/Reference/Reference_management_software_(rus).pdf"
WORD = "EndNote"
"""Stands in the text of the PDF, not in what the author types."""
PASSWORD = "кызыл-алма-1926"
REVIEWER = "reviewer@example.org"
TITLE = "Программы управления библиографией"

Muras = Callable[..., CompletedProcess[str]]


@pytest.fixture
def house(start_server: StartServer, muras: Muras, tmp_path: Path) -> Server:
    """A running house with a library, a collection that anybody may deposit into, and its reviewer."""
    data = tmp_path / "house"
    for arguments, typed in (
        (("init",), ""),
        (("library", "add", "knu", "--ky", "Улуттук китепкана", "--en", "National Library"), ""),
        (
            (
                "collection",
                "add",
                "papers",
                "--library",
                "knu",
                "--ky",
                "Макалалар",
                "--en",
                "Papers",
                "--deposit",
                "anyone",
            ),
            "",
        ),
        (
            ("user", "add", REVIEWER, "--name", "Гүлмира Сыдыкова", "--role", "reviewer", "--collection", "papers")
            + ("--password-stdin",),
            PASSWORD,
        ),
    ):
        done = muras(*arguments, data_dir=data, typed=typed)
        assert done.returncode == 0, (arguments, done.stderr)
    return start_server(data_dir=data)


def link_from_mail(server: Server, address: str, pattern: str) -> str:
    """The first link that matches in the newest letter to an address; waits until the letter is there."""
    deadline = monotonic() + 20
    while monotonic() < deadline:
        for path in sorted(
            (server.data_dir / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True
        ):
            letter = email.message_from_bytes(path.read_bytes(), policy=default)
            found = re.search(pattern, letter.get_content()) if letter["To"] == address else None
            if found:
                return found[0]
        sleep(0.2)
    raise AssertionError(f"no letter to {address} with {pattern}")


def sign_in(page: Page, address: str) -> None:
    page.goto("/account/sign-in?lang=en")
    page.locator("[name=email]").fill(address)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_url(re.compile("/sign-in"))


def sign_up(page: Page, server: Server, address: str) -> None:
    page.goto("/account/sign-up?lang=en")
    page.locator("[name=name]").fill("Жаркынай Токтосунова")
    page.locator("[name=email]").fill(address)
    page.get_by_role("main").get_by_role("button", name="Register").click()
    link = link_from_mail(server, address, r"http://\S+/account/confirm/\S+")
    page.goto(link)
    for field in page.locator("main input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("button", name="Open the account").click()
    expect(page).not_to_have_url(re.compile("/confirm/"))


def deposit(page: Page, path: Path, *, java_script: bool) -> str:
    """Deposit a PDF as an article up to the last check; returns the item's id."""
    page.goto("/deposit/new")
    page.locator("#type").select_option("article")
    page.locator("#collection").select_option(index=1)
    page.get_by_role("button", name="Continue").click()
    page.locator("input[type=file]").set_input_files(path)
    if not java_script:
        page.get_by_role("button", name="Upload").click()
    wait_until_read(page)
    go_on(page, "description")
    page.locator("[name='titles.0.value']").fill(TITLE)
    page.locator("[name='titles.0.lang']").select_option("ru")
    page.locator("input[name=languages][value=ru]").check()
    page.locator("[name='abstracts.0.value']").fill("Сравниваются программы, которыми пользуются авторы.")
    page.locator("[name='abstracts.0.lang']").select_option("ru")
    page.locator("[name=issued]").fill("2010")
    go_on(page, "people")
    page.locator("[name='creators.0.names.0.family']").fill("Токтосунова")
    page.locator("[name='creators.0.names.0.given']").fill("Жаркынай")
    go_on(page, "details")
    go_on(page, "rights")
    page.locator("input[name=licence][value='cc-by-4.0']").check()
    go_on(page, "agreement")
    page.locator("input[name=accept]").check()
    go_on(page, "check")
    return page.url.split("/deposit/")[1].split("/")[0]


def go_on(page: Page, step: str) -> None:
    """Press "Continue" and arrive at the next step."""
    page.wait_for_load_state()
    page.locator("main button[value=next]").first.click()
    page.wait_for_load_state()
    faults = page.locator(".faults")
    assert not faults.count(), faults.inner_text()
    expect(page).to_have_url(re.compile(f"/{step}"))


def wait_until_read(page: Page) -> None:
    """The worker reads the file; without a script the page is asked again, as the link on it does."""
    read = page.get_by_text("Uploaded and read")
    deadline = monotonic() + 40
    while not read.count():
        assert monotonic() < deadline, page.content()
        page.wait_for_timeout(300)
        if not read.count() and "/files" in page.url and page.get_by_role("link", name="Refresh").count():
            page.get_by_role("link", name="Refresh").click()


@pytest.mark.parametrize("java_script", [True, False], ids=["with-script", "without-script"])
def test_the_whole_journey(
    house: Server, open_page: OpenPage, real_data: Path, java_script: bool, tmp_path: Path
) -> None:
    author = open_page(house.url, java_script=java_script)
    author.set_default_timeout(15_000)
    sign_up(author, house, "author@example.org")
    item_id = deposit(author, real_data / PDF, java_script=java_script)
    author.get_by_role("button", name="Submit for review").click()

    reviewer = open_page(house.url, java_script=java_script)
    sign_in(reviewer, REVIEWER)
    reviewer.goto("/review/")
    reviewer.get_by_role("link", name=TITLE).click()
    expect(reviewer.locator(".proof img")).to_be_visible()
    reviewer.locator("input[name=decision][value=return]").check()
    reviewer.locator("#comment").fill("Добавьте год и ключевые слова")
    reviewer.get_by_role("button", name="Send the decision").click()

    author.goto(link_from_mail(house, "author@example.org", r"http://\S+/deposit/\w+"))
    expect(author.get_by_text("Добавьте год и ключевые слова").first).to_be_visible()
    author.goto(f"/deposit/{item_id}/description")
    author.locator("[name='keywords.0.value']").fill("библиография, ссылки")
    author.locator("[name='keywords.0.lang']").select_option("ru")
    go_on(author, "people")
    author.goto(f"/deposit/{item_id}/check")
    author.get_by_role("button", name="Submit for review").click()

    reviewer.goto(f"/review/{item_id}")
    reviewer.locator("input[name=decision][value=accept]").check()
    reviewer.get_by_role("button", name="Send the decision").click()
    record = link_from_mail(house, "author@example.org", r"http://\S+/records/\w+")

    reader = open_page(house.url, java_script=java_script)
    find(reader, WORD)
    reader.get_by_role("link", name=TITLE).click()
    assert reader.url.startswith(record)
    with reader.expect_download() as download:
        reader.get_by_role("link", name="Download").first.click()
    assert Path(download.value.path()).read_bytes() == (real_data / PDF).read_bytes()

    assert harvested(house, item_id)


def find(page: Page, word: str) -> None:
    """Search until the index has it: within seconds of publishing."""
    deadline = monotonic() + 20
    while True:
        page.goto("/?lang=en")
        page.locator("#q").fill(word)
        page.locator("#q").press("Enter")
        page.wait_for_url("**/search**")
        if page.locator("mark", has_text=word).count():
            return
        assert monotonic() < deadline, page.content()
        page.wait_for_timeout(300)


def harvested(server: Server, item_id: str) -> bool:
    """Whether a harvester finds the item; a record is listed a few seconds after it was written."""
    deadline = monotonic() + 20
    while monotonic() < deadline:
        try:
            headers = list(Sickle(f"{server.url}/oai").ListIdentifiers(metadataPrefix="oai_dc"))
        except Exception:  # noqa: BLE001  # sickle raises NoRecordsMatch while the list is empty
            headers = []
        if any(header.identifier.endswith(f":{item_id}") for header in headers):
            record = Sickle(f"{server.url}/oai").GetRecord(
                metadataPrefix="oai_dc", identifier=next(h.identifier for h in headers if item_id in h.identifier)
            )
            return TITLE in record.metadata["title"]
        sleep(0.5)
    return False
