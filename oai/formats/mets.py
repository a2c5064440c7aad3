"""METS 1.12.1: description, files and pages of an item, as viewers of scanned books read it.

Schema: http://www.loc.gov/standards/mets/mets.xsd. File groups, structure maps and the rights and links of scanned
books are those of the DFG Viewer. A file that not everybody may read is listed without its address.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote

from lxml import etree

from oai.formats import mods
from oai.formats.elements import add, add_if, clean, root_element
from oai.formats.source import Source, SourceFile
from oai.formats.wording import library_name
from repo.items.access import Access
from repo.items.metadata import main_text
from repo.vocabularies import licences

NAMESPACE = "http://www.loc.gov/METS/"
SCHEMA = "http://www.loc.gov/standards/mets/mets.xsd"
XLINK = "http://www.w3.org/1999/xlink"
VIEWER = "http://dfg-viewer.de/"

SHOWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
"""What a browser shows: the group DEFAULT of a viewer. All else are originals to download."""

STRUCTURES = {"book": "monograph", "rare-book": "monograph", "periodical-issue": "issue"}
"""Our types under the names of the DFG Viewer's structure types; the others are called alike or unknown there."""

DESCRIPTION, RIGHTS, WORK, SEQUENCE = "DMDLOG_0000", "AMD_0000", "LOG_0000", "PHYS_0000"


def render(source: Source) -> etree._Element:
    """Return the `<mets>` element of an item."""
    root = root_element(f"{{{NAMESPACE}}}mets", {"mets": NAMESPACE, "xlink": XLINK}, NAMESPACE, SCHEMA)
    root.set("OBJID", source.identifier)
    if title := clean(main_text(source.metadata.titles).value):
        root.set("LABEL", title)
    ids = {file.name: f"FILE_{number:04}" for number, file in enumerate(source.files, 1)}
    _add_header(root, source)
    wrap = _add(_add(root, "dmdSec", ID=DESCRIPTION), "mdWrap", MDTYPE="MODS", MDTYPEVERSION="3.8")
    _add(wrap, "xmlData").append(mods.render(source))
    if source.pages:
        _add_rights(root, source)
    _add_files(root, source, ids)
    _add_logical(root, source, ids)
    if source.pages:
        _add_physical(root, source, ids)
        _add_links(root, source)
    return root


def _add(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return add(parent, f"{{{NAMESPACE}}}{name}", **attributes)


def _add_header(root: etree._Element, source: Source) -> None:
    moments = (source.published, source.changed)
    created, changed = (f"{moment.isoformat(timespec='seconds')[:19]}Z" for moment in moments)
    header = _add(root, "metsHdr", CREATEDATE=created, LASTMODDATE=changed)
    if name := library_name(source):
        agent = _add(header, "agent", ROLE="CUSTODIAN", TYPE="ORGANIZATION")
        _add(agent, "name").text = name
        add_if(agent, f"{{{NAMESPACE}}}note", source.library.isil)


def _add_rights(root: etree._Element, source: Source) -> None:
    """Owner, licence and landing page, as the DFG Viewer shows them beside a scanned book."""
    section = _add(root, "amdSec", ID=RIGHTS)
    rights = _add_wrapped(section, "rightsMD", "DVRIGHTS", "rights")
    add_if(rights, f"{{{VIEWER}}}owner", library_name(source))
    licence = licences().get(source.metadata.licence)
    add_if(rights, f"{{{VIEWER}}}license", licence.url if licence else "")
    links = _add_wrapped(section, "digiprovMD", "DVLINKS", "links")
    add(links, f"{{{VIEWER}}}reference", source.address)
    add(links, f"{{{VIEWER}}}presentation", source.address)


def _add_wrapped(section: etree._Element, name: str, kind: str, tag: str) -> etree._Element:
    metadata = _add(section, name, ID=f"{kind}_0000")
    wrap = _add(metadata, "mdWrap", MIMETYPE="text/xml", MDTYPE="OTHER", OTHERMDTYPE=kind)
    return etree.SubElement(_add(wrap, "xmlData"), f"{{{VIEWER}}}{tag}", nsmap={"dv": VIEWER})


def _add_files(root: etree._Element, source: Source, ids: Mapping[str, str]) -> None:
    if not source.files:
        return
    section = _add(root, "fileSec")
    for use, shown in (("DEFAULT", True), ("ORIGINAL", False)):
        files = [file for file in source.files if (file.mime in SHOWN) is shown]
        if files:
            group = _add(section, "fileGrp", USE=use)
            for file in files:
                _add_file(group, file, ids[file.name])


def _add_file(group: etree._Element, file: SourceFile, identifier: str) -> None:
    element = _add(group, "file", ID=identifier, MIMETYPE=file.mime, SIZE=str(file.size))
    if file.digest:
        element.set("CHECKSUM", file.digest)
        element.set("CHECKSUMTYPE", "SHA-512")
    if file.access is Access.OPEN:
        located = _add(element, "FLocat", LOCTYPE="URL")
        located.set(f"{{{XLINK}}}href", file.address)
        located.set(f"{{{XLINK}}}title", clean(file.name))


def _add_logical(root: etree._Element, source: Source, ids: Mapping[str, str]) -> None:
    """The work as a whole; without pages its files hang on it."""
    metadata = source.metadata
    kind = STRUCTURES.get(metadata.type, metadata.type)
    label = main_text(metadata.titles).value
    top = _add(root, "structMap", TYPE="LOGICAL")
    work = _add(top, "div", ID=WORK, TYPE=kind, LABEL=label, DMDID=DESCRIPTION, ADMID=RIGHTS if source.pages else "")
    if not source.pages:
        for identifier in ids.values():
            _add(work, "fptr", FILEID=identifier)


def _add_physical(root: etree._Element, source: Source, ids: Mapping[str, str]) -> None:
    """The pages in their order, each with its printed label, its lasting address and its file."""
    opened = {file.name for file in source.open_files}
    sequence = _add(_add(root, "structMap", TYPE="PHYSICAL"), "div", ID=SEQUENCE, TYPE="physSequence")
    for order, page in enumerate(source.pages, 1):
        canvas = f"{source.address}/canvas/{quote(page.id, safe='')}" if page.file in opened else ""
        names = {"ID": _page_id(page.id), "TYPE": "page", "ORDERLABEL": page.label, "CONTENTIDS": canvas}
        element = _add(sequence, "div", ORDER=str(order), **names)
        if page.file in ids:
            _add(element, "fptr", FILEID=ids[page.file])


def _page_id(identifier: str) -> str:
    """An id that XML can hold (NCName)."""
    return "PHYS_" + re.sub(r"[^A-Za-z0-9._-]", "_", identifier)


def _add_links(root: etree._Element, source: Source) -> None:
    links = _add(root, "structLink")
    for target in (SEQUENCE, *(_page_id(page.id) for page in source.pages)):
        link = _add(links, "smLink")
        link.set(f"{{{XLINK}}}from", WORK)
        link.set(f"{{{XLINK}}}to", target)
