"""XML files, read within limits, or element by element where they are too large for a tree; pure."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from ingest.loaders.folders import MisplacedError
from ingest.loaders.packages import Note
from ingest.readers.archives import BrokenError, parse_xml

LARGEST = 1 << 25
"""Bytes of a description: one of a book with 10,000 pages has 10 MB."""
BLOCK = 1 << 18
LONGEST = 1 << 24
"""Bytes of one element of many."""
MOST = 1 << 33

Frame = tuple[bytes, bytes]
"""The tags of a root, to put around one of its elements: they declare its namespaces."""


class TooLongError(Exception):
    """A line, a row or a record without end."""


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """The content of a file. Raises MisplacedError when it is larger than what is read."""
    with path.open("rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise MisplacedError(Note.TOO_LARGE, path.name)
    return content


def read_xml(path: Path) -> Any:
    """The root element of a file. Raises MisplacedError when it cannot be read."""
    return parse(read_bytes(path), path.name)


def parse(content: bytes, name: str) -> Any:
    try:
        return parse_xml(content)
    except BrokenError as error:
        raise MisplacedError(Note.BROKEN, name) from error


def raw_elements(part: IO[bytes], name: bytes, root: bytes, start: int = 0) -> Iterator[tuple[bytes, Frame, int]]:
    """The elements of one name as bytes, with their frame and the byte where each ends; from byte `start` on.

    Elements that are passed over are not parsed, so that reading goes on quickly far below. Raises TooLongError.
    """
    held = part.read(BLOCK)
    opened = re.search(rb"<((?:[\w.-]+:)?)" + root + rb"(?:\s[^>]*)?>", held)
    if opened is None:
        return
    frame = (opened[0].replace(b"/>", b">"), b"</" + opened[1] + root + b">")
    begin = re.compile(rb"<" + opened[1] + name + rb"(?=[\s/>])[^>]*>")
    end = b"</" + opened[1] + name + b">"
    base, at = 0, opened.end()
    if start:
        part.seek(start)
        held, base, at = b"", start, 0
    while True:
        found = begin.search(held, at)
        alone = found is not None and found[0].endswith(b"/>")
        closed = -1 if found is None else found.end() if alone else held.find(end, found.end())
        if found is not None and closed >= 0:
            at = closed if alone else closed + len(end)
            yield held[found.start() : at], frame, base + at
            continue
        # Of what is passed over the last bytes stay: a tag may begin in them.
        keep = found.start() if found is not None else max(at, held.rfind(b"<"))
        base, held, at = base + keep, held[keep:], 0
        block = part.read(BLOCK)
        if len(held) > LONGEST or base > MOST:
            raise TooLongError
        if not block:
            return
        held += block
