"""METS 1.12.1: a folder for each work with its files and `mets.xml`, which names them by their paths there.

Schema: http://www.loc.gov/standards/mets/mets.xsd. Beside MODS a second descriptive section names `muras.json`, which
holds all that we know, so that nothing is lost on the way to another Muras.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from lxml import etree

from ingest.exporting.works import Data, Part, Stored, Work, WorkFile
from ingest.loaders.mets import mods_in
from ingest.loaders.own import RECORD
from oai.formats import mets
from oai.formats.elements import PARSER, add, clean
from oai.formats.mets import NAMESPACE, XLINK
from repo.items.access import FileRole

SECTION = "DMDLOG_RECORD"
GROUPS = {FileRole.PRIVATE: "PRIVATE", FileRole.AGREEMENT: "AGREEMENT"}


def pack(work: Work, with_files: bool) -> Iterator[Part]:
    files = work.files if with_files else ()
    root = mets.render(work.source if files else replace(work.source, files=(), pages=()))
    described = mods_in(etree.fromstring(work.document(root), PARSER))
    record = work.packed_record({file.path: file.path for file in files}, described)
    _complete(root, work, files, record)
    yield Data(f"{work.id}/mets.xml", work.document(root))
    yield Data(f"{work.id}/{RECORD}", record)
    for file in files:
        yield Stored(f"{work.id}/{file.path}", file)


def _complete(root: etree._Element, work: Work, files: tuple[WorkFile, ...], record: bytes) -> None:
    """Name what lies beside the document: the record, and every file."""
    _add_record(root, record)
    _locate(root, work if files else replace(work, files=()))
    for role, use in GROUPS.items():
        _add_group(root, use, [file for file in files if file.role is role])


def _add_record(root: etree._Element, record: bytes) -> None:
    """Name the record in a section after that of MODS, as METS orders its parts."""
    section = etree.Element(f"{{{NAMESPACE}}}dmdSec", ID=SECTION)
    told = {"LOCTYPE": "URL", "MDTYPE": "OTHER", "OTHERMDTYPE": "MURAS", "MIMETYPE": "application/json"}
    reference = _add(section, "mdRef", **told, SIZE=str(len(record)), CHECKSUMTYPE="SHA-512")
    reference.set("CHECKSUM", hashlib.sha512(record).hexdigest())
    reference.set(f"{{{XLINK}}}href", RECORD)
    root.findall(f"{{{NAMESPACE}}}dmdSec")[-1].addnext(section)


def _locate(root: etree._Element, work: Work) -> None:
    """Every original by its path in the package, in place of the address that only open files have."""
    files = {file.name: file for file in work.originals}
    known = {f"FILE_{number:04}": files[file.name] for number, file in enumerate(work.source.files, 1) if files}
    for element in root.iterfind(f".//{{{NAMESPACE}}}file"):
        for located in element.findall(f"{{{NAMESPACE}}}FLocat"):
            element.remove(located)
        _add_location(element, known[element.get("ID", "")])


def _add_group(root: etree._Element, use: str, files: list[WorkFile]) -> None:
    if not files:
        return
    section = root.find(f"{{{NAMESPACE}}}fileSec")
    if section is None:
        section = etree.Element(f"{{{NAMESPACE}}}fileSec")
        first = root.find(f"{{{NAMESPACE}}}structMap")
        assert first is not None  # METS has one always
        first.addprevious(section)
    group = _add(section, "fileGrp", USE=use)
    for number, file in enumerate(files, 1):
        element = _add(group, "file", ID=f"{use}_{number:04}", MIMETYPE=file.mime, SIZE=str(file.size))
        element.set("CHECKSUM", file.digest)
        element.set("CHECKSUMTYPE", "SHA-512")
        _add_location(element, file)


def _add_location(element: etree._Element, file: WorkFile) -> None:
    located = _add(element, "FLocat", LOCTYPE="URL")
    located.set(f"{{{XLINK}}}href", quote(file.path))
    located.set(f"{{{XLINK}}}title", clean(file.name))


def _add(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return add(parent, f"{{{NAMESPACE}}}{name}", **attributes)
