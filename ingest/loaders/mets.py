"""METS documents beside their files, one in a folder or a folder each; pure.

The description is MODS, Dublin Core, MARCXML or DataCite as `ingest/crosswalks` reads them, DSpace's own fields (DIM),
its SWORD packages (EPDCX), or a file of one of these that the document names.
"""

import base64
from collections.abc import Iterator
from pathlib import Path

from lxml import etree
from lxml.etree import _Element

from ingest.crosswalks import find_crosswalk
from ingest.crosswalks import mets as crosswalk
from ingest.crosswalks.elements import XLINK, children, lang_of, local_name, namespace_of, text_of
from ingest.crosswalks.mods import NAMESPACE as MODS
from ingest.loaders.dspace_fields import Field, read_fields
from ingest.loaders.elements import parse, read_bytes, read_xml
from ingest.loaders.entry import Entry, Rules, digest_key, read_rules
from ingest.loaders.folders import OF_SYSTEMS, Folder, MisplacedError, is_plain_file, main_folder
from ingest.loaders.mets_files import find_files
from ingest.loaders.own import with_own_record
from ingest.loaders.packages import Note, Package, Remark, refuse
from ingest.loaders.profile import Profile
from repo.items.metadata import Metadata

METS = b"http://www.loc.gov/METS/"
DIM = "http://www.dspace.org/xmlns/dspace/dim"
EPDCX = "http://purl.org/eprint/epdcx/2006-11-16/"
OF_ALL_PACKAGES = ("sword-mets",)
"""Values of OBJID that programs write into every document."""


def load(path: Path, profile: Profile, position: str) -> Iterator[Package]:
    """A package for each document, in the order of their folders, whose names are the positions."""
    root = main_folder(path) if path.is_dir() else path
    rules = read_rules(profile)
    found = False
    for document in [path] if not path.is_dir() else find_documents(root, position):
        found = True
        if document.parent.name > position or not position:
            yield _read(document, rules, "" if document.parent in (path, path.parent) else document.parent.name)
    if not found and not position:
        yield refuse(Note.NO_METADATA, path.name)


def find_documents(root: Path, after: str = "") -> Iterator[Path]:
    """The documents of a folder: its own, or those of the folders in it whose names come after a given one."""
    own = _document(root)
    if own is not None:
        yield own
        return
    names = sorted(item.name for item in root.iterdir() if item.is_dir() and not item.is_symlink())
    for name in names:
        if (not after or name > after) and not OF_SYSTEMS.match(name) and (document := _document(root / name)):
            yield document


def _document(folder: Path) -> Path | None:
    """The METS document of a folder, the one that is called so before others."""
    files = [file for file in sorted(folder.glob("*.[xX][mM][lL]")) if is_mets(file)]
    return min(files, key=lambda file: file.stem.lower() != "mets", default=None)


def is_mets(path: Path) -> bool:
    if path.suffix.lower() != ".xml" or not is_plain_file(path):
        return False
    with path.open("rb") as file:
        head = file.read(4096)
    return METS in head and b"mets" in head.partition(METS)[0].lower()


def _read(document: Path, rules: Rules, folder_name: str) -> Package:
    """The work of a document; `folder_name` is "" where the folder is not the document's own."""
    name = folder_name or document.stem
    try:
        raw = read_bytes(document)
        root = parse(raw, document.name)
    except MisplacedError as error:
        return Package(name, name, document.parent.name, remarks=(Remark(error.note, error.name),))
    folder = Folder(document.parent)
    entry = _describe(root, folder, rules)
    files = [] if rules.without_files else find_files(root, folder, entry)
    described = entry.finish()
    if not described.get("titles"):
        entry.remark(Note.NO_METADATA, document.name)
    told = root.get("OBJID") or ""
    package = Package(
        key=entry.parts.key or (told if told not in OF_ALL_PACKAGES else "") or folder_name or digest_key(described),
        place=name,
        position=document.parent.name,
        metadata=described,
        raw=base64.b64encode(raw).decode(),
        raw_name=document.name,
        files=tuple(files),
        collection=entry.parts.collection,
        addresses=tuple(dict.fromkeys(entry.parts.addresses)),
        remarks=tuple(entry.remarks),
    )
    return with_own_record(package, document.parent, rules.without_files, mods_in(root))


def mods_in(root: _Element) -> bytes:
    """The first MODS of a document, whatever stands around it (Exclusive XML Canonicalization 1.0)."""
    found = next((one for one in root.iter() if namespace_of(one) == MODS and local_name(one) == "mods"), None)
    return b"" if found is None else etree.tostring(found, method="c14n", exclusive=True, with_tail=False)


def _describe(root: _Element, folder: Folder, rules: Rules) -> Entry:
    """The first description that anything here reads."""
    for section in (one for one in root.iter() if local_name(one) in ("dmdSec", "md")):
        fields = list(_fields(section))
        if fields:
            return read_fields(fields, rules)
    found = crosswalk.read(root)
    if found.metadata.creators or found.metadata.issued or len(found.metadata.model_fields_set) > 1:
        return _entry(found.metadata, found.address, rules)
    for reference in (one for one in root.iter() if local_name(one) == "mdRef"):
        try:
            described = read_xml(folder.find(reference.get(XLINK + "href") or reference.get("LOCREF") or ""))
        except MisplacedError:
            continue
        read = find_crosswalk(described)
        if read is not None:
            told = read(described)
            return _entry(told.metadata, told.address, rules)
    return _entry(Metadata(), "", rules)


def _entry(metadata: Metadata, address: str, rules: Rules) -> Entry:
    entry = Entry(rules, metadata)
    if address.startswith(("http://", "https://")):
        entry.parts.addresses.append(address)
    entry.put_constants()
    return entry


def _fields(section: _Element) -> Iterator[Field]:
    """The fields of DSpace's own kinds of descriptions."""
    for data in (one for one in section.iter() if local_name(one) == "xmlData"):
        for inner in children(data):
            if namespace_of(inner) == DIM:
                yield from _dim(inner)
            elif namespace_of(inner) == EPDCX:
                yield from _epdcx(inner)


def _dim(dim: _Element) -> Iterator[Field]:
    for one in children(dim, "field"):
        parts = [one.get("mdschema") or "dc", one.get("element") or "", one.get("qualifier") or ""]
        yield Field(".".join(filter(None, parts)), text_of(one), lang_of(one))


def _epdcx(descriptions: _Element) -> Iterator[Field]:
    """Statements about the work and its expression (Scholarly Works Application Profile)."""
    attribute = "{" + EPDCX + "}"
    for one in (each for each in descriptions.iter() if local_name(each) == "statement"):
        term = (one.get(attribute + "propertyURI") or "").rpartition("/")[2]
        told = [text_of(value) for value in children(one, "valueString")]
        address = one.get(attribute + "valueURI") or ""
        if term == "type" and "/entityType/" not in address:
            told.append(address.rpartition("/")[2])
        # "available" is the day on which the work came out.
        name = {"available": "dc.date.issued", "copyrightHolder": "dc.rights.holder"}.get(term, f"dcterms.{term}")
        yield from (Field(name, value) for value in told if value)
