"""Bulk loads through the product's own services: the check, the import, its first and last thousand, files, memory.

    python -m bench load [--rows 3000] [--database postgresql] [--pdfs 40]

A table of made-up books is written, checked and imported into an empty house: rows, OCFL objects, records for
harvesters and history, all durable. With --pdfs, works with a PDF of eight pages each follow, text and pictures
included. The index follows by its own job, which is timed apart. Memory is that of this process and of its children.
"""

import argparse
import csv
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flask import Flask

from bench.oai import postgres_database

WORDS = ("тоо", "суу", "китеп", "кыргыз", "тарых", "адабият", "манас", "жайлоо", "мектеп", "илим", "сөз", "жол", "эл")
CHECK_LIMIT, IMPORT_LIMITS, PDF_LIMIT = 2000, {"sqlite": 300, "postgresql": 200}, 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--pdfs", type=int, default=0)
    given = parser.parse_args()
    with open_app(given.database) as (app, folder):
        collection_id = furnish(app)
        measure(app, collection_id, write_table(folder / "rows", given.rows), given.database)
        if given.pdfs:
            measure(app, collection_id, write_pdfs(folder / "pdfs", given.pdfs), "pdf")


@contextmanager
def open_app(database: str) -> Iterator[tuple[Flask, Path]]:
    from repo import backends
    from repo.app import create_app
    from repo.db import db
    from repo.installation import prepare
    from repo.settings import Settings

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muras-bench-")))
        url = stack.enter_context(postgres_database()) if database == "postgresql" else ""
        app = create_app(Settings(data_dir=folder / "data", database_url=url, secret_key="k" * 40))
        prepare(app)
        stack.callback(backends.close, app)
        with app.app_context():
            yield app, folder
            db.session.remove()
            db.engine.dispose()


def furnish(app: Flask) -> int:
    from tests import factories

    return factories.make_collection(factories.make_library("knu"), "books").id


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

    folder.mkdir()
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["key", "title[en]", "creators", "date", "type", "language", "files"])
        for number in range(count):
            writer.writerow([f"pdf-{number}", f"Report {number}", "Doe, Jane", 2020, "report", "en", f"{number}.pdf"])
            canvas = Canvas(str(folder / f"{number}.pdf"))
            for page in range(8):
                for line in range(45):
                    canvas.drawString(50, 800 - 16 * line, f"Report {number}, page {page}, line {line}: water and soil")
                canvas.showPage()
            canvas.save()
    return folder


def measure(app: Flask, collection_id: int, place: Path, kind: str) -> None:
    from ingest.batch import Plan, check_batch, create_batch, import_batch, load_batch
    from ingest.batch_work import Errand, work_on
    from repo.db import db, transaction
    from repo.jobs.services import run_pending_jobs
    from repo.members.actors import SYSTEM
    from repo.members.models import Collection

    with transaction() as session:
        plan = Plan(session.get_one(Collection, collection_id), "table", source=place.name)
        batch_id = create_batch(SYSTEM, plan, place).id
        check_batch(SYSTEM, load_batch(batch_id))
    seconds, _marks = timed(lambda errand: work_on(batch_id, errand), Errand)
    total = load_batch(batch_id).total or 0
    tell("check", total, seconds, CHECK_LIMIT if kind != "pdf" else None)
    with transaction():
        import_batch(SYSTEM, load_batch(batch_id))
    seconds, marks = timed(lambda errand: work_on(batch_id, errand), Errand)
    db.session.rollback()
    db.session.expire_all()
    assert load_batch(batch_id).counts.get("created") == total, load_batch(batch_id).counts
    tell("import, with PDFs" if kind == "pdf" else "import", total, seconds, IMPORT_LIMITS.get(kind, PDF_LIMIT))
    compare_ends(marks, total)
    begun = time.perf_counter()
    db.session.rollback()
    run_pending_jobs("index")
    print(f"  index afterwards: {total / (time.perf_counter() - begun):.0f}/s")
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"  memory at most: {ours:.0f} MiB here, {children:.0f} MiB in a child (limit 300 together)", flush=True)


def timed(work: object, errand: type) -> tuple[float, list[tuple[int, float]]]:
    """Seconds that the work took, and when how many records were done."""
    marks: list[tuple[int, float]] = []
    begun = time.perf_counter()

    def alive(done: int, _total: int | None) -> None:
        marks.append((done, time.perf_counter() - begun))

    work(errand(alive))  # type: ignore[operator]
    return time.perf_counter() - begun, marks


def tell(what: str, count: int, seconds: float, limit: int | None) -> None:
    limited = f" (limit {limit})" if limit else ""
    print(f"{what}: {count} records in {seconds:.1f} s, {count / seconds:.0f}/s{limited}", flush=True)


def compare_ends(marks: list[tuple[int, float]], total: int) -> None:
    """The last thousand against the first thousand after a thousand to warm up."""
    at = dict(marks)
    if total < 4000 or not all(number in at for number in (1000, 2000, total, total - 1000)):
        return
    first, last = at[2000] - at[1000], at[total] - at[total - 1000]
    print(f"  first thousand {first:.1f} s, last {last:.1f} s: {last / first:.2f} times (limit 1.2)")


if __name__ == "__main__":
    main()
