"""What a depositor is told about a file: for each flag a short sentence that says what to do.

The stages know codes only; here they become sentences in the reader's language. What a missing program costs is
said here, too, for `muras doctor`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from ingest.flags import Code, Flag
from ingest.stages.kinds import Kind

MESSAGES: Mapping[Code, LazyString] = {
    Code.EMPTY: _l("The file is empty. Choose it again and upload it once more."),
    Code.INFECTED: _l("A virus was found in the file: %(name)s. The file was not saved. Upload a clean copy."),
    Code.BOMB: _l(
        "Unpacked, the file would be far larger than a document is. It was not saved. "
        "Save the document again in the program that made it, and upload that copy."
    ),
    Code.ENCRYPTED: _l("The file is protected by a password, so that readers cannot open it. Upload it without one."),
    Code.DAMAGED: _l(
        "The file is damaged and cannot be opened here. Check that it opens on your computer, save it again and "
        "upload that copy."
    ),
    Code.TRUNCATED: _l("The end of the file is missing. Check that all pages are there, or upload it again."),
    Code.DAMAGED_REPAIRED: _l(
        "The file is damaged; it could be read after a repair. Readers get the file as it is: "
        "better save it again and upload that copy."
    ),
    Code.INCOMPLETE: _l(
        "This DjVu document is kept in several files, and this one holds only the list of them. "
        "Save it as one bundled document and upload that."
    ),
    Code.NO_TEXT_LAYER: _l(
        "No text was found in the file. It can be read, but the search will not find words in it. "
        "If you have a version with text, upload that."
    ),
    Code.GARBLED_TEXT: _l(
        "The letters of the text cannot be told, because the fonts of the file are incomplete. The search will not "
        "find words in it. If you can, make the PDF again with embedded fonts."
    ),
    Code.UNSUPPORTED: _l(
        "Files of this type are kept and can be downloaded, but their text cannot be searched. "
        "If it is a document, add a copy as PDF."
    ),
    Code.EXTENSION_MISMATCH: _l(
        "The name of the file ends in .%(extension)s, but it is of another type: %(format)s. Check that it is the "
        "right file, and give it a name that fits."
    ),
    Code.ACTIVE_CONTENT: _l(
        "The file holds scripts or programs. Readers can only download it. If you can, save it without them."
    ),
    Code.TOO_MANY_PAGES: _l(
        "The file has %(pages)s pages. The search covers the first %(read)s. You may want to upload it in parts."
    ),
    Code.TOO_BIG_TEXT: _l("The text of the file is very long. The search covers only its beginning."),
    Code.IMAGE_TOO_LARGE: _l(
        "The picture is very large: %(width)s × %(height)s pixels. It is kept, but no preview was made. "
        "You may want to add a smaller copy."
    ),
    Code.NO_PREVIEW: _l("No preview could be made of the file. Check that it opens on your computer."),
    Code.TIMEOUT: _l(
        "Reading the file took too long, and was stopped. It is kept, but its text or preview may be incomplete. "
        "If you can, save it again with a newer program."
    ),
    Code.MEMORY: _l(
        "The file is too complex to be read in full. It is kept, but its text or preview may be incomplete. "
        "If you can, save it again in a simpler form."
    ),
    Code.CRASH: _l(
        "The file could not be read in full. It is kept, but its text or preview may be incomplete. "
        "Check that it opens on your computer, and save it again."
    ),
    Code.SCAN_UNAVAILABLE: _l(
        "The file was not checked for viruses, because the scanner did not answer. You need not do anything."
    ),
    Code.TOOL_MISSING: _l(
        "The server lacks a program that reads files of this type: %(program)s. The file is kept, but its text "
        "cannot be searched. Tell the administrator."
    ),
}

NAMES: Mapping[Kind, LazyString | str] = {
    **{kind: kind.value.upper() for kind in Kind},
    Kind.DJVU: "DjVu",
    Kind.JPEG2000: "JPEG 2000",
    Kind.OLE: _l("Microsoft Office before 2007"),
    Kind.TEXT: _l("plain text"),
    Kind.ZIP: _l("ZIP archive"),
    Kind.DJVU_PART: _l("part of a DjVu document"),
    Kind.UNKNOWN: _l("unknown"),
}
"""What a kind of file is called."""

TOOL_COSTS: Mapping[str, LazyString] = {
    "djvutxt": _l("Without it the text of DjVu documents cannot be searched."),
    "djvused": _l("Without it the pages of DjVu documents are not counted."),
    "ddjvu": _l("Without it DjVu documents have no preview."),
}
"""What the absence of an outside program costs, by its name (`ingest.tools`)."""


def say_flag(flag: Flag) -> str:
    """The sentence for a flag, in the language of the request."""
    data: dict[str, object] = dict(flag.data)
    if flag.code is Code.EXTENSION_MISMATCH:
        data["format"] = NAMES[Kind(str(data["format"]))]
    message = str(MESSAGES[flag.code])
    return message % data if "%(" in message else message


def say_stored(stored: Iterable[Mapping[str, Any]]) -> list[str]:
    """The sentences for flags as they are kept in a row: `{"code": ..., "data": {...}}`."""
    return [say_flag(Flag(Code(flag["code"]), dict(flag["data"]))) for flag in stored]
