"""A real ClamAV daemon that knows one signature, that of the EICAR test file.

    with running_clamav(tmp_path) as address: ...   # the value of MURAS_CLAMAV_SOCKET

The test string is put together here from its hexadecimal halves: the repository itself must not set off the
scanners of those who clone it.
"""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.services.ports import free_port

NAME = "Eicar-Test-Signature"
PATIENCE = 30
# https://www.eicar.org/download-anti-malware-testfile/, in two halves.
EICAR_HALVES = (
    "58354f2150254041505b345c505a58353428505e2937434329377d24454943",
    "41522d5354414e444152442d414e544956495255532d544553542d46494c452124482b482a",
)


def eicar() -> bytes:
    """The test file that every scanner takes for a virus."""
    return bytes.fromhex("".join(EICAR_HALVES))


@contextmanager
def running_clamav(folder: Path, largest: str = "25M", tcp: bool = False) -> Iterator[str]:
    """Start the daemon with its files in `folder`; gives its address. Refuses streams over `largest`.

    Raises FileNotFoundError when ClamAV is not installed.
    """
    program = shutil.which("clamd")
    if program is None:
        raise FileNotFoundError("clamd: install clamav-daemon")
    signatures = folder / "signatures"
    signatures.mkdir()
    (signatures / "eicar.ndb").write_text(f"{NAME}:0:0:{eicar().hex()}\n")
    port = free_port()
    address = f"127.0.0.1:{port}" if tcp else str(folder / "clamd.sock")
    listen = f"TCPAddr 127.0.0.1\nTCPSocket {port}" if tcp else f"LocalSocket {address}"
    configuration = folder / "clamd.conf"
    configuration.write_text(
        f"{listen}\nDatabaseDirectory {signatures}\nTemporaryDirectory {folder}\nForeground yes\n"
        f"LogFile {folder / 'clamd.log'}\nStreamMaxLength {largest}\nMaxThreads 2\n"
    )
    daemon = subprocess.Popen(
        [program, "--config-file", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_it_answers(daemon, address, folder)
        yield address
    finally:
        daemon.terminate()
        daemon.wait(PATIENCE)


def _wait_until_it_answers(daemon: subprocess.Popen[bytes], address: str, folder: Path) -> None:
    until = monotonic() + PATIENCE
    while monotonic() < until and daemon.poll() is None:
        try:
            if _ping(address) == b"PONG":
                return
        except OSError:
            sleep(0.1)
    log = folder / "clamd.log"
    raise RuntimeError(f"clamd does not answer: {log.read_text() if log.exists() else 'it never started'}")


def _ping(address: str) -> bytes:
    host, _, port = address.rpartition(":")
    connection = socket.socket(socket.AF_INET if host else socket.AF_UNIX)
    with connection:
        connection.settimeout(5)
        connection.connect((host, int(port)) if host else address)
        connection.sendall(b"nPING\n")
        return connection.recv(16).strip()


@pytest.fixture(scope="session")
def clamav_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """MURAS_CLAMAV_SOCKET of a running daemon."""
    if shutil.which("clamd") is None:
        pytest.skip("clamd is not installed (Debian: clamav-daemon)")
    # The path of a socket may have 107 characters (unix(7)); pytest's folders are long.
    with running_clamav(tmp_path_factory.mktemp("clamd")) as address:
        yield address
