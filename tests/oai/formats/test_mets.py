"""METS: files with their digests, pages with their labels, what is closed without an address."""

from dataclasses import replace

import pytest
from lxml import etree

from oai.formats import mods
from oai.formats.mets import NAMESPACE, VIEWER, XLINK, render
from oai.formats.source import BASE, Source, SourcePage
from repo.items.access import Access
from tests.oai.formats.examples import examples, full_metadata, make_file, make_source

EXAMPLES = examples()
PREFIXES = {"m": NAMESPACE, "dv": VIEWER, "x": XLINK, "mods": mods.NAMESPACE}


def found(root: etree._Element, path: str) -> list[str]:
    """Attributes or texts at an XPath."""
    nodes = root.xpath(path, namespaces=PREFIXES)
    assert isinstance(nodes, list)
    return [one.text or "" if isinstance(one, etree._Element) else str(one) for one in nodes]


def scanned() -> Source:
    """A book of three pages, of which the second may not be read, and a PDF of the whole."""
    files = [replace(make_file(f"{n}.jpg", "image/jpeg"), address=f"{BASE}/f/{n}.jpg") for n in (1, 2, 3)]
    files[1] = replace(files[1], access=Access.CLOSED)
    files.append(replace(make_file("whole.pdf"), address=f"{BASE}/f/whole.pdf"))
    pages = (SourcePage("p1", "i", "1.jpg"), SourcePage("p2", "", "2.jpg"), SourcePage("7/7", "[3]", "3.jpg"))
    return make_source(full_metadata("rare-book"), tuple(files), pages)


BOOK = render(scanned())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("@OBJID", ["oai:muras.example.org:0123b4c5x"]),
        ("@LABEL", ["Көл жана тоо: биринчи китеп"]),
        ("m:metsHdr/@LASTMODDATE", ["2026-03-02T09:30:00Z"]),
        ("m:metsHdr/m:agent[@ROLE='CUSTODIAN']/m:name", ["KNU Library"]),
        ("m:dmdSec/m:mdWrap[@MDTYPE='MODS']/m:xmlData/mods:mods/mods:titleInfo[@usage]/mods:title", ["Көл жана тоо"]),
        ("m:amdSec/m:rightsMD//dv:rights/dv:owner", ["KNU Library"]),
        ("m:amdSec/m:rightsMD//dv:rights/dv:license", ["https://creativecommons.org/licenses/by/4.0/"]),
        ("m:amdSec/m:digiprovMD//dv:links/dv:presentation", [f"{BASE}/records/0123b4c5x"]),
        ("m:fileSec/m:fileGrp/@USE", ["DEFAULT", "ORIGINAL"]),
        ("m:fileSec/m:fileGrp[@USE='DEFAULT']/m:file/@ID", ["FILE_0001", "FILE_0002", "FILE_0003"]),
        ("m:fileSec/m:fileGrp[@USE='DEFAULT']/m:file/m:FLocat/@x:href", [f"{BASE}/f/1.jpg", f"{BASE}/f/3.jpg"]),
        ("m:fileSec/m:fileGrp[@USE='ORIGINAL']/m:file/@MIMETYPE", ["application/pdf"]),
        ("m:fileSec//m:file[@CHECKSUMTYPE='SHA-512'][@SIZE='123456']/@CHECKSUM", ["ab" * 64] * 4),
        ("m:structMap[@TYPE='LOGICAL']/m:div/@TYPE", ["monograph"]),
        ("m:structMap[@TYPE='LOGICAL']/m:div/@DMDID", ["DMDLOG_0000"]),
        ("m:structMap[@TYPE='PHYSICAL']/m:div/m:div/@ORDER", ["1", "2", "3"]),
        ("m:structMap[@TYPE='PHYSICAL']/m:div/m:div/@ORDERLABEL", ["i", "[3]"]),
        ("m:structMap[@TYPE='PHYSICAL']/m:div/m:div/@ID", ["PHYS_p1", "PHYS_p2", "PHYS_7_7"]),
        ("m:structMap[@TYPE='PHYSICAL']/m:div/m:div/m:fptr/@FILEID", ["FILE_0001", "FILE_0002", "FILE_0003"]),
        (
            "m:structMap[@TYPE='PHYSICAL']/m:div/m:div/@CONTENTIDS",
            [f"{BASE}/records/0123b4c5x/canvas/p1", f"{BASE}/records/0123b4c5x/canvas/7%2F7"],
        ),
        ("m:structLink/m:smLink[@x:from='LOG_0000']/@x:to", ["PHYS_0000", "PHYS_p1", "PHYS_p2", "PHYS_7_7"]),
    ],
)
def test_each_statement_in_its_place(path: str, expected: list[str]) -> None:
    assert found(BOOK, path) == expected


def test_pages_are_no_files_of_the_description() -> None:
    """Five thousand addresses would bury it; those of the pages stand in fileSec."""
    assert found(BOOK, "//mods:url[@access='raw object']") == [f"{BASE}/f/whole.pdf"]


def test_without_pages_the_files_hang_on_the_work() -> None:
    root = render(EXAMPLES["article-full"])
    assert found(root, "m:structMap/@TYPE") == ["LOGICAL"]
    assert found(root, "m:structMap/m:div/m:fptr/@FILEID") == ["FILE_0001", "FILE_0002"]
    assert found(root, "m:amdSec") == [] and found(root, "m:structLink") == []


def test_without_files_there_is_no_file_section() -> None:
    assert found(render(EXAMPLES["article-least"]), "m:fileSec") == []


@pytest.mark.parametrize("access", Access)
def test_only_open_files_have_addresses(access: Access) -> None:
    source = EXAMPLES[f"access-{access.value}"]
    root = render(source)
    assert found(root, "//m:file/@SIZE") == ["123456"]
    assert found(root, "//m:FLocat/@x:href") == ([source.files[0].address] if access is Access.OPEN else [])
    assert (source.files[0].address in etree.tostring(root, encoding="unicode")) == (access is Access.OPEN)


def test_every_reference_leads_somewhere() -> None:
    ids = set(found(BOOK, "//@ID"))
    assert set(found(BOOK, "//m:fptr/@FILEID | //@DMDID | //@ADMID | //m:smLink/@x:to | //m:smLink/@x:from")) <= ids
