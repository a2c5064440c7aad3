"""Hostile and broken files through the whole pipeline: a clear flag for each, nothing stalls, nothing leaks."""

import time
import unicodedata
from pathlib import Path

import pytest

from ingest.flags import Code
from ingest.pipeline import Report, open_sandbox, run_pipeline
from ingest.sandbox import Limits
from ingest.stages.context import ReadLimits
from ingest.stages.kinds import Kind
from tests.articles import make_articles
from tests.ingest import hostile
from tests.ingest.conftest import ReadFile


def codes(report: Report) -> set[Code]:
    return {flag.code for flag in report.flags}


# ---------------------------------------------------------------- what depositors really send


def test_a_zero_byte_file_is_refused(read: ReadFile) -> None:
    report = read(b"", "статья.pdf")
    assert report.refused
    assert codes(report) == {Code.EMPTY}


def test_a_password_keeps_everybody_out(read: ReadFile) -> None:
    report = read(hostile.encrypted_pdf(user="мурас", owner="owner"), "a.pdf")
    assert codes(report) == {Code.ENCRYPTED}
    assert report.kind is Kind.PDF
    assert report.preview is None


def test_a_password_against_printing_only_does_not_stop_reading(read: ReadFile) -> None:
    report = read(hostile.encrypted_pdf(user="", owner="owner"), "a.pdf")
    assert codes(report) == set()
    assert "Tengir-Too" in report.text.pages[0]
    assert report.preview is not None


def test_office_documents_with_a_password(read: ReadFile) -> None:
    manifest = b"<m><encryption-data/></m>"
    odt = {
        "mimetype": b"application/vnd.oasis.opendocument.text",
        "content.xml": b"\x9f\x03",
        "META-INF/manifest.xml": manifest,
    }
    assert Code.ENCRYPTED in codes(read(hostile.archive(odt), "a.odt"))
    wrapped = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000 + "EncryptedPackage".encode("utf-16-le")
    report = read(wrapped, "a.docx")
    assert Code.ENCRYPTED in codes(report)
    assert Code.EXTENSION_MISMATCH not in codes(report)


def test_a_truncated_pdf_is_read_as_far_as_it_goes(read: ReadFile, tmp_path: Path) -> None:
    whole = next(made for made in make_articles(tmp_path) if made.number == 2).path.read_bytes()
    report = read(whole[: len(whole) * 9 // 10], "a.pdf")
    assert codes(report) & {Code.TRUNCATED, Code.DAMAGED_REPAIRED, Code.DAMAGED}
    assert Code.CRASH not in codes(report)


def test_a_pdf_whose_index_is_lost_is_repaired_or_read_without(read: ReadFile) -> None:
    broken = hostile.simple_pdf().replace(b"xref\n", b"xrfe\n").replace(b"startxref", b"startxrfe")
    report = read(broken, "a.pdf")
    assert "Tengir-Too" in report.text.pages[0]


def test_a_truncated_archive_is_damaged(read: ReadFile) -> None:
    whole = hostile.docx_paragraphs("Кыргыз тили", "Экинчи сап")
    report = read(whole[:-40], "a.docx")
    assert codes(report) == {Code.DAMAGED}
    assert report.kind is Kind.DOCX


def test_a_truncated_photograph_says_so(read: ReadFile) -> None:
    report = read(hostile.picture("JPEG", (800, 600))[:-200], "a.jpg")
    assert Code.TRUNCATED in codes(report)


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"just a text", "a.pdf", Kind.TEXT),
        (hostile.simple_pdf(), "a.docx", Kind.PDF),
        (hostile.docx_paragraphs("текст"), "a.pdf", Kind.DOCX),
        (hostile.picture("PNG"), "a.tif", Kind.PNG),
        (b"<html><script>alert(1)</script></html>", "a.jpg", Kind.HTML),
        (b"MZ\x90\0\x03\0\0\0", "a.pdf", Kind.UNKNOWN),
    ],
)
def test_a_wrong_extension_is_told_by_the_content(read: ReadFile, content: bytes, name: str, kind: Kind) -> None:
    report = read(content, name)
    assert report.kind is kind
    mismatch = next(flag for flag in report.flags if flag.code is Code.EXTENSION_MISMATCH)
    assert mismatch.data == {"extension": name[2:], "format": kind.value}
    assert not report.refused


# ---------------------------------------------------------------- bombs


@pytest.mark.parametrize(
    "content",
    [hostile.docx_bomb(300), hostile.lying_docx_bomb(300), hostile.archive_of_many(30_000)],
    ids=["honest", "lying", "many"],
)
def test_archives_that_unpack_to_much_are_refused(read: ReadFile, content: bytes) -> None:
    assert len(content) < 4 << 20
    report = read(content, "a.docx")
    assert report.text.pages == ()
    assert codes(report) & {Code.BOMB, Code.DAMAGED}
    assert Code.MEMORY not in codes(report)


def test_a_bomb_in_a_pdf_stays_in_its_child(read: ReadFile, tmp_path: Path) -> None:
    content = hostile.pdf_bomb(1500)
    assert len(content) < 1 << 20
    report = read(content, "a.pdf")
    assert report.kind is Kind.PDF
    assert codes(report) & {Code.MEMORY, Code.TIMEOUT, Code.CRASH, Code.NO_TEXT_LAYER}


def test_entities_are_not_unfolded(read: ReadFile) -> None:
    report = read(hostile.laughing_docx(), "a.docx")
    assert sum(map(len, report.text.pages)) < 1000


def test_entities_do_not_read_files_of_the_server(read: ReadFile, tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("s3cret")
    report = read(hostile.reading_docx(str(tmp_path / "secret.key")), "a.docx")
    assert "s3cret" not in "".join(report.text.pages)


def test_pictures_that_unpack_to_much_get_no_preview(read: ReadFile) -> None:
    for content, name in ((hostile.png_of_size(90_000, 90_000), "a.png"), (hostile.tiff_bomb(16_000), "a.tif")):
        report = read(content, name)
        assert Code.IMAGE_TOO_LARGE in codes(report)
        assert report.preview is None
        assert report.metadata.width is not None


def test_a_bomb_as_the_cover_of_a_book(read: ReadFile) -> None:
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        '<dc:title>Китеп</dc:title></metadata><manifest><item id="c" href="c.png" properties="cover-image"/>'
        '<item id="t" href="t.xhtml"/></manifest><spine><itemref idref="t"/></spine></package>'
    )
    files = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": b'<container><rootfiles><rootfile full-path="p.opf"/></rootfiles></container>',
        "p.opf": package.encode(),
        "c.png": hostile.png_of_size(90_000, 90_000),
        "t.xhtml": "<html><body><p>Биринчи бөлүм</p></body></html>".encode(),
    }
    report = read(hostile.archive(files), "a.epub")
    assert report.text.pages == ("Биринчи бөлүм",)
    assert report.metadata.title == "Китеп"
    assert report.preview is None


# ---------------------------------------------------------------- structures that never end


@pytest.mark.parametrize(
    "content",
    [
        hostile.pdf_with_loop(),
        hostile.pdf_deeply_nested(200_000),
        hostile.pdf_claiming_pages(2_000_000_000),
        hostile.pdf_claiming_pages(-1),
        hostile.simple_pdf(page=b"/MediaBox [0 0 1e9 1e9]"),
        hostile.simple_pdf(page=b"/MediaBox [0 0 0 0]"),
        hostile.simple_pdf(page=b"/MediaBox [0 0 14400 1]"),
        hostile.simple_pdf(catalog=b"/Outlines 1 0 R /Names 1 0 R /Metadata 4 0 R"),
        b"%PDF-1.7\n" + b"1 0 obj << " * 50_000 + b"%%EOF",
    ],
    ids=["loop", "nested", "billions", "negative", "vast", "nothing", "thin", "crossed", "unclosed"],
)
def test_strange_pdfs_come_back_with_a_report(read: ReadFile, content: bytes) -> None:
    report = read(content, "a.pdf")
    assert report.kind is Kind.PDF
    if report.preview is not None:
        assert max(report.preview.width, report.preview.height) <= 600


def test_more_pages_than_are_read_are_flagged(read: ReadFile) -> None:
    report = read(hostile.pdf_of_pages(300), "a.pdf", limits=ReadLimits(pages=100))
    assert report.pages == 300
    assert len(report.text.pages) == 100
    flag = next(flag for flag in report.flags if flag.code is Code.TOO_MANY_PAGES)
    assert flag.data == {"read": 100, "pages": 300}


def test_more_text_than_is_kept_is_flagged(read: ReadFile) -> None:
    limits = ReadLimits(characters=10_000)
    text = "Мурас ".encode() * 5_000
    for content, name in ((text, "a.txt"), (hostile.docx_paragraphs(*["Мурас " * 50] * 100), "a.docx")):
        report = read(content, name, limits=limits)
        assert Code.TOO_BIG_TEXT in codes(report)
        assert sum(map(len, report.text.pages)) <= 10_000


@pytest.mark.parametrize(
    "line",
    [
        "А. Б. " * 20_000,
        "A. " * 60_000,
        "УДК " + "(1." * 50_000,
        "Asanov Bakyt, " * 20_000,
        "а " * 100_000,
        "10.1234/" + "(" * 99_999,
    ]
    + ["Том 1 " * 30_000, "-" * 200_000, "Аннотация. " * 20_000, "ключевые слова: " + "," * 100_000, "IVX" * 60_000],
)
def test_no_line_makes_the_guessing_slow(read: ReadFile, line: str) -> None:
    """Patterns that backtrack would take hours here; the sandbox would end them, but nobody should wait."""
    report = read(f"{line}\n{line}".encode(), "a.txt")
    assert codes(report) == set()


# ---------------------------------------------------------------- scripts


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"<!doctype html><p onclick='x()'>a", "a.html", Kind.HTML),
        (b"<html><body><script src=x></script>", "a.html", Kind.HTML),
        (
            b"<?xml version='1.0'?><!-- x --><svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>",
            "a.svg",
            Kind.SVG,
        ),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg", Kind.SVG),
        ("<html><script>x</script></html>".encode("utf-16"), "a.html", Kind.HTML),
        (hostile.simple_pdf(catalog=b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "a.pdf", Kind.PDF),
        (hostile.simple_pdf(catalog=b"/OpenAction << /S /Launch /F (cmd.exe) >>"), "a.pdf", Kind.PDF),
    ],
)
def test_scripts_are_flagged(read: ReadFile, content: bytes, name: str, kind: Kind) -> None:
    report = read(content, name)
    assert report.kind is kind
    assert Code.ACTIVE_CONTENT in codes(report)
    assert Code.EXTENSION_MISMATCH not in codes(report)


def test_a_quiet_page_is_not_accused(read: ReadFile) -> None:
    assert Code.ACTIVE_CONTENT not in codes(read(b"<!doctype html><title>a</title><p>Some text on one line.", "a.html"))


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.txt",
        "a\0b.txt",
        unicodedata.normalize("NFD", "Йүзйогйёй.txt"),
        "ж" * 126 + ".txt",
        "a" * 251 + ".txt",
        "",
        ".",
        "\u202egnp.txt",
        "строка\nдва.txt",
        "C:\\papers\\a.txt",
    ],
)
def test_names_are_only_looked_at(read: ReadFile, tmp_path: Path, name: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes("Кыргыз тили".encode())
    before = set(tmp_path.iterdir())
    report = read(path, name)
    assert report.kind is Kind.TEXT
    assert report.text.pages == ("Кыргыз тили",)
    assert set(tmp_path.iterdir()) == before


# ---------------------------------------------------------------- limits of the sandbox


def test_a_file_beyond_the_limits_leaves_the_others_alone(tmp_path: Path) -> None:
    """With a child that has a second for each task: the bomb is stopped, the next file is read."""
    bomb, good = tmp_path / "bomb.pdf", tmp_path / "good.pdf"
    bomb.write_bytes(hostile.pdf_bomb(600))
    good.write_bytes(hostile.simple_pdf())
    with open_sandbox(workers=1, limits=Limits(cpu=1, wall=3, memory=700 << 20)) as sandbox:
        started = time.monotonic()
        stopped = run_pipeline(bomb, "bomb.pdf", sandbox=sandbox, pictures_to=tmp_path)
        assert codes(stopped) & {Code.TIMEOUT, Code.MEMORY, Code.CRASH}
        assert time.monotonic() - started < 120
        assert "Tengir-Too" in run_pipeline(good, "good.pdf", sandbox=sandbox, pictures_to=tmp_path).text.pages[0]
