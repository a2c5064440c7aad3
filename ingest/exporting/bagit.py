"""BagIt 1.0 (RFC 8493): a bag for each work, whose payload is its files and its description, as MODS and as ours."""

import hashlib
import re
from collections.abc import Iterable, Iterator

from ingest.exporting.works import Data, Part, Stored, Work
from ingest.loaders.own import RECORD
from oai.formats import mods
from oai.formats.wording import library_name
from repo.items.metadata import main_text

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
LONGEST = 200
"""Characters of a value in bag-info.txt that has nowhere to be folded."""


def pack(work: Work, with_files: bool) -> Iterator[Part]:
    """The parts of one bag; the payload is manifested with SHA-512, and so are the tag files."""
    payload = [
        Data(f"data/{RECORD}", work.packed_record({file.path: file.path for file in work.files if with_files})),
        Data("data/mods.xml", work.document(mods.render(work.source))),
    ]
    files = [Stored(f"data/{file.path}", file) for file in work.files] if with_files else []
    listed = [(part.path, _digest(part.data)) for part in payload] + [(part.path, part.file.digest) for part in files]
    size = sum(len(part.data) for part in payload) + sum(part.file.size for part in files)
    tags = [
        Data("bagit.txt", DECLARATION),
        Data("bag-info.txt", _information(work, size, len(listed))),
        Data("manifest-sha512.txt", _manifest(listed)),
    ]
    tags.append(Data("tagmanifest-sha512.txt", _manifest((tag.path, _digest(tag.data)) for tag in tags)))
    for part in (*tags, *payload):
        yield Data(f"{work.id}/{part.path}", part.data)
    for stored in files:
        yield Stored(f"{work.id}/{stored.path}", stored.file)


def _information(work: Work, size: int, count: int) -> bytes:
    """bag-info.txt (RFC 8493, 2.2.2)."""
    told = {
        "Source-Organization": library_name(work.source),
        "External-Description": main_text(work.source.metadata.titles).value,
        "External-Identifier": work.source.identifier,
        "Bagging-Date": work.source.changed.date().isoformat(),
        "Payload-Oxum": f"{size}.{count}",
    }
    return "".join(f"{name}: {_line(value)}\n" for name, value in told.items() if _line(value)).encode()


def _line(value: str) -> str:
    return re.sub(r"\s+", " ", value).strip()[:LONGEST]


def _manifest(listed: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{digest}  {_encoded(path)}\n" for path, digest in listed).encode()


def _encoded(path: str) -> str:
    """As a manifest names a file (RFC 8493, 2.1.3): ends of lines and per cent signs as bytes of a URI."""
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _digest(data: bytes) -> str:
    return hashlib.sha512(data).hexdigest()
