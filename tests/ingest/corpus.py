"""The real files, sent through the pipeline once, and what became of them as the table in `docs/`.

python -m tests.ingest.corpus     write docs/ingest-outcomes.md anew
"""

import os
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ingest.pipeline import Report, open_sandbox, run_pipeline
from ingest.stages.kinds import IMAGES, Kind

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "ingest-outcomes.md"
FOLDERS = ("1-pdf", "2-office", "3-scans")


@dataclass(frozen=True)
class Outcome:
    """A real file by its path below the folder of real files, and its report."""

    name: str
    path: Path
    report: Report

    @property
    def folder(self) -> str:
        return self.name.partition("/")[0]


def run_corpus(data: Path, pictures: Path) -> list[Outcome]:
    """Every file of the three folders through the pipeline, two at a time."""
    files = sorted(path for folder in FOLDERS for path in (data / folder).rglob("*") if path.is_file())

    def run(numbered: tuple[int, Path]) -> Outcome:
        number, path = numbered
        folder = pictures / str(number)
        folder.mkdir()
        report = run_pipeline(path, path.name, sandbox=sandbox, pictures_to=folder)
        return Outcome(path.relative_to(data).as_posix(), path, report)

    with open_sandbox(workers=2) as sandbox, ThreadPoolExecutor(2) as threads:
        return list(threads.map(run, enumerate(files)))


HEAD = """# What becomes of real files

Each of the {files} real files that the tests use (MURAS_TEST_DATA; PDFs, office documents, e-books, DjVu, plain
text, scans) goes through the ingest pipeline: identified, text and properties read, first page drawn, in child
processes with limits. None crashes, stalls or exceeds a limit. A test compares this page with what happens;
`python -m tests.ingest.corpus` writes it anew.

"Text" counts the files in which text was found, "pages" those whose pages (slides, pictures) were counted,
"preview" those of which a picture was made. DOCX and PPTX have no preview: nothing here sets their pages.

## By kind

| files | kind | number | text | pages | preview | flagged |
|---|---|--:|--:|--:|--:|--:|
"""

FLAGS = """
## By flag

What depositors read for each flag is in `ingest/messages.py`. A flag is no refusal unless it says so.

| flag | number | of which |
|---|--:|---|
"""


def describe_outcomes(outcomes: list[Outcome]) -> str:
    """The page, in Markdown."""
    lines = [HEAD.format(files=len(outcomes))]
    for folder, kind in sorted({(each.folder, each.report.kind) for each in outcomes}):
        chosen = [each.report for each in outcomes if (each.folder, each.report.kind) == (folder, kind)]
        lines.append(f"| {folder} | {kind.value} | {' | '.join(map(str, _count(kind, chosen)))} |\n")
    lines.append(FLAGS)
    flags = Counter((flag.code.value, each.report.kind.value) for each in outcomes for flag in each.report.flags)
    for code in sorted({code for code, _ in flags}):
        kinds = {kind: number for (of, kind), number in flags.items() if of == code}
        told = ", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items()))
        lines.append(f"| {code} | {sum(kinds.values())} | {told} |\n")
    return "".join(lines)


def _count(kind: Kind, reports: Iterable[Report]) -> tuple[int | str, ...]:
    reports = list(reports)
    text = sum(any(page.strip() for page in report.text.pages) for report in reports)
    return (
        len(reports),
        "–" if kind in IMAGES else text,
        sum(report.pages is not None for report in reports),
        sum(report.preview is not None for report in reports),
        sum(bool(report.flags) for report in reports),
    )


def main() -> None:
    data = Path(os.environ.get("MURAS_TEST_DATA", ROOT / "../shared/data")).resolve()
    with tempfile.TemporaryDirectory() as pictures:
        DOCUMENT.write_text(describe_outcomes(run_corpus(data, Path(pictures))))


if __name__ == "__main__":
    main()
