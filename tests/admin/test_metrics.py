"""What monitoring reads: numbers of all processes together, and rows counted seldom."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine

from repo.admin.metrics import KEPT_SECONDS, Counters
from repo.db import transaction
from repo.jobs.services import enqueue_job
from tests.conftest import VisitorClient


def read(client: VisitorClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.get_data(as_text=True).splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r'muras_[a-z_]+(\{[a-z]+="[a-z0-9]+"\})? \d+(\.\d+)?(e\+\d+)?', line) for line in lines)
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_requests_and_rows(client: VisitorClient) -> None:
    before = read(client)
    client.get("/no such page")
    after = read(client)
    assert after['muras_requests_total{status="4xx"}'] == before['muras_requests_total{status="4xx"}'] + 1
    assert after['muras_requests_total{status="2xx"}'] == before['muras_requests_total{status="2xx"}'] + 1
    assert after["muras_items_public"] == 0


def test_rows_are_counted_seldom(
    client: VisitorClient, clock: time_machine.Traveller, count_queries: Callable[..., object]
) -> None:
    read(client)
    with client.application.app_context(), transaction():
        enqueue_job("mail", "a")
    with count_queries() as queries:  # type: ignore[attr-defined]
        assert read(client)['muras_jobs{state="queued"}'] == 0
    assert queries == []
    clock.shift(KEPT_SECONDS + 1)
    assert read(client)['muras_jobs{state="queued"}'] == 1
    assert read(client)["muras_queue_messages"] == 1


def count_in_another_process(path: Path, times: int) -> None:
    child = os.fork()
    if not child:
        counters = Counters(path)
        for _ in range(times):
            counters.add(2)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def test_processes_count_together(tmp_path: Path) -> None:
    path = tmp_path / "requests.count"
    here = Counters(path)
    here.add(2)
    for _ in range(3):
        count_in_another_process(path, 10)
    here.add(5)
    here.add(9)
    assert here.totals() == {1: 0, 2: 31, 3: 0, 4: 0, 5: 1}


def test_a_fork_takes_a_slot_of_its_own(tmp_path: Path) -> None:
    here = Counters(tmp_path / "requests.count")
    here.add(2)
    child = os.fork()
    if not child:
        here.add(2)
        os._exit(0)
    os.waitpid(child, 0)
    here.add(2)
    assert here.totals()[2] == 3


@pytest.mark.parametrize("left", [b"", b"x" * 100])
def test_a_damaged_file_is_no_error(tmp_path: Path, left: bytes) -> None:
    path = tmp_path / "requests.count"
    path.write_bytes(left)
    Counters(path).add(2)
