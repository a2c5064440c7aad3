"""What a file is, by its content; its name is only compared with that.

A look at the first bytes tells the kind, which chooses the reader; PRONOM's signatures then tell the exact
version, within the formats of that kind.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from ingest.flags import Code, Flag
from ingest.stages import signatures
from ingest.stages.context import Context
from ingest.stages.kinds import FORMATS, Kind


@dataclass(frozen=True)
class Identity:
    """`puid` and `name` are PRONOM's, or None where it has no match; `mime` is what the file is served as."""

    kind: Kind
    mime: str
    puid: str | None
    name: str | None
    flags: tuple[Flag, ...]


MAGIC = (
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"II*\0", Kind.TIFF),
    (b"MM\0*", Kind.TIFF),
    (b"II+\0", Kind.TIFF),
    (b"MM\0+", Kind.TIFF),
    (b"\0\0\0\x0cjP  \r\n\x87\n", Kind.JPEG2000),
    (b"GIF8", Kind.GIF),
    (b"{\\rtf", Kind.RTF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OLE),
)

CONTAINED = {
    b"application/epub+zip": Kind.EPUB,
    b"application/vnd.oasis.opendocument.text": Kind.ODT,
    b"application/vnd.oasis.opendocument.presentation": Kind.ODP,
    b"application/vnd.oasis.opendocument.spreadsheet": Kind.ODS,
}
"""By the content of `mimetype` (EPUB OCF 3.3 section 4.3.3, OpenDocument 1.3 part 2 section 3.3)."""

MAIN_PARTS = {"word/document.xml": Kind.DOCX, "ppt/presentation.xml": Kind.PPTX, "xl/workbook.xml": Kind.XLSX}
ODF_PUIDS = {
    Kind.ODT: {"1.0": "fmt/136", "1.1": "fmt/290", "1.2": "fmt/291", "1.3": "fmt/1756"},
    Kind.ODP: {"1.0": "fmt/138", "1.1": "fmt/292", "1.2": "fmt/293", "1.3": "fmt/1754"},
    Kind.ODS: {"1.0": "fmt/137", "1.1": "fmt/294", "1.2": "fmt/295", "1.3": "fmt/1755"},
}
SCRIPT = re.compile(rb"<script\b|\bon[a-z]{3,20}\s*=|javascript:|<foreignObject\b|<iframe\b|<object\b|<embed\b", re.I)
# An OOXML document with a password is wrapped in the older container (MS-OFFCRYPTO, section 2.3.4.4).
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
WORD_STREAM = "WordDocument".encode("utf-16-le")


def identify(context: Context) -> Identity:
    """Tell what `context.path` is. Flags: empty, bomb, extension_mismatch, active_content, truncated."""
    size = context.path.stat().st_size
    head, tail = _ends(context.path, size)
    if not size:
        return Identity(Kind.UNKNOWN, FORMATS[Kind.UNKNOWN].mime, None, None, (Flag(Code.EMPTY),))
    flags: list[Flag] = []
    kind, puid = _kind(context, head, flags)
    found = signatures.match(head, tail, FORMATS[kind].extensions)
    if puid is None:
        # Several formats may share a signature; which of them it is, PRONOM does not say then.
        puid = found[0].puid if len(found) == 1 else FORMATS[kind].puid
    known = signatures.load_registry().get(puid or "")
    flags += _doubts(context, kind, known, head, tail, told=bool(flags))
    is_word = kind in (Kind.OLE, Kind.UNKNOWN) and known is not None and "doc" in known.extensions
    mime = "application/msword" if is_word else FORMATS[kind].mime
    return Identity(kind, mime, puid, known.name if known else None, tuple(flags))


def _ends(path: Path, size: int) -> tuple[bytes, bytes]:
    with path.open("rb") as file:
        head = file.read(signatures.WINDOW)
        file.seek(max(0, size - signatures.WINDOW))
        return head, file.read()


def _kind(context: Context, head: bytes, flags: list[Flag]) -> tuple[Kind, str | None]:
    """The kind, and its PRONOM identifier where the look itself tells it."""
    for magic, kind in MAGIC:
        if head.startswith(magic):
            if kind is Kind.OLE and ENCRYPTED_STREAM in head:
                flags.append(Flag(Code.ENCRYPTED))
            return kind, "fmt/40" if kind is Kind.OLE and WORD_STREAM in head else None
    if head.startswith(b"AT&TFORM"):
        return (Kind.DJVU if head[12:16] in (b"DJVU", b"DJVM") else Kind.DJVU_PART), None
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Kind.WEBP, None
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _look_into(context, flags)
    # ISO 32000-1, implementation note 13: the header may stand anywhere in the first 1,024 bytes.
    if b"%PDF-" in head[:1024]:
        return Kind.PDF, None
    return _textual(head), None


def _look_into(context: Context, flags: list[Flag]) -> tuple[Kind, str | None]:
    """The kind of document that a ZIP archive holds. It is not unpacked beyond its first names."""
    from ingest.readers.archives import BombError, BrokenError, open_archive

    try:
        with open_archive(context.path, context.limits) as archive:
            names = set(archive.names)
            mimetype = archive.read("mimetype")[:100].strip() if "mimetype" in names else b""
            kind = CONTAINED.get(mimetype.removesuffix(b"-template"))
            if kind in ODF_PUIDS:
                return kind, ODF_PUIDS[kind].get(_odf_version(archive.read("content.xml")))
            if kind is None and "[Content_Types].xml" in names:
                kind = next((each for part, each in MAIN_PARTS.items() if part in names), None)
            return kind or Kind.ZIP, FORMATS[kind or Kind.ZIP].puid
    except BombError as bomb:
        flags.append(Flag(Code.BOMB, {"entries": bomb.entries, "bytes": bomb.unpacked}))
    except BrokenError:
        flags.append(Flag(Code.DAMAGED))
    # What it claims to be, so that the message can speak of it; it is not read further.
    suffix = _extension(context.filename)
    archives = (*CONTAINED.values(), *MAIN_PARTS.values())
    return next((kind for kind in archives if suffix in FORMATS[kind].extensions), Kind.ZIP), None


def _odf_version(content: bytes) -> str:
    # With any prefix; the XML declaration's own version has none.
    found = re.search(rb"""\w:version=["'](\d\.\d)["']""", content[:4096])
    return found[1].decode() if found else ""


def _textual(head: bytes) -> Kind:
    """HTML, SVG, XML, plain text, or no text at all."""
    from ingest.readers.plain_text import looks_like_text

    if not looks_like_text(head):
        return Kind.UNKNOWN
    # ASCII is enough for names of elements; UTF-16 loses its zero bytes.
    start = head[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")) or (start.startswith(b"<?xml") and b"<html" in start):
        return Kind.HTML
    if re.match(rb"(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*)*(<!doctype svg[^>]*>\s*)?<(\w+:)?svg\b", start, re.S):
        return Kind.SVG
    if start.startswith(b"<?xml") or re.match(rb"<[\w:.-]+\s[^>]*xmlns", start):
        return Kind.XML
    # Without a doctype or head, a page that browsers would still run.
    return Kind.HTML if re.match(rb"<(head|body|script|table|div|p|h1)\b", start) else Kind.TEXT


def _doubts(
    context: Context, kind: Kind, known: signatures.Known | None, head: bytes, tail: bytes, told: bool
) -> list[Flag]:
    flags = []
    extension = _extension(context.filename)
    # With a password, or broken, an archive is not what its name says for a reason that is told already.
    if not told and _contradicts(extension, kind, known):
        flags.append(Flag(Code.EXTENSION_MISMATCH, {"extension": extension, "format": kind.value}))
    # Without the zero bytes of UTF-16.
    if kind in (Kind.HTML, Kind.SVG, Kind.XML) and any(SCRIPT.search(end.replace(b"\0", b"")) for end in (head, tail)):
        flags.append(Flag(Code.ACTIVE_CONTENT))
    # ISO 32000-1, 7.5.5: the last line is %%EOF; real files have a little after it.
    if kind is Kind.PDF and b"%%EOF" not in tail[-4096:]:
        flags.append(Flag(Code.TRUNCATED))
    if kind is Kind.JPEG and b"\xff\xd9" not in tail[-4096:]:
        flags.append(Flag(Code.TRUNCATED))
    return flags


def _extension(filename: str) -> str:
    return Path(filename.replace("\0", "")).suffix[1:].lower()


def _contradicts(extension: str, kind: Kind, known: signatures.Known | None) -> bool:
    """Whether the name promises something else than the content is.

    Plain text and unknown formats go by many names: they contradict only an extension of another kind.
    """
    if not extension or extension in FORMATS[kind].extensions or (known and extension in known.extensions):
        return False
    if kind in (Kind.TEXT, Kind.UNKNOWN, Kind.XML, Kind.ZIP):
        return any(extension in each.extensions for other, each in FORMATS.items() if other is not kind)
    return True
