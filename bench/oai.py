"""A whole harvest over HTTP, beside nginx that sends the same bytes; the cost of deep pages; rendering anew.

    python -m bench oai [--records 10000] [--database postgresql] [--parts harvest,depth,writer,render] [--keep FOLDER]

The ledger is filled by the product's own functions (`bench.seed.seed_ledger`). One connection walks every token in
order. CPU is that of the whole process tree of the server, `muras web`: a worker would be busy with the index. Needs
nginx; PostgreSQL for the second database. A million records take a quarter of an hour to make: --keep leaves them for
another run (SQLite).
"""

import argparse
import gzip
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from bench.house import MIB, WEB_PROCESSES, cpu_of, machine, memory_of, settle, tree_of
from tests.services.ports import free_port
from tests.services.server import Server

RUNS = 3
TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)</resumptionToken>")
IDENTIFIER = re.compile(rb"<identifier>([^<]+)</identifier>")
FIRST = "verb=ListRecords&metadataPrefix=oai_dc"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--parts", default="harvest,depth,writer,render")
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    with open_ledger(given.records, given.database, given.keep) as server:
        for part in given.parts.split(","):
            PARTS[part](server, given.records)


@contextmanager
def open_ledger(records: int, database: str, keep: Path | None) -> Iterator[Server]:
    """A server over a ledger of so many records, which is filled unless it lies in `keep` from before."""
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muras-bench-")))
        settings = {**WEB_PROCESSES, "MURAS_STORED_FORMATS": "oai_dc"}
        if database == "postgresql":
            settings["MURAS_DATABASE_URL"] = stack.enter_context(postgres_database())
        server = Server(folder / f"data-{records}", settings, "web")
        if not server.data_dir.exists():
            server.data_dir.mkdir(parents=True)
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-m", "bench.seed", str(records)], env=server.environment, check=True)
            print(
                f"{records} records on {database}, filled at {records / (time.perf_counter() - begun):.0f}/s",
                flush=True,
            )
        if database == "postgresql":
            keep_statistics(settings["MURAS_DATABASE_URL"])
        server.start()
        stack.callback(server.stop)
        assert server.process is not None
        settle(server.process.pid)
        yield server


@contextmanager
def postgres_database() -> Iterator[str]:
    from tests.services.postgres import start_postgres

    server = start_postgres(lasting=True)
    try:
        server.create_database("bench")
        yield server.address("bench")
    finally:
        server.stop()


def keep_statistics(url: str) -> None:
    """What the server does by itself within a minute of such a load."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


# ---------------------------------------------------------------- one harvest


@dataclass
class Harvest:
    """What came of a list, and how long it took."""

    records: int = 0
    received: int = 0
    seconds: float = 0.0
    pages: list[tuple[str, int]] = field(default_factory=list)
    identifiers: list[bytes] = field(default_factory=list)


class Harvester:
    """Asks over one connection, as often as it is told."""

    def __init__(self, server: Server, *, packed: bool = False) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self._headers = {"User-Agent": "bench"} | ({"Accept-Encoding": "gzip"} if packed else {})
        self.received = 0

    def get(self, path: str) -> bytes:
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")
        self.received += len(body)
        return gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body

    def walk(self, query: str = FIRST, *, keep: Path | None = None, names: bool = False) -> Harvest:
        """The whole list from its first page on, every token once, in order. Pages are kept in the folder `keep`, and
        identifiers read from them, where that is asked for: both take time that is not the server's."""
        harvest, path = Harvest(), f"/oai?{query}"
        verb = query.split("&")[0]
        begun = time.perf_counter()
        while path:
            body = self.get(path)
            found = body.count(b"<header")
            harvest.records += found
            harvest.pages.append((path, found))
            if keep is not None:
                (keep / f"{len(harvest.pages)}.xml").write_bytes(body)
            if names:
                harvest.identifiers += IDENTIFIER.findall(body)
            token = TOKEN.search(body[-2000:])
            path = f"/oai?{verb}&resumptionToken={quote(token[1].decode())}" if token else ""
        harvest.seconds = time.perf_counter() - begun
        harvest.received = self.received
        return harvest


def harvest(server: Server, records: int) -> None:
    """Every record over one connection, plain and packed, beside nginx with the same bytes on one connection."""
    assert server.process is not None
    with tempfile.TemporaryDirectory(prefix="muras-bench-") as name:
        pages = Path(name)
        pages.chmod(0o755)
        whole = Harvester(server).walk(keep=pages, names=True)
        if whole.records != records or len(set(whole.identifiers)) != records:
            raise SystemExit(f"{whole.records} records, {len(set(whole.identifiers))} different, of {records}")
        size = whole.received / whole.records
        print(f"harvest: {len(whole.pages)} pages, {size:.0f} bytes a record, nothing twice, nothing missing")
        with nginx(pages) as port:
            plain, packed, theirs, cpu = [], [], [], []
            for _ in range(RUNS):
                before = cpu_of(server.process.pid)
                plain.append(_rate(Harvester(server).walk()))
                cpu.append((cpu_of(server.process.pid) - before) / records * 1000)
                packed.append(_rate(Harvester(server, packed=True).walk()))
                theirs.append(_rate_of_files(port, len(whole.pages), records))
    report("plain, at least 50000", plain, "records/s")
    report("packed, at least 25000", packed, "records/s")
    report("server, at most 0.02", cpu, "ms of processor a record", 4)
    report("nginx, the same bytes", theirs, "records/s")
    print(
        f"  ratio to nginx {statistics.median(plain) / statistics.median(theirs):.3f} (at least 0.12); {machine()}",
        flush=True,
    )


def _rate(walked: Harvest) -> float:
    return walked.records / walked.seconds


def _rate_of_files(port: int, pages: int, records: int) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    begun = time.perf_counter()
    for number in range(1, pages + 1):
        connection.request("GET", f"/{number}.xml")
        body = connection.getresponse().read()
        body.count(b"<header")
        TOKEN.search(body[-2000:])
    return records / (time.perf_counter() - begun)


@contextmanager
def nginx(root: Path) -> Iterator[int]:
    """nginx over a folder, one process, as a whole of its own below a temporary folder."""
    if not shutil.which("nginx"):
        raise SystemExit("nginx is missing: apt-get install nginx-light")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="muras-bench-") as home:
        user = "user root;" if os.geteuid() == 0 else ""
        config = Path(home) / "nginx.conf"
        config.write_text(
            f"{user} daemon off; pid {home}/pid; error_log stderr; worker_processes 1; events {{}}"
            f" http {{ access_log off; sendfile on; keepalive_requests 1000000; types {{ text/xml xml; }}"
            f" server {{ listen 127.0.0.1:{port}; root {root}; }} }}"
        )
        process = subprocess.Popen(["nginx", "-p", home, "-c", str(config)], stderr=subprocess.DEVNULL)
        try:
            time.sleep(1)
            yield port
        finally:
            process.terminate()
            process.wait()


# ---------------------------------------------------------------- depth, writers, rendering


def depth(server: Server, records: int) -> None:
    """What a page costs the server at the end of a list and at its beginning, with and without set and dates."""
    assert server.process is not None
    for name, query in (
        ("all", FIRST),
        ("a set", f"{FIRST}&set=library:bench"),
        ("set and dates", f"{FIRST}&set=library:bench&from=2000-01-01&until=2099-12-31"),
    ):
        pages = Harvester(server).walk(query).pages
        first, last = pages[1:6], [page for page in pages if page[1] == 100][-5:]
        costs = {"begin": [], "end": []}  # type: dict[str, list[float]]
        for _ in range(RUNS):
            for place, chosen in (("begin", first), ("end", last)):
                costs[place].append(_page_cost(server, [path for path, _ in chosen]))
        begin, end = (statistics.median(costs[place]) for place in ("begin", "end"))
        print(f"depth, {name}: a page costs {begin:.2f} ms at the beginning, {end:.2f} ms at the end of {records}")
        print(f"  {end / begin:.2f} (at most 1.2); {machine()}", flush=True)


def _page_cost(server: Server, paths: list[str], times: int = 100) -> float:
    """Milliseconds of processor a page."""
    assert server.process is not None
    asking = Harvester(server)
    before = cpu_of(server.process.pid)
    for _ in range(times):
        for path in paths:
            asking.get(path)
    return (cpu_of(server.process.pid) - before) / times / len(paths) * 1000


def writer(server: Server, records: int) -> None:
    """Four harvesters beside a writer of 50 items a second: nothing fails, nothing is missed, memory stays flat."""
    assert server.process is not None
    seconds = 30
    over = threading.Event()
    faults: list[str] = []
    walked: list[int] = []

    def harvest_on() -> None:
        while not over.is_set():
            try:
                walked.append(Harvester(server).walk().records)
            except (SystemExit, OSError) as error:
                faults.append(str(error))

    threads = [threading.Thread(target=harvest_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(10)  # until each has its connection
    before = _memory(server)
    command = [sys.executable, "-m", "bench.seed", "--change", str(seconds), "50"]
    changing = subprocess.run(command, env=server.environment, check=True, stdout=subprocess.PIPE, text=True)
    changed = json.loads(changing.stdout.splitlines()[-1])
    after = _memory(server)
    over.set()
    for thread in threads:
        thread.join()
    time.sleep(5)
    query = f"verb=ListIdentifiers&metadataPrefix=oai_dc&from={changed['begun']}"
    seen = {found.decode().rpartition(":")[2] for found in Harvester(server).walk(query, names=True).identifiers}
    missed = set(changed["ids"]) - seen
    rate = sum(walked) / (seconds + 10)
    print(f"writer: {changed['rate']:.0f} items/s (at least 50) beside 4 harvesters of {rate:.0f} records/s in all")
    print(f"  {len(faults)} errors {faults[:1]}; {len(missed)} of {len(set(changed['ids']))} changed items missed")
    print(f"  memory {before:.0f} MiB before, {after:.0f} after; {machine()}", flush=True)


def _memory(server: Server) -> float:
    assert server.process is not None
    return sum(memory_of(member) for member in tree_of(server.process.pid)) / MIB


def render(server: Server, records: int) -> None:
    """Rendering one format of all records anew, as a new version of its code asks for; half way it is interrupted.
    Somebody harvests a page a second meanwhile."""
    command = [sys.executable, "-m", "bench.seed", "--render", "oai_dc"]
    pages = 0
    with subprocess.Popen(command, env=server.environment, stdout=subprocess.PIPE, text=True) as rendering:
        while rendering.poll() is None:
            Harvester(server).get(f"/oai?{FIRST}")
            pages += 1
            time.sleep(1)
        assert rendering.stdout is not None
        said = json.loads(rendering.stdout.read().splitlines()[-1])
    print(f"render: {said['rate']:.0f} records/s (at least 5000), gone on after {said['first']}")
    print(f"  {pages} pages answered meanwhile; {machine()}", flush=True)


def report(name: str, values: list[float], unit: str, digits: int = 0) -> None:
    low, middle, high = min(values), statistics.median(values), max(values)
    print(f"  {name:26} {middle:.{digits}f} ({low:.{digits}f}–{high:.{digits}f}) {unit}", flush=True)


PARTS = {"harvest": harvest, "depth": depth, "writer": writer, "render": render}

if __name__ == "__main__":
    main()
