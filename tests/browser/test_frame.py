"""The frame and the error pages as a browser shows them: in both widths, both colour schemes, three languages."""

from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from repo.app import create_app
from repo.settings import Settings
from tests.conftest import close_engines
from tests.services.browser import DESK, PHONE, OpenPage, assert_fits, assert_readable
from tests.web.conftest import open_trial_room

PAGES = [
    "embargo",
    "signed-out",
    "missing",
    "gone",
    "stale",
    "large",
    "many",
    "invalid",
    "full",
    "search-away",
    "failure",
]
"""One trouble for each page."""


@pytest.fixture
def site(settings: Settings) -> Iterator[str]:
    """The address of a house with the trial room, served in this process."""
    app = create_app(settings)
    open_trial_room(app)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    close_engines(app)


@pytest.mark.parametrize(
    ("width", "dark", "language"), [(PHONE, False, "ky"), (PHONE, True, "ru"), (DESK, True, "ky"), (DESK, False, "en")]
)
def test_every_error_page_is_readable(open_page: OpenPage, site: str, width: int, dark: bool, language: str) -> None:
    page = open_page(site, width=width, dark=dark, language=language)
    for kind in PAGES:
        page.goto(f"/trouble/{kind}")
        assert page.locator("html").get_attribute("lang") == language
        assert_readable(page)


@pytest.mark.parametrize(("width", "dark"), [(PHONE, False), (PHONE, True), (DESK, False), (DESK, True)])
def test_every_macro_is_readable(open_page: OpenPage, site: str, width: int, dark: bool) -> None:
    page = open_page(site, width=width, dark=dark, language="ky")
    page.goto("/everything")
    assert_readable(page)


@pytest.mark.parametrize("java_script", [True, False])
def test_after_a_failed_post_the_faults_have_the_focus(open_page: OpenPage, site: str, java_script: bool) -> None:
    page = open_page(site, java_script=java_script)
    page.goto("/everything")

    assert "Enter the title" in page.locator(":focus").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_id("title")


def test_a_citation_is_copied_without_the_button(open_page: OpenPage, site: str) -> None:
    page = open_page(site)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/everything")
    page.get_by_role("button", name="Copy citation").click()

    expect(page.locator(".cite").get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "Токтосунова Ж. Шырдак // Жарчы. 2026."


def test_without_a_script_there_is_no_dead_button(open_page: OpenPage, site: str) -> None:
    page = open_page(site, java_script=False)
    page.goto("/everything")

    assert page.locator(".cite button").count() == 0


def test_a_narrow_window(open_page: OpenPage, site: str) -> None:
    page = open_page(site, width=320, language="ky")
    for address in ("/everything", *(f"/trouble/{kind}" for kind in PAGES)):
        page.goto(address)
        assert_fits(page)


def test_text_of_twice_the_size(open_page: OpenPage, site: str) -> None:
    page = open_page(site, width=640, language="ru")
    page.goto("/trouble/missing")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert_readable(page)


@pytest.mark.parametrize("java_script", [True, False])
def test_nothing_typed_is_lost_when_the_session_ends(open_page: OpenPage, site: str, java_script: bool) -> None:
    page = open_page(site, width=PHONE, java_script=java_script, language="ky")
    page.goto("/page")
    page.locator("input[name=title]").fill("Кийиз өнөрү")
    page.context.clear_cookies()
    page.locator("input[name=title]").press("Enter")

    assert page.locator("h1").inner_text() == "Жазып жатканыңызда системадан чыгып калдыңыз"
    page.get_by_role("button", name="Кайра жөнөтүү").click()
    assert page.get_by_role("status").inner_text() == "Кийиз өнөрү"


def test_the_first_tab_skips_to_the_content(open_page: OpenPage, site: str) -> None:
    page = open_page(site, language="ky")
    page.goto("/page")
    page.keyboard.press("Tab")

    assert page.locator(":focus").get_attribute("href") == "#main"
    assert page.locator(".skip").bounding_box()["y"] >= 0  # type: ignore[index]
