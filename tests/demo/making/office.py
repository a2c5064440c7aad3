"""Documents of word processors, slides and e-books: as small as the formats allow, and complete."""

import datetime
import zipfile
from html import escape
from pathlib import Path

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from tests.demo.making import slides
from tests.demo.making.text import Block, Document

MADE = datetime.datetime(2026, 9, 1, 9, 0)
"""When the files say that they were made: the same whenever they are made again."""


def write_docx(document: Document, path: Path) -> None:
    written = docx.Document()
    properties = written.core_properties
    properties.title, properties.author, properties.language = document.title, document.author, document.language
    properties.created = properties.modified = MADE
    properties.comments = ""
    for block in document.blocks:
        _add_to_docx(written, block)
    written.save(str(path))
    _without_times(path)


def _add_to_docx(written: "docx.document.Document", block: Block) -> None:
    if block.kind == "page":
        written.add_page_break()
    elif block.kind == "heading":
        written.add_heading(block.text, 1).alignment = WD_ALIGN_PARAGRAPH.CENTER
    elif block.kind == "subheading":
        written.add_heading(block.text, 2)
    else:
        paragraph = written.add_paragraph(style="List Bullet" if block.kind == "item" else None)
        run = paragraph.add_run(block.text)
        if block.kind == "centre":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif block.kind == "small":
            run.font.size = Pt(9)


def _without_times(path: Path) -> None:
    """Pack an archive again with the same time in each entry."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    write_archive(path, files)


def write_archive(path: Path, files: dict[str, bytes | str], stored: str = "") -> None:
    """A zip with these entries in this order; the one named by `stored` is not packed (ODF 1.3, 3.3; OCF 3.3)."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, MADE.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_STORED if name == stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)


# ---------------------------------------------------------------- ODT

ODF = "urn:oasis:names:tc:opendocument:xmlns:"
ODT_NAMES = (
    f'xmlns:office="{ODF}office:1.0" xmlns:text="{ODF}text:1.0" xmlns:style="{ODF}style:1.0" '
    f'xmlns:fo="{ODF}xsl-fo-compatible:1.0" xmlns:meta="{ODF}meta:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'office:version="1.3"'
)
ODT_STYLES = (
    '<style:style style:name="centre" style:family="paragraph"><style:paragraph-properties fo:text-align="center"/>'
    '</style:style><style:style style:name="new" style:family="paragraph"><style:paragraph-properties '
    'fo:break-before="page"/></style:style>'
)


def write_odt(document: Document, path: Path) -> None:
    body = "".join(_odt_block(block) for block in document.blocks)
    content = (
        f"<office:document-content {ODT_NAMES}><office:automatic-styles>{ODT_STYLES}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    meta = (
        f"<office:document-meta {ODT_NAMES}><office:meta><dc:title>{escape(document.title)}</dc:title>"
        f"<meta:initial-creator>{escape(document.author)}</meta:initial-creator><dc:creator>{escape(document.author)}"
        f"</dc:creator><dc:language>{document.language}</dc:language><dc:date>{MADE.isoformat()}</dc:date>"
        "</office:meta></office:document-meta>"
    )
    kind = "application/vnd.oasis.opendocument.text"
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{media}"/>'
        for name, media in (("/", kind), ("content.xml", "text/xml"), ("meta.xml", "text/xml"))
    )
    manifest = f'<manifest:manifest xmlns:manifest="{ODF}manifest:1.0" manifest:version="1.3">{entries}'
    files: dict[str, bytes | str] = {
        "mimetype": kind,
        "content.xml": _xml(content),
        "meta.xml": _xml(meta),
        "META-INF/manifest.xml": _xml(manifest + "</manifest:manifest>"),
    }
    write_archive(path, files, stored="mimetype")


def _odt_block(block: Block) -> str:
    if block.kind == "page":
        return '<text:p text:style-name="new"/>'
    if block.kind in ("heading", "subheading"):
        level = 1 if block.kind == "heading" else 2
        return f'<text:h text:outline-level="{level}">{escape(block.text)}</text:h>'
    style = ' text:style-name="centre"' if block.kind == "centre" else ""
    return f"<text:p{style}>{escape(block.text)}</text:p>"


# ---------------------------------------------------------------- PPTX


def write_pptx(document: Document, path: Path) -> None:
    write_archive(path, slides.parts(document))


# ---------------------------------------------------------------- EPUB


def write_epub(document: Document, path: Path) -> None:
    """EPUB 3.3: a chapter for each page of the text."""
    chapters = {f"chapter-{n}": page for n, page in enumerate(document.pages, start=1)}
    titles = {name: next((b.text for b in page if b.kind == "heading"), name) for name, page in chapters.items()}
    listed = "".join(f'<li><a href="{name}.xhtml">{escape(title)}</a></li>' for name, title in titles.items())
    nav = f'<nav epub:type="toc"><ol>{listed}</ol></nav>'
    container = (
        '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    files: dict[str, bytes | str] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": _xml(container),
        "book/package.opf": _xml(_package(document, list(chapters))),
        "book/nav.xhtml": _xhtml(document, document.title, nav),
    }
    for name, page in chapters.items():
        files[f"book/{name}.xhtml"] = _xhtml(document, titles[name], "".join(map(_html_block, page)))
    write_archive(path, files, stored="mimetype")


def _package(document: Document, chapters: list[str]) -> str:
    manifest = "".join(f'<item id="{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in chapters)
    spine = "".join(f'<itemref idref="{name}"/>' for name in chapters)
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:isbn:{document.properties.get("isbn", "")}</dc:identifier>'
        f"<dc:title>{escape(document.title)}</dc:title><dc:creator>{escape(document.author)}</dc:creator>"
        f'<dc:language>{document.language}</dc:language><meta property="dcterms:modified">{MADE.isoformat()}Z</meta>'
        '</metadata><manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        f"{manifest}</manifest><spine>{spine}</spine></package>"
    )


def _xhtml(document: Document, title: str, body: str) -> str:
    lang = document.language
    return _xml(
        f'<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="{lang}" '
        f'xml:lang="{lang}"><head><title>{escape(title)}</title></head><body>{body}</body></html>'
    )


def _html_block(block: Block) -> str:
    tag = {"heading": "h1", "subheading": "h2"}.get(block.kind, "p")
    return f"<{tag}>{escape(block.text)}</{tag}>"


def _xml(text: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'
