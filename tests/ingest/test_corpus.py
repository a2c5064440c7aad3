"""Every real file through the pipeline, once; what is known of them beforehand must come out."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from ingest.flags import Code
from ingest.stages.kinds import IMAGES, Kind
from tests.ingest.corpus import DOCUMENT, FOLDERS, Outcome, describe_outcomes, run_corpus

ENOUGH = 0.95
"""Share of the PDFs that others read which have to be read here."""
WORD = re.compile(r"[^\W\d_]{4,}")


@pytest.fixture(scope="session")
def outcomes(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    return run_corpus(real_data, tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="session")
def pdfs(outcomes: list[Outcome]) -> list[Outcome]:
    return [each for each in outcomes if each.path.suffix == ".pdf"]


def test_every_file_comes_back_and_none_exceeds_a_limit(outcomes: list[Outcome], real_data: Path) -> None:
    expected = sum(path.is_file() for folder in FOLDERS for path in (real_data / folder).rglob("*"))
    assert len(outcomes) == expected > 600
    limits = {Code.TIMEOUT, Code.MEMORY, Code.CRASH, Code.TOO_BIG_TEXT, Code.TOO_MANY_PAGES}
    assert [each.name for each in outcomes if limits & {flag.code for flag in each.report.flags}] == []
    assert [each.name for each in outcomes if each.report.refused] == []


def test_the_table_in_the_documentation_is_true(outcomes: list[Outcome]) -> None:
    assert DOCUMENT.read_text() == describe_outcomes(outcomes), "write it anew: python -m tests.ingest.corpus"


# ---------------------------------------------------------------- what the descriptions of the files say


def described(real_data: Path) -> dict[str, str]:
    """What README.md says of each file, by its path."""
    readme = (real_data / "README.md").read_text()
    lines = re.findall(r"^- `([^`]+)` \d+ B : (.*)$", readme, re.M)
    return {name: said for name, said in lines if name.startswith(FOLDERS)}


def test_pages_match_the_description(pdfs: list[Outcome], real_data: Path) -> None:
    said_of = described(real_data)
    pages = {each.name: re.search(r"; (\d+)p", said_of[each.name]) for each in pdfs}
    expected = {name: int(found[1]) for name, found in pages.items() if found}
    assert len(expected) > 190
    assert {each.name: each.report.pages for each in pdfs if each.name in expected} == expected


def test_titles_match_the_description(pdfs: list[Outcome], real_data: Path) -> None:
    """Its "title" says that there is an entry; what stands in it, and that it is not blank, poppler says."""
    if shutil.which("pdfinfo") is None:
        pytest.skip("pdfinfo is not installed (Debian: poppler-utils)")
    said_of = described(real_data)
    titled = [each for each in pdfs if said_of[each.name].endswith(", title")]
    assert len(titled) > 25
    for each in titled:
        told = subprocess.run(["pdfinfo", each.path], capture_output=True, check=True).stdout.decode().replace("\0", "")
        title = re.search(r"^Title:[ \t]*(.*)$", told, re.M)
        assert each.report.metadata.title == (" ".join(title[1].split()) if title else ""), each.name


def test_the_samples_of_pypdf_are_what_their_list_says(pdfs: list[Outcome], real_data: Path) -> None:
    folder = "1-pdf/py-pdf__sample-files/"
    listed = {entry["path"]: entry for entry in json.loads((real_data / folder / "files.json").read_text())["data"]}
    compared = 0
    for each in pdfs:
        entry = listed.get(each.name.removeprefix(folder))
        if entry is None:
            continue
        compared += 1
        codes = {flag.code for flag in each.report.flags}
        assert (Code.ENCRYPTED in codes) == entry["encrypted"], each.name
        if entry["encrypted"]:
            continue
        assert each.report.pages == entry["pages"], each.name
        if entry.get("creation_date") and each.report.metadata.created:
            assert entry["creation_date"].startswith(each.report.metadata.created), each.name
    assert compared >= 25


def test_the_version_of_a_pdf_is_identified(pdfs: list[Outcome], real_data: Path) -> None:
    said_of = described(real_data)
    for each in pdfs:
        assert each.report.kind is Kind.PDF, each.name
        assert each.report.puid is not None, each.name
        version = re.search(r"version (\d\.\d)", said_of[each.name])
        plain = re.match(r"Acrobat PDF (\d\.\d)", each.report.format_name or "")
        if version and plain:
            assert plain[1] == version[1], each.name


def test_texts_and_transcriptions_are_read_as_they_are(outcomes: list[Outcome]) -> None:
    compared = 0
    for each in outcomes:
        if each.path.suffix in (".txt", ".md", ".dic", ".csv") and each.report.text.encoding in ("utf-8", "utf-8-sig"):
            compared += 1
            expected = " ".join(each.path.read_text("utf-8-sig").split())
            assert " ".join("".join(each.report.text.pages).split()) == expected, each.name
    assert compared > 50


@pytest.mark.parametrize(
    ("ending", "encoding", "words"),
    [
        ("russian.cp866.txt", "cp866", "медленно в гору"),
        ("debian-irussian/russian.mwl", "koi8-r", "ящеричный"),
        ("hyph_ru_RU.dic", "utf-8", "чья"),
        ("test.txt", "utf-8-sig", "Emergency Broadcast"),
    ],
)
def test_encodings_are_told_apart(outcomes: list[Outcome], ending: str, encoding: str, words: str) -> None:
    each = next(each for each in outcomes if each.name.endswith(ending))
    assert each.report.text.encoding == encoding
    assert words in "".join(each.report.text.pages)


# ---------------------------------------------------------------- compared with other readers


def test_nearly_all_pdfs_that_others_read_are_read(pdfs: list[Outcome]) -> None:
    if shutil.which("pdfinfo") is None or shutil.which("qpdf") is None:
        pytest.skip("pdfinfo and qpdf are not installed (Debian: poppler-utils, qpdf)")
    read_by_others = [each for each in pdfs if _runs("pdfinfo", each.path) or _runs("qpdf", "--check", each.path)]
    unread = [each.name for each in read_by_others if each.report.pages is None]
    assert len(read_by_others) > 190
    assert len(unread) <= (1 - ENOUGH) * len(read_by_others), unread


def test_the_words_that_poppler_finds_are_found(pdfs: list[Outcome]) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed (Debian: poppler-utils)")
    compared, poor = 0, []
    for each in pdfs:
        done = subprocess.run(["pdftotext", each.path, "-"], capture_output=True, check=False)
        words = set(WORD.findall(done.stdout.decode(errors="replace").lower()))
        if len(words) < 20:
            continue
        compared += 1
        # Words that are divided at a line's end are joined here, and not by poppler.
        ours = set(WORD.findall("\n".join(each.report.text.pages).lower()))
        if len(words & ours) < 0.9 * len(words):
            poor.append((each.name, len(words & ours) / len(words)))
    assert compared > 20
    assert len(poor) <= (1 - ENOUGH) * compared, poor


def _runs(*command: str | Path) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


# ---------------------------------------------------------------- pictures


def test_pictures_are_measured_and_drawn(outcomes: list[Outcome]) -> None:
    images = [each for each in outcomes if each.report.kind in IMAGES]
    assert len(images) > 120
    for each in images:
        damaged = {flag.code for flag in each.report.flags} & {Code.DAMAGED, Code.NO_PREVIEW}
        assert (each.report.preview is None) == bool(damaged), each.name
        if each.report.preview is None:
            continue
        with Image.open(each.report.preview.path) as preview:
            assert preview.format == "JPEG"
            assert preview.size == (each.report.preview.width, each.report.preview.height), each.name
            assert preview.width <= 400 and preview.height <= 600, each.name
            assert not preview.getexif() and "icc_profile" not in preview.info, each.name
        assert each.report.metadata.width and each.report.metadata.height
        # Upright and undistorted; very thin lines of text are at least a pixel high.
        ratio = each.report.metadata.width / each.report.metadata.height
        assert each.report.preview.height == pytest.approx(each.report.preview.width / ratio, abs=1.01), each.name


@pytest.mark.parametrize("pattern", [r"Landscape_\d\.jpg", r"g4_orientation_\d\.tif"])
def test_turned_pictures_look_the_same_upright(outcomes: list[Outcome], pattern: str) -> None:
    previews = [each.report.preview for each in outcomes if re.fullmatch(pattern, each.path.name)]
    assert len(previews) >= 7
    first = previews[0]
    assert first is not None
    for preview in previews:
        assert preview is not None
        with Image.open(first.path) as one, Image.open(preview.path) as other:
            difference = ImageChops.difference(one.convert("L"), other.convert("L"))
            assert ImageStat.Stat(difference).mean[0] < 12, preview.path


def test_djvu_books_give_pages_text_and_a_preview(outcomes: list[Outcome]) -> None:
    if shutil.which("djvutxt") is None:
        pytest.skip("djvutxt is not installed (Debian: djvulibre-bin)")
    book = next(each.report for each in outcomes if each.name.endswith("DjVu3Spec_bundled.djvu"))
    assert book.pages == 71
    assert len(book.text.pages) == 71
    assert "DjVu" in book.text.pages[0]
    assert book.preview is not None
    # Its pages lie beside it here, but a depositor's list of files is not followed.
    index = next(each.report for each in outcomes if each.name.endswith("DjVu3Spec_indirect/index.djvu"))
    assert [flag.code for flag in index.flags] == [Code.INCOMPLETE]
