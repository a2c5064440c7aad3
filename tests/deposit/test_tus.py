"""tus 1.0, request by request: what the protocol says, and what hostile clients try."""

import base64
import hashlib
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from repo import backends
from repo.app import create_app
from repo.db import db, transaction
from repo.deposit import uploads as arriving
from repo.errors import StorageFullError
from repo.items.models import Upload
from repo.items.services.drafts import open_version
from repo.items.states import UploadState
from repo.jobs.models import Job
from repo.settings import Settings
from repo.storage import uploads
from tests import factories
from tests.conftest import VisitorClient, close_engines
from tests.deposit.conftest import House, SignIn

CHUNK = {"Content-Type": "application/offset+octet-stream"}
TUS = {"Tus-Resumable": "1.0.0"}


def told(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


class Client:
    """Speaks tus with the uploads of one draft."""

    def __init__(self, visitor: VisitorClient, item_id: str) -> None:
        self.visitor = visitor
        self.item_id = item_id

    def create(self, length: int | str, name: str = "макала.pdf", **headers: str) -> TestResponse:
        sent = TUS | {"Upload-Length": str(length), "Upload-Metadata": told(filename=name)} | headers
        return self.visitor.post(f"/deposit/{self.item_id}/uploads", headers=sent)

    def head(self, address: str) -> TestResponse:
        return self.visitor.head(address, headers=TUS)

    def patch(self, address: str, offset: int, data: bytes, **headers: str) -> TestResponse:
        sent = TUS | CHUNK | {"Upload-Offset": str(offset)} | headers
        return self.visitor.patch(address, data=data, headers=sent)


@pytest.fixture
def draft(app: Flask, house: House) -> str:
    with app.app_context():
        return factories.make_draft(house.author, house.collection).item_id


@pytest.fixture
def tus(house: House, sign_in: SignIn, draft: str) -> Client:
    return Client(sign_in(house.author), draft)


def files_of(app: Flask, item_id: str) -> list[tuple[str, str]]:
    with app.app_context():
        version = open_version(item_id)
        assert version is not None
        return [(file.name, file.digest) for file in version.files]


def test_the_server_says_what_it_can_do(tus: Client, settings: Settings) -> None:
    answer = tus.visitor.options(f"/deposit/{tus.item_id}/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Max-Size"] == str(settings.max_upload)
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "termination",
        "checksum",
        "expiration",
    }


def test_a_file_cut_ten_times_arrives_whole(app: Flask, tus: Client, draft: str) -> None:
    content = random.randbytes(400_003)
    answer = tus.create(len(content))
    assert answer.status_code == 201
    address = answer.headers["Location"]
    expires = parsedate_to_datetime(answer.headers["Upload-Expires"])
    assert expires - datetime.now(UTC) > timedelta(days=29)
    for cut in sorted(random.sample(range(1, len(content)), 10)):
        offset = int(tus.head(address).headers["Upload-Offset"])
        # The connection breaks: more was announced than arrives.
        broken = tus.visitor.patch(
            address,
            input_stream=BytesIO(content[offset:cut]),
            headers=TUS | CHUNK | {"Upload-Offset": str(offset)},
            environ_overrides={"CONTENT_LENGTH": str(len(content) - offset)},
        )
        assert broken.status_code == 400
    answer = tus.head(address)
    offset = int(answer.headers["Upload-Offset"])
    assert 0 < offset < len(content)
    assert answer.headers["Upload-Length"] == str(len(content))
    assert answer.headers["Cache-Control"] == "no-store"
    done = tus.patch(address, offset, content[offset:])
    assert done.status_code == 204
    assert done.headers["Upload-Offset"] == str(len(content))
    assert "Upload-Expires" not in done.headers
    assert files_of(app, draft) == [("макала.pdf", hashlib.sha512(content).hexdigest())]
    with app.app_context():
        (job,) = db.session.scalars(sa.select(Job).where(Job.kind == "ingest"))
        assert job.key == address.rsplit("/", 1)[1]


def test_creation_with_upload_and_the_override_of_methods(app: Flask, tus: Client, draft: str) -> None:
    headers = TUS | CHUNK | {"Upload-Length": "10", "Upload-Metadata": told(filename="a.txt")}
    answer = tus.visitor.post(f"/deposit/{draft}/uploads", data=b"01234", headers=headers)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "5")
    address = answer.headers["Location"]
    override = TUS | CHUNK | {"Upload-Offset": "5", "X-HTTP-Method-Override": "PATCH"}
    assert tus.visitor.post(address, data=b"56789", headers=override).status_code == 204
    assert files_of(app, draft)[0][1] == hashlib.sha512(b"0123456789").hexdigest()


def test_an_empty_file_is_complete_at_once(app: Flask, tus: Client, draft: str) -> None:
    assert tus.create(0, "empty.txt").status_code == 201
    assert files_of(app, draft)[0][0] == "empty.txt"


def test_checksums_of_chunks(tus: Client) -> None:
    address = tus.create(6).headers["Location"]
    for algorithm in ("sha1", "sha256", "sha512", "md5"):
        wrong = base64.b64encode(hashlib.new(algorithm, b"other").digest()).decode()
        answer = tus.patch(address, 0, b"abc", **{"Upload-Checksum": f"{algorithm} {wrong}"})
        assert answer.status_code == 460
        assert tus.head(address).headers["Upload-Offset"] == "0"
    right = base64.b64encode(hashlib.sha1(b"abc").digest()).decode()
    assert tus.patch(address, 0, b"abc", **{"Upload-Checksum": f"sha1 {right}"}).status_code == 204
    for nonsense in ("crc32 AAAA", "sha1 ###", "sha1"):
        assert tus.patch(address, 3, b"def", **{"Upload-Checksum": nonsense}).status_code in (400, 460)


@pytest.mark.parametrize("offset", [1, 3, 7, 999])
def test_bytes_that_do_not_follow_are_refused(tus: Client, offset: int) -> None:
    address = tus.create(6).headers["Location"]
    assert tus.patch(address, 0, b"ab").status_code == 204
    answer = tus.patch(address, offset, b"cd")
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "2")


def test_more_bytes_than_announced_are_refused(app: Flask, tus: Client, draft: str) -> None:
    address = tus.create(3).headers["Location"]
    assert tus.patch(address, 0, b"abcdef").status_code == 413
    assert files_of(app, draft) == []


def test_an_upload_in_use_is_locked(app: Flask, tus: Client) -> None:
    address = tus.create(6).headers["Location"]
    with app.app_context(), uploads()._held(address.rsplit("/", 1)[1]):
        assert tus.patch(address, 0, b"ab").status_code == 423


def test_giving_up_leaves_nothing(app: Flask, tus: Client, draft: str) -> None:
    address = tus.create(6).headers["Location"]
    tus.patch(address, 0, b"ab")
    assert tus.visitor.delete(address, headers=TUS).status_code == 204
    assert tus.head(address).status_code == 404
    whole = tus.create(2).headers["Location"]
    tus.patch(whole, 0, b"ab")
    assert len(files_of(app, draft)) == 1
    assert tus.visitor.delete(whole, headers=TUS).status_code == 204
    assert files_of(app, draft) == []
    with app.app_context():
        assert list(uploads().root.iterdir()) == []


@pytest.mark.parametrize("length", ["", "-1", "1.5", "1e9", "٣", "9" * 19, "abc", "0x10"])
def test_a_length_that_is_none_is_refused(tus: Client, length: str) -> None:
    assert tus.create(length).status_code == 400


def test_what_does_not_speak_the_protocol(tus: Client) -> None:
    address = tus.create(6).headers["Location"]
    for headers in ({}, {"Tus-Resumable": "0.2.2"}):
        answer = tus.visitor.post(f"/deposit/{tus.item_id}/uploads", headers={"Upload-Length": "5"} | headers)
        assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
    bare = TUS | {"Upload-Offset": "0"}
    assert tus.visitor.patch(address, data=b"ab", headers=bare | {"Content-Type": "text/plain"}).status_code == 415
    assert tus.visitor.post(address, data=b"ab", headers=TUS).status_code == 405
    assert tus.visitor.get(address, headers=TUS).status_code == 405
    assert tus.create(5, **{"Upload-Metadata": "filename ###"}).status_code == 400
    assert tus.create("", **{"Upload-Defer-Length": "1"}).status_code == 400


HOSTILE = [
    ("../../etc/passwd", "passwd"),
    ("..\\..\\boot.ini", "boot.ini"),
    ("/etc/shadow", "shadow"),
    ("a\x00b.pdf", "ab.pdf"),
    ("", "file"),
    ("..", "file"),
    ("и\u0306огурт.txt", "йогурт.txt"),
    ("ы" * 255 + ".pdf", "ы" * 98 + ".pdf"),
    ("a\u202efdp.exe", "afdp.exe"),
    ("<img src=x>.pdf", "_img src=x_.pdf"),
]


@pytest.mark.parametrize(("name", "kept"), HOSTILE)
def test_names_are_made_safe(app: Flask, tus: Client, draft: str, name: str, kept: str) -> None:
    address = tus.create(1, name).headers["Location"]
    tus.patch(address, 0, b"x")
    assert [name for name, _ in files_of(app, draft)] == [kept]
    assert kept.replace("<", "&lt;") in tus.visitor.get(f"/deposit/{draft}/files").text


def test_two_files_of_one_name_both_stay(app: Flask, tus: Client, draft: str) -> None:
    for content in (b"1", b"2"):
        tus.patch(tus.create(1, "Макала.PDF").headers["Location"], 0, content)
    assert [name for name, _ in files_of(app, draft)] == ["Макала.PDF", "Макала (2).PDF"]


def test_uploads_of_others_are_not_there(house: House, sign_in: SignIn, tus: Client, client: VisitorClient) -> None:
    address = tus.create(6).headers["Location"]
    for visitor, status in ((sign_in(house.other), 404), (sign_in(house.librarian), 404), (client, 401)):
        stranger = Client(visitor, tus.item_id)
        assert stranger.head(address).status_code == status
        assert stranger.patch(address, 0, b"evil!!").status_code == status
        assert visitor.delete(address, headers=TUS).status_code == status
    assert Client(sign_in(house.other), tus.item_id).create(5).status_code == 404
    assert Client(client, tus.item_id).create(5).status_code == 401
    assert tus.head(address).headers["Upload-Offset"] == "0"
    assert tus.head(address.replace(tus.item_id, "00000000x")).status_code == 404
    assert tus.head(f"/deposit/{tus.item_id}/uploads/../../etc").status_code in (404, 405)
    assert tus.head(f"/deposit/{tus.item_id}/uploads/{'f' * 32}").status_code == 404


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, True),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "http://muras.example.org"}, True),
        ({}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "https://muras.example.org"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"}, False),
    ],
)
def test_pages_of_other_sites_cannot_upload(tus: Client, headers: dict[str, str], allowed: bool) -> None:
    assert tus.create(5, **headers).status_code == (201 if allowed else 403)


def test_what_is_submitted_takes_no_more_files(app: Flask, house: House, tus: Client, draft: str) -> None:
    half = tus.create(5).headers["Location"]
    with app.app_context():
        version = open_version(draft)
        assert version is not None
        factories.attach_file(house.author, version)
        with transaction() as session:
            session.execute(sa.delete(Upload).where(Upload.state == UploadState.RECEIVING))
        factories.submit(house.author, version)
    assert tus.create(5).status_code == 409
    assert tus.patch(half, 0, b"12345").status_code == 404


def test_a_draft_has_room_for_a_thousand_files(
    app: Flask, tus: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr("repo.items.services.drafts.FILES_LIMIT", 2)
    assert [tus.create(1, str(number)).status_code for number in range(3)] == [201, 201, 422]


def test_a_full_disk_says_so_before_the_first_byte(
    app: Flask, house: House, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = arriving.RESERVE + 1000
    usage = type("Usage", (), {"free": free})
    monkeypatch.setattr("repo.deposit.uploads.shutil.disk_usage", lambda path: usage)
    with app.app_context():
        arriving.require_room(1000)
        with pytest.raises(StorageFullError):
            arriving.begin_upload(factories.actor_for(house.author), draft, "big", 1001)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Upload)) == 0


class TestLimits:
    @pytest.fixture
    def app(self, settings: Settings) -> Iterator[Flask]:
        app = create_app(replace(settings, max_upload=1000))
        yield app
        backends.close(app)
        close_engines(app)

    def test_what_is_too_large_is_refused_before_the_first_byte(self, app: Flask, tus: Client) -> None:
        assert tus.create(1000).status_code == 201
        answer = tus.create(1001)
        assert (answer.status_code, answer.headers["Tus-Max-Size"]) == (413, "1000")
        with app.app_context():
            assert db.session.scalar(sa.select(sa.func.count()).select_from(Upload)) == 1
            assert len(list(uploads().root.iterdir())) == 1


# ---------------------------------------------------------------- what a crash leaves


def upload_of(address: str) -> str:
    return address.rsplit("/", 1)[1]


@pytest.mark.parametrize("asks", ["client", "worker"])
def test_a_whole_file_that_nobody_noted_is_noted(app: Flask, tus: Client, draft: str, asks: str) -> None:
    address = tus.create(4).headers["Location"]
    with app.app_context():
        uploads().append(upload_of(address), 0, BytesIO(b"whole"[:4]))  # and then the server was killed
    assert files_of(app, draft) == []
    if asks == "client":
        assert tus.head(address).headers["Upload-Offset"] == "4"
    else:
        with app.app_context():
            arriving.note_finished()
            arriving.note_finished()
    assert len(files_of(app, draft)) == 1
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Job).where(Job.kind == "ingest")) == 1


def test_abandoned_uploads_are_discarded_and_nothing_else(app: Flask, tus: Client, draft: str) -> None:
    whole = tus.create(2).headers["Location"]
    tus.patch(whole, 0, b"ab")
    half = tus.create(9).headers["Location"]
    tus.patch(half, 0, b"ab")
    with app.app_context():
        uploads().create("f" * 32, 5)  # its row was never written
        assert arriving.discard_abandoned() == 0
        age_everything(uploads().root)
        assert arriving.discard_abandoned(timedelta(hours=1)) == 1, "an upload lives as long as its row was touched"
        with transaction() as session:
            for upload in session.scalars(sa.select(Upload)):
                upload.touched_at -= timedelta(days=31)
        assert arriving.discard_abandoned() == 1
    assert tus.head(half).status_code == 404
    assert tus.head(whole).headers["Upload-Offset"] == "2"
    assert len(files_of(app, draft)) == 1


def age_everything(root: Path) -> None:
    import os

    long_ago = (datetime.now() - timedelta(days=40)).timestamp()
    for path in (*root.rglob("*"), root):
        os.utime(path, (long_ago, long_ago))


def test_an_upload_goes_on_after_days(clock: Any, tus: Client) -> None:
    address = tus.create(4).headers["Location"]
    tus.patch(address, 0, b"ab")
    first = parsedate_to_datetime(tus.head(address).headers["Upload-Expires"])
    clock.shift(timedelta(days=20))
    assert tus.patch(address, 2, b"c").status_code == 204
    assert parsedate_to_datetime(tus.head(address).headers["Upload-Expires"]) == first + timedelta(days=20)
    assert tus.patch(address, 3, b"d").status_code == 204
