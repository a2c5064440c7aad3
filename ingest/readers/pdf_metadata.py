"""What a PDF says of itself, by pypdf: the Info dictionary, XMP, the number of pages, active parts."""

import logging
import re
from typing import Any, BinaryIO

import pypdf
from pypdf.errors import DependencyError, PyPdfError

from ingest.flags import Code, Flag
from ingest.readers.documents import Metadata, clean_line
from ingest.stages.context import Context

# pypdf tells every oddity of a file to the log; what matters comes back as flags.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

BROKEN = (
    *(PyPdfError, DependencyError, NotImplementedError, ValueError, TypeError, KeyError, IndexError),
    *(AttributeError, OSError, RecursionError, OverflowError),
)
"""What pypdf raises on broken files, and where it lacks the means to decrypt."""


def read_metadata(context: Context) -> Metadata:
    """Info and XMP, XMP second: programs that do not know XMP change Info only (ISO 32000-2, 14.3.3)."""
    count, info = _by_pdfium(context)
    try:
        # Given a path, pypdf would read all of the file into memory.
        with context.path.open("rb") as file:
            return _describe(_open(file), count)
    except BROKEN:
        return Metadata(
            page_count=count,
            title=info.get("Title", ""),
            authors=_people(info.get("Author", "")),
            created=_date(info.get("CreationDate", "")),
        )


def _open(file: BinaryIO) -> pypdf.PdfReader:
    reader = pypdf.PdfReader(file, strict=False)
    if reader.is_encrypted:
        reader.decrypt("")  # no password is needed to read what only restricts printing
    return reader


def _describe(reader: pypdf.PdfReader, count: int | None) -> Metadata:
    info = _info(reader)
    xmp = _xmp(reader)
    return Metadata(
        page_count=count,
        title=info.get("/Title", "") or xmp.get("title", ""),
        authors=_people(info.get("/Author", "")) or tuple(filter(None, xmp.get("creators", "").split("\n"))),
        subject=info.get("/Subject", "") or xmp.get("description", ""),
        keywords=info.get("/Keywords", "") or xmp.get("keywords", ""),
        language=xmp.get("language", "") or _language(reader),
        identifier=xmp.get("identifier", ""),
        producer=info.get("/Producer", "") or info.get("/Creator", ""),
        created=_date(info.get("/CreationDate", "")),
        modified=_date(info.get("/ModDate", "")),
        flags=(Flag(Code.ACTIVE_CONTENT),) if _runs_something(reader) else (),
    )


def _by_pdfium(context: Context) -> tuple[int | None, dict[str, str]]:
    """The number of pages and the Info dictionary; PDFium also reads damaged files and newer encryptions."""
    from ingest.readers.pdf import UnreadableError, open_document

    try:
        with open_document(context) as (document, _):
            return len(document), {key: clean_line(value) for key, value in document.get_metadata_dict().items()}
    except UnreadableError:
        return None, {}


def _info(reader: pypdf.PdfReader) -> dict[str, str]:
    """The Info dictionary with its texts cleaned; keys and values that are no text are left out."""
    try:
        found: dict[str, Any] = dict(reader.metadata or {})
        return {str(key): clean_line(str(value)) for key, value in found.items() if isinstance(value, str)}
    except BROKEN:
        return {}


def _xmp(reader: pypdf.PdfReader) -> dict[str, str]:
    try:
        xmp = reader.xmp_metadata
    except BROKEN:
        return {}
    if xmp is None:
        return {}
    fields = {
        "title": "dc_title",
        "creators": "dc_creator",
        "description": "dc_description",
        "keywords": "dc_subject",
        "language": "dc_language",
        "identifier": "dc_identifier",
    }
    return {name: _text_of(xmp, attribute) for name, attribute in fields.items()}


def _text_of(xmp: Any, attribute: str) -> str:
    """A property of XMP as text: a language alternative's default, or the entries of a list by line."""
    try:
        value = getattr(xmp, attribute)
    except BROKEN:
        return ""
    if isinstance(value, dict):
        value = value.get("x-default") or next(iter(value.values()), "")
    entries = value if isinstance(value, list | tuple | set) else [value]
    return "\n".join(clean_line(str(entry)) for entry in entries if entry)


def _language(reader: pypdf.PdfReader) -> str:
    try:
        return clean_line(str(_catalog(reader).get("/Lang", "")))[:20]
    except BROKEN:
        return ""


def _catalog(reader: pypdf.PdfReader) -> Any:
    """The document catalog, a dictionary unless the file is broken (ISO 32000-2, 7.7.2)."""
    return reader.trailer["/Root"]


def _runs_something(reader: pypdf.PdfReader) -> bool:
    """Scripts or programs that start when the document is opened (ISO 32000-2, 12.6.4.5 and 12.6.4.17)."""
    try:
        action = _catalog(reader).get("/OpenAction")
        action = action.get_object() if action is not None else None
        return isinstance(action, dict) and action.get("/S") in ("/JavaScript", "/Launch")
    except BROKEN:
        return False


def _people(author: str) -> tuple[str, ...]:
    return tuple(filter(None, (clean_line(name) for name in re.split(r"\s*(?:;|,\s*(?=\S+\s+\S)|\band\b)\s*", author))))


def _date(value: str) -> str:
    """ISO 8601 of a PDF date (ISO 32000-1, 7.9.4), as precise as it is."""
    found = re.match(r"D?:?(\d{4})(\d\d)?(\d\d)?", value)
    return "-".join(filter(None, found.groups())) if found else ""
