"""The real `muras` command, and the server that `muras serve` runs, as processes with a data directory of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.services.ports import free_port

START_SECONDS = 60
STOP_SECONDS = 30

StartServer = Callable[..., "Server"]
Ended = subprocess.CompletedProcess[str]


class Server:
    """`muras serve` (or another long command) with `settings` such as {"MURAS_MAX_UPLOAD": "5G"}."""

    def __init__(
        self, data_dir: Path, settings: dict[str, str], command: str = "serve", python: Path = Path(sys.executable)
    ) -> None:
        self.data_dir = data_dir
        self.port = int(settings.get("MURAS_PORT", 0)) or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data_dir.with_name(f"{data_dir.name}.log")
        self.process: subprocess.Popen[bytes] | None = None
        self._command = [str(python.with_name("muras")), command]
        self._settings = {"MURAS_BASE_URL": self.url, **settings, "MURAS_PORT": str(self.port)}

    @property
    def environment(self) -> dict[str, str]:
        """For other commands on the same data directory."""
        return muras_environment(self.data_dir, self._settings)

    def start(self) -> None:
        """Start and wait for the first answer."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self._command} did not start:\n{self.log.read_text()}")
            sleep(0.05)

    def answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, ConnectionError, TimeoutError):
            return False

    def stop(self) -> int:
        """Ask it to stop, as a service manager does, and return its exit status."""
        assert self.process is not None
        self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """End the whole process tree at once, as a power cut does."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def muras_command(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("muras")), *arguments]


def muras_environment(data_dir: Path, settings: dict[str, str]) -> dict[str, str]:
    """This environment without settings of whoever runs the tests, with these."""
    inherited = {name: value for name, value in os.environ.items() if not _is_setting(name)}
    return {**inherited, "MURAS_DATA_DIR": str(data_dir), **settings}


def _is_setting(name: str) -> bool:
    return name.startswith("MURAS_") and not name.startswith("MURAS_TEST_")


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """`start_server(MURAS_MAX_UPLOAD="5G", data_dir=…, command="web")` starts a server and stops it after the test."""
    servers: list[Server] = []

    def start_server(data_dir: Path | None = None, command: str = "serve", **settings: str) -> Server:
        server = Server(data_dir or tmp_path / f"server-{len(servers)}", settings, command)
        server.data_dir.mkdir(parents=True, exist_ok=True)
        servers.append(server)
        server.start()
        return server

    yield start_server
    for server in servers:
        server.kill()


@pytest.fixture
def muras(tmp_path: Path) -> Callable[..., Ended]:
    """Run the real command to its end: `muras("user", "list", "--json", data_dir=…, MURAS_NAME="…")`."""

    def run(
        *arguments: str, data_dir: Path | None = None, typed: str = "", **settings: str
    ) -> subprocess.CompletedProcess[str]:
        environment = muras_environment(data_dir or tmp_path / "data", settings)
        return subprocess.run(muras_command(*arguments), env=environment, text=True, capture_output=True, input=typed)

    return run
