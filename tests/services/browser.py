"""Debian's Chromium, driven by Playwright: pages of any width, light or dark, with and without JavaScript."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PHONE = 360
DESK = 1280

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a process; its pages share nothing."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed: run scripts/install-test-services as root")
    with sync_playwright() as playwright:
        # Without its own sandbox: root may not use that one, and only our own pages are opened.
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS, chromium_sandbox=False)
        yield browser
        browser.close()


class Visitors:
    """People with a browser each. What a page's scripts throw and what its security policy forbids is kept."""

    def __init__(self, chromium: Browser) -> None:
        self.complaints: list[str] = []
        self._chromium = chromium
        self._contexts: list[BrowserContext] = []

    def open_page(
        self, base_url: str, *, width: int = DESK, dark: bool = False, java_script: bool = True, language: str = "en"
    ) -> Page:
        context = self._chromium.new_context(
            base_url=base_url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=java_script,
            locale=language,
            reduced_motion="reduce",
        )
        self._contexts.append(context)
        context.on("page", self._listen)
        return context.new_page()

    def leave(self) -> None:
        """Close the browsers; fails if there was anything to complain of."""
        for context in self._contexts:
            context.close()
        assert not self.complaints

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self.complaints.extend(_complaints(page, message)))


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """Open a page of a new visitor: `open_page(base_url, width=PHONE, dark=True, java_script=False, language="ky")`."""
    visitors = Visitors(chromium)
    yield visitors.open_page
    visitors.leave()


def assert_fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} scrolls sideways"


def assert_readable(page: Page) -> None:
    """Everything fits into the width, and axe-core has nothing against the page."""
    assert_fits(page)
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def _complaints(page: Page, message: ConsoleMessage) -> Iterator[str]:
    # An answer like 404 or 422 and a line that breaks are logged too, and are what many tests ask for.
    if message.type == "error" and not message.text.startswith("Failed to load resource: "):
        yield f"{page.url}: {message.text}"
