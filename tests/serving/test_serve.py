"""The tree of processes: it answers, survives the death of each of its parts, and leaves nothing behind."""

import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen

from tests.services.ports import free_port
from tests.services.server import STOP_SECONDS, Server, StartServer

SECONDS = 60


def children(process: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            found += map(int, task.read_text().split())
    return sorted(found)


def tree(process: int) -> set[int]:
    return {process}.union(*(tree(child) for child in children(process)))


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until(condition: Callable[[], object]) -> None:
    deadline = monotonic() + SECONDS
    while not condition():
        assert monotonic() < deadline, "it did not come to pass"
        sleep(0.05)


def root_of(server: Server) -> int:
    assert server.process is not None
    return server.process.pid


def worker_of(server: Server) -> int:
    """The process of the worker, as the log names the newest."""
    return int(re.findall(r"worker begins as process (\d+)", server.log.read_text())[-1])


def web_of(server: Server) -> list[int]:
    """The processes that answer."""
    return [child for child in children(root_of(server)) if child != worker_of(server)]


def test_it_serves_and_ends(start_server: StartServer, empty_database_url: str) -> None:
    server = start_server(MURAS_DATABASE_URL=empty_database_url)
    with urlopen(server.url, timeout=SECONDS) as answer:
        assert answer.status == 200
    everybody = tree(root_of(server))
    assert len(everybody) == 4, "root, worker, two that answer"
    assert server.stop() == 0
    assert not any(map(is_alive, everybody))
    assert "ERROR" not in server.log.read_text()


def test_ctrl_c_reaches_all_and_ends_all(start_server: StartServer) -> None:
    server = start_server()
    everybody = tree(root_of(server))
    os.killpg(root_of(server), signal.SIGINT)
    assert server.process is not None
    assert server.process.wait(STOP_SECONDS) == 0
    assert not any(map(is_alive, everybody))
    assert "ERROR" not in server.log.read_text(), "nobody thought that something died"


def test_what_dies_begins_again(start_server: StartServer) -> None:
    server = start_server()
    worker, web = worker_of(server), web_of(server)
    for victim in (worker, web[0]):
        os.kill(victim, signal.SIGKILL)
    wait_until(lambda: worker_of(server) != worker and len(tree(root_of(server))) == 4)
    wait_until(server.answers)
    assert server.stop() == 0


def test_what_dies_again_and_again_begins_again(start_server: StartServer) -> None:
    """granian gives up when a process that it began again dies in the next seconds."""
    server = start_server()
    kill_once_more(server, kill_once_more(server, web_of(server)[0]))
    wait_until(lambda: "web died (1) and begins again in 1 s" in server.log.read_text())
    wait_until(server.answers)
    assert len(web_of(server)) == 2
    assert server.stop() == 0


def test_who_waits_to_begin_again_can_be_ended(start_server: StartServer) -> None:
    server = start_server()
    for seconds in (1, 2, 4):
        wait_until(lambda: len(web_of(server)) == 2)
        victim = kill_once_more(server, web_of(server)[0])
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda seconds=seconds: f"begins again in {seconds} s" in server.log.read_text())  # type: ignore[misc]
    everybody = tree(root_of(server))
    assert server.stop() == 0
    assert not any(map(is_alive, everybody))


def kill_once_more(server: Server, victim: int) -> int:
    """Kill a web process; the one that takes its place."""
    before = web_of(server)
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: {*web_of(server)} - {*before})
    return ({*web_of(server)} - {*before}).pop()


def test_without_its_root_nothing_goes_on(start_server: StartServer) -> None:
    server = start_server()
    everybody = tree(root_of(server))
    os.kill(root_of(server), signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, everybody - {root_of(server)})))


def test_a_port_is_not_shared(
    start_server: StartServer, muras: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    server = start_server()
    for command in ("serve", "web"):
        done = muras(command, MURAS_PORT=str(server.port))
        assert done.returncode == 2
        assert done.stderr.startswith("Error: cannot listen on 127.0.0.1:")
        assert len(done.stderr.splitlines()) == 1


def test_web_and_worker_stand_alone(start_server: StartServer, tmp_path: Path, muras: Callable[..., object]) -> None:
    data_dir = tmp_path / "apart"
    muras("init", data_dir=data_dir)
    web = start_server(data_dir=data_dir, command="web")
    assert len(tree(root_of(web))) == 3
    assert web.stop() == 0


def test_a_database_of_a_later_release_stops_the_start(
    tmp_path: Path, muras: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    assert muras("init").returncode == 0
    with sqlite3.connect(tmp_path / "data" / "muras.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = 'tomorrow'")
    database.close()
    done = muras("serve", MURAS_PORT=str(free_port()))
    assert done.returncode == 2
    assert "the database is of a later release than this program (tomorrow)" in done.stderr
    assert len(done.stderr.splitlines()) == 1
