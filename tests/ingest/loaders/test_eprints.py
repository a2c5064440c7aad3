"""Exports of EPrints, with files beside them and inside them."""

import base64
import os
from pathlib import Path

import pytest

from ingest.loaders.eprints import has_files_inside, take_out_files
from ingest.loaders.folders import MisplacedError
from ingest.loaders.packages import Note
from ingest.loaders.profile import Profile
from repo.items.access import Access
from tests.ingest.loaders.loading import load, load_one, notes, write_files

NAMESPACE = "http://eprints.org/ep2/data/2.0"


def eprint(number: int, *extra: str, documents: str = "", status: str = "archive") -> str:
    return (
        f"<eprint id='https://old.example.org/id/eprint/{number}'><eprintid>{number}</eprintid>"
        f"<documents>{documents}</documents><eprint_status>{status}</eprint_status>"
        f"<title>Эмгек {number}</title>{''.join(extra)}</eprint>"
    )


def document(name: str, extra: str = "", security: str = "public", file: str = "") -> str:
    return (
        f"<document><pos>1</pos><files><file><fileid>7</fileid><filename>{name}</filename>{file}"
        f"<url>https://old.example.org/3/1/{name}</url></file></files><security>{security}</security>{extra}</document>"
    )


def export(*eprints: str) -> str:
    return f"<?xml version='1.0' encoding='utf-8'?>\n<eprints xmlns='{NAMESPACE}'>{''.join(eprints)}</eprints>"


def test_a_thesis_with_its_people(tmp_path: Path) -> None:
    fields = (
        "<type>thesis</type><thesis_type>masters</thesis_type><institution>КУУ</institution><date>2019-06</date>",
        "<creators><item><name><family>Асанова</family><given>Бермет</given></name>",
        "<orcid>0000-0002-1825-0097</orcid></item></creators>",
        "<supervisors><item><name><family>Осмонов</family><given>Алыкул</given></name></item></supervisors>",
        "<corp_creators><item>Академия наук</item></corp_creators><keywords>эпос; Манас, тарых</keywords>",
        "<language>kg</language><divisions><item>math</item></divisions>",
    )
    profile = Profile(fields={"divisions": "collection"}, terms={"collection": {"math": "theses"}})
    package = load_one(write_files(tmp_path, {"a.xml": export(eprint(3, *fields))}), profile)
    told = package.metadata or {}
    assert (package.key, package.place, package.collection) == ("3", "3", "theses")
    assert package.addresses == ("https://old.example.org/id/eprint/3", "https://old.example.org/3/")
    assert (told["type"], told["issued"]) == ("master-thesis", "2019-06")
    assert told["thesis"] == {"institutions": [{"value": "КУУ"}]}
    assert told["creators"][0]["orcid"] == "0000-0002-1825-0097" and told["creators"][1]["organisation"]
    assert told["contributors"][0]["role"] == "advisor"
    assert [word["value"] for word in told["keywords"]] == ["эпос", "Манас", "тарых"]


@pytest.mark.parametrize("place", ["3/1/a.pdf", "3/a.pdf", "a.pdf"])
def test_files_where_exports_put_them(tmp_path: Path, place: str) -> None:
    digest = "<hash>9DD4E461268C8034F5C8564E155C67A6</hash><hash_type>MD5</hash_type>"
    content = export(eprint(3, documents=document("a.pdf", file=digest)))
    package = load_one(write_files(tmp_path, {"a.xml": content, place: "x"}))
    (file,) = package.files
    assert file.path == tmp_path / place and file.digests == {"md5": "9dd4e461268c8034f5c8564e155c67a6"}


def test_who_may_read_documents(tmp_path: Path) -> None:
    documents = (
        document("a.pdf"),
        document("b.pdf", security="staffonly"),
        document("c.pdf", "<date_embargo>2031-05-01</date_embargo>", "staffonly"),
        document("d.pdf", "<date_embargo>someday</date_embargo>", "validuser"),
        document("e.txt", "<relation><item><type>http://eprints.org/relation/isVersionOf</type></item></relation>"),
    )
    files = dict.fromkeys(("a.pdf", "b.pdf", "c.pdf", "d.pdf", "e.txt"), "x")
    package = load_one(write_files(tmp_path, {"a.xml": export(eprint(3, documents="".join(documents))), **files}))
    assert [(file.name, file.access, file.until) for file in package.files] == [
        ("a.pdf", None, ""),
        ("b.pdf", Access.CLOSED, ""),
        ("c.pdf", Access.EMBARGOED, "2031-05-01"),
        ("d.pdf", Access.CLOSED, ""),
    ]


@pytest.mark.parametrize("status", ["inbox", "buffer", "deletion"])
def test_what_its_own_house_does_not_show_is_refused(tmp_path: Path, status: str) -> None:
    package = load_one(write_files(tmp_path, {"a.xml": export(eprint(3, status=status))}))
    assert notes(package) == [(Note.WRONG_VALUE, "eprint_status")]


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd", "a/../../secret.txt", "hard.pdf", "link.pdf"])
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    write_files(tmp_path, {"secret.txt": "x"})
    folder = write_files(tmp_path / "load", {"a.xml": export(eprint(3, documents=document(name)))})
    os.link(tmp_path / "secret.txt", folder / "hard.pdf")
    (folder / "link.pdf").symlink_to(tmp_path / "secret.txt")
    package = load_one(folder)
    assert package.refused and package.files == ()
    assert {remark.note for remark in package.remarks} <= {Note.BAD_PATH, Note.NOT_A_FILE}


def test_many_records_and_a_broken_one_among_them(tmp_path: Path) -> None:
    broken = "<eprint><title>&nbsp;</wrong></eprint>"
    content = export(*map(eprint, range(1, 6)), broken, eprint(6), "<eprint/>")
    packages = load(write_files(tmp_path, {"a.xml": content}))
    assert [package.key for package in packages] == ["1", "2", "3", "4", "5", "", "6", ""]
    assert [notes(package) for package in packages if package.refused] == [
        [(Note.BROKEN, "eprint")],
        [(Note.NO_KEY, "eprintid")],
    ]


def test_a_record_without_end(tmp_path: Path) -> None:
    content = export(eprint(1)) + "<eprint>" + "x" * (1 << 25)
    packages = load(write_files(tmp_path, {"a.xml": content}))
    assert [package.key for package in packages if not package.refused] == ["1"]
    assert notes(packages[-1]) == [(Note.TOO_LARGE, "a.xml")]


def test_files_inside_the_export(tmp_path: Path) -> None:
    content = os.urandom(300_000)
    data = f"<data encoding='base64'>{base64.encodebytes(content).decode()}</data>"
    write_files(tmp_path, {"a.xml": export(eprint(3, documents=document("a.pdf", file=data)), eprint(4))})
    assert has_files_inside(tmp_path / "a.xml")
    assert take_out_files(tmp_path / "a.xml", tmp_path / "load") == 1
    assert not has_files_inside(tmp_path / "load/eprints.xml")
    first, second = load(tmp_path / "load")
    assert first.files[0].path.read_bytes() == content
    assert not first.refused and not second.refused and second.key == "4"
    assert len(first.raw) < 4000


@pytest.mark.parametrize(
    ("file", "note"),
    [
        ("<fileid>1</fileid><filename>../../evil.pdf</filename><data>eA==</data>", Note.BAD_PATH),
        ("<fileid>../1</fileid><filename>evil.pdf</filename><data>eA==</data>", Note.BAD_PATH),
        ("<fileid>/tmp</fileid><filename>evil.pdf</filename><data>eA==</data>", Note.FILE_MISSING),
        ("<fileid>1</fileid><filename>evil.pdf</filename><data>e</data>", Note.BROKEN),
        ("<fileid>1</fileid><filename>evil.pdf</filename><data>eA==eA==</data>", Note.BROKEN),
        ("<fileid>1</fileid><filename>evil.pdf</filename><data>e!@#eA==</data>", Note.BROKEN),
        ("<fileid>1</fileid><data>eA==</data>", Note.BAD_PATH),
        (f"<fileid>1</fileid><filename>{'x' * 300}</filename><data>eA==</data>", Note.FILE_MISSING),
    ],
)
def test_files_inside_that_are_not_taken_out(tmp_path: Path, file: str, note: Note) -> None:
    """Such a file refuses its record and no other."""
    content = export(eprint(3, documents=f"<document><files><file>{file}</file></files></document>"), eprint(4))
    write_files(tmp_path / "in", {"a.xml": content})
    take_out_files(tmp_path / "in/a.xml", tmp_path / "in/load")
    assert not list(tmp_path.rglob("evil.pdf"))
    first, second = load(tmp_path / "in/load")
    assert note in [remark.note for remark in first.remarks] and first.refused and not second.refused


def test_of_two_files_with_one_name_the_first_stays(tmp_path: Path) -> None:
    def file(data: bytes) -> str:
        return document("a.pdf", file=f"<data>{base64.b64encode(data).decode()}</data>")

    write_files(tmp_path / "in", {"a.xml": export(eprint(3, documents=file(b"one") + file(b"two")))})
    assert take_out_files(tmp_path / "in/a.xml", tmp_path / "load") == 1
    assert (tmp_path / "load/embedded/7/a.pdf").read_bytes() == b"one"


def test_entities_are_not_read(tmp_path: Path) -> None:
    entity = "<!DOCTYPE eprints [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
    content = export(eprint(3, "<abstract>&e;</abstract>")).replace("<eprints", f"{entity}<eprints", 1)
    write_files(tmp_path, {"a.xml": content})
    assert "root:" not in str(load(tmp_path))
    take_out_files(tmp_path / "a.xml", tmp_path / "load")
    assert "root:" not in (tmp_path / "load/eprints.xml").read_text()
    laughs = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10 if n else 'ha' * 1000}'>" for n in range(9))
    write_files(
        tmp_path, {"a.xml": content.replace("<!ENTITY e SYSTEM 'file:///etc/passwd'>", laughs + "<!ENTITY e '&e8;'>")}
    )
    with pytest.raises(MisplacedError):
        take_out_files(tmp_path / "a.xml", tmp_path / "load")
