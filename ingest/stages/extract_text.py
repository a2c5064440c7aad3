"""The text of a document by page, read by the reader of its kind."""

import importlib
from dataclasses import replace
from types import ModuleType

from ingest.flags import Code, Flag
from ingest.readers.documents import Text
from ingest.stages.context import Context
from ingest.stages.kinds import IMAGES, Kind

READERS = {
    Kind.PDF: "pdf",
    Kind.DOCX: "word",
    Kind.ODT: "opendocument",
    Kind.ODP: "opendocument",
    Kind.PPTX: "slides",
    Kind.EPUB: "epub",
    Kind.DJVU: "djvu",
    Kind.TEXT: "plain_text",
    **dict.fromkeys(IMAGES, "images"),
}
"""The module in `ingest/readers/` for each kind; each offers `read_text`, `read_metadata` and most `draw_cover`."""


def reader_of(kind: Kind) -> ModuleType | None:
    """Imported when needed: each brings libraries that the others do without."""
    return importlib.import_module(f"ingest.readers.{READERS[kind]}") if kind in READERS else None


def extract_text(context: Context) -> Text:
    """Read `context.path`. Flags say what could not be read; only a bug raises."""
    reader = reader_of(context.kind)
    if reader is None:
        return Text(flags=(Flag(Code.UNSUPPORTED, {"format": context.kind.value}),))
    text: Text = reader.read_text(context)
    if context.kind in IMAGES or text.flags or any(page.strip() for page in text.pages):
        return text
    return replace(text, flags=(Flag(Code.NO_TEXT_LAYER),))
