"""People at the real server who remember what it promised them, and go on where they stopped after a crash."""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep
from urllib.parse import quote, urlsplit

import requests

from repo.items.services.submission import AGREEMENT_VERSION
from tests import factories
from tests.deposit.conftest import token_of

CHUNK = 64 * 1024
PATIENCE = 120
TUS = {"Tus-Resumable": "1.0.0"}


class Interrupted(Exception):
    """The server went away, or what was waited for can no longer come."""


def alive() -> bool:
    return True


def wait_until(condition: Callable[[], object], what: str, hopeful: Callable[[], bool] = alive) -> None:
    """Wait for a condition. Raises Interrupted as soon as there is no hope, AssertionError after PATIENCE seconds."""
    deadline = monotonic() + PATIENCE
    while not condition():
        if not hopeful():
            raise Interrupted(what)
        assert monotonic() < deadline, f"waited in vain: {what}"
        sleep(0.1)


class Visitor:
    """A browser: keeps cookies, over restarts too; signs in when `email` is given."""

    def __init__(self, url: str, email: str = "") -> None:
        self.url = url
        self._session = requests.Session()
        self._session.headers["Connection"] = "close"  # a kept connection would end with its process
        if email:
            page = self.ask("GET", "/account/sign-in")
            data = {"email": email, "password": factories.PASSWORD, "csrf_token": token_of(page.text)}
            assert self.ask("POST", "/account/sign-in", data=data).status_code == 302

    def ask(self, method: str, path: str, **more: object) -> requests.Response:
        """Send a request. Raises Interrupted when no whole answer comes."""
        address = self.url + urlsplit(path).path + (f"?{query}" if (query := urlsplit(path).query) else "")
        try:
            answer = self._session.request(method, address, timeout=PATIENCE, allow_redirects=False, **more)  # type: ignore[arg-type]
        except requests.RequestException as error:
            raise Interrupted(f"{method} {path}: {error}") from error
        assert answer.status_code < 500 or answer.status_code == 507, f"{method} {path}: {answer.status_code}"
        return answer

    def post(self, path: str, **fields: str) -> requests.Response:
        """Send the form that stands at `path`, with the token and edition that it shows."""
        page = self.ask("GET", path)
        if page.status_code != 200 or "csrf_token" not in page.text:
            return page  # there is nothing to be sent now
        edition = re.search(r'name="edition" value="(\d+)"', page.text)
        shown = {"edition": edition[1]} if edition else {}
        return self.ask("POST", path, data={"csrf_token": token_of(page.text), **shown, **fields})

    def read_file(self, item_id: str, name: str, version: int = 1) -> str:
        """The SHA-512 of a public file, whose landing page has to be there too."""
        assert self.ask("GET", f"/records/{item_id}").status_code == 200, item_id
        answer = self.ask("GET", f"/records/{item_id}/v{version}/files/{quote(name)}")
        assert answer.status_code == 200, (item_id, name)
        return hashlib.sha512(answer.content).hexdigest()


@dataclass
class Deposit:
    """A work on its way, what its author sends, and what the server has promised about it: each word of its answers."""

    item_id: str
    name: str = ""
    content: bytes = b""
    title: str = ""
    described: bool = False
    address: str = ""  # of the upload
    acknowledged: int = 0
    submitted: bool = False
    accepted: bool = False
    published: bool = False

    @property
    def digest(self) -> str:
        return hashlib.sha512(self.content).hexdigest()

    @property
    def whole(self) -> bool:
        return bool(self.address) and self.acknowledged == len(self.content)


def begin(author: Visitor, collection_id: int) -> str:
    """Begin a draft and return its id, as soon as the server says it."""
    answer = author.post("/deposit/new", type="article", collection=str(collection_id))
    assert answer.is_redirect, answer.text
    return answer.headers["Location"].split("/deposit/")[1].split("/")[0]


def describe(author: Visitor, deposit: Deposit) -> None:
    """Fill in the steps that have to be filled in."""
    steps = {
        "description": {
            "fields": "type titles languages abstracts issued",
            "type": "article",
            "titles.0.value": deposit.title,
            "titles.0.lang": "ky",
            "languages": "ky",
            "abstracts.0.value": "Буудайдын сорттору салыштырылды.",
            "abstracts.0.lang": "ky",
            "issued": "2026",
        },
        "people": {"fields": "creators", "creators.0.names.0.family": "Сайдылдаева", "creators.0.names.0.lang": "ky"},
        "rights": {"fields": "licence access", "licence": "cc-by-4.0", "access": "open"},
    }
    for step, fields in steps.items():
        answer = author.post(f"/deposit/{deposit.item_id}/{step}", do="save", **fields)
        assert answer.is_redirect, answer.text
    deposit.described = True


def drop_strangers(author: Visitor, deposit: Deposit) -> None:
    """Remove uploads of which the author never heard: the server died between their row and its answer."""
    path = f"/deposit/{deposit.item_id}/files"
    for upload_id in re.findall(r'data-upload="([0-9a-f]{32})"', author.ask("GET", path).text):
        if upload_id not in deposit.address:
            author.post(path, do=f"drop:{upload_id}")


def upload(author: Visitor, deposit: Deposit) -> None:
    """Send the file by tus in chunks with checksums, from where the server says that it stopped."""
    if not deposit.address:
        begin_upload(author, deposit)
    check_offset(author, deposit)
    while not deposit.whole:
        send_chunk(author, deposit)


def begin_upload(author: Visitor, deposit: Deposit) -> None:
    named = base64.b64encode(deposit.name.encode()).decode()
    told = {**TUS, "Upload-Length": str(len(deposit.content)), "Upload-Metadata": f"filename {named}"}
    answer = author.ask("POST", f"/deposit/{deposit.item_id}/uploads", headers=told)
    assert answer.status_code == 201, answer.text
    deposit.address = answer.headers["Location"]


def check_offset(author: Visitor, deposit: Deposit) -> None:
    """What was acknowledged is there: the server goes on from there, or from further on."""
    answer = author.ask("HEAD", deposit.address, headers=TUS)
    assert answer.status_code == 200, f"{deposit.address}: {answer.status_code}"
    offset = int(answer.headers["Upload-Offset"])
    assert offset >= deposit.acknowledged, f"{deposit.address}: {deposit.acknowledged} bytes were promised"
    deposit.acknowledged = offset


def send_chunk(author: Visitor, deposit: Deposit, size: int = CHUNK, status: int = 204) -> requests.Response:
    start = deposit.acknowledged
    chunk = deposit.content[start : start + size]
    checksum = base64.b64encode(hashlib.sha512(chunk).digest()).decode()
    told = {
        **TUS,
        "Upload-Offset": str(start),
        "Upload-Checksum": f"sha512 {checksum}",
        "Content-Type": "application/offset+octet-stream",
    }
    answer = author.ask("PATCH", deposit.address, headers=told, data=chunk)
    if answer.status_code == 423:  # the request that was cut off still holds it
        sleep(0.1)
        return answer
    assert answer.status_code == status, answer.text
    if status == 204:
        deposit.acknowledged = int(answer.headers["Upload-Offset"])
    return answer


def upload_by_form(author: Visitor, deposit: Deposit, query: str = "") -> requests.Response:
    """Send the file in one piece, as a page without JavaScript does."""
    path = f"/deposit/{deposit.item_id}"
    form = {"csrf_token": token_of(author.ask("GET", f"{path}/files").text)}
    return author.ask("POST", f"{path}/add{query}", data=form, files={"files": (deposit.name, deposit.content)})


def hand_in(author: Visitor, deposit: Deposit, hopeful: Callable[[], bool] = alive) -> None:
    """Accept the agreement and submit, as soon as the file has been read."""
    path = f"/deposit/{deposit.item_id}"
    if deposit.submitted:
        return

    def accepted_by_server() -> bool:
        overview = author.ask("GET", path)
        if not overview.is_redirect or "/records/" in overview.headers["Location"]:
            return True  # it was, but the answer did not arrive
        author.post(f"{path}/agreement", accept=AGREEMENT_VERSION, do="next")
        answer = author.post(f"{path}/check")
        return answer.is_redirect and not answer.headers["Location"].endswith("/check")

    wait_until(accepted_by_server, "the file is read and the deposit submitted", hopeful)
    deposit.submitted = True


def accept(reviewer: Visitor, item_id: str) -> bool:
    """Decide to publish. Returns False when that was decided before."""
    answer = reviewer.post(f"/review/{item_id}", decision="accept")
    assert answer.status_code in (200, 302, 404, 409), answer.text
    return answer.is_redirect


def wait_for_publication(reader: Visitor, deposit: Deposit, version: int, hopeful: Callable[[], bool] = alive) -> None:
    path = f"/records/{deposit.item_id}/v{version}"
    wait_until(lambda: reader.ask("GET", path).status_code == 200, f"{path} is public", hopeful)
    deposit.published = True
