"""Library staff load a table with its files, read why a row was refused, correct it, load again and undo."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.ingest.loads import row, write_table
from tests.services.browser import OpenPage
from tests.services.server import Server, StartServer

PASSWORD = "кызыл-алма-1926"
LIBRARIAN = "librarian@example.org"


@pytest.fixture
def house(start_server: StartServer, muras: object, tmp_path: Path) -> Iterator[Server]:
    """A running house with a library, a collection and its librarian."""
    data = tmp_path / "house"
    for arguments, typed in (
        (("init",), ""),
        (("library", "add", "knu", "--ky", "КУУ", "--en", "University Library"), ""),
        (("collection", "add", "books", "--library", "knu", "--ky", "Китептер", "--en", "Books"), ""),
        (
            ("user", "add", LIBRARIAN, "--name", "Гүлмира", "--role", "librarian", "--library", "knu")
            + ("--password-stdin",),
            PASSWORD,
        ),
    ):
        done = muras(*arguments, data_dir=data, typed=typed)  # type: ignore[operator]
        assert done.returncode == 0, (arguments, done.stderr)
    yield start_server(data_dir=data)


def packed(folder: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return out.getvalue()


def sign_in(page: Page) -> None:
    page.goto("/account/sign-in?lang=en")
    page.locator("[name=email]").fill(LIBRARIAN)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_url(re.compile("/sign-in"))


def begin(page: Page, path: Path, *, java_script: bool) -> None:
    page.goto("/admin/batches")
    page.get_by_role("link", name="Load works").click()
    page.get_by_label("Name of the source").fill("catalogue")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Choose the file").set_input_files(path)
    if not java_script:
        page.get_by_role("button", name="Upload").click()


def wait_for(page: Page, words: str, *, java_script: bool) -> None:
    """With a script the page follows by itself; without one a browser loads it again, which takes a moment longer."""
    expect(page.get_by_role("status").get_by_text(words, exact=True)).to_be_visible(timeout=90_000)
    if java_script:
        page.reload()  # the table of records is not part of what follows


@pytest.mark.parametrize("java_script", [True, False], ids=["with-script", "without-script"])
def test_from_a_table_to_works_and_back(house: Server, open_page: OpenPage, tmp_path: Path, java_script: bool) -> None:
    page = open_page(house.url, java_script=java_script)
    sign_in(page)
    rows = [row(1, files="бир.txt"), row(2, files="ката.txt")]
    folder = write_table(tmp_path / "in", rows, {"бир.txt": "Биринчи".encode(), "эки.txt": "Экинчи".encode()})
    first = tmp_path / "first.zip"
    first.write_bytes(packed(folder))
    begin(page, first, java_script=java_script)
    wait_for(page, "Checked", java_script=java_script)
    expect(page.get_by_role("cell", name=re.compile("ката.txt: The file is missing."))).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV Refused").click()
    report = Path(waiting.value.path()).read_text("utf-8-sig")
    page.get_by_role("button", name="Load now: 1").click()
    wait_for(page, "Done", java_script=java_script)
    page.get_by_role("link", name="Китеп 1").click()
    expect(page.get_by_role("heading", name="Китеп 1")).to_be_visible()

    corrected = [line.replace("ката.txt,", "эки.txt,", 1) for line in report.splitlines()]
    (folder / "metadata.csv").write_text("\n".join(corrected) + "\n", "utf-8")
    second = tmp_path / "second.zip"
    second.write_bytes(packed(folder))
    begin(page, second, java_script=java_script)
    wait_for(page, "Checked", java_script=java_script)
    page.get_by_role("button", name="Load now: 1").click()
    wait_for(page, "Done", java_script=java_script)
    page.get_by_role("link", name="Undo this load").click()
    page.get_by_role("button", name="Undo").click()
    wait_for(page, "Undone", java_script=java_script)
    page.goto("/review/withdrawn")
    expect(page.get_by_role("link", name="Китеп 2")).to_be_visible()
