"""DSpace's Simple Archive Format (DSpace 7 documentation, "Importing and Exporting Items"): a folder an item; pure.

Beside `dublin_core.xml` an item may have `metadata_*.xml` of other schemas, `contents` that names its files with bundle
and permissions, `handle`, `collections` and `relationships`.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.crosswalks.elements import local_name
from ingest.loaders.dspace_fields import Field, read_fields
from ingest.loaders.elements import read_bytes, read_xml
from ingest.loaders.entry import Entry, Rules, digest_key, read_rules
from ingest.loaders.folders import OF_SYSTEMS, Folder, MisplacedError, extra_files, is_plain_file, main_folder
from ingest.loaders.own import with_own_record
from ingest.loaders.packages import Note, Package, PackageFile, Remark, refuse
from ingest.loaders.profile import Profile
from repo.items.access import Access, FileRole
from repo.vocabularies.numbers import normalise_number

DESCRIPTION = re.compile(r"(dublin_core|metadata_[\w.-]+)\.xml")
OWN_FILES = ("contents", "handle", "collections", "relationships")
OPEN_BUNDLE = "ORIGINAL"
"""The one that holds what readers are to have. A bundle with another name may hold anything."""
PRIVATE_BUNDLES = ("LICENSE", "CC-LICENSE", "METADATA", "ORE", "SWORD")
DERIVED_BUNDLES = ("TEXT", "THUMBNAIL", "BRANDED_PREVIEW")
OPEN_TO = re.compile(r"-r\s+'?Anonymous'?\s*$", re.I)


@dataclass(frozen=True)
class Line:
    """A line of `contents`: a file with its options, by their names."""

    name: str
    options: dict[str, str]


def load(path: Path, profile: Profile, position: str) -> Iterator[Package]:
    """A package for each folder of an item, in the order of their names, which are the positions."""
    root, rules = main_folder(path), read_rules(profile)
    items = [root] if _described(root) else sorted(_folders(root), key=lambda item: item.name)
    # Where an archive holds one item and no folder, its folder has a name that means nothing.
    named = items != [path]
    if not items and position == "":
        yield refuse(Note.NO_METADATA, path.name)
    for item in items:
        if item.name > position or not position:
            yield read_item(item, rules, named)


def is_saf(path: Path) -> bool:
    """Whether a folder is an item, or the first folder in it is one."""
    return bool(_described(path)) or any(_described(item) for item in sorted(_folders(path))[:20])


def _folders(root: Path) -> list[Path]:
    folders = (item for item in root.iterdir() if item.is_dir() and not item.is_symlink())
    return [item for item in folders if not OF_SYSTEMS.match(item.name)]


def _described(item: Path) -> list[Path]:
    """The files that describe an item, the main one first."""
    return [file for file in sorted(item.iterdir()) if DESCRIPTION.fullmatch(file.name) and is_plain_file(file)]


def read_item(item: Path, rules: Rules, named: bool = True) -> Package:
    """The item in a folder; `named`: whether the folder's name says which item it is."""
    described = _described(item)
    if not described:
        return Package(item.name, item.name, item.name, remarks=(Remark(Note.NO_METADATA),))
    try:
        fields = [field for file in described for field in _fields(file)]
        raw = read_bytes(described[0])
    except MisplacedError as error:
        return Package(item.name, item.name, item.name, remarks=(Remark(error.note, error.name),))
    entry = read_fields(fields, rules)
    handle = _handle(item, entry)
    _put_collections(entry, item)
    files = [PackageFile(file.name, file, role=FileRole.PRIVATE) for file in described[1:]]
    if not rules.without_files:
        files = [*_files(item, entry), *files]
        _remark_extra(entry, item, files)
    described_as = entry.finish()
    package = Package(
        key=entry.parts.key or handle or (item.name if named else digest_key(described_as)),
        place=item.name,
        position=item.name,
        metadata=described_as,
        raw=base64.b64encode(raw).decode(),
        raw_name=described[0].name,
        files=tuple(files),
        collection=entry.parts.collection,
        addresses=tuple(dict.fromkeys(entry.parts.addresses)),
        remarks=tuple(entry.remarks),
    )
    return with_own_record(package, item, rules.without_files, raw)


def _fields(file: Path) -> Iterator[Field]:
    """The values of a file, whose schema stands in its root or its name. Raises MisplacedError."""
    root = read_xml(file)
    schema = root.get("schema") or ("dc" if file.name == "dublin_core.xml" else file.stem.removeprefix("metadata_"))
    for one in root:
        if local_name(one) != "dcvalue" or not (one.text or "").strip():
            continue
        qualifier = one.get("qualifier") or "none"
        parts = [schema, one.get("element") or "", *([qualifier] if qualifier != "none" else [])]
        yield Field(".".join(parts), one.text, (one.get("language") or "").replace("_", "-"))


def _lines(item: Path, name: str, entry: Entry) -> list[str]:
    """The lines of one of the small files of an item, if it has it."""
    path = item / name
    if not path.is_symlink() and not path.exists():
        return []
    if not is_plain_file(path):
        entry.remark(Note.NOT_A_FILE, name)
        return []
    try:
        text = read_bytes(path).decode("utf-8-sig", "replace")
    except MisplacedError as error:
        entry.remark(error.note, error.name)
        return []
    return [line.strip() for line in text.splitlines() if line.strip()]


def _handle(item: Path, entry: Entry) -> str:
    """The handle of the item, which is its old address and stays its identifier."""
    told = "".join(_lines(item, "handle", entry)[:1])
    handle = normalise_number("handle", told) if told else None
    if told and handle is None:
        entry.remark(Note.LEFT_OUT, "handle", value=told[:200])
    if handle is not None:
        entry.parts.addresses.insert(0, f"hdl:{handle}")
        entry.put("identifiers.handle", [handle], "handle")
    return handle or ""


def _put_collections(entry: Entry, item: Path) -> None:
    """The first is the owner; a profile says which of ours a handle means."""
    told = _lines(item, "collections", entry)
    if told and not entry.parts.collection:
        entry.put("collection", told[:1], "collections")
    for name in told[1:]:
        entry.remark(Note.LEFT_OUT, "collections", value=name[:200])
    if _lines(item, "relationships", entry):
        entry.remark(Note.LEFT_OUT, "relationships")


def _files(item: Path, entry: Entry) -> list[PackageFile]:
    """The files that `contents` names, the primary one first."""
    folder = Folder(item)
    found: list[PackageFile] = []
    for line in map(_line, _lines(item, "contents", entry)):
        bundle = line.options.get("bundle", OPEN_BUNDLE).upper()
        if bundle in DERIVED_BUNDLES:
            entry.remark(Note.LEFT_OUT, line.name, bundle=bundle)
            continue
        try:
            path = folder.find(line.name)
        except MisplacedError as error:
            entry.remark(error.note, error.name[:200])
            continue
        shut = "permissions" in line.options and not OPEN_TO.search(line.options["permissions"])
        private = bundle != OPEN_BUNDLE
        if (shut and not private) or (private and bundle not in PRIVATE_BUNDLES):
            entry.remark(Note.NOT_OPEN, line.name)
        role = FileRole.PRIVATE if private else FileRole.ORIGINAL
        file = PackageFile(path.name, path, role=role, access=Access.CLOSED if shut and not private else None)
        found.insert(0 if line.options.get("primary") == "true" else len(found), file)
    return found


def _line(text: str) -> Line:
    """ "thesis.pdf<TAB>bundle:ORIGINAL<TAB>primary:true"; files that lie in a server's store ("-r -s 1 -f …") do not
    come along, and their name leads nowhere."""
    name, *options = text.split("\t")
    pairs = (option.partition(":") for option in options)
    return Line(name.strip(), {key.strip().lower(): value.strip() for key, _, value in pairs})


def _remark_extra(entry: Entry, item: Path, files: list[PackageFile]) -> None:
    named = {file.path for file in files}
    for name in extra_files(item, named):
        if (
            name not in OWN_FILES
            and not DESCRIPTION.fullmatch(name)
            and not any(remark.about == name for remark in entry.remarks)
        ):
            entry.remark(Note.EXTRA_FILE, name)
