"""Uploads to the real server, by a client that is not ours, over kills and restarts."""

import hashlib
import random
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep

import pytest
import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from repo.app import create_app
from repo.db import db
from repo.items.metadata import Metadata
from repo.items.models import File, Upload
from repo.items.services.drafts import open_version
from repo.items.states import UploadState
from repo.settings import Settings
from tests import factories
from tests.conftest import close_engines
from tests.deposit.conftest import token_of
from tests.services.server import Server, StartServer

NAME = "полевые-снимки.bin"
SECRET = "not a secret: the tests' own signing key"


class Depositor:
    """A person with a draft on a real server, and a session there."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        app = create_app(settings)
        with app.app_context():
            collection = factories.make_collection(factories.make_library(), "articles")
            person = factories.make_person()
            self.email = person.email
            db.session.refresh(person, ["roles"])
            self.item_id = factories.make_draft(person, collection, Metadata(type="article")).item_id
        close_engines(app)

    def sign_in(self, server: Server) -> requests.Session:
        session = requests.Session()
        token = token_of(session.get(f"{server.url}/account/sign-in").text)
        data = {"email": self.email, "password": factories.PASSWORD, "csrf_token": token}
        assert session.post(f"{server.url}/account/sign-in", data=data).url.endswith("/account/")
        return session

    def client(self, server: Server) -> TusClient:
        cookies = self.sign_in(server).cookies.get_dict()
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return TusClient(f"{server.url}/deposit/{self.item_id}/uploads", headers={"Cookie": cookie})

    def files(self) -> list[tuple[str, str, UploadState]]:
        app = create_app(self.settings)
        try:
            with app.app_context():
                version = open_version(self.item_id)
                assert version is not None
                states: dict[str | None, UploadState] = {
                    upload.id: upload.state for upload in db.session.query(Upload).all()
                }
                files: list[File] = version.files
                return [(file.name, file.digest, states[file.upload_id]) for file in files]
        finally:
            close_engines(app)


@pytest.fixture
def depositor(tmp_path: Path, database_url: str) -> Depositor:
    return Depositor(Settings(data_dir=tmp_path / "server", database_url=database_url, secret_key=SECRET, testing=True))


@pytest.fixture
def start(start_server: StartServer, depositor: Depositor) -> Callable[..., Server]:
    def start(**more: str) -> Server:
        settings = {"MURAS_DATABASE_URL": depositor.settings.database_url, "MURAS_SECRET_KEY": SECRET, **more}
        return start_server(data_dir=depositor.settings.data_dir, **settings)

    return start


def until(condition: Callable[[], bool], patience: float = 60) -> None:
    deadline = monotonic() + patience
    while not condition():
        assert monotonic() < deadline, "it did not happen"
        sleep(0.2)


def test_a_client_of_others_uploads_over_kills(start: Callable[..., Server], depositor: Depositor) -> None:
    content = random.randbytes(5_000_003)
    server = start()
    stream = BytesIO(content)
    uploader = depositor.client(server).uploader(
        file_stream=stream, chunk_size=300_000, metadata={"filename": NAME}, upload_checksum=True
    )
    for stop in (1_000_000, 2_500_000, 4_000_000):
        uploader.upload(stop_at=stop)
        acknowledged = uploader.offset
        server.kill()
        server = start(MURAS_PORT=str(server.port))
        assert uploader.get_offset() == acknowledged, "what was acknowledged is there"
        uploader.offset = acknowledged
    uploader.upload()
    assert [(name, digest) for name, digest, _ in depositor.files()] == [(NAME, hashlib.sha512(content).hexdigest())]
    # The worker of the same server reads it.
    until(lambda: depositor.files()[0][2] is UploadState.READ)
    with pytest.raises(TusCommunicationError):
        TusClient(f"{server.url}/deposit/{depositor.item_id}/uploads").uploader(file_stream=stream).upload()


def test_what_is_too_large_is_refused_before_it_is_sent(start: Callable[..., Server], depositor: Depositor) -> None:
    server = start(MURAS_MAX_UPLOAD="100k")
    with pytest.raises(TusCommunicationError) as refused:
        depositor.client(server).uploader(file_stream=BytesIO(bytes(100_001))).upload()
    assert refused.value.status_code == 413
    session = depositor.sign_in(server)
    address = f"{server.url}/deposit/{depositor.item_id}"
    token = token_of(session.get(f"{address}/files").text)
    answer = session.post(f"{address}/add", data={"csrf_token": token}, files={"files": ("big.bin", bytes(1_200_000))})
    assert answer.status_code == 413
    assert depositor.files() == []


def test_a_form_brings_several_files(start: Callable[..., Server], depositor: Depositor) -> None:
    server = start()
    session = depositor.sign_in(server)
    address = f"{server.url}/deposit/{depositor.item_id}"
    token = token_of(session.get(f"{address}/files").text)
    contents = [random.randbytes(2_000_000), b"line\r\n", b"\r\n"]
    files = [("files", (f"{number}.bin", content)) for number, content in enumerate(contents)]
    assert session.post(f"{address}/add", data={"csrf_token": token}, files=files).status_code == 200
    assert [digest for _, digest, _ in depositor.files()] == [
        hashlib.sha512(content).hexdigest() for content in contents
    ]

    # Where nobody says how long it is, the server counts.
    def pieces() -> object:
        yield from (
            f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'.encode(),
            b'--x\r\nContent-Disposition: form-data; name="files"; filename="chunked.txt"\r\n\r\n',
            b"in",
            b"chunks\r\n--x--\r\n",
        )

    answer = session.post(f"{address}/add", data=pieces(), headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 200
    assert depositor.files()[-1][:2] == ("chunked.txt", hashlib.sha512(b"inchunks").hexdigest())
