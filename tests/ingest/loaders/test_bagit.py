"""Bags: packed and judged by the library of others, and each kind of damage."""

import hashlib
import json
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import bagit
import pytest

from ingest.loaders.bag import read_bag, verify_file
from ingest.loaders.packages import Note, Package
from ingest.loaders.profile import Profile
from ingest.loaders.registry import LOADERS
from repo.items.metadata import Metadata, Text, TextKind, write_metadata
from tests.ingest.loaders.loading import load, load_one, notes, write_files

MODS = '<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo lang="ky"><title>Манас</title></titleInfo></mods>'
DC = '<dc xmlns="http://purl.org/dc/elements/1.1/"><title>Манас</title></dc>'


def pack(folder: Path, files: dict[str, str | bytes], **info: str) -> Path:
    """A bag by the Library of Congress' own library."""
    write_files(folder, files)
    bagit.make_bag(
        str(folder), {name.replace("_", "-"): value for name, value in info.items()}, checksums=["md5", "sha512"]
    )
    return folder


def valid_here(folder: Path) -> bool:
    """Whether nothing here finds a fault: neither the loader, nor the digests of the files it names."""
    packages = list(LOADERS["bagit"](folder, Profile(), ""))
    files = [file for package in packages for file in package.files]
    return not any(package.refused for package in packages) and not any(map(verify_file, files))


def valid_there(folder: Path) -> bool:
    try:
        bagit.Bag(str(folder)).validate()
    except bagit.BagError:
        return False
    return True


def titles(package: Package) -> list[str]:
    return [title["value"] for title in (package.metadata or {}).get("titles", [])]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mods.xml", MODS),
        ("dc.xml", DC),
        ("metadata.json", json.dumps(write_metadata(Metadata(titles=[Text(value="Манас")])))),
    ],
)
def test_a_record_in_the_payload_describes_it(tmp_path: Path, name: str, content: str) -> None:
    pack(tmp_path / "bag", {name: content, "scans/p10.tif": "1", "scans/p2.tif": "2"}, External_Identifier="doi:10.1/x")
    package = load_one(tmp_path)
    assert titles(package) == ["Манас"] and package.key == "doi:10.1/x"
    assert [file.name for file in package.files] == ["p2.tif", "p10.tif"]
    assert package.files[0].digests == {
        "md5": hashlib.md5(b"2").hexdigest(),
        "sha512": hashlib.sha512(b"2").hexdigest(),
    }


def test_bag_info_alone_describes_the_payload(tmp_path: Path) -> None:
    info = {"Title": "Манас", "External_Description": "Эпос", "Source_Organization": "КУУ"}
    pack(tmp_path / "bag", {"a.pdf": "x"}, **info)
    package = load_one(tmp_path, Profile(fields={"Source-Organization": "publisher"}))
    assert titles(package) == ["Манас"] and package.key == "bag"
    assert (package.metadata or {})["publishers"] == [{"value": "КУУ"}]
    pack(tmp_path / "nameless", {"a.pdf": "x"})
    assert [notes(package) for package in load(tmp_path) if package.refused] == [[(Note.NO_METADATA, "Title")]]


def test_a_table_in_the_payload_is_many_works(tmp_path: Path) -> None:
    table = "Ключ;Название;Файлы\n1;Манас;a.pdf\n2;Семетей;b.pdf\n"
    pack(tmp_path / "b1", {"metadata.csv": table, "a.pdf": "1", "b.pdf": "2"})
    pack(
        tmp_path / "b2", {"metadata.csv": table.replace("1;М", "3;М").replace("2;С", "4;С"), "a.pdf": "1", "b.pdf": "2"}
    )
    packages = load(tmp_path)
    assert [(package.key, package.place) for package in packages] == [
        ("1", "b1 2"),
        ("2", "b1 3"),
        ("3", "b2 2"),
        ("4", "b2 3"),
    ]
    assert all("sha512" in package.files[0].digests for package in packages)


def test_a_mets_document_in_the_payload(tmp_path: Path) -> None:
    files = '<fileGrp USE="ORIGINAL"><file ID="f"><FLocat xlink:href="scans/1.tif"/></file></fileGrp>'
    mets = (
        '<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" OBJID="x1">'
        f'<dmdSec ID="d"><mdWrap MDTYPE="MODS"><xmlData>{MODS}</xmlData></mdWrap></dmdSec>'
        f"<fileSec>{files}</fileSec></mets>"
    )
    pack(tmp_path / "bag", {"mets.xml": mets, "scans/1.tif": "1"})
    package = load_one(tmp_path)
    assert (package.key, titles(package)) == ("x1", ["Манас"])
    assert [sorted(file.digests) for file in package.files] == [["md5", "sha512"]]


def rewrite(folder: Path, name: str, change: Callable[[str], str]) -> None:
    """Change a tag file, and take the manifests of tag files away, which would tell."""
    for manifest in folder.glob("tagmanifest-*"):
        manifest.unlink()
    path = folder / name
    path.write_text(change(path.read_text()))


def both(change: Callable[[str], str]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for name in ("manifest-md5.txt", "manifest-sha512.txt"):
            rewrite(folder, name, change)

    return damage


DAMAGES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda folder: None,
    "a changed byte": lambda folder: (folder / "data/a.pdf").write_text("y"),
    "a longer file": lambda folder: (folder / "data/a.pdf").write_text("xx"),
    "a file less": lambda folder: (folder / "data/a.pdf").unlink(),
    "a file more": lambda folder: (folder / "data/extra.pdf").write_text("x"),
    "a hidden file more": lambda folder: (folder / "data/.extra").write_text("x"),
    "a changed record": lambda folder: (folder / "data/mods.xml").write_text(MODS.replace("Манас", "Минас")),
    "a changed tag file": lambda folder: (folder / "bag-info.txt").write_text("Title: Other\n"),
    "no declaration": lambda folder: (folder / "bagit.txt").write_text(""),
    "no manifests": lambda folder: [path.unlink() for path in folder.glob("*manifest-*")],
    "another sum of bytes": lambda folder: rewrite(
        folder, "bag-info.txt", lambda text: text.replace("Payload-Oxum: ", "Payload-Oxum: 1")
    ),
    "a wrong digest": both(lambda text: text.replace(text[:8], "00000000")),
    "capital digests": both(lambda text: "\n".join(line[:32].upper() + line[32:] for line in text.splitlines()) + "\n"),
    "a path out of the bag": both(lambda text: f"{text}{text.split()[0]}  ../outside.txt\n"),
    "a path out of the payload": both(lambda text: f"{text}{text.split()[0]}  data/../../outside.txt\n"),
    "an absolute path": both(lambda text: f"{text}{text.split()[0]}  /etc/passwd\n"),
    "a path of home": both(lambda text: f"{text}{text.split()[0]}  ~/.profile\n"),
}


@pytest.mark.parametrize("damage", list(DAMAGES))
def test_others_agree_on_what_is_valid(tmp_path: Path, damage: str) -> None:
    (tmp_path / "outside.txt").write_text("x")
    folder = pack(tmp_path / "bag", {"mods.xml": MODS, "a.pdf": "x", "б.pdf": "y"}, Title="Манас")
    DAMAGES[damage](folder)
    assert valid_here(folder) == valid_there(folder) == (damage in ("nothing", "capital digests"))


def test_a_manifest_with_a_line_that_is_none(tmp_path: Path) -> None:
    """The library of others reads on; what it was to say of which file nobody knows."""
    folder = pack(tmp_path / "bag", {"a.pdf": "x"}, Title="Манас")
    rewrite(folder, "manifest-md5.txt", lambda text: text + "nonsense\n")
    assert notes(load_one(folder)) == [(Note.BROKEN, "manifest-md5.txt")]


@pytest.mark.parametrize("version", ["0.97", "1.0", "0.96", "2.0", "x"])
def test_versions(tmp_path: Path, version: str) -> None:
    folder = pack(tmp_path / "bag", {"a%25b.pdf": "x"}, Title="Манас")
    rewrite(folder, "bagit.txt", lambda text: text.replace("BagIt-Version: 0.97", f"BagIt-Version: {version}"))
    bag = read_bag(folder)
    if version == "0.97":
        assert bag.remarks == [] and list(bag.payload) == [folder / "data/a%25b.pdf"]
    elif version == "1.0":
        # There a percent sign is written as %25, and the name means another file.
        assert {remark.note for remark in bag.remarks} == {Note.FILE_MISSING, Note.FILE_DIFFERS}
    else:
        assert [(remark.note, remark.about) for remark in bag.remarks] == [(Note.WRONG_VALUE, "BagIt-Version")]


def test_since_version_1_every_manifest_lists_every_file(tmp_path: Path) -> None:
    folder = pack(tmp_path / "bag", {"a.pdf": "x", "b.pdf": "y"}, Title="Манас")
    rewrite(folder, "manifest-md5.txt", lambda text: text.splitlines()[0] + "\n")
    assert read_bag(folder).remarks == []
    rewrite(folder, "bagit.txt", lambda text: text.replace("0.97", "1.0"))
    assert [remark.note for remark in read_bag(folder).remarks] == [Note.FILE_DIFFERS]


def test_holes_are_not_filled(tmp_path: Path) -> None:
    folder = pack(tmp_path / "bag", {"a.pdf": "x"}, Title="Манас")
    rewrite(folder, "bag-info.txt", str)
    (folder / "fetch.txt").write_text("http://169.254.169.254/latest 10 data/b.pdf\n")
    assert notes(load_one(folder)) == [(Note.BAD_PATH, "fetch.txt")]


def test_links_in_the_payload(tmp_path: Path) -> None:
    write_files(tmp_path, {"secret.txt": "x"})
    folder = pack(tmp_path / "load/bag", {"a.pdf": "x", "b.pdf": "x", "c/d.pdf": "x"}, Title="Манас")
    (folder / "data/a.pdf").unlink()
    (folder / "data/a.pdf").symlink_to(tmp_path / "secret.txt")
    (folder / "data/b.pdf").unlink()
    os.link(tmp_path / "secret.txt", folder / "data/b.pdf")
    (folder / "data/e").symlink_to(tmp_path)
    package = load_one(tmp_path / "load")
    assert package.refused and package.files == ()
    assert {remark.about for remark in package.remarks if remark.note is Note.NOT_A_FILE} == {
        "data/a.pdf",
        "data/b.pdf",
        "data/e",
    }


def test_names_written_by_a_mac(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "Йүрт.pdf")
    folder = pack(tmp_path / "bag", {name: "x"}, Title="Манас")
    for manifest in ("manifest-md5.txt", "manifest-sha512.txt"):
        rewrite(folder, manifest, lambda text: unicodedata.normalize("NFC", text))
    assert valid_here(folder) and valid_there(folder)


def test_folded_lines_and_encodings_of_tag_files(tmp_path: Path) -> None:
    folder = pack(tmp_path / "bag", {"a.pdf": "x"}, Title="T")
    rewrite(folder, "bagit.txt", lambda text: text.replace("UTF-8", "windows-1251"))
    (folder / "bag-info.txt").write_bytes("Title: Манас,\r\n  эпос\r\n".encode("cp1251"))
    assert titles(load_one(folder)) == ["Манас, эпос"]
    rewrite(folder, "bagit.txt", lambda text: text.replace("windows-1251", "klingon"))
    assert notes(load_one(folder)) == [(Note.BROKEN, "bagit.txt")]


@pytest.mark.parametrize("content", ["[1]", "{", '{"titles": 1}', '{"schema_version": "x"}', "[" * 100_000])
def test_descriptions_that_are_none(tmp_path: Path, content: str) -> None:
    pack(tmp_path / "bag", {"metadata.json": content, "a.pdf": "x"})
    assert notes(load_one(tmp_path)) == [(Note.BROKEN, "metadata.json")]


def test_what_is_no_bag(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert [package.remarks[0].note for package in LOADERS["bagit"](tmp_path, Profile(), "")] == [Note.NO_METADATA]
    assert TextKind.MAIN == "main"
