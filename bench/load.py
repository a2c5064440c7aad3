"""Bulk loads by `muras load` beside a running `muras serve`: check, import, its first and last thousand, memory.

    python -m bench load [--rows 5000] [--pdfs 0] [--scans 0] [--database postgresql]

A table of made-up books is checked and imported into an empty house: rows, OCFL objects, records for harvesters and
history, all durable; meanwhile the server's worker indexes them. With --pdfs, works with a PDF of eight pages each
follow, text and pictures included; with --scans, so many files of 4 MiB are checked, beside `sha512sum` over them.

A file system whose inodes were freed by the thousand minutes ago makes new ones slowly (ext4 passes those by), so the
cost of one is told: 0.02 ms is usual.
"""

import argparse
import csv
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from bench.house import MIB, WEB_PROCESSES, cpu_by_process, cpu_of, machine, memory_of, settle, tree_of
from bench.oai import postgres_database
from repo.settings import read_settings
from tests.services.server import Server, muras_command

WORDS = ("тоо", "суу", "китеп", "кыргыз", "тарых", "адабият", "манас", "жайлоо", "мектеп", "илим", "сөз", "жол", "эл")
CHECK_LIMIT, IMPORT_LIMITS, PDF_LIMIT = 2000, {"sqlite": 300, "postgresql": 200}, 20
SCAN_SIZE = 4 * MIB
WARM, THOUSAND = 1000, 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--pdfs", type=int, default=0)
    parser.add_argument("--scans", type=int, default=0)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    with open_house(given.database) as (server, engine, folder):
        print(f"a new file costs {cost_of_file(folder):.3f} ms here")
        if given.rows:
            place = write_table(folder / "rows", given.rows)
            load(server, engine, place, IMPORT_LIMITS[given.database], CHECK_LIMIT)
        if given.pdfs:
            load(server, engine, write_pdfs(folder / "pdfs", given.pdfs), PDF_LIMIT, None)
        if given.scans:
            check_scans(server, engine, write_scans(folder / "scans", given.scans), given.scans)


@contextmanager
def open_house(database: str) -> Iterator[tuple[Server, sa.Engine, Path]]:
    """A running house with one collection, "books"; its database, to look on."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muras-bench-")))
        settings = dict(WEB_PROCESSES)
        if database == "postgresql":
            settings["MURAS_DATABASE_URL"] = stack.enter_context(postgres_database())
        server = Server(folder / "data", settings)
        server.data_dir.mkdir()
        server.start()
        stack.callback(server.stop)
        for command in (
            ("library", "add", "knu", "--ky", "КУУ", "--ru", "КНУ", "--en", "KNU"),
            ("collection", "add", "books", "--library", "knu", "--ky", "Китептер", "--ru", "Книги", "--en", "Books"),
        ):
            subprocess.run(muras_command(*command), env=server.environment, check=True, stdout=subprocess.DEVNULL)
        engine = sa.create_engine(read_settings(server.environment).database)
        stack.callback(engine.dispose)
        assert server.process is not None
        settle(server.process.pid)
        yield server, engine, folder


def cost_of_file(folder: Path, number: int = 500) -> float:
    """Milliseconds that the file system takes to make a small file."""
    home = folder / "empty"
    home.mkdir()
    begun = time.perf_counter()
    for name in range(number):
        (home / str(name)).write_bytes(b"x")
    return (time.perf_counter() - begun) / number * 1000


# ---------------------------------------------------------------- what is loaded


def write_table(folder: Path, rows: int) -> Path:
    chance = random.Random(1926)
    folder.mkdir()
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["key", "title[ky]", "creators", "date", "type", "language", "keywords", "abstract[ky]"])
        for number in range(rows):
            words = chance.choices(WORDS, k=40)
            title = f"{' '.join(words[:5]).capitalize()} {number}"
            writer.writerow(
                [number, title, f"{words[5].capitalize()}, {words[6].capitalize()}", 1920 + number % 100]
                + ["book", "ky", "; ".join(words[7:12]), " ".join(words)]
            )
    return folder


def write_pdfs(folder: Path, count: int) -> Path:
    """Works with eight pages each: every file differs, so that none is read before."""
    from reportlab.pdfgen.canvas import Canvas

    names = _write_works(folder, count, "pdf")
    for number, path in enumerate(names):
        canvas = Canvas(str(path))
        for page in range(8):
            for line in range(45):
                canvas.drawString(50, 800 - 16 * line, f"Report {number}, page {page}, line {line}: water and soil")
            canvas.showPage()
        canvas.save()
    return folder


def write_scans(folder: Path, count: int) -> Path:
    chance = random.Random(1928)
    for path in _write_works(folder, count, "tif"):
        path.write_bytes(b"II*\0" + chance.randbytes(SCAN_SIZE))
    return folder


def _write_works(folder: Path, count: int, kind: str) -> list[Path]:
    folder.mkdir()
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["key", "title[en]", "creators", "date", "type", "language", "files"])
        for number in range(count):
            name = f"{kind}-{number}"
            writer.writerow([name, f"Report {name}", "Doe, Jane", 2020, "report", "en", f"{name}.{kind}"])
    return [folder / f"{kind}-{number}.{kind}" for number in range(count)]


# ---------------------------------------------------------------- how it went


@dataclass
class Watch:
    """What a load was seen to do, and the most memory that it and the server held (bytes)."""

    seen: list["Moment"] = field(default_factory=list)
    ours: int = 0
    servers: int = 0

    def of(self, state: str) -> list["Moment"]:
        return [moment for moment in self.seen if moment.state == state]

    def span(self, state: str, after: str) -> float:
        """Seconds from when a state was first seen to when the one after it was."""
        return self.of(after)[0].at - self.of(state)[0].at


@dataclass
class Moment:
    """Seconds since the load began, its state, records done, and seconds of processor that its processes had used."""

    at: float
    state: str
    done: int
    cpu: float


def load(server: Server, engine: sa.Engine, place: Path, limit: int, check_limit: int | None) -> None:
    assert server.process is not None
    before = cpu_of(server.process.pid)
    begun = time.perf_counter()
    watch = _follow(server, engine, "load", "table", str(place), "--collection", "books", "--source", place.name)
    done = watch.of("done")[0].done
    imported, checked = watch.span("importing", "done"), watch.span("checking", "importing")
    while _ask(engine, "SELECT count(*) FROM index_change"):
        time.sleep(0.1)
    searchable = time.perf_counter() - begun - watch.of("importing")[0].at
    kind = place.name
    print(f"{kind}: check {done / checked:.0f}/s" + (f" (limit {check_limit})" if check_limit else ""))
    print(f"{kind}: import {done / imported:.0f}/s (limit {limit}), searchable {done / searchable:.0f}/s")
    cpu = watch.seen[-1].cpu + cpu_of(server.process.pid) - before
    print(f"  {cpu / done * 1000:.2f} ms of processor a record in all, the server's with it; {machine()}")
    _compare_ends(watch.of("importing") + watch.of("done")[:1], done)
    ours, servers = watch.ours / MIB, watch.servers / MIB
    print(f"  memory at most {ours:.0f} MiB of the load (limit 300), {servers:.0f} of the server", flush=True)


def _follow(server: Server, engine: sa.Engine, *arguments: str) -> Watch:
    """Begin a load and look on until it ends."""
    assert server.process is not None
    before = _ask(engine, "SELECT coalesce(max(id), 0) FROM load_batch")
    looking = sa.text("SELECT state, done FROM load_batch WHERE id > :before").bindparams(before=before)
    command = subprocess.Popen(muras_command(*arguments), env=server.environment, stdout=subprocess.DEVNULL)
    begun = time.perf_counter()
    watch, cpu = Watch(), dict[int, float]()
    ended = False
    while not ended:
        ended = command.poll() is not None
        with engine.connect() as connection:
            row = connection.execute(looking).first()
        if row is not None:
            cpu |= cpu_by_process(command.pid)  # what has ended counts as it was seen last
            watch.seen.append(Moment(time.perf_counter() - begun, row.state, row.done, sum(cpu.values())))
        if len(watch.seen) % 10 == 0:
            watch.ours = max(watch.ours, sum(map(memory_of, tree_of(command.pid))))
            watch.servers = max(watch.servers, sum(map(memory_of, tree_of(server.process.pid))))
        time.sleep(0.1)
    if command.returncode:
        raise SystemExit(f"the load ended with {command.returncode}")
    return watch


def _ask(engine: sa.Engine, query: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(sa.text(query)).scalar_one())


def _compare_ends(moments: list[Moment], total: int) -> None:
    """The last thousand against the first thousand after a thousand to warm up."""
    if total < WARM + 2 * THOUSAND:
        return
    a, b, c, d = (_when(moments, number) for number in (WARM, WARM + THOUSAND, total - THOUSAND, total))
    first, last = b.at - a.at, d.at - c.at
    print(f"  first thousand {first:.1f} s, last {last:.1f} s: {last / first:.2f} times (limit 1.2)")
    first, last = b.cpu - a.cpu, d.cpu - c.cpu
    print(f"  of processor {first:.1f} s and {last:.1f} s: {last / first:.2f} times")


def _when(moments: list[Moment], number: int) -> Moment:
    """When so many records were done."""
    return next(moment for moment in moments if moment.done >= number)


def check_scans(server: Server, engine: sa.Engine, place: Path, count: int) -> None:
    """The check of works with large files, beside `sha512sum` over them, in turns."""
    names = [str(path) for path in sorted(place.glob("*.tif"))]
    ours, theirs = [], []
    for turn in range(3):
        begun = time.perf_counter()
        subprocess.run(["sha512sum", *names], check=True, stdout=subprocess.DEVNULL)
        theirs.append(time.perf_counter() - begun)
        source = f"scans-{turn}"
        watch = _follow(
            server, engine, "load", "table", str(place), "--collection", "books", "--source", source, "--check-only"
        )
        ours.append(watch.span("checking", "checked"))
    ratio = statistics.median(theirs) / statistics.median(ours)
    size = count * SCAN_SIZE / MIB
    print(f"scans: check of {size:.0f} MiB in {statistics.median(ours):.2f} s, {ratio:.2f} of sha512sum (limit 0.8)")
    print(f"  {machine()}; {os.cpu_count()} cores", flush=True)


if __name__ == "__main__":
    main()
