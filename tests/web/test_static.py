"""Static files and compression: small, kept for a year, asked for once."""

import gzip
import re
from pathlib import Path

import pytest

from repo.web.static import FOLDER
from tests.conftest import VisitorClient

PACKED = {"Accept-Encoding": "gzip, deflate, br"}


def address_of(visitor: VisitorClient, name: str) -> str:
    found = re.search(rf'"(/static/{name}\?v=\w+)"', visitor.get("/page").text)
    assert found
    return found[1]


def test_a_version_is_kept_for_a_year(visitor: VisitorClient) -> None:
    answer = visitor.get(address_of(visitor, "muras.css"))

    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.data == (FOLDER / "muras.css").read_bytes()
    assert answer.mimetype == "text/css"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("address", ["/static/muras.css", "/static/muras.css?v=0123456789"])
def test_without_its_version_a_file_is_checked_each_time(visitor: VisitorClient, address: str) -> None:
    first = visitor.get(address)

    assert first.headers["Cache-Control"] == "no-cache"
    again = visitor.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_stylesheet_travels_packed(visitor: VisitorClient) -> None:
    answer = visitor.get(address_of(visitor, "muras.css"), headers=PACKED)

    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert gzip.decompress(answer.data) == (FOLDER / "muras.css").read_bytes()
    assert len(answer.data) < 15_000


@pytest.mark.parametrize(
    "name",
    ["nothing.css", "../web/static.py", "%2e%2e/web/static.py", "..%2fsettings.py", "covers", "covers/", "x" * 5000],
)
def test_nothing_else_is_given_out(visitor: VisitorClient, name: str) -> None:
    assert visitor.get(f"/static/{name}").status_code == 404


def test_a_page_travels_packed_where_the_browser_takes_it(visitor: VisitorClient) -> None:
    plain = visitor.get("/trouble/missing?lang=ky")
    packed = visitor.get("/trouble/missing?lang=ky", headers=PACKED)

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    assert "Content-Encoding" not in visitor.get("/trouble/missing", headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_a_page_and_its_stylesheet_are_small(visitor: VisitorClient) -> None:
    """30 KB for HTML and CSS together is the promise of every page; the frame leaves room for what is in it."""
    frame = visitor.get("/page?lang=ky", headers=PACKED).data
    style = visitor.get(address_of(visitor, "muras.css"), headers=PACKED).data

    assert len(frame) + len(style) < 15_000


@pytest.mark.parametrize("picture", sorted(FOLDER.rglob("*.svg")), ids=lambda path: path.name)
def test_pictures_are_drawings_without_words_or_scripts(picture: Path) -> None:
    drawing = picture.read_text()

    assert not re.search(r"<(text|script|image|style|foreignObject)\b|href=|\son\w+=", drawing)
    assert re.match(r'<svg xmlns="http://www.w3.org/2000/svg" width="\d+" height="\d+"', drawing)
