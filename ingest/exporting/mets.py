"""METS 1.12.1: a folder for each work with its files and `mets.xml`, which names them by their paths there.

Schema: http://www.loc.gov/standards/mets/mets.xsd. Beside MODS a second descriptive section holds all that we know, as
JSON, so that nothing is lost on the way to another Muras.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from lxml import etree

from ingest.exporting.works import Data, Part, Stored, Work, WorkFile
from oai.formats import mets
from oai.formats.elements import add, clean
from oai.formats.mets import NAMESPACE, XLINK
from repo.items.access import FileRole

RECORD = "DMDLOG_RECORD"
GROUPS = {FileRole.PRIVATE: "PRIVATE", FileRole.AGREEMENT: "AGREEMENT"}


def pack(work: Work, with_files: bool) -> Iterator[Part]:
    files = work.files if with_files else ()
    yield Data(f"{work.id}/mets.xml", work.document(_render(work, files)))
    for file in files:
        yield Stored(f"{work.id}/{file.path}", file)


def _render(work: Work, files: tuple[WorkFile, ...]) -> etree._Element:
    root = mets.render(work.source if files else replace(work.source, files=(), pages=()))
    _add_record(root, work.encoded)
    _locate(root, work if files else replace(work, files=()))
    for role, use in GROUPS.items():
        _add_group(root, use, [file for file in files if file.role is role])
    return root


def _add_record(root: etree._Element, record: bytes) -> None:
    """The record after the MODS section, as METS orders its parts."""
    section = etree.Element(f"{{{NAMESPACE}}}dmdSec", ID=RECORD)
    wrap = _add(section, "mdWrap", MDTYPE="OTHER", OTHERMDTYPE="MURAS", MIMETYPE="application/json")
    _add(wrap, "binData").text = b64encode(record).decode()
    sections = root.findall(f"{{{NAMESPACE}}}dmdSec")
    sections[-1].addnext(section)


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
