"""What the benchmarks of a running server share: a filled house, the real `muras serve` on it, and its memory.

The limits are for two web processes, so that is what is served whatever the machine would choose.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

from tests.services.server import Server

READER = "reader@example.org"
PASSWORD = "bench-password-1926"
WEB_PROCESSES = {"MURAS_WEB_PROCESSES": "2"}
MIB = 1024 * 1024


@dataclass
class House:
    """A server that runs, and what was put into it before."""

    server: Server
    ids: list[str]
    """Published records without files."""
    drafts: list[str]
    """Drafts of READER."""
    download: str
    """The path of a file that anybody may read."""

    @property
    def process(self) -> int:
        assert self.server.process is not None
        return self.server.process.pid


@contextmanager
def open_house(*, records: int = 0, drafts: int = 0, file_size: int = 0) -> Iterator[House]:
    """Seed a data directory in a process of its own, and serve it until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="muras-bench-") as folder:
        server = Server(Path(folder) / "data", WEB_PROCESSES)
        server.data_dir.mkdir()
        seeded = subprocess.run(
            [sys.executable, "-m", "bench.house", str(records), str(drafts), str(file_size)],
            env=server.environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        server.start()
        try:
            yield House(server, **json.loads(seeded.stdout.splitlines()[-1]))
        finally:
            server.stop()


def sign_in(base: str) -> str:
    """The cookies of READER, as a header."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(f"{base}/account/sign-in").read().decode()
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page
    fields = {"csrf_token": found[1], "email": READER, "password": PASSWORD}
    opener.open(urllib.request.Request(f"{base}/account/sign-in", urlencode(fields).encode(), {"Referer": base}))
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def tree_of(process: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it ended meanwhile
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found = [process]
    for known in found:
        found += children.get(known, [])
    return found


def memory_of(process: int) -> int:
    """Bytes that a process holds, what it shares with others counted in parts (PSS of /proc/PID/smaps_rollup)."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:  # it ended meanwhile
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def cpu_of(process: int) -> float:
    """Seconds of processor time that a process tree has used; other work on the machine hardly changes it."""
    return sum(cpu_by_process(process).values())


def cpu_by_process(process: int) -> dict[int, float]:
    """The same of each process of the tree that is there."""
    used = {}
    for member in tree_of(process):
        with suppress(OSError):
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
            used[member] = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return used


def settle(process: int) -> None:
    """Wait until a process tree does next to nothing: what was seeded left work behind."""
    for _ in range(100):
        before = cpu_of(process)
        time.sleep(3)
        if cpu_of(process) - before < 0.1:
            return
    raise SystemExit("the server does not come to rest")


def machine() -> str:
    """How many cores there are and how busy they were in the last minute: a figure without it says little."""
    return f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}"


def seed(records: int, drafts: int, file_size: int) -> dict[str, object]:
    """Make the data directory of the settings and fill it. What is random is the same each time."""
    import random

    from bench.seed import seed_records
    from repo.app import create_app
    from repo.db import transaction
    from repo.installation import prepare
    from repo.members.models import RoleName
    from repo.members.passwords import hash_password
    from tests import factories

    app = create_app()
    prepare(app)
    with app.app_context():
        ids = seed_records(records) if records else []
        library = factories.make_library("trial")
        collection = factories.make_collection(library, "uploads")
        reader, reviewer = factories.make_person("Окурман"), factories.make_person("", RoleName.LIBRARIAN, library)
        with transaction() as session:
            session.merge(reader).email = READER
            session.merge(reader).password_hash = hash_password(PASSWORD)
        begun = [factories.make_draft(reader, collection).item_id for _ in range(drafts)]
        download = ""
        if file_size:
            content = random.Random(file_size).randbytes(file_size)
            item = factories.publish(reader, reviewer, collection, content=content, name="file.pdf")
            download = f"/records/{item.id}/v1/files/file.pdf"
    return {"ids": ids, "drafts": begun, "download": download}


if __name__ == "__main__":
    print(json.dumps(seed(*map(int, sys.argv[1:]))))
