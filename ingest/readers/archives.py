"""Archives and XML inside them, read within limits: what a file says of its size is not believed."""

import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lxml import etree

from ingest.readers.documents import is_utf8
from ingest.stages.context import ReadLimits

END_RECORD = b"PK\x05\x06"
END_RECORD_ZIP64 = b"PK\x06\x06"


class BombError(Exception):
    """The archive would unpack to more than is read; `entries` files, `unpacked` bytes."""

    def __init__(self, entries: int, unpacked: int) -> None:
        super().__init__(f"{entries} files, {unpacked} bytes")
        self.entries = entries
        self.unpacked = unpacked


class BrokenError(Exception):
    """The archive or a file in it cannot be read."""


class Archive:
    """A ZIP archive opened by `open_archive`."""

    def __init__(self, file: zipfile.ZipFile, limits: ReadLimits) -> None:
        self._file = file
        self._limits = limits
        self.names = file.namelist()

    def read(self, name: str) -> bytes:
        """The file `name`, unpacked as far as the limits allow. Raises BrokenError or BombError."""
        try:
            with self._file.open(name) as member:
                # The directory may lie about the size: what counts is what comes out.
                content = member.read(self._limits.small + 1)
        # RuntimeError: the file needs a password; NotImplementedError: a rare compression.
        except (KeyError, OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
            raise BrokenError(f"{name}: {error}") from error
        except Exception as error:  # zlib.error, lzma.LZMAError and whatever else a decompressor raises
            raise BrokenError(f"{name}: {error}") from error
        if len(content) > self._limits.small:
            raise BombError(len(self.names), self._file.getinfo(name).file_size)
        return content

    def xml(self, name: str) -> Any:
        """The root element of the XML file `name`. Raises BrokenError or BombError."""
        return parse_xml(self.read(name))


@contextmanager
def open_archive(path: Path, limits: ReadLimits) -> Iterator[Archive]:
    """Open a ZIP archive after a look at its directory. Raises BrokenError or BombError."""
    entries = count_entries(path)
    if entries > limits.entries:
        raise BombError(entries, 0)
    try:
        with zipfile.ZipFile(path) as file:
            _check_sizes(file, path.stat().st_size, limits)
            yield Archive(file, limits)
    # struct.error and the like: the directory is damaged
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
        raise BrokenError(str(error)) from error


def _check_sizes(file: zipfile.ZipFile, packed: int, limits: ReadLimits) -> None:
    infos = file.infolist()
    unpacked = sum(info.file_size for info in infos)
    too_many = len(infos) > limits.entries or unpacked > limits.unpacked
    if too_many or (unpacked > limits.small and unpacked > packed * limits.ratio):
        raise BombError(len(infos), unpacked)


def count_entries(path: Path) -> int:
    """How many files the directory claims, without reading it (APPNOTE.TXT 4.3.14 and 4.3.16)."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 66_000))
        tail = file.read()
    at = tail.rfind(END_RECORD)
    if at < 0 or len(tail) < at + 22:
        return 0
    claimed: int = struct.unpack_from("<H", tail, at + 10)[0]
    at = tail.rfind(END_RECORD_ZIP64)
    if claimed == 0xFFFF and at >= 0 and len(tail) >= at + 40:
        claimed = struct.unpack_from("<Q", tail, at + 32)[0]
    return claimed


def parse_xml(content: bytes) -> Any:
    """The root element. No entity is expanded, no DTD loaded, no address fetched. Raises BrokenError."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BrokenError(str(error)) from error


def parse_html(content: bytes) -> Any:
    """The root element of HTML or of XHTML that is not well-formed; None when there is none."""
    # Publications are in UTF-8 (EPUB 3.3, section 3.9); without being told the parser takes them for Latin-1.
    encoding = "utf-8" if is_utf8(content) else None
    parser = etree.HTMLParser(no_network=True, remove_comments=True, huge_tree=False, encoding=encoding)
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BrokenError(str(error)) from error


def local_name(element: Any) -> str:
    """The name of an element without its namespace; empty for comments and instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
