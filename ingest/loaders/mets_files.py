"""The files that a METS document lists (METS 1.12 and 2), found in its folder, in the order of its pages; pure."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from lxml.etree import _Element

from ingest.crosswalks.elements import XLINK, children, local_name
from ingest.crosswalks.mets import BEST
from ingest.loaders.entry import Entry
from ingest.loaders.folders import Folder, MisplacedError
from ingest.loaders.packages import Note, PackageFile
from ingest.loaders.values import WrongError, read_day
from repo.items.access import Access

ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-512": "sha512"}
DERIVED = frozenset(
    ("THUMBS", "THUMBNAIL", "MIN", "TEXT", "FULLTEXT", "PRESENTATION", "SCHEMAS", "PREVIEW", "DOWNLOAD", "LOCAL")
)


def find_files(mets: _Element, folder: Folder, entry: Entry) -> list[PackageFile]:
    """The originals. What other groups hold, smaller pictures and texts made of them, is left out and said."""
    groups = {use: files for use, files in _groups(mets).items() if files}
    best = next((use for use in BEST if use in groups), None)
    wanted = [use for use in groups if use == best or (best is None and use not in DERIVED)]
    for use, files in groups.items():
        if use not in wanted:
            entry.remark(Note.LEFT_OUT, use, files=len(files))
    listed = {file.get("ID") or "": file for use in wanted for file in groups[use]}
    order = [name for name in _page_order(mets) if name in listed]
    rights = {one.get("ID") or "": one for one in mets.iter() if local_name(one) in ("amdSec", "rightsMD", "md")}
    found: dict[Path, PackageFile] = {}
    for name in dict.fromkeys([*order, *listed]):
        try:
            file = _file(listed[name], folder, rights)
            found.setdefault(file.path, file)
        except MisplacedError as error:
            entry.remark(error.note, error.name[:200])
    return list(found.values())


def _groups(mets: _Element) -> dict[str, list[_Element]]:
    """The files of each use; those in no group, as METS 2 allows, under ""."""
    groups: dict[str, list[_Element]] = {}
    for section in (one for one in mets.iter() if local_name(one) == "fileSec"):
        groups.setdefault("", []).extend(children(section, "file"))
        for group in (one for one in section.iter() if local_name(one) == "fileGrp"):
            groups.setdefault(_use(group), []).extend(children(group, "file"))
    return groups


def _use(group: _Element) -> str:
    """The use of a group, which it may have from the group around it."""
    parent = group.getparent()
    told = (group.get("USE") or "").upper()
    return told or (_use(parent) if parent is not None and local_name(parent) == "fileGrp" else "")


def _page_order(mets: _Element) -> Iterator[str]:
    """The ids of files in the order of the physical structure, else of any."""
    maps = [one for one in mets.iter() if local_name(one) == "structMap"]
    maps.sort(key=lambda one: (one.get("TYPE") or "").upper() != "PHYSICAL")
    for structure in maps[:1]:
        yield from _in_order(structure)


def _in_order(div: _Element) -> Iterator[str]:
    yield from (pointer.get("FILEID") or "" for pointer in children(div, "fptr"))
    # Kitodo numbers pages whose divisions stand in any order.
    for inner in sorted(children(div, "div"), key=_number):
        yield from _in_order(inner)


def _number(div: _Element) -> int:
    order = div.get("ORDER") or ""
    return int(order) if order.isdecimal() and len(order) < 10 else 0


def _file(file: _Element, folder: Folder, rights: dict[str, _Element]) -> PackageFile:
    """A file by the first place that is told of it. Raises MisplacedError."""
    place = next(children(file, "FLocat"), None)
    address = (place.get(XLINK + "href") or place.get("LOCREF") or "") if place is not None else ""
    if not address:
        raise MisplacedError(Note.FILE_MISSING, file.get("ID") or "")
    if address.lower().startswith(("http://", "https://", "ftp://")):
        # Nothing is fetched: a package brings its files along.
        raise MisplacedError(Note.FILE_MISSING, address)
    path = _find(folder, re.sub("^file:(//)?", "", address))
    digest, kind = (file.get("CHECKSUM") or "").lower(), ALGORITHMS.get((file.get("CHECKSUMTYPE") or "").upper())
    digests = {kind: digest} if kind and digest else {}
    access, until = _rule(file, rights)
    return PackageFile(path.name, path, digests, access=access, until=until)


def _find(folder: Folder, address: str) -> Path:
    """The file of that name, or of the name that the address escapes."""
    try:
        return folder.find(address)
    except MisplacedError as error:
        if error.note is not Note.FILE_MISSING or unquote(address) == address:
            raise
        return folder.find(unquote(address))


def _rule(file: _Element, rights: dict[str, _Element]) -> tuple[Access | None, str]:
    """Who may have a file, and the first day for readers, as DSpace writes it into METSRights."""
    for name in (file.get("ADMID") or file.get("MDID") or "").split():
        for context in rights[name].iter() if name in rights else ():
            is_public = local_name(context) == "Context" and context.get("CONTEXTCLASS") == "GENERAL PUBLIC"
            if is_public and (start := context.get("start-date")):
                try:
                    return Access.EMBARGOED, read_day(start)
                except WrongError:
                    return Access.CLOSED, ""
    return None, ""
