"""What the pipeline has to say about a file: codes with data, never finished sentences.

The sentences, in the reader's language, are in `ingest/messages.py`; this module stays free of Flask so
that the stages can use it in their child processes.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Code(StrEnum):
    """Everything worth telling the person who deposited a file."""

    # The file cannot be taken.
    EMPTY = "empty"
    INFECTED = "infected"
    BOMB = "bomb"
    # The file was kept, but readers or the search will get less than they could.
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    TRUNCATED = "truncated"
    DAMAGED_REPAIRED = "damaged_repaired"
    INCOMPLETE = "incomplete"
    NO_TEXT_LAYER = "no_text_layer"
    GARBLED_TEXT = "garbled_text"
    UNSUPPORTED = "unsupported"
    EXTENSION_MISMATCH = "extension_mismatch"
    ACTIVE_CONTENT = "active_content"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_BIG_TEXT = "too_big_text"
    IMAGE_TOO_LARGE = "image_too_large"
    NO_PREVIEW = "no_preview"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASH = "crash"
    # Something is missing on the server, not in the file.
    SCAN_UNAVAILABLE = "scan_unavailable"
    TOOL_MISSING = "tool_missing"


REFUSED = frozenset({Code.EMPTY, Code.INFECTED, Code.BOMB})
"""With one of these the file must not be offered to readers; every other code is a warning or a note."""


@dataclass(frozen=True)
class Flag:
    """A code and the numbers and names its sentence needs (strings and whole numbers only)."""

    code: Code
    data: dict[str, str | int] = field(default_factory=dict)

    @property
    def refuses(self) -> bool:
        return self.code in REFUSED
