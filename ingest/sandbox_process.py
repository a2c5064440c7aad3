"""One child process of the sandbox, seen from the parent: started lean, asked, watched, killed."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ingest import plain
from ingest.confinement import Confinement
from ingest.limits import Limits, RefusalKind, Refused

PROGRAM = Path(__file__).with_name("sandbox_child.py")
STARTUP = 60.0
"""Seconds a child may take to load its libraries, on a busy machine with a cold disk."""
WATCH = 0.5
"""Seconds between two looks at what a running task has written."""


PREFIX = "muras-ingest-"
"""Of the names of scratch folders; the process that made one follows."""


def sweep() -> None:
    """Remove the scratch folders of processes that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        try:
            os.kill(int(owner), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except (ValueError, PermissionError):
            continue  # not of ours, or of somebody else's process


class Child:
    """One process, its socket and its scratch folder."""

    def __init__(
        self, limits: Limits, preload: list[str], readable: Sequence[Path] | None, writable: Sequence[Path] = ()
    ) -> None:
        self._limits = limits
        self.tasks = 0
        self.used = time.monotonic()
        self._writable = writable
        # What a child may read is settled for its life: one that started too early has to go.
        self._absent = [folder for folder in readable or () if not folder.is_dir()]
        self._scratch = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        self._channel, theirs = socket.socketpair()
        options = {
            "memory": limits.memory,
            "scratch": limits.scratch,
            "cpu": int(limits.cpu * limits.tasks) + 60,
            "preload": preload,
            "readable": None if readable is None else [str(folder.resolve()) for folder in readable],
            "writable": [str(folder.resolve()) for folder in writable],
        }
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(PROGRAM), str(theirs.fileno()), str(os.getpid()), json.dumps(options)],
                cwd=self._scratch,
                # Nothing of ours: the environment holds keys and passwords.
                env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": str(self._scratch)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        try:
            self.confinement: Confinement = plain.build(Confinement, self._answer(STARTUP).get("ready"))
        except BaseException:
            self.end()
            raise

    @property
    def fit(self) -> bool:
        """Alive, and allowed to read all folders that there are by now."""
        return self._process.poll() is None and not any(folder.is_dir() for folder in self._absent)

    def ask(self, request: bytes, wall: float) -> dict[str, Any]:
        """Send a request and wait at most `wall` seconds for its answer. Raises Refused."""
        self.tasks += 1
        self._channel.settimeout(wall)
        try:
            self._channel.sendall(len(request).to_bytes(8) + request)
        except OSError:
            raise self._died() from None
        answer = self._answer(wall)
        self.used = time.monotonic()
        return answer

    def collect(self, files: Mapping[str, Path]) -> None:
        """Move the named files, where the task left them, to their places; empty the scratch folder.

        They are copied by descriptor, never following a link: the child may have left one to a file that
        is none of its business.
        """
        with os.scandir(self._scratch) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                    continue
                if entry.name in files and entry.is_file(follow_symlinks=False):
                    _copy(Path(entry.path), files[entry.name], self._limits.scratch)
                Path(entry.path).unlink()

    def end(self) -> None:
        """Kill the process and all it started, and remove its files."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._channel.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _answer(self, wall: float) -> dict[str, Any]:
        deadline = time.monotonic() + wall
        size = int.from_bytes(self._read(8, deadline))
        if size > self._limits.output:
            raise Refused(RefusalKind.OUTPUT, f"{size} bytes")
        try:
            answer = plain.parse(self._read(size, deadline))
        except plain.WrongShapeError as error:
            raise Refused(RefusalKind.ERROR, f"unreadable answer: {error}") from error
        if not isinstance(answer, dict):
            raise Refused(RefusalKind.ERROR, "unreadable answer")
        return answer

    def _read(self, size: int, deadline: float) -> bytes:
        """`size` bytes before the deadline; watches meanwhile how much the task writes to its folder."""
        received = bytearray()
        while len(received) < size:
            self._channel.settimeout(min(WATCH, max(0.001, deadline - time.monotonic())))
            try:
                chunk = self._channel.recv(min(size - len(received), 1 << 20))
            except TimeoutError:
                self._check(deadline)
                continue
            except ConnectionError:
                chunk = b""
            if not chunk:
                raise self._died()
            received += chunk
        return bytes(received)

    def _check(self, deadline: float) -> None:
        if time.monotonic() >= deadline:
            raise Refused(RefusalKind.TIMEOUT, "wall time")
        written = sum(size for folder in (self._scratch, *self._writable) for size in _sizes(folder))
        if written > self._limits.scratch:
            raise Refused(RefusalKind.OUTPUT, f"{written} bytes of files")

    def _died(self) -> Refused:
        """What the end of the process means. It has hung up, so it is ending or as good as dead."""
        try:
            status = self._process.wait(5)
        except subprocess.TimeoutExpired:
            return Refused(RefusalKind.CRASH, "hung up")
        if status == -signal.SIGXCPU:
            return Refused(RefusalKind.TIMEOUT, "CPU time")
        if status == -signal.SIGKILL:  # nobody here sent it: the kernel's out-of-memory killer did
            return Refused(RefusalKind.MEMORY, "killed")
        return Refused(RefusalKind.CRASH, f"status {status}")


def _sizes(folder: Path) -> Iterator[int]:
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                yield Path(root, name).lstat().st_size


def _copy(source: Path, target: Path, limit: int) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as reader, target.open("wb") as writer:
            writer.write(reader.read(limit))
