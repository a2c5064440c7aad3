"""A small disk that is filled up under the real house: run by `test_full_disk.py`, in a mount namespace.

MURAS_TEST_SMALL_DISK names the mounted file system; the whole data directory lies on it.
"""

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest

from repo.settings import Settings
from tests.conftest import close_engines
from tests.crash import visitors
from tests.crash.house import (
    House,
    check_effects,
    check_nothing_is_left,
    check_promises,
    furnish,
    unfinished_jobs,
    wait_for_quiet,
)
from tests.crash.test_random_kills import living
from tests.crash.visitors import TUS, Visitor
from tests.services.server import StartServer

SAID = {
    "ky": "Серверде бош орун калган жок",
    "ru": "На сервере закончилось место",
    "en": "There is no space left on the server",
}
WATCHED = 8.0  # seconds in which the worker shows whether it spins


@pytest.fixture
def disk() -> Path:
    return Path(os.environ["MURAS_TEST_SMALL_DISK"])


@pytest.fixture
def house(disk: Path) -> Iterator[House]:
    house = furnish(Settings(data_dir=disk, secret_key="not a secret: the tests' own signing key", testing=True))
    yield house
    close_engines(house.app)


def fill(filler: Path) -> None:
    """Leave not a byte."""
    with filler.open("wb", buffering=0) as file:
        for size in (1_000_000, 4096, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))


def test_the_disk_is_full_and_has_room_again(
    house: House, disk: Path, start_server: StartServer, assert_valid: Callable[..., None]
) -> None:
    server = start_server(data_dir=disk, **house.variables)
    author, reviewer, reader = (Visitor(server.url, email) for email in (house.author, house.reviewer, ""))
    work = house.work
    work.name, work.content = "иш.bin", random.randbytes(6_000_000)
    visitors.begin_upload(author, work)
    visitors.send_chunk(author, work, 2_000_000)
    # Two works wait for the worker when the disk is full.
    worker = living(server, "worker")
    os.kill(worker, signal.SIGSTOP)
    for deposit in (house.submission, house.successor):
        assert visitors.accept(reviewer, deposit.item_id)
    fill(disk / "filler")
    os.kill(worker, signal.SIGCONT)

    check_refusals(author, house)
    check_promises(house, author, reader)
    for path in ("/", "/search?q=китеп", "/browse/", "/oai?verb=ListRecords&metadataPrefix=oai_dc"):
        assert reader.ask("GET", path).status_code == 200, path
    check_worker_is_patient(worker, server.log)
    states = [state for kind, _, state in unfinished_jobs(house).values() if kind == "publish"]
    assert len(states) == 2 and "failed" not in states

    (disk / "filler").unlink()
    visitors.upload(author, work)
    visitors.hand_in(author, work)
    assert visitors.accept(reviewer, work.item_id)
    for deposit in (house.submission, house.successor, work):
        version = house.versions[deposit.item_id] + 1
        visitors.wait_for_publication(reader, deposit, version)
        house.versions[deposit.item_id] = version
        assert reader.read_file(deposit.item_id, deposit.name, version) == deposit.digest
    wait_for_quiet(house)
    check_promises(house, author, reader)
    server.kill()
    check_effects(house)
    check_nothing_is_left(house)
    assert_valid(house.settings.ocfl_root)


def check_refusals(author: Visitor, house: House) -> None:
    """Whoever brings something is told that there is no room, in any language, and nothing that was there is lost."""
    work, path = house.work, f"/deposit/{house.work.item_id}"
    upload = work.address
    for language, said in SAID.items():
        work.address = f"{upload}?lang={language}"
        assert visitors.send_chunk(author, work, 2_000_000, status=507).text == said
        work.address = upload
        visitors.check_offset(author, work)
        assert work.acknowledged == 2_000_000
        announced = author.ask("POST", f"{path}/uploads?lang={language}", headers=TUS | {"Upload-Length": "9"})
        assert (announced.status_code, announced.text) == (507, said)
        answer = visitors.upload_by_form(author, work, f"?lang={language}")
        assert answer.status_code == 507 and said in answer.text
    # The database may have some room of its own left: it is used up word by word.
    titles = [work.title]
    while (
        answer := author.post(f"{path}/description?lang=ky", do="save", **title(f"Иш {len(titles)}"))
    ).status_code == 302:
        titles.append(f"Иш {len(titles)}")
        assert len(titles) < 1000
    assert answer.status_code == 507 and SAID["ky"] in answer.text
    page = author.ask("GET", f"{path}/description").text
    assert titles[-1] in page and f"Иш {len(titles)}" not in page


def title(text: str) -> dict[str, str]:
    return {"fields": "titles", "titles.0.value": text, "titles.0.lang": "ky"}


def check_worker_is_patient(worker: int, log: Path) -> None:
    """It lives, takes little of the processor, and does not fill the log."""
    begun, used, length = monotonic(), seconds_used(worker), log.stat().st_size
    sleep(WATCHED)  # how much it does in this time is the question
    assert seconds_used(worker) - used < (monotonic() - begun) / 2
    assert log.stat().st_size - length < 30_000, log.read_text()[-5000:]


def seconds_used(process: int) -> float:
    """Time of the processor that a process and its threads took."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
