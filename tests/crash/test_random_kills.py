"""Fifty kills at random moments, while people deposit, review and read: every promise that reached them is kept.

Every fourth time the whole house goes, as in a power cut; otherwise its worker, a web process, or what holds the web
processes, which the rest of the tree has to begin again.
"""

import os
import random
import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from time import sleep

import pytest

from tests.crash import visitors
from tests.crash.house import (
    House,
    check_draft,
    check_effects,
    check_nothing_is_left,
    check_promises,
    unfinished_jobs,
    wait_for_quiet,
)
from tests.crash.visitors import Deposit, Interrupted, Visitor, wait_until
from tests.services.server import Server, StartServer

KILLS = 50
SEED = 20261127
AUTHORS = 2
LOG_TAIL = 60  # lines
REST_AFTER = 8
"""So many kills end the worker four times: after the fifth time in the middle of the same job it would be given up, as
one that kills workers itself."""


class Town:
    """People who each do their work over and over, whatever happens to the server, and write down what it told them."""

    def __init__(self, house: House, url: str) -> None:
        self.house = house
        self.url = url
        self.deposits: list[Deposit] = []
        self.faults: list[BaseException] = []
        self._closing = Event()
        self._evening = Event()  # nobody begins anything new
        authors = [Thread(target=self._go_about, args=(self._deposit, number)) for number in range(AUTHORS)]
        self._authors = authors
        self._others = [Thread(target=self._go_about, args=(work, 0)) for work in (self._review, self._read)]

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Inside, everybody works; at the end nothing new is begun, and what was submitted is still published."""
        for thread in self._authors + self._others:
            thread.start()
        try:
            yield
            self._evening.set()
            for thread in self._authors:
                thread.join()
            submitted = [deposit for deposit in self.deposits if deposit.submitted]
            wait_until(lambda: self.faults or all(deposit.published for deposit in submitted), "all is published")
        finally:
            self._evening.set()
            self._closing.set()
            for thread in self._authors + self._others:
                thread.join()

    def check(self) -> None:
        """Raise the first thing that somebody found wrong."""
        if self.faults:
            raise self.faults[0]

    def _go_about(self, work: Callable[[int], None], number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            self.faults.append(error)

    def _sign_in(self, email: str = "") -> Visitor:
        while True:
            with suppress(Interrupted):
                return Visitor(self.url, email)

    def _deposit(self, author_number: int) -> None:
        author = self._sign_in(self.house.author)
        number = 0
        while not self._evening.is_set():
            with suppress(Interrupted):
                item_id = visitors.begin(author, self.house.collection_id)
                number += 1
                title = f"Макала {author_number}-{number}"
                content = f"{title} {item_id}\n".encode() * 4000
                deposit = Deposit(item_id, f"макала-{number}.txt", content, title)
                self.deposits.append(deposit)
                self._carry_on(author, deposit)

    def _carry_on(self, author: Visitor, deposit: Deposit) -> None:
        """Bring one deposit as far as the evening allows."""
        while not (deposit.submitted or self._evening.is_set()):
            with suppress(Interrupted):
                if not deposit.described:
                    visitors.describe(author, deposit)
                if not deposit.whole:
                    visitors.upload(author, deposit)
                visitors.drop_strangers(author, deposit)
                visitors.hand_in(author, deposit, hopeful=lambda: not self._evening.is_set())

    def _review(self, _number: int) -> None:
        reviewer = self._sign_in(self.house.reviewer)
        while not self._closing.wait(0.1):
            with suppress(Interrupted):
                waiting = re.findall(r'href="/review/([0-9a-z]{9})"', reviewer.ask("GET", "/review/").text)
                for item_id in dict.fromkeys(waiting):
                    visitors.accept(reviewer, item_id)

    def _read(self, _number: int) -> None:
        reader = self._sign_in()
        while not self._closing.wait(0.1):
            with suppress(Interrupted):
                for item_id, digest in self.house.public.items():
                    assert reader.read_file(item_id, "китеп.txt") == digest, item_id
                for deposit in list(self.deposits):
                    self._look_for(reader, deposit)

    def _look_for(self, reader: Visitor, deposit: Deposit) -> None:
        """See whether a work is public; if it was once, it has to be, with its bytes."""
        if deposit.published or reader.ask("GET", f"/records/{deposit.item_id}").status_code == 200:
            deposit.published = True
            assert reader.read_file(deposit.item_id, deposit.name) == deposit.digest, deposit


# ---------------------------------------------------------------- the kills


def last_begun(server: Server, part: str) -> int:
    """The process of a part of the tree, as the log tells; 0 while it is dead."""
    log = server.log.read_text()
    begun = re.findall(rf"{part} begins as process (\d+)", log)
    return int(begun[-1]) if begun and Path(f"/proc/{begun[-1]}").exists() else 0


def living(server: Server, part: str) -> int:
    """The process of a part, once there is one."""
    wait_until(lambda: last_begun(server, part), f"there is a {part}")
    return last_begun(server, part)


def children_of(process: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == process and state != "Z":
                found.append(int(stat.parent.name))
    return sorted(found)


def kill_tree(server: Server, chance: random.Random) -> None:
    server.kill()
    server.start()


def kill_worker(server: Server, chance: random.Random) -> None:
    process = living(server, "worker")
    os.kill(process, signal.SIGKILL)
    wait_until(lambda: last_begun(server, "worker") not in (0, process), "the worker begins again")


def kill_web(server: Server, chance: random.Random) -> None:
    for process in web_of(server):
        os.kill(process, signal.SIGKILL)


def kill_web_process(server: Server, chance: random.Random) -> None:
    os.kill(chance.choice(web_of(server)), signal.SIGKILL)


def web_of(server: Server) -> list[int]:
    """The processes that answer, once there are any."""
    worker = living(server, "worker")

    def found() -> list[int]:
        assert server.process is not None
        return [child for child in children_of(server.process.pid) if child != worker]

    wait_until(found, "there are web processes")
    return found()


WAYS = (kill_tree, kill_worker, kill_web_process, kill_web)


@pytest.mark.parametrize("database", ["sqlite"])
def test_fifty_kills(house: House, start_server: StartServer, assert_valid: Callable[..., None]) -> None:
    chance = random.Random(SEED)
    variables = house.variables | {"MURAS_WEB_PROCESSES": "2"}
    server = start_server(data_dir=house.settings.data_dir, **variables)
    town = Town(house, server.url)
    killed: Counter[str] = Counter()
    try:
        with town.awake():
            for number in range(KILLS):
                sleep(chance.uniform(0.1, 0.8))  # the moment is what the test is about
                town.check()
                way = WAYS[number % len(WAYS)]
                way(server, chance)
                killed[way.__name__] += 1
                wait_until(server.answers, "the server answers again")
                if number % REST_AFTER == REST_AFTER - 1:
                    rest(house)
        town.check()
        check_end(house, town, server)
    except BaseException as error:
        tail = "\n".join(server.log.read_text().splitlines()[-LOG_TAIL:])
        error.add_note(f"seed {SEED}, after {killed.total()} kills {dict(killed)}; the log ends:\n{tail}")
        raise
    assert_valid(house.settings.ocfl_root)


def rest(house: House) -> None:
    """Let the worker finish what waits, while the others go on."""
    waiting = unfinished_jobs(house).keys()
    wait_until(lambda: not waiting & unfinished_jobs(house).keys(), "what waited is done")


def check_end(house: House, town: Town, server: Server) -> None:
    """Every promise is kept; each work is public once or a draft; nothing waits, nothing is left over."""
    wait_for_quiet(house)
    author, reader = Visitor(server.url, house.author), Visitor(server.url)
    check_promises(house, author, reader)
    house.versions.update([house.submission.item_id, house.successor.item_id])
    drafts = []
    for deposit in town.deposits:
        if reader.ask("GET", f"/records/{deposit.item_id}").status_code == 200:
            assert reader.read_file(deposit.item_id, deposit.name) == deposit.digest, deposit
            house.versions.update([deposit.item_id])
        else:
            assert not deposit.submitted, deposit
            drafts.append(deposit)
            if deposit.described:
                assert deposit.title in author.ask("GET", f"/deposit/{deposit.item_id}/description").text, deposit
            if deposit.address:
                visitors.check_offset(author, deposit)
    server.kill()
    assert len(town.deposits) - len(drafts) >= AUTHORS, "hardly anything was published: the kills met nobody at work"
    for deposit in drafts:
        check_draft(house, deposit)
    check_effects(house)
    check_nothing_is_left(house)
