"""ODT and ODP: paragraphs, headings and slides (OpenDocument 1.3 part 3)."""

import contextlib
import io
from typing import TYPE_CHECKING, Any

from ingest.flags import Code, Flag
from ingest.readers.archives import Archive, BombError, BrokenError, local_name, open_archive
from ingest.readers.documents import LINES, Line, Metadata, Text, clean_line
from ingest.readers.office import limit_text, read_archive, texts_by_name
from ingest.readers.plain_text import split_pages
from ingest.stages.context import Context
from ingest.stages.kinds import Kind

if TYPE_CHECKING:
    from PIL.Image import Image

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
META = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
THUMBNAIL = "Thumbnails/thumbnail.png"
PARAGRAPHS = (f"{TEXT}p", f"{TEXT}h")


def read_text(context: Context) -> Text:
    """Flags: damaged, bomb, too_big_text, encrypted."""
    return read_archive(context, _read_text, Text)


def read_metadata(context: Context) -> Metadata:
    return read_archive(context, _read_metadata, Metadata)


def draw_cover(context: Context, _size: int) -> "Image | None":
    """The picture of the first page that the standard has programs make on each saving (part 2, section 3.7).

    OOXML has the like, but programs there leave that of their template, which shows another document.
    """
    from ingest.readers.images import open_picture

    try:
        with open_archive(context.path, context.limits) as archive:
            if THUMBNAIL not in archive.names:
                return None
            return open_picture(io.BytesIO(archive.read(THUMBNAIL)), context.limits.pixels)
    except (BombError, BrokenError):
        return None


def _read_text(archive: Archive, context: Context) -> Text:
    # An encrypted part is bytes that are no XML (OpenDocument 1.3 part 2, section 3.4.1).
    if "META-INF/manifest.xml" in archive.names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        return Text(flags=(Flag(Code.ENCRYPTED),))
    root = archive.xml("content.xml")
    if context.kind is Kind.ODP:
        slides = ("\n".join(map(_plain, slide.iter(*PARAGRAPHS))) for slide in root.iter(f"{DRAW}page"))
        pages, flags = limit_text(slides, context)
        return Text(pages, tuple(_slide_lines(pages)), tuple(flags))
    paragraphs = list(root.iter(*PARAGRAPHS))
    pages, flags = limit_text(split_pages("\n".join(map(_plain, paragraphs))), context)
    return Text(pages, tuple(_lines(paragraphs, _styles(archive, root))[:LINES]), tuple(flags))


def _plain(paragraph: Any) -> str:
    """The text of a paragraph with its tabs, breaks and repeated spaces; not of annotations in it."""
    pieces = [paragraph.text or ""]
    for element in paragraph:
        name = local_name(element)
        if name == "s":
            count = element.get(f"{TEXT}c", "1")
            pieces.append(" " * min(int(count), 100) if count.isdecimal() else " ")
        elif name == "tab":
            pieces.append("\t")
        elif name == "line-break":
            pieces.append("\n")
        elif name in ("span", "a", "bookmark-ref", "meta", "ruby", "ruby-base"):
            pieces.append(_plain(element))
        pieces.append(element.tail or "")
    return "".join(pieces)


def _lines(paragraphs: list[Any], styles: dict[str, tuple[float, bool, bool]]) -> list[Line]:
    lines: list[Line] = []
    for paragraph in paragraphs[:LINES]:
        style = paragraph.get(f"{TEXT}style-name", "")
        size, bold, centred = styles.get(style, (0.0, False, False))
        # A paragraph whose only content is one span looks as that span does.
        spans = list(paragraph.iterfind(f"{TEXT}span"))
        if len(spans) == 1 and not (paragraph.text or "").strip():
            inner = styles.get(spans[0].get(f"{TEXT}style-name", ""), (0.0, False, False))
            size, bold = inner[0] or size, inner[1] or bold
        shown = (clean_line(line) for line in _plain(paragraph).split("\n"))
        lines += [Line(0, line, size, bold, centred, 0.0, style) for line in shown if line]
    return lines


def _slide_lines(pages: tuple[str, ...]) -> list[Line]:
    return [Line(0, clean_line(line)) for line in (pages[0].split("\n") if pages else ()) if line.strip()]


def _styles(archive: Archive, content: Any) -> dict[str, tuple[float, bool, bool]]:
    """Size in points, boldness and centring of each style by name, with what it inherits."""
    roots = [content]
    with contextlib.suppress(BrokenError):  # the look is lost, the text counts
        roots.insert(0, archive.xml("styles.xml"))
    found: dict[str, tuple[float, bool, bool]] = {}
    for root in roots:
        for style in root.iter(f"{STYLE}style"):
            size, bold, centred = found.get(style.get(f"{STYLE}parent-style-name", ""), (0.0, False, False))
            text, paragraph = style.find(f"{STYLE}text-properties"), style.find(f"{STYLE}paragraph-properties")
            if text is not None:
                size = _points(text.get(f"{FO}font-size", "")) or size
                bold = text.get(f"{FO}font-weight", "bold" if bold else "") == "bold"
            if paragraph is not None:
                centred = paragraph.get(f"{FO}text-align", "center" if centred else "") == "center"
            found[style.get(f"{STYLE}name", "")] = size, bold, centred
    return found


def _points(size: str) -> float:
    try:
        return float(size.removesuffix("pt")) if size.endswith("pt") else 0.0
    except ValueError:
        return 0.0


def _read_metadata(archive: Archive, context: Context) -> Metadata:
    try:
        root = archive.xml("meta.xml")
    except BrokenError:
        return Metadata()
    found = texts_by_name(root)
    author = found.get("initial-creator", "") or found.get("creator", "")
    return Metadata(
        page_count=_count_pages(archive, root, context),
        title=found.get("title", ""),
        authors=(author,) if author else (),
        subject=found.get("subject", "") or found.get("description", ""),
        keywords=", ".join(clean_line(each.text or "") for each in root.iter("{*}keyword")),
        language=found.get("language", ""),
        producer=found.get("generator", ""),
        created=found.get("creation-date", "")[:10],
        modified=found.get("date", "")[:10],
    )


def _count_pages(archive: Archive, meta: Any, context: Context) -> int | None:
    """The slides, or the pages that the program counted when it saved the text."""
    if context.kind is Kind.ODP:
        return sum(1 for _ in archive.xml("content.xml").iter(f"{DRAW}page"))
    statistic = next(meta.iter(f"{META}document-statistic"), None)
    stated = statistic.get(f"{META}page-count", "") if statistic is not None else ""
    return int(stated) if stated.isdecimal() else None
