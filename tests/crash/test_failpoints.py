"""The whole house is killed at each named step of upload, publish, job and backup: nothing is lost, nothing done twice.

A case starts `muras serve` with MURAS_FAILPOINT set and works with it over HTTP, until a process is killed there; then
the power goes for the others too. The house that is started again without it has to bring everything to its end.
"""

import re
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from repo.admin.backup import PARTIAL
from repo.failpoints import FAILPOINTS
from tests.conftest import DATABASES
from tests.crash import visitors
from tests.crash.house import (
    House,
    check_effects,
    check_nothing_is_left,
    check_promises,
    wait_for_quiet,
)
from tests.crash.visitors import Interrupted, Visitor, wait_until
from tests.services.server import Server, StartServer, muras_command, muras_environment

CHECKOUT = Path(__file__).parents[2]

ELSEWHERE = {
    "root:before-declaration": "tests/storage/test_crash.py",
    "place:before-bulk-sync": "tests/storage/test_crash.py",
    "place:after-bulk-sync": "tests/storage/test_crash.py",
    "recover:after-rollback": "tests/storage/test_crash.py",
    "purge:before-move": "tests/storage/test_crash.py",
    "purge:after-move": "tests/storage/test_crash.py",
    "purge:after-removal": "tests/storage/test_crash.py",
    "derivative:after-discard": "tests/storage/test_crash.py",
    "import:accepted": "tests/ingest/test_harvest.py",
    "export:written": "tests/ingest/test_export_crash.py",
    "export:noted": "tests/ingest/test_export_crash.py",
    "export:whole": "tests/ingest/test_export_crash.py",
    "export:ended": "tests/ingest/test_export_crash.py",
    "export:named": "tests/ingest/test_export_crash.py",
    "import:placed": "tests/ingest/test_harvest.py",
    "harvest:page-read": "tests/ingest/test_harvest.py",
    "harvest:chunk-done": "tests/ingest/test_harvest.py",
    "harvest:page-done": "tests/ingest/test_harvest.py",
    "revert:accepted": "tests/ingest/test_batch_crash.py",
    "revert:placed": "tests/ingest/test_batch_crash.py",
    "load:received": "tests/ingest/test_batch_crash.py",
    "load:taken-out": "tests/ingest/test_batch_embedded.py",
    "load:embedded-moved": "tests/ingest/test_batch_embedded.py",
    "load:unpacked": "tests/ingest/test_batch_crash.py",
    "load:checked": "tests/ingest/test_batch_crash.py",
    "load:files-brought": "tests/ingest/test_batch_crash.py",
    "load:chunk-done": "tests/ingest/test_batch_crash.py",
    "load:undone": "tests/ingest/test_batch_crash.py",
    "load:accepted": "tests/ingest/test_batch_accepting.py",
}
"""Steps that neither upload nor publish nor backup take in a house that serves: which file goes through them."""


@dataclass(frozen=True)
class Case:
    """Where to die, and in the course of what: a file is brought by tus or by a form and published, or what waits for
    its reviewer is accepted: a new work, or a further version of a public one."""

    point: str
    way: str

    @property
    def name(self) -> str:
        """The failpoint without the number of the hit."""
        return re.sub(r":\d+$", "", self.point)

    def __str__(self) -> str:
        return f"{self.way}-{self.point}"


def all_but_elsewhere(*rooms: str) -> list[str]:
    return [name for name in FAILPOINTS if name.split(":")[0] in rooms and name not in ELSEWHERE]


def way_through(name: str) -> str:
    """In the course of what a step of a store is taken."""
    if name in ("place:after-sidecar", "place:after-inventory"):
        return "succeed"  # of a first version they are part of the rename
    if name in ("upload:before-discard", "upload:after-discard-state"):
        return "accept"  # when its file lies in the archive
    if name == "upload:after-stream":
        return "form"
    return "bring" if name.startswith(("upload:", "derivative:")) else "accept"


CASES = [
    *(Case(name, way_through(name)) for name in all_but_elsewhere("upload", "derivative", "stage", "place", "publish")),
    *(Case(name, way) for name in all_but_elsewhere("job") for way in ("bring", "accept")),
    Case("job:after-effect:2", "accept"),  # a letter, or the index
    Case("upload:after-offset:4", "bring"),
    Case("place:after-version", "succeed"),
]
BACKUP = all_but_elsewhere("backup")
MATRIX = [
    (database, case)
    for case in CASES
    for database in DATABASES
    if database == "sqlite" or case.point.startswith(("publish:", "job:"))  # the others touch no row
]


def test_every_step_is_passed() -> None:
    passed = {case.name for case in CASES} | set(BACKUP)
    assert passed.isdisjoint(ELSEWHERE)
    assert passed | set(ELSEWHERE) == set(FAILPOINTS), "a new failpoint needs a case here, or the test that passes it"
    for name, file in ELSEWHERE.items():
        text, room = (CHECKOUT / file).read_text(), name.split(":")[0]
        assert f'"{room}"' in text or f'"{name}' in text, f"{file} does not pass {name}"


class Work:
    """One work on its way to the readers, before and after the crash."""

    def __init__(self, house: House, way: str) -> None:
        self.house = house
        self.way = way
        self.deposit = {"succeed": house.successor, "accept": house.submission}.get(way, house.work)
        self.version = house.versions[self.deposit.item_id] + 1
        self._people: dict[str, Visitor] = {}

    def person(self, url: str, email: str = "") -> Visitor:
        """Signed in once: the session outlives the crash."""
        if email not in self._people:
            self._people[email] = Visitor(url, email)
        return self._people[email]

    def go_on(self, url: str, hopeful: Callable[[], bool] = visitors.alive) -> None:
        """Do what is left to do until it is public. Raises Interrupted."""
        author = self.person(url, self.house.author)
        if self.way == "bring" and not self.deposit.submitted:
            visitors.upload(author, self.deposit)
        elif self.way == "form" and not self.deposit.submitted:
            assert visitors.upload_by_form(author, self.deposit).is_redirect
        visitors.hand_in(author, self.deposit, hopeful)
        visitors.accept(self.person(url, self.house.reviewer), self.deposit.item_id)
        visitors.wait_for_publication(self.person(url), self.deposit, self.version, hopeful)
        wait_for_quiet(self.house, hopeful)
        self.house.versions[self.deposit.item_id] = self.version


def kills_in(server: Server) -> list[tuple[str, int]]:
    """Which failpoints killed which processes, as the log of the server tells."""
    told = re.findall(r"^failpoint (\S+) kills process (\d+)$", server.log.read_text(), re.MULTILINE)
    return [(name, int(process)) for name, process in told]


def is_gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize(("database", "case"), MATRIX, ids=lambda value: str(value))
def test_killed_at_a_step(
    house: House, case: Case, start_server: StartServer, assert_valid: Callable[..., None]
) -> None:
    data_dir, work = house.settings.data_dir, Work(house, case.way)
    server = start_server(data_dir=data_dir, **house.variables, MURAS_FAILPOINT=case.point)
    with pytest.raises(Interrupted):
        work.go_on(server.url, hopeful=lambda: not kills_in(server))
    name, process = kills_in(server)[0]
    assert name == case.name
    wait_until(lambda: is_gone(process), "it died of that")
    server.kill()

    server = start_server(data_dir=data_dir, **house.variables, MURAS_PORT=str(server.port))
    author, reader = work.person(server.url, house.author), work.person(server.url)
    check_promises(house, author, reader)
    work.go_on(server.url)
    check_promises(house, author, reader)
    name = work.deposit.name
    assert reader.read_file(work.deposit.item_id, name, work.version) == work.deposit.digest
    assert work.deposit.item_id in reader.ask("GET", f"/search?q={work.deposit.item_id}").text
    server.kill()
    check_effects(house)
    check_nothing_is_left(house)
    assert_valid(house.settings.ocfl_root)


@pytest.mark.parametrize(("database", "point"), [("sqlite", point) for point in BACKUP])
def test_killed_while_backing_up(
    house: House, point: str, start_server: StartServer, tmp_path: Path, assert_valid: Callable[..., None]
) -> None:
    """`muras backup` dies beside the house that serves; the next one is whole, and a house is made of it."""
    server = start_server(data_dir=house.settings.data_dir, **house.variables)
    folder = tmp_path / "backups"

    def muras(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        environment = muras_environment(house.settings.data_dir, {**house.variables, **more})
        return subprocess.run(muras_command(*map(str, arguments)), env=environment, text=True, capture_output=True)

    killed = muras("backup", folder, MURAS_FAILPOINT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert f"failpoint {point} kills" in killed.stderr
    done = muras("backup", folder)
    assert done.returncode == 0, done.stderr
    assert not list(folder.glob("*" + PARTIAL))
    check_promises(house, Visitor(server.url, house.author), Visitor(server.url))
    wait_for_quiet(house)
    server.kill()
    check_effects(house)

    second = {"MURAS_DATA_DIR": str(tmp_path / "second"), "MURAS_DATABASE_URL": ""}
    for made in sorted(folder.iterdir())[-1:]:
        assert_valid(made / "ocfl")
        restored = muras("restore", made, "--verify", **second)
        assert restored.returncode == 0, restored.stdout + restored.stderr
        assert f"{len(house.public)} public items" in restored.stdout
