"""EPUB 2 and 3: the parts in reading order, the package's metadata, the cover (EPUB 3.3, sections 5 and 6)."""

import io
import posixpath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ingest.flags import Code, Flag
from ingest.readers.archives import Archive, BombError, BrokenError, local_name, open_archive, parse_html, parse_xml
from ingest.readers.documents import LINES, Line, Metadata, Text, clean_line
from ingest.readers.office import limit_text, read_archive
from ingest.stages.context import Context

if TYPE_CHECKING:
    from PIL.Image import Image

BLOCKS = frozenset(
    [
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "tr",
        "br",
        "section",
        "article",
        "blockquote",
        "dt",
        "dd",
        "title",
        "pre",
    ]
)
UNSEEN = frozenset(("script", "style", "head"))


def read_text(context: Context) -> Text:
    """Flags: damaged, bomb, encrypted, too_big_text, active_content."""
    return read_archive(context, _read_text, Text)


def read_metadata(context: Context) -> Metadata:
    return read_archive(context, _read_metadata, Metadata)


def draw_cover(context: Context, _size: int) -> "Image | None":
    """The picture that the package names as its cover; None where it names none or it is broken."""
    from ingest.readers.images import open_picture

    try:
        with open_archive(context.path, context.limits) as archive:
            name = _cover_name(*_package(archive))
            return open_picture(io.BytesIO(archive.read(name)), context.limits.pixels) if name else None
    except (BombError, BrokenError):
        return None


def _package(archive: Archive) -> tuple[Any, str]:
    """The package document and its folder (EPUB OCF 3.3, section 4.2.6.3.1)."""
    container = archive.xml("META-INF/container.xml")
    path = next((file.get("full-path", "") for file in container.iter("{*}rootfile")), "")
    return archive.xml(path), posixpath.dirname(path)


def _manifest(package: Any, folder: str) -> dict[str, tuple[str, Any]]:
    """Names in the archive and elements of the manifest by id."""
    return {
        item.get("id", ""): (posixpath.normpath(posixpath.join(folder, unquote(item.get("href", "")))), item)
        for item in package.iter("{*}item")
    }


def _read_text(archive: Archive, context: Context) -> Text:
    # With rights management the parts are there but cannot be read (EPUB OCF 3.3, section 4.2.6.3.2).
    if "META-INF/rights.xml" in archive.names:
        return Text(flags=(Flag(Code.ENCRYPTED),))
    package, folder = _package(archive)
    manifest = _manifest(package, folder)
    parts, scripted = [], False
    for reference in package.iter("{*}itemref"):
        name, item = manifest.get(reference.get("idref", ""), ("", None))
        if name in archive.names:
            parts.append(_plain(archive.read(name)))
            scripted = scripted or "scripted" in item.get("properties", "").split()
    pages, flags = limit_text(parts, context)
    if scripted:
        flags.append(Flag(Code.ACTIVE_CONTENT))
    lines = (clean_line(line) for part in parts[:3] for line in part.split("\n"))
    return Text(pages, tuple([Line(0, line) for line in lines if line][:LINES]), tuple(flags))


def _plain(content: bytes) -> str:
    """The text of a part as a reader sees it."""
    try:
        root = parse_xml(content)
    except BrokenError:
        root = parse_html(content)
    pieces: list[str] = []
    if root is not None:
        _gather(root, pieces)
    return "\n".join(filter(None, (clean_line(line) for line in "".join(pieces).split("\n"))))


def _gather(root: Any, pieces: list[str]) -> None:
    """Texts in document order with line breaks around blocks; a walk, as hostile parts nest deeply."""
    from lxml import etree

    hidden = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = local_name(element)
        if event == "start":
            hidden += name in UNSEEN
            if name in BLOCKS:
                pieces.append("\n")
            if not hidden and element.text:
                pieces.append(element.text.replace("\n", " "))
        else:
            hidden -= name in UNSEEN
            if name in BLOCKS:
                pieces.append("\n")
            if not hidden and element.tail:
                pieces.append(element.tail.replace("\n", " "))


def _read_metadata(archive: Archive, _context: Context) -> Metadata:
    package, _ = _package(archive)

    def all_of(name: str) -> tuple[str, ...]:
        namespace = "{http://purl.org/dc/elements/1.1/}"
        return tuple(filter(None, (clean_line(each.text or "") for each in package.iter(namespace + name))))

    def first_of(name: str) -> str:
        return next(iter(all_of(name)), "")

    return Metadata(
        title=first_of("title"),
        authors=all_of("creator"),
        subject=first_of("description"),
        keywords=", ".join(all_of("subject")),
        language=first_of("language"),
        identifier=first_of("identifier"),
        producer=first_of("publisher"),
        created=first_of("date")[:10],
    )


def _cover_name(package: Any, folder: str) -> str | None:
    """EPUB 3: the item with the property cover-image; EPUB 2: the item that <meta name="cover"> names."""
    manifest = _manifest(package, folder)
    for name, item in manifest.values():
        if "cover-image" in item.get("properties", "").split():
            return name
    for meta in package.iter("{*}meta"):
        if meta.get("name") == "cover" and meta.get("content") in manifest:
            name, item = manifest[meta.get("content")]
            return name if item.get("media-type", "").startswith("image/") else None
    return None
