"""Bags, one or a folder of them; pure.

The payload of a bag is one work, described by a record in it ("mods.xml", "mets.xml", Dublin Core, "metadata.json" in
our own terms) or by bag-info.txt alone; or many works, in a table "metadata.csv" beside their files.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ingest.crosswalks import find_crosswalk
from ingest.crosswalks.values import number_of
from ingest.loaders import mets, table
from ingest.loaders.bag import Bag, is_bag, read_bag, verify_file
from ingest.loaders.elements import parse, read_bytes
from ingest.loaders.entry import Entry, Rules, read_rules
from ingest.loaders.folders import OF_SYSTEMS, MisplacedError, main_folder, natural_key
from ingest.loaders.own import with_own_record
from ingest.loaders.packages import Note, Package, PackageFile, Remark, refuse
from ingest.loaders.profile import Profile
from repo.items.metadata import Metadata, Text, read_metadata

TABLES = ("metadata.csv", "metadata.xlsx")
RECORDS = ("metadata.json", "mods.xml", "dc.xml", "oai_dc.xml", "dublin_core.xml", "metadata.xml", "record.xml")
INFO = {"Title": "title", "External-Description": "abstract", "Date": "date"}
"""Fields of bag-info.txt that describe the work; any other may be mapped by a profile."""


def load(path: Path, profile: Profile, position: str) -> Iterator[Package]:
    """The packages of each bag, in the order of the bags' names. Positions are "bag|position in it"."""
    root = main_folder(path) if not is_bag(path) else path
    bags = [root] if is_bag(root) else find_bags(root)
    if not bags and not position:
        yield refuse(Note.NO_METADATA, path.name)
    done, _, inside = position.rpartition("|")
    for folder in bags:
        if not position or folder.name > done:
            yield from _load_bag(folder, profile, "")
        elif folder.name == done and inside != "end":
            yield from _load_bag(folder, profile, inside)


def find_bags(root: Path) -> list[Path]:
    folders = (item for item in root.iterdir() if item.is_dir() and not item.is_symlink())
    return sorted(item for item in folders if not OF_SYSTEMS.match(item.name) and is_bag(item))


def _load_bag(folder: Path, profile: Profile, position: str) -> Iterator[Package]:
    bag, data = read_bag(folder), folder / "data"
    if any(remark.fatal for remark in bag.remarks):
        yield _refused(bag, bag.remarks)
        return
    inner = next((data / name for name in TABLES if data / name in bag.payload), None)
    if inner is not None:
        packages = table.load(data, profile, position)
    elif mets_file := next((path for path in bag.payload if path.parent == data and mets.is_mets(path)), None):
        packages = mets.load(mets_file, profile, position)
    else:
        packages = iter([_single(bag, read_rules(profile))])
    wrong = _wrong_records(bag, inner)
    if wrong:
        yield _refused(bag, wrong)
        return
    for package in packages:
        yield _with_digests(package, bag)


def _refused(bag: Bag, remarks: list[Remark]) -> Package:
    name = bag.root.name
    return Package(_key(bag), name, f"{name}|end", remarks=tuple(remarks))


def _key(bag: Bag) -> str:
    return next(iter(bag.info.get("External-Identifier", [])), "") or bag.root.name


def _wrong_records(bag: Bag, inner: Path | None) -> list[Remark]:
    """Descriptions differ from what the manifest says of them: they are read here and by nobody after."""
    top = (path for path in bag.payload if path.parent.name == "data" and path.suffix in (".xml", ".json"))
    read = [inner, *top] if inner is not None else list(top)
    files = (PackageFile(path.name, path, bag.payload[path]) for path in read)
    return [remark for file in files if (remark := verify_file(file)) is not None]


def _with_digests(package: Package, bag: Bag) -> Package:
    """The package with what the manifests say of its files, and its place in all bags."""
    files = (replace(file, digests={**file.digests, **bag.payload.get(file.path, {})}) for file in package.files)
    position = f"{bag.root.name}|{package.position}"
    place = f"{bag.root.name} {package.place}".strip() if package.place != bag.root.name else package.place
    remarks = (*package.remarks, *bag.remarks)
    return replace(package, files=tuple(files), position=position, place=place, remarks=remarks)


def _single(bag: Bag, rules: Rules) -> Package:
    """The whole payload as one work."""
    name = bag.root.name
    record = next((bag.root / "data" / known for known in RECORDS if bag.root / "data" / known in bag.payload), None)
    source = record or bag.root / "bag-info.txt"
    try:
        raw = read_bytes(source) if source.exists() else b""
        entry = Entry(rules, _described(record.name, raw) if record else None)
    except MisplacedError as error:
        return Package(_key(bag), name, "end", remarks=(Remark(error.note, error.name),))
    _put_info(entry, bag, described=record is not None)
    described = entry.finish()
    if not described.get("titles"):
        entry.remark(Note.NO_METADATA, "Title")
    works = sorted((path for path in bag.payload if path != record), key=lambda path: natural_key(path.as_posix()))
    package = Package(
        key=entry.parts.key or _key(bag),
        place=name,
        position="end",
        metadata=described,
        raw=base64.b64encode(raw).decode(),
        raw_name=source.name,
        files=tuple(PackageFile(path.name, path) for path in works),
        collection=entry.parts.collection,
        addresses=tuple(entry.parts.addresses),
        remarks=tuple(entry.remarks),
    )
    return with_own_record(package, bag.root / "data")


def _described(name: str, raw: bytes) -> Metadata:
    """The description in a record of the payload. Raises MisplacedError."""
    if name.endswith(".json"):
        return _own(raw, name)
    root = parse(raw, name)
    crosswalk = find_crosswalk(root)
    if crosswalk is None:
        raise MisplacedError(Note.NO_METADATA, name)
    return crosswalk(root).metadata


def _own(raw: bytes, name: str) -> Metadata:
    try:
        stored: Any = json.loads(raw)
        return read_metadata(stored)
    except (ValueError, TypeError, RecursionError, ValidationError) as error:
        raise MisplacedError(Note.BROKEN, name) from error


def _put_info(entry: Entry, bag: Bag, described: bool) -> None:
    """What bag-info.txt says: as the profile maps it, and of a payload without a record what describes the work."""
    own = entry.rules.profile.fields
    for name, found in bag.info.items():
        path = own.get(name, "" if described else INFO.get(name, ""))
        if path:
            entry.put(path, found, name)
    titles = entry.parts.metadata.titles
    if not described and not titles:
        titles.extend(Text(value=text) for text in bag.info.get("Internal-Sender-Description", [])[:1])
    numbers = [number_of(text) for text in bag.info.get("External-Identifier", [])]
    entry.parts.metadata.identifiers.extend(number for number in numbers if number is not None)
    entry.put_constants()
