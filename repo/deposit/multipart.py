"""A form with files (RFC 7578), read as it arrives: a file is never held in memory, and never written twice.

The framework would first write every file of the form into a temporary folder, before anybody has asked whether
this visitor may send one. Its incremental decoder was tried: it leaves a stray CR at the end of a file that ends with
a line break when the boundary arrives in two pieces (Werkzeug 3.1.9).
"""

from collections.abc import Iterator
from typing import Protocol

from werkzeug.exceptions import BadRequest
from werkzeug.http import parse_options_header

PIECE = 64 * 1024
FIELD_LIMIT = 100_000  # bytes of a field that is no file
HEAD_LIMIT = 8_000  # bytes of the lines before a part
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
    boundary = options.get("boundary", "").encode("latin-1", "replace")
    # RFC 2046, 5.1.1 allows 70 characters; some clients take a few more.
    if kind != "multipart/form-data" or not 0 < len(boundary) <= 200:
        raise BadRequest()
    body = _Body(stream)
    delimiter = b"\r\n--" + boundary
    for _ in body.read_until(delimiter):  # a preamble, which means nothing
        pass
    for _ in range(PARTS_LIMIT):
        if body.take_line().startswith(b"--"):
            return
        name, filename = _read_head(body)
        body.allow_nothing(delimiter)
        part = Part(name, filename, body.read_until(delimiter))
        yield part
        while part.read(PIECE):  # what the caller did not want
            pass
    raise BadRequest()


class _Body:
    """The bytes of a form, of which only a piece is at hand."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._buffer = b"\r\n"  # so that the first delimiter looks like the others

    def read_until(self, delimiter: bytes) -> Iterator[bytes]:
        """The bytes before `delimiter`, which is taken off."""
        while (end := self._buffer.find(delimiter)) < 0:
            safe = len(self._buffer) - len(delimiter) + 1  # what cannot be the beginning of the delimiter
            if safe > 0:
                ready, self._buffer = self._buffer[:safe], self._buffer[safe:]
                yield ready
            self._fill()
        ready, self._buffer = self._buffer[:end], self._buffer[end + len(delimiter) :]
        if ready:
            yield ready

    def allow_nothing(self, delimiter: bytes) -> None:
        """After the head: a part without any byte may end with the line break of its head (RFC 2046, 5.1.1)."""
        bare = delimiter.removeprefix(b"\r\n")
        while len(self._buffer) < len(bare) and bare.startswith(self._buffer):
            self._fill()
        if self._buffer.startswith(bare):
            self._buffer = b"\r\n" + self._buffer

    def take_line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            if self._buffer.startswith(b"--"):  # the end of the form, which may have no line break
                return self._buffer
            if len(self._buffer) > HEAD_LIMIT:
                raise BadRequest()
            self._fill()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _fill(self) -> None:
        piece = self._stream.read(PIECE)
        if not piece:
            raise BadRequest()
        self._buffer += piece


def _read_head(body: _Body) -> tuple[str, str | None]:
    """The name of a part, and that of its file if it is one."""
    name, filename, length = "", None, 0
    while line := body.take_line():
        length += len(line)
        if length > HEAD_LIMIT:
            raise BadRequest()
        key, _, value = line.decode("utf-8", "replace").partition(":")
        if key.strip().lower() == "content-disposition":
            _kind, options = parse_options_header(value)
            name, filename = options.get("name", ""), options.get("filename")
    return name, filename
