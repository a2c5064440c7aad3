"""Our client against the real daemon, and against daemons that are away, silent or talk nonsense."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.flags import Code
from ingest.stages.scan_viruses import Scan, Verdict, scan_viruses
from tests.ingest.conftest import ReadFile
from tests.services.clamav import NAME, eicar, running_clamav


def write(folder: Path, content: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(content)
    return path


def test_a_clean_file_is_clean(clamav_socket: str, tmp_path: Path) -> None:
    assert scan_viruses(write(tmp_path, b"\0" * 300_000), clamav_socket) == Scan(Verdict.CLEAN)


def test_a_virus_is_named(clamav_socket: str, tmp_path: Path) -> None:
    scan = scan_viruses(write(tmp_path, eicar()), clamav_socket)
    assert scan.verdict is Verdict.INFECTED
    assert NAME in scan.detail


def test_the_daemon_may_listen_on_a_port_and_refuse_what_is_too_long(tmp_path: Path) -> None:
    try:
        with running_clamav(tmp_path, largest="1M", tcp=True) as address:
            assert scan_viruses(write(tmp_path, b"a" * 1000), address).verdict is Verdict.CLEAN
            too_long = scan_viruses(write(tmp_path, b"a" * (8 << 20)), address)
    except FileNotFoundError as error:
        pytest.skip(str(error))
    assert too_long.verdict is Verdict.UNAVAILABLE


@contextmanager
def answering(answer: bytes | None) -> Iterator[str]:
    """A server that reads everything and says `answer`, or nothing and never."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.settimeout(5)
                received = b""
                while not received.endswith(b"\0\0\0\0"):
                    received += connection.recv(65536)
                if answer is None:
                    done.wait(5)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        done.set()
        thread.join()


@pytest.mark.parametrize("answer", [b"", b"stream: maybe\0", b"x" * 100_000, b"INSTREAM size limit exceeded. ERROR\0"])
def test_an_answer_that_is_none_is_no_clean_bill(answer: bytes, tmp_path: Path) -> None:
    with answering(answer) as address:
        assert scan_viruses(write(tmp_path, b"text"), address).verdict is Verdict.UNAVAILABLE


def test_a_silent_daemon_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with answering(None) as address:
        assert scan_viruses(write(tmp_path, b"text"), address, patience=0.2).verdict is Verdict.UNAVAILABLE


@pytest.mark.parametrize("address", ["/nowhere/clamd.sock", "127.0.0.1:1", "localhost:99999"])
def test_a_daemon_that_is_away_is_unavailable(address: str, tmp_path: Path) -> None:
    assert scan_viruses(write(tmp_path, b"text"), address).verdict is Verdict.UNAVAILABLE


def test_an_infected_file_is_refused_and_not_read(read: ReadFile, clamav_socket: str) -> None:
    report = read(eicar(), "статья.txt", clamav_socket=clamav_socket)
    assert report.refused
    assert not report.scanned
    assert [flag.code for flag in report.flags] == [Code.INFECTED]
    assert report.text.pages == ()


def test_a_clean_file_is_noted_as_scanned(read: ReadFile, clamav_socket: str) -> None:
    report = read("Кыргыз тили".encode(), "a.txt", clamav_socket=clamav_socket)
    assert report.scanned
    assert report.flags == ()


def test_without_a_scanner_nothing_is_claimed(read: ReadFile) -> None:
    assert not read(b"text", "a.txt").scanned
    away = read(b"text", "a.txt", clamav_socket="/nowhere/clamd.sock")
    assert [flag.code for flag in away.flags] == [Code.SCAN_UNAVAILABLE]
    assert away.text.pages == ("text",)
