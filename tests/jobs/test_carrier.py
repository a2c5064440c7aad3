"""The queue's file may be lost, cut short or replaced under the feet of whoever uses it."""

import sqlite3
from pathlib import Path
from threading import Event

import pytest

from repo.jobs.carrier import FileQueue


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "queue.sqlite"


def drain(queue: FileQueue) -> list[int]:
    found = []
    while (job_id := queue.receive()) is not None:
        found.append(job_id)
    return found


def test_in_order_but_for_priority(path: Path) -> None:
    queue = FileQueue(path)
    for job_id, priority in ((1, 0), (2, 0), (3, 10), (4, -5), (5, 10)):
        queue.send(job_id, priority)
    assert queue.size() == 5
    assert drain(queue) == [3, 5, 1, 2, 4]
    queue.close()


def test_two_processes_share_it(path: Path) -> None:
    here, there = FileQueue(path), FileQueue(path)
    here.send(1)
    there.send(2)
    assert (there.receive(), here.receive(), here.receive()) == (1, 2, None)
    here.close()
    there.close()


def test_a_deleted_file_is_made_again_by_whoever_is_first(path: Path) -> None:
    web, worker = FileQueue(path), FileQueue(path)
    web.send(1)
    assert worker.size() == 1
    for file in path.parent.iterdir():
        file.unlink()
    web.send(2)
    assert drain(worker) == [2]
    worker.close()
    web.close()


@pytest.mark.parametrize("damage", [b"", b"not a database at all" * 500])
def test_a_damaged_file_begins_anew(path: Path, damage: bytes) -> None:
    queue = FileQueue(path)
    queue.send(1)
    queue.close()
    path.write_bytes(damage)
    queue.send(2)
    assert drain(queue) == [2]
    queue.close()


def test_damage_while_it_is_open(path: Path) -> None:
    queue, other = FileQueue(path), FileQueue(path)
    queue.send(1)
    assert other.size() == 1
    with path.open("r+b") as file:
        file.write(b"x" * file.seek(0, 2))
    path.with_name("queue.sqlite-wal").write_bytes(b"y" * 40_000)
    queue.close()
    queue.send(2)
    assert drain(other) == [2]
    queue.close()
    other.close()


def test_a_full_disk_is_no_damage(path: Path) -> None:
    queue, sent = FileQueue(path), 0
    queue._use(lambda storage: storage.conn.execute("PRAGMA max_page_count=1"))  # SQLite then says that it is full
    with pytest.raises(sqlite3.OperationalError, match="full"):
        for job_id in range(100_000):
            queue.send(job_id)
            sent += 1
    assert queue.size() == sent > 0, "what waited waits"
    queue.close()


def test_threads_go_on_after_an_error(path: Path) -> None:
    queue, ran, all_ran = FileQueue(path), list[int](), Event()

    def run(job_id: int) -> None:
        ran.append(job_id)
        if job_id == 3:
            all_ran.set()
        raise ValueError("the database is away")

    for job_id in (1, 2, 3):
        queue.send(job_id)
    threads = queue.consume(run, 1)
    assert all_ran.wait(30)
    assert threads.stop(30)
    assert ran == [1, 2, 3]
    queue.close()


def test_stop_waits_no_longer_than_told(path: Path) -> None:
    queue, began, end = FileQueue(path), Event(), Event()

    def run(job_id: int) -> None:
        began.set()
        end.wait()

    queue.send(1)
    queue.send(2)
    threads = queue.consume(run, 1)
    assert began.wait(30)
    assert not threads.stop(0.01)
    end.set()
    assert threads.stop(30)
    assert queue.size() == 1, "nothing is begun after the word to stop"
    queue.close()
