"""Fifty PDFs of about eight pages through the whole ingest pipeline, two at a time.

    make bench B=pipeline        needs poppler-utils for the ratio

The articles are those of the tests, five times as long. Each goes the way of an upload: SHA-512, identification,
text and properties, guesses, two pictures, every step in the sandbox. In the same run, also two at a time:
poppler's `pdftotext` and `pdftoppm` for the first page, which do a part of that without a sandbox.
"""

import hashlib
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ingest.pipeline import open_sandbox, run_pipeline
from ingest.sandbox import Sandbox
from tests.articles import draft_article, load_articles
from tests.articles.writers import write_pdf

FILES = 50
LENGTH = 6
RUNS = 5
AT_ONCE = 2


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = make_files(folder)
        before = cpu_seconds()
        with open_sandbox(workers=AT_ONCE) as sandbox:
            pages = [ingest(sandbox, path, folder) for path in files]  # starts the children, too
            print(f"{len(files)} PDFs, {statistics.mean(pages):.1f} pages and {average_size(files):.0f} KB on average")
            ours = [rate(files, lambda path: ingest(sandbox, path, folder)) for _ in range(RUNS)]
        report("pipeline", ours)
        # Less the neighbours' than the rate is: a hundred milliseconds are 20 PDFs/s on 2 free cores.
        print(f"{'CPU time':22} {(cpu_seconds() - before) / len(files) / (RUNS + 1) * 1000:5.0f} ms a PDF")
        theirs = [rate(files, lambda path: run_poppler(path, folder)) for _ in range(RUNS)]
        report("pdftotext + pdftoppm", theirs)
        print(f"{'ratio':22} {statistics.median(ours) / statistics.median(theirs):5.2f}")


def make_files(folder: Path) -> list[Path]:
    """The articles that are set as PDF, in turn, until there are enough."""
    drafts = [draft for article in load_articles() if not (draft := draft_article(article, LENGTH)).word]
    files = []
    for number in range(FILES):
        files.append(folder / f"{number:02}.pdf")
        draft = drafts[number % len(drafts)]
        if number < len(drafts):
            write_pdf(draft, files[-1])
        else:
            files[-1].write_bytes(files[number - len(drafts)].read_bytes())
    return files


def average_size(files: list[Path]) -> float:
    return statistics.mean(path.stat().st_size for path in files) / 1000


def ingest(sandbox: Sandbox, path: Path, folder: Path) -> int:
    """The pages of a file that was read completely; stops the measurement when one was not."""
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha512")
    pictures = folder / path.stem
    pictures.mkdir(exist_ok=True)
    found = run_pipeline(path, path.name, sandbox=sandbox, pictures_to=pictures)
    if found.flags or not found.preview or not found.guesses.titles or len(found.text.pages) != found.pages:
        raise SystemExit(f"{path.name} was not read: {found.flags}")
    return len(found.text.pages)


def run_poppler(path: Path, folder: Path) -> int:
    subprocess.run(["pdftotext", path, folder / f"{path.stem}.txt"], check=True)
    subprocess.run(["pdftoppm", "-l", "1", "-r", "51", "-jpeg", path, folder / path.stem], check=True)
    return 0


def rate(files: list[Path], work: Callable[[Path], int]) -> float:
    """Files a second."""
    start = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(work, files))
    return len(files) / (time.perf_counter() - start)


def cpu_seconds() -> float:
    """Of this process and of the children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def report(name: str, rates: list[float]) -> None:
    print(f"{name:22} {statistics.median(rates):5.1f} PDFs/s ({min(rates):.1f}–{max(rates):.1f})")


if __name__ == "__main__":
    main()
