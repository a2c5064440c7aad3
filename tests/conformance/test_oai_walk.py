"""A long list is walked over HTTP while a hundred and fifty records a page change, go and come."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from lxml import etree

from tests.conformance.house import NAMESPACE, House
from tests.oai.schemas import OAI, validate_response

EACH = 50
"""So many records change, so many go and so many come while a page is fetched."""

PATIENCE = 30
"""Seconds until what was written last is listed: two or three, and more on a busy machine."""

NS = {"o": OAI}
Record = tuple[str, bool]
"""Its datestamp, and whether it is deleted."""


class Writer:
    """Works beside the harvest: `begin` lets it start a round of changes, `finish` waits for its end.

    `last` is the record that it wrote last.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.last = ""

    def begin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{EACH}\n")
        self.process.stdin.flush()

    def finish(self) -> None:
        assert self.process.stdout is not None
        self.last = f"oai:{NAMESPACE}:{self.process.stdout.readline().strip()}"

    def end(self) -> dict[str, bool]:
        """Stop, and tell what there is, by identifier, and whether it is gone."""
        told, _ = self.process.communicate()
        return {f"oai:{NAMESPACE}:{item_id}": gone for item_id, gone in json.loads(told).items()}


@contextmanager
def open_writer(house: House) -> Iterator[Writer]:
    command = [sys.executable, "-m", "tests.conformance.writer"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(
        command, env=house.server.environment, cwd=Path(__file__).parents[2], text=True, **pipes
    ) as process:
        try:
            yield Writer(process)
        finally:
            process.kill()


@dataclass
class Walk:
    """What a harvest was told, page by page."""

    house: House
    data: Path
    verb: str
    dates: list[str] = field(default_factory=list)
    """The responseDate of each page; what is written while the last one is fetched is later than the one before."""
    told: list[tuple[str, Record]] = field(default_factory=list)

    def go(self, writer: Writer | None = None, **chosen: str) -> "Walk":
        """Walk to the end, each page while `writer` makes its changes."""
        asked = {"metadataPrefix": "oai_dc", **{name.rstrip("_"): value for name, value in chosen.items()}}
        while asked:
            if writer:
                writer.begin()
            page = self._fetch(asked)
            if writer:
                writer.finish()
            self.dates.append(page.findtext("o:responseDate", "", NS))
            self.told += map(_read_header, page.iterfind(".//o:header", NS))
            token = page.findtext(".//o:resumptionToken", "", NS)
            asked = {"resumptionToken": token} if token else {}
        return self

    def _fetch(self, asked: dict[str, str]) -> etree._Element:
        with urlopen(f"{self.house.address}?{urlencode({'verb': self.verb, **asked})}", timeout=60) as answer:
            page = validate_response(self.data, answer.read())
        error = page.find("o:error", NS)
        # Nothing was written since; or nothing is left of the list when its last token is used.
        allowed = "badResumptionToken" if self.told else "noRecordsMatch"
        assert error is None or error.get("code") == allowed, etree.tostring(page)
        return page


def _read_header(header: etree._Element) -> tuple[str, Record]:
    stamp = header.findtext("o:datestamp", "", NS)
    return header.findtext("o:identifier", "", NS), (stamp, header.get("status") == "deleted")


def wait_until_listed(house: House, data: Path, identifier: str, start: str) -> None:
    """Wait until lists reach up to a record that was written after `start`."""
    deadline = monotonic() + PATIENCE
    while identifier not in dict(Walk(house, data, "ListIdentifiers").go(from_=start).told):
        assert monotonic() < deadline, f"{identifier} is not listed"


@pytest.mark.parametrize(("verb", "since"), [("ListRecords", "its beginning"), ("ListIdentifiers", "the last record")])
def test_a_walk_and_the_next_one_miss_nothing(busy_house: House, real_data: Path, verb: str, since: str) -> None:
    """The next one goes on from when the first began by the clock of the server, or from the last datestamp that it
    was told: both are what harvesters do."""
    with open_writer(busy_house) as writer:
        writer.begin()
        writer.finish()  # it works already when the harvest begins
        first = Walk(busy_house, real_data, verb).go(writer)
        truth = writer.end()
    state = dict(first.told)
    assert len(first.told) == len(state) > 1000, "nothing is told twice"
    wait_until_listed(busy_house, real_data, writer.last, first.dates[-2])
    whole = Walk(busy_house, real_data, "ListIdentifiers").go()
    assert {identifier: gone for identifier, (_, gone) in whole.told} == truth
    start = first.dates[0] if since == "its beginning" else max(stamp for stamp, _ in state.values())
    second = Walk(busy_house, real_data, verb).go(from_=start)
    state |= second.told
    assert state == dict(whole.told), "nothing is missed, and everything is told as it stands"
