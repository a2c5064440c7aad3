"""Memory of the whole `muras serve`: after the demonstration collection, 1,000 mixed requests and five idle minutes.

    python -m bench memory [--idle SECONDS]

Two web processes, the worker and whatever it began; PSS, so that what processes share counts once.
"""

import argparse
import http.client
import itertools
import re
import subprocess
import tempfile
import time
from pathlib import Path

from lxml import etree

from bench.house import MIB, WEB_PROCESSES, machine, memory_of, tree_of
from tests.services.server import Server, muras_command

LIMIT = 250  # MiB
REQUESTS = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--idle", type=int, default=300, metavar="SECONDS")
    idle = parser.parse_args().idle
    with tempfile.TemporaryDirectory(prefix="muras-bench-") as folder:
        server = Server(Path(folder) / "data", WEB_PROCESSES)
        server.data_dir.mkdir()
        subprocess.run(muras_command("demo"), env=server.environment, check=True, stdout=subprocess.DEVNULL)
        server.start()
        try:
            report("started", server)
            bytes_sent = ask(server.port, addresses(server))
            report(f"after {REQUESTS} requests ({bytes_sent / 1e6:.0f} MB)", server)
            time.sleep(idle)
            report(f"after {idle} idle seconds", server)
        finally:
            server.stop()


def addresses(server: Server) -> list[str]:
    """Of every kind that readers and harvesters ask for, in turn; each record and file that the sitemap leads to."""
    records = [address.removeprefix(server.url) for address in linked(server, "/sitemap.xml")]
    ids = [path.rpartition("/")[2] for path in records if path.startswith("/records/")]
    fixed = ["/", "/browse/", "/browse/titles", "/browse/authors", "/browse/subjects", "/libraries", "/about"]
    searches = [f"/search?q={word}" for word in ("%D1%82%D0%B8%D0%BB", "history", "%D1%88%D0%BA%D0%BE%D0%BB%D0%B0")]
    oai = [
        "/oai?verb=Identify",
        "/oai?verb=ListRecords&metadataPrefix=oai_dc",
        "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc",
        "/oai?verb=ListSets",
    ]
    kinds = [fixed, searches, [f"/records/{id_}" for id_ in ids], files_of(server.port, ids), oai]
    turns = [itertools.cycle(kind) for kind in kinds if kind]
    paths = itertools.chain.from_iterable(zip(*turns, strict=True))
    langs = itertools.cycle(("ky", "ru", "en"))
    plain = itertools.islice(paths, REQUESTS)
    return [path if "/oai" in path else f"{path}{'&' if '?' in path else '?'}lang={next(langs)}" for path in plain]


def linked(server: Server, path: str) -> list[str]:
    """The addresses of a sitemap, and of those that it is an index of."""
    found: list[str] = []
    for location in etree.fromstring(get(server.port, path)[1]).iterfind(".//{*}loc"):
        address = location.text or ""
        found += linked(server, address.removeprefix(server.url)) if "/sitemaps/" in address else [address]
    return found


def files_of(port: int, ids: list[str]) -> list[str]:
    """The addresses of files that anybody may read."""
    pages = (get(port, f"/records/{id_}")[1] for id_ in ids)
    metas = (re.search(r'name="citation_pdf_url" content="https?://[^/]+([^"]+)"', page.decode()) for page in pages)
    return [found[1] for found in metas if found]


def ask(port: int, paths: list[str]) -> int:
    """Ask for all of them, one after the other. Returns the bytes that came back."""
    received = 0
    for path in paths:
        status, body = get(port, path)
        if status != 200:
            raise SystemExit(f"{path} answers {status}")
        received += len(body)
    return received


def get(port: int, path: str) -> tuple[int, bytes]:
    """A connection for each, so that both processes are asked."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"User-Agent": "Mozilla/5.0 (bench)", "Connection": "close"})
    with connection.getresponse() as answer:
        return answer.status, answer.read()


def report(when: str, server: Server) -> None:
    if server.process is None or server.process.poll() is not None:
        raise SystemExit(f"the server ended:\n{server.log.read_text()}")
    parts = [memory_of(member) / MIB for member in tree_of(server.process.pid)]
    each = " + ".join(f"{part:.0f}" for part in parts)
    print(f"{when:38} {sum(parts):4.0f} MiB, {sum(parts) / LIMIT:.2f} of {LIMIT} ({each}); {machine()}", flush=True)


if __name__ == "__main__":
    main()
