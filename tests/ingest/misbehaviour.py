"""What a child may be made to do by a hostile file, as functions that the sandbox tests run."""

import ctypes
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Page:
    number: int
    words: tuple[str, ...]


def read_page(page: Page, path: Path) -> Page:
    return Page(page.number + 1, (*page.words, path.name, os.fspath(Path.cwd())[-1:] and "here"))


def process_id() -> int:
    return os.getpid()


def lie() -> Page:
    return {"number": "seven", "words": []}  # type: ignore[return-value]


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def spin() -> None:
    while True:
        pass


def eat_memory() -> int:
    return len(bytearray(3 << 30))


def eat_memory_slowly() -> int:
    hoard = []
    while True:
        hoard.append(bytearray(16 << 20))


def shout(size: int) -> str:
    return "а" * size


def fail() -> None:
    raise KeyError("Каталог")


def segfault() -> None:
    ctypes.string_at(0)


def leave() -> None:
    os._exit(3)


def fill_one_file(size: int) -> None:
    with Path("big").open("wb") as file:
        for _ in range(size >> 20):
            file.write(bytes(1 << 20))


def fill_many_files(size: int) -> None:
    for number in range(size >> 20):
        Path(f"part-{number}").write_bytes(bytes(1 << 20))
    time.sleep(30)


def write_files(names: list[str]) -> None:
    for name in names:
        Path(name).write_text(name)


def leave_link(target: str) -> None:
    Path("preview.jpg").symlink_to(target)


def left_behind() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def start_process() -> int:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid


def connect(address: list[Any]) -> str:
    try:
        socket.create_connection((address[0], address[1]), timeout=2).close()
    except OSError as error:
        return error.strerror or "no"
    return "connected"


def write_to(path: str) -> str:
    try:
        Path(path).write_text("x")
    except OSError as error:
        return error.strerror or "no"
    return "written"


def read_from(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError as error:
        return error.strerror or "no"


def environment() -> dict[str, str]:
    return dict(os.environ)


def open_files() -> list[str]:
    links = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(descriptor.readlink()))
        except OSError:
            continue
    return links
