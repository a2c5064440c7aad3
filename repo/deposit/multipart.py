"""A form with files, read as it arrives: a file is never held in memory, and never written twice.

The framework would first write every file of the form into a temporary folder, before anybody has asked whether
this visitor may send one.
"""

from collections.abc import Iterator
from typing import Protocol

from werkzeug.exceptions import BadRequest
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

PIECE = 64 * 1024
FIELD_LIMIT = 100_000  # bytes of a field that is no file
PARTS_LIMIT = 2_000


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Part:
    """A field or a file of a form. Its bytes are read once, and before the next part is asked for."""

    def __init__(self, name: str, filename: str | None, pieces: Iterator[bytes]) -> None:
        self.name = name
        self.filename = filename
        self._pieces = pieces
        self._left = b""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._left = piece
        piece, self._left = self._left[:size], self._left[size:]
        return piece

    def text(self) -> str:
        """The whole field. Raises BadRequest when it is longer than any field of ours."""
        read = bytearray()
        while piece := self.read(PIECE):
            read += piece
            if len(read) > FIELD_LIMIT:
                raise BadRequest()
        return read.decode("utf-8", "replace")


def read_parts(stream: Stream, content_type: str) -> Iterator[Part]:
    """Yield the parts of a form in their order. Raises BadRequest when it is not a form, or ends too early."""
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data" or "boundary" not in options:
        raise BadRequest()
    decoder = MultipartDecoder(options["boundary"].encode("latin-1", "replace"), max_parts=PARTS_LIMIT)
    events = _events(stream, decoder)
    for event in events:
        if isinstance(event, Field):
            part = Part(event.name, None, _pieces(events))
        elif isinstance(event, File):
            part = Part(event.name, event.filename, _pieces(events))
        else:
            continue
        yield part
        while part.read(PIECE):  # what the caller did not want
            pass


def _events(stream: Stream, decoder: MultipartDecoder) -> Iterator[object]:
    while True:
        try:
            event = decoder.next_event()
        except ValueError:
            raise BadRequest() from None
        if isinstance(event, NeedData):
            decoder.receive_data(stream.read(PIECE) or None)
            continue
        yield event
        if isinstance(event, Epilogue):
            return


def _pieces(events: Iterator[object]) -> Iterator[bytes]:
    """The bytes of the part that has just begun."""
    for event in events:
        if not isinstance(event, Data):
            return
        if event.data:
            yield bytes(event.data)
        if not event.more_data:
            return
