"""Every page, in Kyrgyz and as narrow as a phone, by axe-core and by what a reader needs of any page.

The pages of the journey of a paper in all languages and at a desk, and the way into it by the keys alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from repo.app import create_app
from repo.settings import Settings, read_settings
from tests import factories
from tests.browser.furnished import furnish
from tests.conftest import close_engines
from tests.services.browser import DESK, PHONE, OpenPage, Visitors, assert_readable
from tests.services.server import Server

STEPS = ("files", "description", "people", "details", "rights", "agreement", "check")

PAGES: dict[str, tuple[str, ...]] = {
    "": (
        *("/", "/about", "/policies", "/contact", "/report/{open}", "/oai/guide", "/deposit/agreement", "/nowhere"),
        *("/search", "/search?q=жайыттар", "/search?q=жокнерсе", "/search?q=жайытар", "/search?q=тоо+деңиз"),
        *("/search/advanced", "/records/{open}/similar"),
        *("/records/{open}", "/records/{open}/v1", "/records/{embargoed}", "/records/{withdrawn}"),
        *("/browse/", "/browse/new", "/browse/titles", "/browse/authors", "/browse/subjects"),
        *("/browse/subjects/шырдак", "/browse/languages/ky", "/browse/types/article", "/browse/years/2026"),
        *("/libraries", "/libraries/{library}", "/collections/{collection}"),
        *("/account/sign-in", "/account/sign-up", "/account/forgot"),
        *("/account/confirm/{confirm}", "/account/confirm/torn", "/account/reset/{reset}", "/account/reset/torn"),
    ),
    "author": (
        *("/account/", "/deposit/", "/deposit/new", "/deposit/{returned}/files", "/deposit/{submitted}"),
        *(f"/deposit/{{{work}}}/{step}" for work in ("draft", "empty") for step in STEPS),
        *("/deposit/{empty}/description?check=1", "/deposit/{empty}/people?check=1", "/deposit/{draft}/delete"),
    ),
    "librarian": (
        *("/review/", "/review/{submitted}", "/review/withdrawn", "/review/{open}/withdraw", "/review/{open}/history"),
        *("/admin/libraries", "/admin/people", "/records/{withdrawn}", "/deposit/{submitted}/description"),
    ),
    "administrator": (
        *("/admin/people", "/admin/people/{person}", "/admin/people/new", "/admin/libraries"),
        *("/admin/libraries/new", "/admin/libraries/{library}", "/admin/libraries/{library}/collections"),
        *("/admin/libraries/{library}/collections/new", "/admin/collections/{collection}"),
        *("/admin/collections/{collection}/move", "/admin/collections/{collection}/people"),
        *("/admin/jobs", "/admin/jobs?state=all", "/admin/jobs/{job}", "/admin/mail", "/admin/health"),
        *("/admin/sources", "/admin/sources/new", "/admin/sources/{source}", "/admin/sources/{source}/edit"),
        *("/admin/sources/{source}/remove", "/admin/exports", "/admin/exports/new", "/admin/exports/{export}"),
        *("/admin/batches", "/admin/batches/new", "/admin/batches/{awaited}", "/admin/batches/{checked}"),
        *("/admin/batches/{checked}/profile", "/admin/batches/{loaded}", "/admin/batches/{loaded}/undo"),
        *("/admin/batches/{loaded}/accept", "/admin/batches/profiles"),
    ),
}
"""Who looks at what: "" is signed out."""

JOURNEY = {
    "": ("/", "/search?q=жайыттар", "/records/{open}"),
    "author": ("/deposit/{draft}/description",),
    "librarian": ("/review/{submitted}",),
}

NO_PAGES = {
    *("static", "healthz", "metrics.metrics", "deposit_files.file", "deposit_files.picture", "review.file"),
    *("review.preview", "records.export", "records.newest_file", "records.version_file", "records.preview"),
    *("feeds.new", "feeds.library", "feeds.collection", "feeds.robots", "feeds.sitemap", "feeds.sitemap_index"),
    *("oai.provider", "oai.style", "admin.entrance", "admin.export_file", "records.linkset"),
    *("batches.report", "batches.profile_file", "search.take_along", "search.suggest_more"),
    "search.description",
    *(f"resourcesync.{name}" for name in ("source", "capability_list", "resource_list", "resource_page")),
    *(f"resourcesync.{name}" for name in ("change_list", "change_page", "resource_dump", "dump_package")),
}
"""Routes that answer with a file, a feed, figures for a machine, or lead on to another page."""


OTHER_ANSWERS = {
    ("", "/nowhere"): 404,
    ("", "/records/{withdrawn}"): 410,
    ("", "/account/confirm/torn"): 410,
    ("", "/account/reset/torn"): 410,
}
"""What answers otherwise than with 200, by who asks."""


@dataclass
class House:
    url: str
    names: dict[str, str]
    visitors: Visitors
    pages: dict[tuple[str, str, int], Page] = field(default_factory=dict)

    def page(self, who: str, language: str, width: int) -> Page:
        """The window of somebody, who signs in once for all pages."""
        key = (who, language, width)
        if key not in self.pages:
            page = self.pages[key] = self.visitors.open_page(self.url, width=width, language=language)
            if who:
                sign_in(page, self.names[who])
                page.goto(f"/account/?lang={language}")  # signing in has brought the language of the account
        return self.pages[key]


@pytest.fixture(scope="module")
def house(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = tmp_path_factory.mktemp("accessibility") / "house"
    data.mkdir()
    server = Server(data, {"MURAS_SECRET_KEY": "not a secret: the key of the house that is looked at"})
    names = furnish(read_settings(server.environment))
    server.start()
    visitors = Visitors(chromium)
    yield House(server.url, names, visitors)
    visitors.leave()
    server.kill()


def sign_in(page: Page, email: str) -> None:
    page.goto("/account/sign-in")
    page.locator("#email").fill(email)
    page.locator("#password").fill(factories.PASSWORD)
    page.locator("main form button").last.click()
    page.wait_for_url("**/account/")


def faults_of(page: Page, address: str, language: str, width: int, status: int) -> Iterator[str]:
    """What is wrong with the page at an address, a line each."""
    answer = page.goto(address)
    if answer is None or answer.status != status:
        yield f"answers {answer.status if answer else 'nothing'}"
    if page.url != page.evaluate("address => new URL(address, location).href", address):
        yield f"led on to {page.url}"
    lang, title = page.locator("html").get_attribute("lang"), page.title()
    if lang != language:
        yield f"lang={lang}"
    if page.locator("h1").count() != 1:
        yield f"{page.locator('h1').count()} headings of the first rank: {page.locator('h1').all_inner_texts()}"
    if not title.partition(" · ")[0].strip():
        yield f"the title says nothing: {title!r}"
    if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
        yield f"needs {needed} px"
    for violation in Axe().run(page).response["violations"]:
        yield f"{violation['id']}: {violation['help']}: {[node['html'] for node in violation['nodes'][:3]]}"


def look_at(house: House, pages: dict[str, tuple[str, ...]], language: str, width: int) -> list[str]:
    found = []
    for who, addresses in pages.items():
        page = house.page(who, language, width)
        for address in addresses:
            status = OTHER_ANSWERS.get((who, address), 200)
            faults = faults_of(page, address.format(**house.names), language, width, status)
            found += [f"{who or 'signed out'} {address}: {fault}" for fault in faults]
    return found


# ---------------------------------------------------------------- every page


def test_no_page_is_forgotten(tmp_path: Path) -> None:
    """A new route stands in PAGES or NO_PAGES; and nothing stands there that is no route any more."""
    app = create_app(Settings(data_dir=tmp_path, secret_key="not a secret", testing=True))
    try:
        routes = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
        assert routes_looked_at(app) | NO_PAGES == routes
        assert not routes_looked_at(app) & NO_PAGES
    finally:
        close_engines(app)


def routes_looked_at(app: Flask) -> set[str]:
    names = dict.fromkeys(("person", "job", "source", "export", "awaited", "checked", "loaded"), "1")
    words = ("open", "embargoed", "withdrawn", "draft", "empty", "submitted", "returned", "library", "collection")
    names |= dict.fromkeys((*words, "confirm", "reset"), "x")
    urls = app.url_map.bind("localhost")
    paths = {address.format(**names).partition("?")[0] for addresses in PAGES.values() for address in addresses}
    return {urls.match(path)[0] for path in paths - {"/nowhere"}}


@pytest.mark.parametrize("who", PAGES, ids=lambda who: who or "signed-out")
def test_every_page_on_a_phone_in_kyrgyz(house: House, who: str) -> None:
    faults = look_at(house, {who: PAGES[who]}, "ky", PHONE)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("language", "width"), [("ky", DESK), ("ru", PHONE), ("ru", DESK), ("en", PHONE), ("en", DESK)]
)
def test_the_journey_in_every_language(house: House, language: str, width: int) -> None:
    faults = look_at(house, JOURNEY, language, width)
    assert not faults, "\n".join(faults)


# ---------------------------------------------------------------- by the keys alone


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus, which must be seen there."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", selector
            return
    raise AssertionError(f"{selector} is not reached by Tab on {page.url}")


def test_from_signing_in_to_a_draft_without_a_mouse(house: House, open_page: OpenPage) -> None:
    page = open_page(house.url, language="ky")
    page.goto("/")
    tab_to(page, "a[href*='/account/sign-in']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/sign-in**")
    tab_to(page, "#email")
    page.keyboard.type(house.names["author"])
    tab_to(page, "#password")
    page.keyboard.type(factories.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/")

    tab_to(page, "nav a[href$='/deposit/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/deposit/")
    tab_to(page, "main a[href$='/deposit/new']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/deposit/new")
    tab_to(page, "#type")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#type")).not_to_have_value("")
    tab_to(page, "#collection")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#collection")).not_to_have_value("")
    tab_to(page, "main form button")
    page.keyboard.press("Space")
    page.wait_for_url("**/files**")
    tab_to(page, "input[type=file]")


def test_suggestions_by_the_keys(house: House, open_page: OpenPage) -> None:
    page = open_page(house.url, language="ky", width=PHONE)
    page.goto("/browse/")
    wait_for_the_index(page)
    tab_to(page, "#q")
    page.keyboard.type("Токт", delay=20)
    options = page.locator("#q-suggestions [role=option]")
    expect(options).to_have_count(1)
    assert_readable(page)
    expect(page.locator("#q")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(options).not_to_be_visible()
    page.keyboard.type("осу")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    chosen = options.first.get_attribute("id")
    expect(page.locator("#q")).to_have_attribute("aria-activedescendant", chosen or "")
    page.keyboard.press("Enter")
    page.wait_for_url("**/browse/authors/**")


def test_enter_searches_what_was_typed(house: House, open_page: OpenPage) -> None:
    page = open_page(house.url, language="ky")
    page.goto("/")
    wait_for_the_index(page)
    page.locator("#q").fill("токт")
    expect(page.locator("#q-suggestions [role=option]").first).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=**")


def wait_for_the_index(page: Page) -> None:
    page.wait_for_function("fetch('/search/suggest?q=токт').then(a => a.json()).then(a => a[1].length > 0)")
