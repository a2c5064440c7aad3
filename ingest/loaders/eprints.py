"""EPrints 3 XML export ("EP3 XML"), beside the files of its documents or with them inside; pure.

Files that are written into the XML are taken out of it first (`take_out_files`, by the check of a load), because they
may be larger than what fits into memory; then they lie in folders named by their numbers. Others are looked for as
their address says, in folders named by the numbers of work and document, and beside the export.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit
from xml.sax import SAXException, make_parser
from xml.sax.handler import ContentHandler, feature_external_ges, feature_external_pes
from xml.sax.saxutils import XMLGenerator

from lxml.etree import _Element

from ingest.crosswalks.elements import below, children, first_text, text_of
from ingest.loaders.elements import BLOCK, TooLongError, parse, raw_elements
from ingest.loaders.entry import Entry, Rules, read_rules
from ingest.loaders.eprints_fields import read_eprint
from ingest.loaders.folders import Folder, MisplacedError, is_plain_file, main_folder, split_name
from ingest.loaders.packages import Note, Package, PackageFile, Remark, refuse
from ingest.loaders.profile import Profile
from ingest.loaders.values import WrongError, read_day
from repo.items.access import Access

NAMESPACE = b"http://eprints.org/ep2/data/2.0"
EMBEDDED = re.compile(rb"<(?:\w+:)?data\b[^>]*>[^<]*</(?:\w+:)?data>")
DATA = re.compile(rb"<(?:\w+:)?data[\s>]")
LONGEST_TAG = 64
LONGEST_NAME = 255  # bytes, of most file systems
NUMBER = re.compile(r"[0-9]{1,20}")
HASHES = {"md5": "md5", "sha": "sha1", "sha1": "sha1", "sha256": "sha256", "sha512": "sha512"}
TAKEN_OUT = "embedded"
DAMAGED = ".damaged"
"""Follows the name of a file whose content could not be read."""


def load(path: Path, profile: Profile, position: str) -> Iterator[Package]:
    """A package for each eprint. Positions are bytes of the XML."""
    table = find_export(path)
    if position == "end":
        return
    if table is None:
        yield refuse(Note.NO_METADATA, path.name)
        return
    rules, folder = read_rules(profile), Folder(table.parent)
    try:
        with table.open("rb") as file:
            for raw, frame, end in raw_elements(file, b"eprint", b"eprints", int(position or 0)):
                yield _read(raw, frame, str(end), rules, folder)
    except TooLongError:
        yield refuse(Note.TOO_LARGE, table.name)


def find_export(path: Path) -> Path | None:
    """The export: the file itself, or the only XML file of a folder that is one."""
    if not path.is_dir():
        return path if is_export(path) else None
    found = [file for file in sorted(main_folder(path).glob("*.xml")) if is_plain_file(file) and is_export(file)]
    return found[0] if len(found) == 1 else None


def is_export(path: Path) -> bool:
    with path.open("rb") as file:
        return NAMESPACE in file.read(4096)


def _read(raw: bytes, frame: tuple[bytes, bytes], position: str, rules: Rules, folder: Folder) -> Package:
    raw = EMBEDDED.sub(b"", raw)
    try:
        eprint = next(children(parse(frame[0] + raw + frame[1], "eprint")))
    except (MisplacedError, StopIteration):
        return Package("", position, position, remarks=(Remark(Note.BROKEN, "eprint"),))
    number = first_text(eprint, "eprintid")
    entry = Entry(rules, read_eprint(eprint))
    _put_own(entry, eprint)
    if not number:
        entry.remark(Note.NO_KEY, "eprintid")
    if (status := first_text(eprint, "eprint_status")) not in ("archive", ""):
        # What its own house has not published, or has deleted, does not become public here.
        entry.remark(Note.WRONG_VALUE, "eprint_status", value=status)
    files = tuple(_files(eprint, number, entry, folder))
    return Package(
        key=entry.parts.key or number,
        place=number,
        position=position,
        metadata=entry.finish(),
        raw=base64.b64encode(frame[0] + raw + frame[1]).decode(),
        raw_name="eprint.xml",
        files=files,
        collection=entry.parts.collection,
        addresses=tuple(_addresses(eprint.get("id") or "", number)),
        remarks=tuple(entry.remarks),
    )


def _put_own(entry: Entry, eprint: _Element) -> None:
    """What the profile maps, and what it says of all."""
    for name, path in entry.rules.profile.fields.items():
        found = [text_of(one) for field in children(eprint, name) for one in ([*children(field, "item")] or [field])]
        if path and found:
            entry.put(path, found, name)
    entry.put_constants()


def _addresses(identifier: str, number: str) -> Iterator[str]:
    """The address that the record has as its id, and the short one that readers see."""
    parts = urlsplit(identifier)
    if parts.scheme in ("http", "https") and parts.netloc:
        yield identifier
        if number:
            yield f"{parts.scheme}://{parts.netloc}/{number}/"


def _files(eprint: _Element, number: str, entry: Entry, folder: Folder) -> Iterator[PackageFile]:
    """The files of the documents that people put there; what EPrints made of them is left out."""
    if entry.rules.without_files:
        return
    for document in below(eprint, "documents", "document"):
        if any("isVersionOf" in text_of(one) for one in below(document, "relation", "item", "type")):
            continue
        shut = first_text(document, "security") not in ("public", "")
        access, until = _rule(first_text(document, "date_embargo"), shut)
        for file in below(document, "files", "file"):
            try:
                path = _find(folder, file, number, first_text(document, "pos"))
            except MisplacedError as error:
                entry.remark(error.note, error.name[:200])
                continue
            kind, digest = first_text(file, "hash_type").lower(), first_text(file, "hash").lower()
            digests = {HASHES[kind]: digest} if kind in HASHES and digest else {}
            yield PackageFile(first_text(file, "filename") or path.name, path, digests, access=access, until=until)


def _rule(embargo: str, shut: bool) -> tuple[Access | None, str]:
    """Who may have a document, and the first open day: an embargo opens it by itself."""
    if not shut:
        return None, ""
    try:
        return (Access.EMBARGOED, read_day(embargo)) if embargo else (Access.CLOSED, "")
    except WrongError:
        return Access.CLOSED, ""


def _find(folder: Folder, file: _Element, number: str, place: str) -> Path:
    """A file where it was taken out to, where its address says, in folders of numbers, or beside the export."""
    name = first_text(file, "filename")
    address = unquote(urlsplit(first_text(file, "url")).path).lstrip("/")
    split_name(name)
    taken = f"{TAKEN_OUT}/{first_text(file, 'fileid')}/{name}"
    if (folder.root / f"{taken}{DAMAGED}").is_file() and NUMBER.fullmatch(first_text(file, "fileid")):
        raise MisplacedError(Note.BROKEN, name)
    for known in filter(None, (taken, address, f"{number}/{place}/{name}", f"{number}/{name}", name)):
        try:
            return folder.find(known)
        except MisplacedError as error:
            if error.note is not Note.FILE_MISSING:
                raise
    raise MisplacedError(Note.FILE_MISSING, name)


# ---------------------------------------------------------------- files inside the XML


def has_files_inside(export: Path) -> bool:
    """Whether an export holds the content of files, which is to be taken out before it is loaded."""
    left = b""
    with export.open("rb") as file:
        while block := file.read(BLOCK):
            if DATA.search(left + block):
                return True
            left = block[-LONGEST_TAG:]
    return False


def take_out_files(export: Path, folder: Path) -> int:
    """Write the export without its files to `folder` as `eprints.xml`, and the files beside it. Returns how many there
    were. A file whose name leads elsewhere stays out, which refuses its record when that is read.

    Raises MisplacedError when the XML is broken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parser: Any = make_parser()  # noqa: S317 - no external entity is read; expat stops those that grow
    parser.setFeature(feature_external_ges, False)
    parser.setFeature(feature_external_pes, False)
    with export.open("rb") as source, (folder / "eprints.xml").open("wb") as out:
        handler = _Taker(out, folder)
        parser.setContentHandler(handler)
        try:
            parser.parse(source)
        except SAXException as error:
            raise MisplacedError(Note.BROKEN, export.name) from error
        finally:
            handler.close()
    return handler.count


class _Taker(ContentHandler):
    """Copies XML but for `<data>`, whose content (base64) it writes into a file, a piece at a time."""

    def __init__(self, out: IO[bytes], folder: Path) -> None:
        super().__init__()
        self._copy = XMLGenerator(out, "utf-8")
        self._folder = folder
        self._texts = {"fileid": "", "filename": ""}
        self._name = ""
        self._waiting = folder / ".file"
        self._file: IO[bytes] | None = None
        self._left = ""
        self._damaged = False
        self.count = 0

    def startDocument(self) -> None:  # noqa: N802 - of xml.sax
        self._copy.startDocument()

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        self._name = name.rpartition(":")[2]
        if self._name in self._texts:
            self._texts[self._name] = ""
        if self._name == "data":
            self._file, self._left, self._damaged = self._waiting.open("wb"), "", False
        else:
            self._copy.startElement(name, attrs)

    def characters(self, content: str) -> None:
        if self._file is not None:
            held = self._left + "".join(content.split())
            whole = len(held) // 4 * 4
            self._decode(held[:whole])
            self._left = held[whole:]
            return
        if self._name in self._texts:
            self._texts[self._name] += content
        self._copy.characters(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        self._name = ""
        local = name.rpartition(":")[2]
        if local == "data" and self._file is not None:
            self._decode(self._left)
            self.close()
            return
        if local == "file" and self._waiting.exists():
            self._put_away()
        self._copy.endElement(name)

    def _decode(self, text: str) -> None:
        """Write what four letters each mean; of what is no Base64 nothing is written any more."""
        if self._file is None or self._damaged or not text:
            return
        try:
            self._file.write(binascii.a2b_base64(text, strict_mode=True))
        except (binascii.Error, ValueError):
            self._damaged = True

    def _put_away(self) -> None:
        """Give a file its name, once all of its element was read. The first of two with one name stays."""
        number = self._texts["fileid"].strip()
        try:
            *_, name = split_name(self._texts["filename"])
        except MisplacedError:
            name = ""
        place = self._folder / TAKEN_OUT / number / f"{name}{DAMAGED if self._damaged else ''}"
        if not name or not NUMBER.fullmatch(number) or len(place.name.encode()) > LONGEST_NAME or place.exists():
            self._waiting.unlink()
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        self._waiting.rename(place)
        self.count += 1

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
