"""A bag (BagIt 1.0, RFC 8493, and 0.97): what it says of itself, and whether what it says is true; pure.

Payload files are compared with their manifests by name here. Their digests go with the files to whoever reads them
anyway; those of the small files around them are computed at once.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingest.loaders.elements import read_bytes
from ingest.loaders.folders import Folder, MisplacedError, extra_files, is_plain_file
from ingest.loaders.packages import Note, PackageFile, Remark

VERSIONS = ("0.97", "1.0")
ALGORITHMS = ("md5", "sha1", "sha256", "sha512")
MANIFEST = re.compile(r"manifest-([a-z0-9]+)\.txt")
LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(\S.*)")
LARGEST_MANIFEST = 1 << 28
BLOCK = 1 << 20


@dataclass
class Bag:
    """`payload` are the digests of each payload file by algorithm; `info` the fields of bag-info.txt in their order."""

    root: Path
    version: str = ""
    encoding: str = "utf-8"
    info: dict[str, list[str]] = field(default_factory=dict)
    payload: dict[Path, dict[str, str]] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    def remark(self, note: Note, about: str = "", **data: str | int) -> None:
        self.remarks.append(Remark(note, about[:200], data))


def is_bag(path: Path) -> bool:
    return is_plain_file(path / "bagit.txt")


def read_bag(root: Path) -> Bag:
    """The bag in a folder; its faults are among its remarks."""
    bag = Bag(root)
    folder = Folder(root)
    try:
        _read_declaration(bag)
        _read_info(bag)
        if (root / "fetch.txt").exists():
            # A bag with holes: this server fetches nothing from addresses that somebody sends it.
            bag.remark(Note.BAD_PATH, "fetch.txt")
        manifests = {name: _read_manifest(bag, path) for name, path in _manifests(root, "")}
        _check_tags(bag, folder)
    except MisplacedError as error:
        bag.remark(error.note, error.name)
        return bag
    except (UnicodeDecodeError, LookupError):
        bag.remark(Note.BROKEN, "bagit.txt")
        return bag
    if not manifests:
        bag.remark(Note.FILE_MISSING, "manifest-sha512.txt")
    _check_payload(bag, folder, manifests)
    return bag


def _read_declaration(bag: Bag) -> None:
    lines = dict(_fields(read_bytes(bag.root / "bagit.txt").decode("utf-8")))
    bag.version = lines.get("BagIt-Version", "")
    bag.encoding = lines.get("Tag-File-Character-Encoding", "utf-8")
    if bag.version not in VERSIONS:
        bag.remark(Note.WRONG_VALUE, "BagIt-Version", value=bag.version[:200])


def _read_info(bag: Bag) -> None:
    path = bag.root / "bag-info.txt"
    if is_plain_file(path):
        for name, value in _fields(read_bytes(path).decode(bag.encoding)):
            bag.info.setdefault(name, []).append(value)


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Lines "Name: value"; one that begins with a blank goes on with the one before (RFC 8493, 2.2.2)."""
    unfolded = re.sub(r"\r?\n[ \t]+", " ", text.lstrip("\ufeff"))
    for line in unfolded.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip(), value.strip()


def _manifests(root: Path, kind: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(root.glob(f"{kind}manifest-*.txt")):
        found = MANIFEST.fullmatch(path.name.removeprefix(kind))
        if found and found[1] in ALGORITHMS:
            yield found[1], path


def _read_manifest(bag: Bag, path: Path) -> dict[str, str]:
    """Digests by name. Raises MisplacedError for a name that leads out of the bag."""
    if not is_plain_file(path):
        raise MisplacedError(Note.NOT_A_FILE, path.name)
    found: dict[str, str] = {}
    for line in read_bytes(path, LARGEST_MANIFEST).decode(bag.encoding).lstrip("\ufeff").splitlines():
        if not line.strip():
            continue
        parts = LINE.fullmatch(line)
        if parts is None:
            raise MisplacedError(Note.BROKEN, path.name)
        found[_decode(parts[2], bag.version)] = parts[1].lower()
    return found


def _decode(name: str, version: str) -> str:
    """Line ends, and since 1.0 percent signs, stand as %0A, %0D and %25 (RFC 8493, 2.1.3)."""
    name = re.sub("%0a", "\n", re.sub("%0d", "\r", name, flags=re.I), flags=re.I)
    return name.replace("%25", "%") if version == "1.0" else name


def _check_tags(bag: Bag, folder: Folder) -> None:
    for algorithm, path in _manifests(bag.root, "tag"):
        for name, digest in _read_manifest(bag, path).items():
            try:
                if digest_file(folder.find(name), [algorithm])[algorithm] != digest:
                    bag.remark(Note.FILE_DIFFERS, name, algorithm=algorithm)
            except MisplacedError as error:
                bag.remark(error.note, error.name)


def _check_payload(bag: Bag, folder: Folder, manifests: dict[str, dict[str, str]]) -> None:
    """Every name leads to a file of the payload, and every file of the payload has a name."""
    for algorithm, listed in manifests.items():
        for name, digest in listed.items():
            try:
                path = _payload_file(folder, name)
            except MisplacedError as error:
                bag.remark(error.note, error.name)
                continue
            bag.payload.setdefault(path, {})[algorithm] = digest
    size, count = 0, 0
    for path in _all_files(bag.root / "data"):
        name = path.relative_to(bag.root).as_posix()
        if not is_plain_file(path):
            bag.remark(Note.NOT_A_FILE, name)
            continue
        size, count = size + path.stat().st_size, count + 1
        # Since 1.0 every manifest lists every file; before, one of them is enough.
        if len(bag.payload.get(path, {})) < (len(manifests) if bag.version == "1.0" else 1):
            bag.remark(Note.FILE_DIFFERS, name, why="not in the manifest")
    told = bag.info.get("Payload-Oxum", [""])[0]
    if told and told != f"{size}.{count}":
        bag.remark(Note.FILE_DIFFERS, "Payload-Oxum", told=told[:200], found=f"{size}.{count}")


def _payload_file(folder: Folder, name: str) -> Path:
    if not name.removeprefix("./").startswith("data/"):
        raise MisplacedError(Note.BAD_PATH, name)
    return folder.find(name)


def _all_files(data: Path) -> Iterator[Path]:
    """All that lies in the payload but folders; hidden files and links too."""
    yield from sorted(path for path in data.rglob("*") if path.is_symlink() or not path.is_dir())


def payload_extras(bag: Bag, named: set[Path]) -> Iterator[str]:
    """The files of the payload that are not among `named`."""
    yield from extra_files(bag.root / "data", named)


def digest_file(path: Path, algorithms: list[str]) -> dict[str, str]:
    """The digests of a file, read once."""
    digests = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            for digest in digests.values():
                digest.update(block)
    return {name: digest.hexdigest() for name, digest in digests.items()}


def verify_file(file: PackageFile) -> Remark | None:
    """Compare a file with the digests that its package gives; None when all are right."""
    if not file.digests:
        return None
    found = digest_file(file.path, list(file.digests))
    wrong = next((name for name, digest in file.digests.items() if found[name] != digest.lower()), None)
    return Remark(Note.FILE_DIFFERS, file.name, {"algorithm": wrong}) if wrong else None
