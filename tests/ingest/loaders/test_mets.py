"""METS documents beside their files: order of pages, groups, digests, rights, places."""

import os
from pathlib import Path

import pytest

from ingest.loaders.packages import Note
from ingest.loaders.profile import Profile
from ingest.loaders.registry import LOADERS, detect_format
from repo.items.access import Access
from tests.ingest.loaders.loading import load, load_one, notes, write_files

MODS = (
    '<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo lang="ky"><title>{}</title></titleInfo>'
    "<location><url>https://old.example.org/1</url></location></mods>"
)


def described(title: str = "Манас") -> str:
    return f'<dmdSec ID="d"><mdWrap MDTYPE="MODS"><xmlData>{MODS.format(title)}</xmlData></mdWrap></dmdSec>'


def file(number: object, address: str, extra: str = "") -> str:
    return f'<file ID="f{number}" {extra}><FLocat LOCTYPE="URL" xlink:href="{address}"/></file>'


def mets(*parts: str, root: str = 'OBJID="x1"') -> str:
    spaces = 'xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<mets {spaces} {root}>{''.join(parts)}</mets>"


def group(*files: str, use: str = "ORIGINAL") -> str:
    return f'<fileGrp USE="{use}">{"".join(files)}</fileGrp>'


def test_pages_in_their_order(tmp_path: Path) -> None:
    order = ((3, 1), (1, 2), (2, 3))
    pages = "".join(f'<div ORDER="{number}"><fptr FILEID="f{name}"/></div>' for number, name in order)
    structure = '<structMap TYPE="LOGICAL"><div DMDID="d"/></structMap>'
    structure += f'<structMap TYPE="PHYSICAL"><div>{pages}</div></structMap>'
    listed = group(file(1, "c.tif"), file(2, "a.tif"), file(3, "b.tif"), file(4, "z.tif"))
    content = mets(described(), f"<fileSec>{listed}{group(file(5, 't.jpg'), use='THUMBS')}</fileSec>", structure)
    names = ("a.tif", "b.tif", "c.tif", "z.tif", "t.jpg")
    package = load_one(write_files(tmp_path, {"mets.xml": content, **dict.fromkeys(names, "x")}))
    assert [one.name for one in package.files] == ["a.tif", "b.tif", "c.tif", "z.tif"]
    assert package.key == "x1" and package.addresses == ("https://old.example.org/1",)
    assert notes(package) == [(Note.LEFT_OUT, "THUMBS")]
    assert (package.metadata or {})["titles"] == [{"value": "Манас", "lang": "ky"}]


def test_digests_and_addresses_of_files(tmp_path: Path) -> None:
    listed = group(
        file(1, "scans/%D0%B0 1.tif".replace(" ", "%20"), 'CHECKSUM="ABCD" CHECKSUMTYPE="SHA-256"'),
        file(2, "file://./b.tif", 'CHECKSUM="12" CHECKSUMTYPE="CRC32"'),
        file(3, "100%.tif"),
    )
    files = {"scans/а 1.tif": "x", "b.tif": "y", "100%.tif": "z"}
    package = load_one(write_files(tmp_path, {"mets.xml": mets(described(), f"<fileSec>{listed}</fileSec>"), **files}))
    assert [(one.name, one.digests) for one in package.files] == [
        ("а 1.tif", {"sha256": "abcd"}),
        ("b.tif", {}),
        ("100%.tif", {}),
    ]


@pytest.mark.parametrize(
    ("address", "note"),
    [
        ("../secret.txt", Note.BAD_PATH),
        ("%2e%2e/secret.txt", Note.BAD_PATH),
        ("/etc/passwd", Note.BAD_PATH),
        ("file:///etc/passwd", Note.BAD_PATH),
        ("link.txt", Note.NOT_A_FILE),
        ("hard.txt", Note.NOT_A_FILE),
        ("http://169.254.169.254/latest", Note.FILE_MISSING),
        ("missing.tif", Note.FILE_MISSING),
        ("", Note.FILE_MISSING),
    ],
)
def test_places_that_lead_elsewhere(tmp_path: Path, address: str, note: Note) -> None:
    write_files(tmp_path, {"secret.txt": "x"})
    content = mets(described(), f"<fileSec>{group(file(1, address))}</fileSec>")
    folder = write_files(tmp_path / "load", {"mets.xml": content})
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    os.link(tmp_path / "secret.txt", folder / "hard.txt")
    package = load_one(folder)
    assert [remark.note for remark in package.remarks] == [note] and package.files == ()
    assert not load_one(folder, Profile(fields={"files": ""})).refused


def test_fields_of_dspace_and_a_description_in_a_file_of_its_own(tmp_path: Path) -> None:
    fields = (
        '<dim:field mdschema="dc" element="title" lang="ru">Манас</dim:field>',
        '<dim:field mdschema="dc" element="contributor" qualifier="advisor">Осмонов, Алыкул</dim:field>',
    )
    dim = f'<dim:dim xmlns:dim="http://www.dspace.org/xmlns/dspace/dim">{"".join(fields)}</dim:dim>'
    section = f'<dmdSec ID="d"><mdWrap><xmlData>{dim}</xmlData></mdWrap></dmdSec>'
    write_files(tmp_path / "a", {"mets.xml": mets(section)})
    reference = '<dmdSec ID="d"><mdRef LOCTYPE="URL" MDTYPE="MODS" xlink:href="about/mods.xml"/></dmdSec>'
    write_files(tmp_path / "b", {"mets.xml": mets(reference, root=""), "about/mods.xml": MODS.format("Семетей")})
    first, second = load(tmp_path)
    assert (first.metadata or {})["titles"] == [{"value": "Манас", "lang": "ru"}]
    assert (first.metadata or {})["contributors"][0]["role"] == "advisor"
    assert second.key == "b" and (second.metadata or {})["titles"][0]["value"] == "Семетей"


def test_a_folder_for_each_document(tmp_path: Path) -> None:
    for name in ("b10", "b2"):
        write_files(tmp_path / name, {"METS.XML": mets(described(name), root=""), "alto.xml": "<alto/>"})
    (tmp_path / "empty").mkdir()
    write_files(tmp_path / "z", {"mets.xml": mets(described()) + "<"})
    packages = load(tmp_path)
    assert [(package.key, package.place) for package in packages] == [("b10", "b10"), ("b2", "b2"), ("z", "z")]
    assert notes(packages[-1]) == [(Note.BROKEN, "mets.xml")]


def test_files_of_version_2_lie_in_no_group(tmp_path: Path) -> None:
    content = (
        '<mets xmlns="http://www.loc.gov/METS/v2" OBJID="x2"><mdSec><md USE="DESCRIPTIVE" ID="m"><mdWrap><xmlData>'
        f'{MODS.format("Манас")}</xmlData></mdWrap></md></mdSec><fileSec><file ID="f1"><FLocat LOCREF="a.tif"/></file>'
        "</fileSec></mets>"
    )
    package = load_one(write_files(tmp_path, {"mets.xml": content, "a.tif": "x"}))
    assert not package.refused and [one.name for one in package.files] == ["a.tif"]


def test_the_first_day_for_readers(tmp_path: Path) -> None:
    rights = (
        '<amdSec ID="a"><rightsMD ID="r"><mdWrap><xmlData><x:Context xmlns:x="urn:x" CONTEXTCLASS="GENERAL PUBLIC" '
        'start-date="{}"/></xmlData></mdWrap></rightsMD></amdSec>'
    )
    listed = "<fileSec>" + group(file(1, "a.pdf", 'ADMID="a"'), file(2, "b.pdf")) + "</fileSec>"
    for start, access, until in (("2031-01-01", Access.EMBARGOED, "2031-01-01"), ("someday", Access.CLOSED, "")):
        content = mets(described(), rights.format(start), listed)
        package = load_one(write_files(tmp_path, {"mets.xml": content, "a.pdf": "x", "b.pdf": "y"}))
        assert [(one.access, one.until) for one in package.files] == [(access, until), (None, "")]


def test_what_describes_nothing_is_refused(tmp_path: Path) -> None:
    assert notes(load_one(write_files(tmp_path, {"mets.xml": mets("<fileSec/>")}))) == [(Note.NO_METADATA, "mets.xml")]


def test_formats_are_told_apart(tmp_path: Path) -> None:
    write_files(tmp_path / "a", {"notes.txt": "x", "page.xml": "<page/>"})
    assert detect_format(tmp_path / "a") == detect_format(tmp_path / "a/page.xml") == ""
    assert [package.remarks[0].note for package in LOADERS["mets"](tmp_path / "a", Profile(), "")] == [Note.NO_METADATA]
    write_files(tmp_path / "b", {"table.tsv": "key\ttitle\n"})
    assert detect_format(tmp_path / "b") == detect_format(tmp_path / "b/table.tsv") == "table"
