"""What the readers make of documents that are made here: text, properties, order, look, pictures."""

import io
from pathlib import Path

import docx
import pytest
from PIL import Image, ImageCms

from ingest.flags import Code
from ingest.pipeline import Report
from ingest.stages.kinds import Kind
from tests.ingest import hostile
from tests.ingest.conftest import ReadFile

OFFICE = 'xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
TEXT = 'xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
DRAW = 'xmlns:d="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


# ---------------------------------------------------------------- DOCX


def word_document() -> bytes:
    document = docx.Document()
    document.core_properties.title = "Мурас жөнүндө"
    document.core_properties.author = "Асанов Бакыт; Ли Сергей"
    document.core_properties.language = "ky"
    document.add_paragraph("Башкы аталыш", style="Title")
    document.add_paragraph("Биринчи сап\nэкинчи сап")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "сол", "оң"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_word_document_is_read_in_order(read: ReadFile) -> None:
    report = read(word_document(), "a.docx")
    assert (report.kind, report.puid) == (Kind.DOCX, "fmt/412")
    assert report.text.pages == ("Башкы аталыш\nБиринчи сап\nэкинчи сап\nсол\nоң",)
    assert report.text.lines[0].style == "Title"
    assert report.text.lines[0].size > report.text.lines[1].size
    assert report.metadata.title == "Мурас жөнүндө"
    assert report.metadata.authors == ("Асанов Бакыт", "Ли Сергей")
    assert report.metadata.language == "ky"
    assert report.preview is None


def test_what_a_reader_does_not_see_is_left_out(read: ReadFile) -> None:
    body = (
        "<w:p><w:r><w:t>көрүнөт</w:t></w:r><w:del><w:r><w:delText>өчүрүлдү</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t> кошулду</w:t></w:r></w:ins><w:r><w:instrText>HYPERLINK x</w:instrText></w:r></w:p>"
    )
    notes = (
        f"<w:footnotes {hostile.WORD}><w:footnote><w:p><w:r><w:t>эскертүү</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    report = read(hostile.docx(body, **{"word/footnotes.xml": notes.encode()}), "a.docx")
    assert report.text.pages == ("көрүнөт кошулду\nэскертүү",)


def test_a_document_without_a_word_says_so(read: ReadFile) -> None:
    report = read(hostile.docx("<w:p/>"), "a.docx")
    assert [flag.code for flag in report.flags] == [Code.NO_TEXT_LAYER]


# ---------------------------------------------------------------- OpenDocument, slides, EPUB


def opendocument(kind: str, content: str, meta: str = "") -> bytes:
    return hostile.archive(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(),
            "content.xml": f'<o:root {OFFICE} {TEXT} {DRAW} o:version="1.3">{content}</o:root>'.encode(),
            "meta.xml": f'<m xmlns:dc="http://purl.org/dc/elements/1.1/">{meta}</m>'.encode(),
            "Thumbnails/thumbnail.png": hostile.picture("PNG", (200, 280)),
        }
    )


def test_an_opendocument_text(read: ReadFile) -> None:
    content = '<t:h>Аталыш</t:h><t:p>бир<t:s t:c="2"/>эки<t:line-break/><t:span>үч</t:span></t:p>'
    report = read(
        opendocument("text", content, "<dc:title>Мурас</dc:title><dc:creator>Асанов Б.</dc:creator>"), "a.odt"
    )
    assert (report.kind, report.puid) == (Kind.ODT, "fmt/1756")
    assert report.text.pages == ("Аталыш\nбир  эки\nүч",)
    assert (report.metadata.title, report.metadata.authors) == ("Мурас", ("Асанов Б.",))
    assert report.preview is not None
    assert (report.preview.width, report.preview.height) == (200, 280)


def test_an_opendocument_presentation_has_a_page_a_slide(read: ReadFile) -> None:
    content = "<d:page><t:p>Биринчи</t:p></d:page><d:page><t:p>Экинчи</t:p></d:page>"
    report = read(opendocument("presentation", content), "a.odp")
    assert report.kind is Kind.ODP
    assert (report.pages, report.text.pages) == (2, ("Биринчи", "Экинчи"))


def test_slides_come_in_the_order_of_the_presentation(read: ReadFile) -> None:
    def slide(text: str) -> bytes:
        shape = f'<p:sp><p:nvPr><p:ph type="title"/></p:nvPr><a:p><a:t>{text}</a:t></a:p></p:sp>'
        return f"<p:sld {P} {A}>{shape}</p:sld>".encode()

    relations = "".join(f'<Relationship Id="r{n}" Target="slides/slide{n}.xml"/>' for n in (1, 2, 3))
    order = "".join(f'<p:sldId r:id="r{n}"/>' for n in (2, 1, 3))
    files = {
        "[Content_Types].xml": hostile.CONTENT_TYPES,
        "ppt/presentation.xml": f"<p:presentation {P} {R}>{order}</p:presentation>".encode(),
        "ppt/_rels/presentation.xml.rels": f"<Relationships>{relations}</Relationships>".encode(),
        "ppt/slides/slide1.xml": slide("экинчи"),
        "ppt/slides/slide2.xml": slide("биринчи"),
    }
    report = read(hostile.archive(files), "a.pptx")
    assert (report.kind, report.puid) == (Kind.PPTX, "fmt/215")
    assert (report.pages, report.text.pages) == (2, ("биринчи", "экинчи"))
    assert report.guesses.titles == () or report.guesses.titles[0].value == "биринчи"


def epub(part: str, **files: bytes) -> bytes:
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        "<dc:title>Манас</dc:title><dc:creator>Элдик</dc:creator><dc:language>ky</dc:language></metadata><manifest>"
        '<item id="b" href="text/b%20.xhtml"/><item id="a" href="text/a.xhtml"/>'
        '<item id="c" href="cover.jpg" properties="cover-image"/>'
        '</manifest><spine><itemref idref="b"/><itemref idref="a"/></spine></package>'
    )
    return hostile.archive(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": b'<container><rootfile full-path="OPS/p.opf"/></container>',
            "OPS/p.opf": package.encode(),
            "OPS/text/b .xhtml": part.encode(),
            "OPS/text/a.xhtml": "<html><body><p>экинчи<br/>бөлүм".encode(),
            "OPS/cover.jpg": hostile.picture("JPEG", (300, 450)),
            **files,
        }
    )


def test_an_epub_is_read_along_its_spine(read: ReadFile) -> None:
    head = "<head><title>x</title><style>p{}</style></head>"
    part = f"<html>{head}<body><h1>Биринчи</h1><script>алдамчы()</script><p>бир\nэки</p></body></html>"
    report = read(epub(part), "a.epub")
    assert (report.kind, report.puid) == (Kind.EPUB, "fmt/483")
    assert report.text.pages == ("Биринчи\nбир эки", "экинчи\nбөлүм")
    assert (report.metadata.title, report.metadata.language) == ("Манас", "ky")
    assert report.preview is not None
    assert (report.preview.width, report.preview.height) == (300, 450)


def test_an_epub_with_rights_management_is_locked(read: ReadFile) -> None:
    report = read(epub("<html/>", **{"META-INF/rights.xml": b"<rights/>"}), "a.epub")
    assert Code.ENCRYPTED in {flag.code for flag in report.flags}


# ---------------------------------------------------------------- plain text

KYRGYZ = "Кыргыз Республикасынын китепканалары — элдин мурасы. Өлкөнүн маданий байлыгын сактоо үчүн түзүлгөн."
RUSSIAN = "Библиотеки Киргизии хранят рукописи и редкие книги на разных языках. Каталог доступен всем читателям."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "kz1048", "ptcp154"])
def test_kyrgyz_text_in_each_encoding_that_has_its_letters(read: ReadFile, encoding: str) -> None:
    report = read(KYRGYZ.encode(encoding), "a.txt")
    assert report.text.pages == (KYRGYZ,)
    assert report.language == "ky"


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic", "utf-8"])
@pytest.mark.parametrize("text", [RUSSIAN, RUSSIAN.upper(), "Мурас", RUSSIAN[:40] + "\r\nplain English here\r\n" * 50])
def test_russian_text_in_each_encoding(read: ReadFile, encoding: str, text: str) -> None:
    assert "".join(read(text.encode(encoding), "a.txt").text.pages) == text.replace("\r\n", "\n")


def test_western_text_is_not_taken_for_cyrillic(read: ReadFile) -> None:
    text = "Café déjà vu, naïve façade; Bücher über Österreich."
    assert read(text.encode("cp1252"), "a.txt").text.pages == (text,)


def test_a_long_text_has_pages_for_the_search_to_name(read: ReadFile) -> None:
    report = read(("Сап ушул жерде бүтөт.\n" * 1000).encode(), "a.txt")
    assert len(report.text.pages) > 5
    assert all(page.endswith("\n") for page in report.text.pages)
    assert read("бир\fэки\f".encode(), "a.txt").text.pages == ("бир", "эки")


# ---------------------------------------------------------------- PDF and pictures


def test_words_that_the_line_divides_are_joined(read: ReadFile) -> None:
    content = b"BT /F 12 Tf 72 720 Td (The hydro-) Tj 0 -14 Td (energetics of rivers) Tj ET"
    report = read(hostile.pdf_page(hostile.stream(content)), "a.pdf")
    assert "hydroenergetics" in report.text.pages[0]


def preview_of(report: Report) -> Image.Image:
    assert report.preview is not None
    with Image.open(report.preview.path) as image:
        return image.convert("RGB")


def test_a_picture_is_shown_in_srgb(read: ReadFile, tmp_path: Path) -> None:
    """The same numbers in another profile are another colour."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    for profile in (None, lab.tobytes()):
        out = io.BytesIO()
        Image.new("RGB", (50, 50), (200, 30, 30)).save(out, "PNG", icc_profile=profile)
        pixel = preview_of(read(out.getvalue(), "a.png")).getpixel((25, 25))
        assert isinstance(pixel, tuple)
        assert all(abs(have - want) < 8 for have, want in zip(pixel, (200, 30, 30), strict=True))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_kind_of_pixel_is_shown(read: ReadFile, mode: str) -> None:
    out = io.BytesIO()
    Image.linear_gradient("L").convert(mode if mode != "I;16" else "I").convert(mode).save(out, "TIFF")
    report = read(out.getvalue(), "a.tif")
    image = preview_of(report).convert("L")
    assert image.size == (256, 256)
    low, high = image.getextrema()
    assert isinstance(low, int) and isinstance(high, int)
    assert high - low > 150


def test_transparent_parts_lie_on_white_paper(read: ReadFile) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(out, "PNG")
    assert preview_of(read(out.getvalue(), "a.png")).getpixel((20, 20)) == (255, 255, 255)


def test_a_small_picture_is_not_enlarged(read: ReadFile) -> None:
    report = read(hostile.picture("PNG", (30, 20)), "a.png")
    assert report.preview is not None and report.thumbnail is not None
    assert (report.preview.width, report.thumbnail.width) == (30, 30)
