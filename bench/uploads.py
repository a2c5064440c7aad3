"""Large uploads: what they cost the server in memory, and readers in time.

    python -m bench uploads [--size 5G]

One upload that is cut ten times and resumed, its SHA-512 compared with what the server keeps; then 20 at once. All
the while two readers ask for landing pages, from a process of their own; at the end they do so beside 20 downloads
of 10 KB/s. The memory is that of the whole process tree (PSS), beside what it was after some readers and two small
uploads, which also start the two children that read files: those are some 50 MB each, whatever the size of a file.
"""

import argparse
import base64
import hashlib
import http.client
import json
import multiprocessing
import random
import socket
import sqlite3
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

from bench.house import House, machine, memory_of, open_house, sign_in, tree_of

MB = 1_000_000
AT_ONCE, EACH = 20, 50 * MB
CUTS = 10
READERS = 2
GROWTH_LIMIT, P95_LIMIT = 50, 200  # MB, ms
SLOW = 10_000  # bytes a second
BLOCK = random.Random(20260302).randbytes(4 * MB)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=read_size, default=5000 * MB, help="of the one upload: 5G, 500M")
    size = parser.parse_args().size
    with open_house(records=200, drafts=AT_ONCE + 3, file_size=100 * MB) as house:
        client = Client(house, sign_in(house.server.url))
        *warm, large = house.drafts[AT_ONCE:]
        several = house.drafts[:AT_ONCE]
        with readers(house), ThreadPoolExecutor(len(warm)) as threads:
            list(threads.map(lambda draft: client.upload(draft, 1 * MB), warm))
            time.sleep(10)
        with watched(house, f"one upload of {size / 1e9:g} GB, cut {CUTS} times"):
            digest = client.upload(large, size, cuts=CUTS)
        kept = kept_digest(house, large)
        print(f"  SHA-512 {'equal' if kept == digest else f'DIFFERS: {kept} instead of {digest}'}")
        with watched(house, f"{AT_ONCE} uploads of {EACH // MB} MB at once"), ThreadPoolExecutor(AT_ONCE) as threads:
            digests = list(threads.map(lambda draft: client.upload(draft, EACH), several))
        equal = sum(kept_digest(house, draft) == digest for draft, digest in zip(several, digests, strict=True))
        print(f"  SHA-512 equal for {equal} of {AT_ONCE}")
        with watched(house, f"{AT_ONCE} downloads of {SLOW // 1000} KB/s, 20 seconds"):
            download_slowly(house, 20)


def read_size(text: str) -> int:
    return int(float(text[:-1]) * {"M": MB, "G": 1000 * MB}[text[-1].upper()])


# ---------------------------------------------------------------- a client of tus 1.0


@dataclass
class Client:
    """Uploads files whose content follows from their size, one request for as much as gets through."""

    house: House
    cookie: str

    def upload(self, draft: str, size: int, cuts: int = 0) -> str:
        """Upload `size` bytes to a draft, break the connection `cuts` times, and return their SHA-512."""
        name = base64.b64encode(b"file.bin").decode()
        told = {"Upload-Length": str(size), "Upload-Metadata": f"filename {name}"}
        address = self._ask("POST", f"/deposit/{draft}/uploads", told).headers["Location"]
        for part in range(1, cuts + 2):
            self._resume(address, size, stop_at=size * part // (cuts + 1))
        digest = hashlib.sha512()
        for piece in content(0, size):
            digest.update(piece)
        return digest.hexdigest()

    def offset(self, address: str) -> int:
        """Where to go on, once the server has noticed that the connection is gone."""
        for _ in range(100):
            answer = self._ask("HEAD", address, {}, expected=(200, 409, 423))
            if answer.status == 200:
                return int(answer.headers["Upload-Offset"])
            time.sleep(0.1)
        raise SystemExit(f"{address} stays locked")

    def _resume(self, address: str, size: int, *, stop_at: int) -> None:
        """Go on where the server stands. It may still be reading what was on its way when the connection broke, and
        refuses two writers: then ask again, as every client of tus does."""
        for _ in range(100):
            with suppress(ConnectionError):
                return self._send(address, self.offset(address), size, stop_at=stop_at)
            time.sleep(0.2)
        raise SystemExit(f"{address} cannot be resumed")

    def _send(self, address: str, offset: int, size: int, *, stop_at: int) -> None:
        connection = self._connect()
        connection.putrequest("PATCH", address)
        self._put_headers(connection, {"Upload-Offset": str(offset), "Content-Length": str(size - offset)})
        for piece in content(offset, stop_at):
            connection.send(piece)
        if stop_at == size:
            answer = connection.getresponse()
            if answer.status in (409, 423):
                raise ConnectionError
            if answer.status != 204:
                raise SystemExit(f"PATCH {answer.status}: {answer.read()!r}")
        connection.close()

    def _ask(
        self, method: str, address: str, headers: dict[str, str], expected: tuple[int, ...] = (200, 201)
    ) -> http.client.HTTPResponse:
        connection = self._connect()
        connection.putrequest(method, address)
        self._put_headers(connection, {**headers, **({"Content-Length": "0"} if method == "POST" else {})})
        answer = connection.getresponse()
        if answer.status not in expected:
            raise SystemExit(f"{method} {address} {answer.status}: {answer.read()!r}")
        answer.close()
        connection.close()
        return answer

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.house.server.port, timeout=120)

    def _put_headers(self, connection: http.client.HTTPConnection, headers: dict[str, str]) -> None:
        common = {"Tus-Resumable": "1.0.0", "Cookie": self.cookie, "Content-Type": "application/offset+octet-stream"}
        for name, value in {**common, **headers}.items():
            connection.putheader(name, value)
        connection.endheaders()


def content(start: int, stop: int) -> Iterator[memoryview]:
    """The bytes of every upload from `start` to `stop`: one block again and again, in pieces of 256 KB."""
    block = memoryview(BLOCK)
    while start < stop:
        at = start % len(block)
        piece = block[at : min(at + 256_000, at + stop - start)]
        yield piece
        start += len(piece)


def kept_digest(house: House, draft: str) -> str | None:
    """What the server keeps of the one file of a draft."""
    database = sqlite3.connect(f"file:{house.server.data_dir}/muras.sqlite?mode=ro", uri=True)
    query = "SELECT digest FROM file JOIN version ON version.id = file.version_id WHERE version.item_id = ?"
    found = database.execute(query, [draft]).fetchone()
    database.close()
    return str(found[0]) if found else None


# ---------------------------------------------------------------- what is watched meanwhile


@dataclass
class Memory:
    """The peak of a process tree, looked at twice a second."""

    process: int
    peak: int = 0
    parts: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def look(self) -> int:
        """What it is now; the peak is kept with its parts, from the root to the worker's children."""
        each = [memory_of(member) for member in tree_of(self.process)]
        if sum(each) > self.peak:
            self.peak, self.parts = sum(each), " + ".join(f"{part / MB:.0f}" for part in each)
        return sum(each)

    def watch(self) -> None:
        while not self.over.wait(0.5):
            self.look()


@contextmanager
def watched(house: House, name: str) -> Iterator[None]:
    """Print what the block does to the server's memory and to readers, beside the limits."""
    memory = Memory(house.process)
    before, parts = memory.look(), memory.parts
    watcher = threading.Thread(target=memory.watch)
    watcher.start()
    begun = time.perf_counter()
    try:
        with readers(house) as waits:
            yield
            taken = time.perf_counter() - begun
    finally:
        memory.over.set()
        watcher.join()
    grown = (memory.peak - before) / MB
    p95 = statistics.quantiles(waits, n=20)[-1]
    print(f"{name}: {taken:.0f} s; {machine()}")
    print(f"  memory grows by {grown:.0f} MB ({grown / GROWTH_LIMIT:.2f} of {GROWTH_LIMIT})")
    print(f"    from {before / MB:.0f} MB ({parts})\n    to {memory.peak / MB:.0f} MB ({memory.parts})")
    print(
        f"  {len(waits)} pages: median {statistics.median(waits):.0f} ms, "
        f"p95 {p95:.0f} ms ({p95 / P95_LIMIT:.2f} of {P95_LIMIT}), longest {max(waits):.0f} ms",
        flush=True,
    )


@contextmanager
def readers(house: House) -> Iterator[list[float]]:
    """Two readers ask for landing pages until the block ends; then the list holds how long each waited, in ms."""
    waits: list[float] = []
    context = multiprocessing.get_context("spawn")  # a process of their own: our uploads must not slow them down
    over, (end, other) = context.Event(), context.Pipe()
    asking = context.Process(target=read_pages, args=(house.server.port, house.ids, over, other))
    asking.start()
    end.recv()
    try:
        yield waits
    finally:
        over.set()
        waits += json.loads(end.recv())
        asking.join()


def read_pages(port: int, ids: list[str], over: Event, told: Connection) -> None:
    def read(number: int) -> list[float]:
        waits, chance = [], random.Random(number)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while not over.is_set():
            begun = time.perf_counter()
            lang = chance.choice(("ky", "ru", "en"))
            connection.request("GET", f"/records/{chance.choice(ids)}?lang={lang}", headers={"User-Agent": "Mozilla"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"a landing page answers {answer.status}")
            waits.append((time.perf_counter() - begun) * 1000)
            time.sleep(0.01)
        return waits

    told.send("ready")
    with ThreadPoolExecutor(READERS) as threads:
        told.send(json.dumps([wait for waits in threads.map(read, range(READERS)) for wait in waits]))


def download_slowly(house: House, seconds: int) -> None:
    """Readers with bad connections; each has a small buffer, so that it is the server that waits."""
    got: list[int] = []

    def take(_number: int) -> None:
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW)
            connection.connect(("127.0.0.1", house.server.port))
            request = f"GET {house.download} HTTP/1.1\r\nHost: bench\r\nUser-Agent: Mozilla\r\n\r\n"
            connection.sendall(request.encode())
            if not connection.recv(SLOW).startswith(b"HTTP/1.1 200"):
                raise SystemExit("the download was refused")
            for _ in range(seconds):
                time.sleep(1)
                with suppress(TimeoutError):
                    got.append(len(connection.recv(SLOW)))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(take, range(AT_ONCE)))
    if min(got) == 0:
        raise SystemExit("a download ended early")


if __name__ == "__main__":
    main()
