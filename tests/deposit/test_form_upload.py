"""Files in a plain form: read as they arrive, refused before they arrive, and never held in memory."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask
from werkzeug.exceptions import BadRequest
from werkzeug.test import TestResponse

from repo import backends
from repo.app import create_app
from repo.deposit.multipart import PIECE, read_parts
from repo.items.access import FileRole
from repo.items.services.drafts import open_version
from repo.settings import Settings
from repo.storage import uploads
from tests import factories
from tests.conftest import VisitorClient, close_engines
from tests.deposit.conftest import House, SignIn, token_of


@pytest.fixture
def draft(app: Flask, house: House) -> str:
    with app.app_context():
        return factories.make_draft(house.author, house.collection).item_id


def send(
    visitor: VisitorClient, item_id: str, *files: tuple[bytes, str], token: str = "", **fields: str
) -> TestResponse:
    token = token or token_of(visitor.get(f"/deposit/{item_id}/files").text)
    data = {"csrf_token": token, **fields, "files": [(BytesIO(content), name) for content, name in files]}
    return visitor.post(f"/deposit/{item_id}/add", data=data, content_type="multipart/form-data")


def files_of(app: Flask, item_id: str) -> dict[str, str]:
    with app.app_context():
        version = open_version(item_id)
        assert version is not None
        return {file.name: file.digest for file in version.files}


def test_several_files_of_one_form(app: Flask, house: House, sign_in: SignIn, draft: str) -> None:
    visitor = sign_in(house.author)
    big = bytes(range(256)) * 1000
    answer = send(visitor, draft, (big, "макала.pdf"), (b"a,b\n", "../тиркеме.csv"), (b"", "empty.txt"))
    assert (answer.status_code, answer.location) == (302, f"/deposit/{draft}/files#received")
    assert files_of(app, draft) == {
        "макала.pdf": hashlib.sha512(big).hexdigest(),
        "тиркеме.csv": hashlib.sha512(b"a,b\n").hexdigest(),
        "empty.txt": hashlib.sha512(b"").hexdigest(),
    }
    page = visitor.get(f"/deposit/{draft}/files?lang=en").text
    assert "is being read" in page and "Refresh" in page


def test_choosing_no_file_says_so(app: Flask, house: House, sign_in: SignIn, draft: str) -> None:
    visitor = sign_in(house.author)
    assert send(visitor, draft, (b"", "")).status_code == 302
    assert "No file was chosen" in visitor.get(f"/deposit/{draft}/files?lang=en").text
    assert files_of(app, draft) == {}


@pytest.mark.parametrize("token", ["wrong", "IjEyMyI.x.y"])
def test_a_form_of_another_site_brings_no_file(
    app: Flask, house: House, sign_in: SignIn, draft: str, token: str
) -> None:
    visitor = sign_in(house.author)
    assert send(visitor, draft, (b"evil", "evil.pdf"), token=token).status_code == 400
    assert files_of(app, draft) == {}
    with app.app_context():
        assert list(uploads().root.iterdir()) == []


def test_the_token_has_to_come_before_the_files(app: Flask, house: House, sign_in: SignIn, draft: str) -> None:
    visitor = sign_in(house.author)
    token = token_of(visitor.get(f"/deposit/{draft}/files").text)
    body = (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\nabc\r\n'
        b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + token.encode() + b"\r\n--x--\r\n"
    )
    answer = visitor.post(f"/deposit/{draft}/add", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 400
    assert files_of(app, draft) == {}


def test_strangers_and_the_signed_out_are_not_even_read(
    house: House, sign_in: SignIn, client: VisitorClient, draft: str
) -> None:
    class Untouched(BytesIO):
        def read(self, *args: object) -> bytes:
            raise AssertionError("the body was read")

    for visitor, status in ((sign_in(house.other), 404), (client, 401)):
        answer = visitor.post(
            f"/deposit/{draft}/add",
            input_stream=Untouched(),
            content_type="multipart/form-data; boundary=x",
            environ_overrides={"CONTENT_LENGTH": "1000"},
        )
        assert answer.status_code == status


def test_the_signed_contract_is_private(app: Flask, house: House, sign_in: SignIn) -> None:
    librarian = sign_in(house.librarian)
    with app.app_context():
        item_id = factories.make_draft(house.librarian, house.collection).item_id
    answer = send(librarian, item_id, (b"%PDF", "келишим.pdf"), role="agreement")
    assert answer.location == f"/deposit/{item_id}/agreement#received"
    with app.app_context():
        version = open_version(item_id)
        assert version is not None
        assert [file.role for file in version.files] == [FileRole.AGREEMENT]
    assert "келишим.pdf" in librarian.get(f"/deposit/{item_id}/agreement").text
    assert "келишим.pdf" not in librarian.get(f"/deposit/{item_id}/check").text


def test_files_are_renamed_ordered_and_removed(app: Flask, house: House, sign_in: SignIn, draft: str) -> None:
    visitor = sign_in(house.author)
    send(visitor, draft, (b"1", "a.txt"), (b"2", "b.txt"), (b"3", "c.txt"))
    address = f"/deposit/{draft}/files"

    def press(**fields: str) -> str:
        token = token_of(visitor.get(address).text)
        assert visitor.post(address, data={"csrf_token": token, **fields}).status_code == 302
        return " ".join(files_of(app, draft))

    ids = re.findall(r'name="name\.(\d+)"', visitor.get(address).text)
    assert press(do=f"up:{ids[2]}") == "a.txt c.txt b.txt"
    assert press(do=f"down:{ids[0]}") == "c.txt a.txt b.txt"
    assert press(do="save", **{f"name.{ids[0]}": "../C.TXT"}) == "c.txt C (2).TXT b.txt"
    assert press(do=f"drop:{ids[1]}") == "c.txt C (2).TXT"
    assert press(do="drop:999999") == "c.txt C (2).TXT"
    with app.app_context():
        assert len(list(uploads().root.iterdir())) == 2, "the bytes went with the file"


def test_a_draft_gives_its_files_back_to_be_saved(app: Flask, house: House, sign_in: SignIn, draft: str) -> None:
    visitor = sign_in(house.author)
    send(visitor, draft, (b"<script>alert(1)</script>", "page.html"))
    (file_id,) = re.findall(r'name="name\.(\d+)"', visitor.get(f"/deposit/{draft}/files").text)
    answer = visitor.get(f"/deposit/{draft}/file/{file_id}")
    assert answer.data == b"<script>alert(1)</script>"
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''page.html"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert sign_in(house.other).get(f"/deposit/{draft}/file/{file_id}").status_code == 404


class TestLimits:
    @pytest.fixture
    def app(self, settings: Settings) -> Iterator[Flask]:
        app = create_app(replace(settings, max_upload=50_000))
        yield app
        backends.close(app)
        close_engines(app)

    def test_a_file_beyond_the_limit_by_what_is_announced(
        self, app: Flask, house: House, sign_in: SignIn, draft: str
    ) -> None:
        answer = sign_in(house.author).post(
            f"/deposit/{draft}/add",
            input_stream=BytesIO(b"--b\r\n"),
            content_type="multipart/form-data; boundary=b",
            environ_overrides={"CONTENT_LENGTH": "1050001"},
        )
        assert answer.status_code == 413
        assert files_of(app, draft) == {}

    def test_a_file_beyond_the_limit_by_counting(self, app: Flask, house: House, sign_in: SignIn, draft: str) -> None:
        visitor = sign_in(house.author)
        answer = send(visitor, draft, (b"small", "small.txt"), (bytes(60_000), "big.bin"))
        assert answer.status_code == 413
        assert list(files_of(app, draft)) == ["small.txt"], "what was whole before it stays"
        with app.app_context():
            assert len(list(uploads().root.iterdir())) == 1


# ---------------------------------------------------------------- the form itself


class Dribble:
    """A connection that gives a few bytes at a time, and remembers how much was asked for at once."""

    def __init__(self, data: bytes, piece: int = 7) -> None:
        self.data, self.piece, self.asked = BytesIO(data), piece, 0

    def read(self, size: int, /) -> bytes:
        self.asked = max(self.asked, size)
        return self.data.read(min(size, self.piece))


def body(content: bytes) -> bytes:
    return (
        b'--b\r\nContent-Disposition: form-data; name="role"\r\n\r\n\xd0\xba\xd0\xb8\r\n'
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n' + content + b"\r\n--b--\r\n"
    )


@pytest.mark.parametrize("content", [b"", b"x", b"\r\n", b"a--b", b"\r\n--", b"\r\n--c", bytes(300), b"\r" * 50])
def test_a_form_is_the_same_however_it_arrives(content: bytes) -> None:
    stream = Dribble(body(content))
    seen = []
    for part in read_parts(stream, "multipart/form-data; boundary=b"):
        pieces = []
        while piece := part.read(3):
            assert len(piece) <= 3
            pieces.append(piece)
        seen.append((part.name, part.filename, b"".join(pieces)))
    assert seen == [("role", None, "ки".encode()), ("files", "a", content)]
    assert stream.asked == PIECE


def test_a_part_without_bytes_may_end_with_its_head() -> None:
    data = b'--b\r\nContent-Disposition: form-data; name="files"; filename=""\r\n\r\n--b--'
    assert [(part.name, part.read(9)) for part in read_parts(Dribble(data), "multipart/form-data; boundary=b")] == [
        ("files", b"")
    ]


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (body(b"x")[:-10], "multipart/form-data; boundary=b"),
        (body(b"x"), "multipart/form-data; boundary=other"),
        (body(b"x"), "multipart/form-data"),
        (b"a=b", "application/x-www-form-urlencoded"),
        (b"", ""),
    ],
)
def test_what_is_no_whole_form_is_refused(data: bytes, content_type: str) -> None:
    with pytest.raises(BadRequest):
        for part in read_parts(Dribble(data), content_type):
            part.text()


def test_a_field_of_the_form_is_bounded() -> None:
    data = b'--b\r\nContent-Disposition: form-data; name="role"\r\n\r\n' + bytes(200_000) + b"\r\n--b--\r\n"
    with pytest.raises(BadRequest):
        for part in read_parts(BytesIO(data), "multipart/form-data; boundary=b"):
            part.text()
