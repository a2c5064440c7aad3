"""Works leave with everything they have; every package is read by programs that we did not write."""

import csv
import hashlib
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from unicodedata import normalize
from urllib.parse import unquote

import bagit
import pymarc
import pytest
from flask import Flask
from lxml import etree

from ingest.export import Errand, ExportRefused, Order, run_export
from ingest.export_reading import CHUNK, Selection
from ingest.exporting import FORMATS
from ingest.exporting.ziparchive import ZipArchive
from ingest.loaders.packages import Note, Package, PackageFile
from ingest.loaders.profile import Profile
from ingest.loaders.registry import LOADERS, detect_format
from repo.app import create_app
from repo.db import db, now, transaction
from repo.errors import NotFoundError
from repo.items.models import Item
from repo.items.preservation import describe_version
from repo.members.models import Collection
from repo.settings import Settings
from tests.conftest import DATABASES, close_engines
from tests.factories import insert_public, make_collection, make_library, make_metadata
from tests.ingest.exports import ODD_NAMES, PDF, Leaving, build_library, export_to, files_in
from tests.oai.formats.schemas import schema_of
from tests.services.databases import TestDatabases

METS = "{http://www.loc.gov/METS/}"
LOADED_AS = {"csv": "table", "iso2709": "marc", "unimarc": "marc"}
"""Loaders of formats by another name."""
HREF = "{http://www.w3.org/1999/xlink}href"


@pytest.fixture(scope="module", params=DATABASES)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Leaving]]:
    """One library for all tests, which only read it."""
    kind = "postgres" if request.param == "postgresql" else request.param
    databases: TestDatabases = request.getfixturevalue(f"{kind}_databases")
    with databases.migrated() as url:
        settings = Settings(
            data_dir=tmp_path_factory.mktemp("house"),
            base_url="http://muras.example.org",
            secret_key="not a secret: the signing key of a test",
            database_url=url,
            testing=True,
        )
        app = create_app(settings)
        with app.app_context():
            built = build_library()
        yield app, built
        close_engines(app)


@pytest.fixture
def leaving(house: tuple[Flask, Leaving]) -> Iterator[Leaving]:
    app, built = house
    with app.app_context():
        yield built


def metadata_of(item_id: str) -> dict[str, object]:
    item = db.session.get_one(Item, item_id)
    assert item.current is not None
    return item.current.meta


# ---------------------------------------------------------------- what leaves


@pytest.mark.parametrize("name", FORMATS)
def test_a_library_leaves_with_everything_but_what_was_withdrawn(leaving: Leaving, tmp_path: Path, name: str) -> None:
    state = export_to(tmp_path / "out", name)
    assert (state.done, state.withdrawn, state.faults) == (4, 1, 0)
    held = files_in(tmp_path / "out")
    bodies = list(held.values())
    assert bodies.count(PDF) == 2 and b"%PDF-1.4 private" in bodies
    everything = b"\n".join(bodies).decode("utf-8", "replace")
    assert "Көл тоосу" in everything and "Гидрология" in everything and "Манас" in everything
    assert "Долбоор" not in everything and "Бөтөн" not in everything
    tombstone = held["withdrawn.txt"].decode()
    assert tombstone.split("\t")[0] == leaving.ids["withdrawn"] and "Ката табылды" in tombstone
    for path, body in held.items():
        assert path == "withdrawn.txt" or leaving.ids["withdrawn"] not in body.decode("utf-8", "replace"), path
    assert [path.name for path in tmp_path.iterdir()] == ["out"], "nothing is left beside it"


@pytest.mark.parametrize("name", FORMATS)
def test_an_archive_holds_what_a_folder_holds(leaving: Leaving, tmp_path: Path, name: str) -> None:
    export_to(tmp_path / "out", name)
    export_to(tmp_path / "out.zip", name)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None
        packed = {entry: archive.read(entry) for entry in archive.namelist()}
    assert len(packed) == len(archive.namelist())
    assert packed == files_in(tmp_path / "out")
    done = subprocess.run(["sha512sum", "--check", "--strict", "--quiet", "manifest-sha512.txt"], cwd=tmp_path / "out")
    assert done.returncode == 0
    listed = (tmp_path / "out/manifest-sha512.txt").read_text().count("\n")
    assert listed == len(packed) - 1


@pytest.mark.parametrize("name", FORMATS)
def test_descriptions_leave_alone(leaving: Leaving, tmp_path: Path, name: str) -> None:
    export_to(tmp_path / "out", name, with_files=False)
    assert not any(body.startswith(b"%PDF") for body in files_in(tmp_path / "out").values())


def test_selections(leaving: Leaving, tmp_path: Path) -> None:
    """A branch with what lies below it; single works; what is not there is said before anything is written."""
    selections = {
        Selection(collection="science"): {"article", "thesis", "book"},
        Selection(collection="physics"): {"article", "thesis"},
        Selection(items=(leaving.ids["book"], leaving.ids["elsewhere"])): {"book", "elsewhere"},
    }
    for number, (selection, names) in enumerate(selections.items()):
        export_to(tmp_path / f"{number}", "bagit", selection=selection)
        bags = {path.name for path in (tmp_path / f"{number}").iterdir() if path.is_dir()}
        assert bags == {leaving.ids[name] for name in names}
    for missing in (Selection(library="nope"), Selection(collection="nope"), Selection(items=("000000000",))):
        with pytest.raises(NotFoundError):
            export_to(tmp_path / "none", "csv", selection=missing)
        assert not (tmp_path / "none").exists()


def test_a_chunk_takes_the_same_queries_whatever_is_in_it(
    leaving: Leaving, tmp_path: Path, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    made = make_collection(make_library("many")).id
    counts = []
    for number in (3, CHUNK - 3):
        with transaction() as session:
            collection = session.get_one(Collection, made)
            insert_public(session, collection, [make_metadata(f"А {n}") for n in range(number)])
        with count_queries() as queries:
            export_to(tmp_path / f"{number}", "csv", with_files=False, selection=Selection(library="many"))
        counts.append(len(queries))
    assert counts[0] == counts[1] < 30


# ---------------------------------------------------------------- strangers read the packages


def test_bags_are_valid_for_the_library_of_bags(leaving: Leaving, tmp_path: Path) -> None:
    """But for names with a per cent sign: it compares them as they are, RFC 8493 (2.1.3) has them encoded."""
    export_to(tmp_path / "out", "bagit", selection=Selection(items=(leaving.ids["article"], leaving.ids["thesis"])))
    for folder in (path for path in (tmp_path / "out").iterdir() if path.is_dir()):
        bag = bagit.Bag(str(folder))
        bag.validate()
        assert bag.info["External-Identifier"].endswith(folder.name)
        record = json.loads((folder / "data/muras.json").read_text())
        item = db.session.get_one(Item, folder.name)
        assert item.current is not None and item.changed_at is not None
        here = f"http://muras.example.org/records/{folder.name}"
        assert record["item"]["addresses"].pop() == here
        assert record == json.loads(json.dumps(describe_version(item.current, item.changed_at)))


def test_odd_names_stand_in_manifests_as_the_standard_says(leaving: Leaving, tmp_path: Path) -> None:
    export_to(tmp_path / "out", "bagit", selection=Selection(items=(leaving.ids["book"],)))
    folder = tmp_path / "out" / leaving.ids["book"]
    lines = (folder / "manifest-sha512.txt").read_text().splitlines()
    named = {line.partition("  ")[2] for line in lines}
    assert "data/files/100%25.pdf" in named and len(lines) == len(ODD_NAMES) + 2
    payload = {path.relative_to(folder).as_posix() for path in (folder / "data").rglob("*") if path.is_file()}
    assert {name.replace("%25", "%") for name in named} == payload
    assert all(normalize("NFC", name) == name for name in payload)


def test_marc_is_read_by_others(leaving: Leaving, tmp_path: Path, real_data: Path) -> None:
    for name in ("marcxml", "iso2709", "unimarc"):
        export_to(tmp_path / name, name, with_files=False)
    schema_of(real_data, "marcxml").assertValid(etree.parse(tmp_path / "marcxml/records.xml"))
    as_xml = pymarc.parse_xml_to_array(str(tmp_path / "marcxml/records.xml"))
    with (tmp_path / "iso2709/records.mrc").open("rb") as stream:
        as_iso = list(pymarc.MARCReader(stream, permissive=False))
    with (tmp_path / "unimarc/records.mrc").open("rb") as stream:
        as_unimarc = list(pymarc.MARCReader(stream, force_utf8=True, permissive=False))
    ids = sorted(leaving.ids[name] for name in ("article", "thesis", "book"))
    for records, title in ((as_xml, "245"), (as_iso, "245"), (as_unimarc, "200")):
        assert [record["001"].data for record in records if record] == ids
        told = {record["001"].data: record[title]["a"] for record in records if record}
        assert told[leaving.ids["article"]] == "Көл тоосу" and told[leaving.ids["thesis"]] == "Гидрология"
    assert [record.as_dict()["fields"] for record in as_xml if record] == [
        record.as_dict()["fields"] for record in as_iso if record
    ]


@pytest.mark.parametrize("name", ["iso2709", "unimarc"])
def test_marc_is_read_by_yaz(leaving: Leaving, tmp_path: Path, name: str) -> None:
    if shutil.which("yaz-marcdump") is None:
        pytest.skip("yaz-marcdump is not installed: apt-get install yaz")
    export_to(tmp_path / "out", name, with_files=False)
    dumped = subprocess.run(
        ["yaz-marcdump", "-v", "-o", "marcxml", "-f", "utf-8", "-t", "utf-8", tmp_path / "out/records.mrc"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert dumped.stdout.count("<record") == 3 and "Көл тоосу" in dumped.stdout
    assert "bad" not in dumped.stderr.lower()


def test_mets_and_mods_are_valid_and_name_every_file(leaving: Leaving, tmp_path: Path, real_data: Path) -> None:
    export_to(tmp_path / "out", "mets")
    export_to(tmp_path / "bags", "bagit")
    found = sorted((tmp_path / "out").glob("*/mets.xml"))
    assert len(found) == 3
    for path in found:
        document = etree.parse(path)
        schema_of(real_data, "mets").assertValid(document)
        schema_of(real_data, "mods").assertValid(etree.parse(tmp_path / "bags" / path.parent.name / "data/mods.xml"))
        named = {unquote(element.get(HREF, "")) for element in document.iter(f"{METS}FLocat")}
        there = {file.relative_to(path.parent).as_posix() for file in path.parent.rglob("*") if file.is_file()}
        assert named == there - {"mets.xml", "muras.json"}
        reference = document.find(f".//{METS}mdRef")
        assert reference is not None
        record = (path.parent / reference.get(HREF, "")).read_bytes()
        assert hashlib.sha512(record).hexdigest() == reference.get("CHECKSUM")
        assert json.loads(record)["metadata"] == metadata_of(path.parent.name)


def test_simple_archives_are_as_dspace_describes_them(leaving: Leaving, tmp_path: Path, real_data: Path) -> None:
    """Every field is in the registry that each DSpace begins with; `contents` names the files, each with its bundle."""
    registry = real_data / "6-oai-schemas-vocab/DSpace__DSpace/dspace/config/registries/dublin-core-types.xml"
    known = {
        (one.findtext("element"), one.findtext("qualifier") or "none") for one in etree.parse(registry).iter("dc-type")
    }
    export_to(tmp_path / "out", "saf")
    folders = [path for path in (tmp_path / "out").iterdir() if path.is_dir()]
    assert len(folders) == 3
    for folder in folders:
        root = etree.parse(folder / "dublin_core.xml").getroot()
        assert root.get("schema") == "dc"
        fields = [(one.get("element"), one.get("qualifier")) for one in root.iter("dcvalue")]
        assert set(fields) <= known and ("title", "none") in fields and fields.count(("title", "none")) == 1
        lines = [line.split("\t") for line in (folder / "contents").read_text().splitlines()]
        there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        assert {line[0] for line in lines} == there - {"contents", "dublin_core.xml", "handle"}
        assert all(line[1].startswith("bundle:") for line in lines)
    thesis = tmp_path / "out" / f"item_{leaving.ids['thesis']}" / "contents"
    shut = [line for line in thesis.read_text().splitlines() if "permissions:-r 'Administrator'" in line]
    assert len(shut) == 2, "neither the file under embargo nor the private one opens by moving"
    assert (tmp_path / "out" / f"item_{leaving.ids['article']}" / "handle").read_text() == "123456789/42\n"


# ---------------------------------------------------------------- and so do our own loaders


@pytest.mark.parametrize("name", FORMATS)
def test_packages_are_loaded_as_they_were(leaving: Leaving, tmp_path: Path, name: str) -> None:
    """Descriptions, files with who may read them, collections and old addresses come back the same."""
    export_to(tmp_path / "out", name)
    packages = load_out(tmp_path, name)
    assert set(packages) == {leaving.ids[one] for one in ("article", "thesis", "book")}
    for key, package in packages.items():
        assert not package.remarks, package.remarks
        item = db.session.get_one(Item, key)
        assert item.current is not None
        assert package.metadata == item.current.meta and package.collection == item.collection.code
        assert sorted(map(told_of, package.files)) == sorted(
            (file.name, file.digest, file.role, file.access or "", str(file.until or "")) for file in item.current.files
        )
        assert f"http://muras.example.org/records/{key}" in package.addresses
    article = packages[leaving.ids["article"]]
    assert "handle/123456789/42" in article.addresses and "index.php?id=5" in article.addresses


def load_out(folder: Path, name: str) -> dict[str, Package]:
    """The packages of what was exported to "out", by their keys."""
    format_ = LOADED_AS.get(name, name)
    assert detect_format(folder / "out") == format_
    return {package.key: package for package in LOADERS[format_](folder / "out", Profile(), "")}


def told_of(file: PackageFile) -> tuple[str, str, str, str, str]:
    digest = hashlib.sha512(file.path.read_bytes()).hexdigest()
    assert file.digests["sha512"] == digest
    return file.name, digest, file.role, file.access or "", file.until


@pytest.mark.parametrize("name", FORMATS)
def test_descriptions_alone_are_loaded_too(leaving: Leaving, tmp_path: Path, name: str) -> None:
    export_to(tmp_path / "out", name, with_files=False)
    found = load_out(tmp_path, name)
    assert [(package.files, package.remarks) for package in found.values()] == [((), ())] * 3
    for key, package in found.items():
        assert package.metadata == metadata_of(key)


@pytest.mark.parametrize(
    "spoilt",
    [
        b"{",
        b"[]",
        b'{"item": 1}',
        b"\xff",
        b"[" * 100_000,
        b'{"metadata": {"titles": 5}, "item": {"id": 1}, "files": []}',
    ],
)
def test_a_spoilt_record_refuses_its_package(leaving: Leaving, tmp_path: Path, spoilt: bytes) -> None:
    export_to(tmp_path / "out", "mets", selection=Selection(items=(leaving.ids["article"],)))
    (tmp_path / "out" / leaving.ids["article"] / "muras.json").write_bytes(spoilt)
    (package,) = LOADERS["mets"](tmp_path / "out", Profile(), "")
    assert package.refused


@pytest.mark.parametrize("path", ["../../secret.pdf", "/etc/passwd", "link.pdf", "none.pdf"])
def test_a_record_leads_to_no_file_outside_its_package(leaving: Leaving, tmp_path: Path, path: str) -> None:
    export_to(tmp_path / "out", "saf", selection=Selection(items=(leaving.ids["article"],)))
    folder = tmp_path / "out" / f"item_{leaving.ids['article']}"
    (tmp_path / "secret.pdf").write_bytes(PDF)
    (folder / "link.pdf").symlink_to(tmp_path / "secret.pdf")
    record = json.loads((folder / "muras.json").read_text())
    record["files"][0]["path"] = path
    (folder / "muras.json").write_text(json.dumps(record))
    (package,) = LOADERS["saf"](tmp_path / "out", Profile(), "")
    assert package.refused and not package.files


def test_a_changed_cell_is_believed_and_the_record_for_the_rest(leaving: Leaving, tmp_path: Path) -> None:
    """A spreadsheet is corrected: what its cells do not say stays as it was, and what is lost is told."""
    export_to(tmp_path / "out", "csv")
    thesis, book = leaving.ids["thesis"], leaving.ids["book"]
    change_cells(tmp_path / "out/metadata.csv", thesis, {"title[ru]": "Гидрология озёр", "date": "2023"})
    change_cells(tmp_path / "out/metadata.csv", book, {"relations.IsTranslationOf": "https://example.org/6"})
    found = load_out(tmp_path, "csv")
    was, now_is = metadata_of(thesis), found[thesis].metadata
    assert now_is is not None and not found[thesis].remarks
    assert now_is["titles"][0]["value"] == "Гидрология озёр" and now_is["issued"] == "2023"
    assert {name for name in was if was[name] != now_is[name]} == {"titles", "issued"}
    assert [file.role for file in found[thesis].files] == ["original", "private"]
    assert [(remark.note, remark.about) for remark in found[book].remarks] == [(Note.RECORD_LOST, "relations")]
    assert (found[book].metadata or {})["relations"] == [{"kind": "IsTranslationOf", "value": "https://example.org/6"}]


def test_files_that_a_row_names_anew(leaving: Leaving, tmp_path: Path) -> None:
    export_to(tmp_path / "out", "csv")
    thesis = leaving.ids["thesis"]
    folder = tmp_path / "out/files" / thesis / "files"
    (folder / "new.pdf").write_bytes(PDF)
    (name,) = {path.name for path in folder.iterdir()} - {"new.pdf"}
    named = [f"files/{thesis}/files/{one}" for one in ("new.pdf", name)]
    change_cells(tmp_path / "out/metadata.csv", thesis, {"files": "\n".join(named)})
    files = load_out(tmp_path, "csv")[thesis].files
    assert [(file.name, bool(file.digests), file.role) for file in files] == [
        ("new.pdf", False, "original"),
        (name, True, "original"),
        ("отзыв.pdf", True, "private"),
    ]


def test_a_table_without_its_records_says_what_its_cells_say(leaving: Leaving, tmp_path: Path) -> None:
    export_to(tmp_path / "out", "csv", with_files=False)
    shutil.rmtree(tmp_path / "out/files")
    for key, package in load_out(tmp_path, "csv").items():
        assert not package.remarks and package.metadata is not None
        assert package.metadata["titles"] == metadata_of(key)["titles"]


def test_an_embargo_that_was_put_into_a_row(leaving: Leaving, tmp_path: Path) -> None:
    export_to(tmp_path / "out", "csv")
    change_cells(tmp_path / "out/metadata.csv", leaving.ids["article"], {"embargo": "2098-01-01"})
    described = load_out(tmp_path, "csv")[leaving.ids["article"]].metadata or {}
    assert (described["access"], described["embargo_until"]) == ("embargoed", "2098-01-01")


@pytest.mark.parametrize(
    ("name", "path"), [("saf", "item_{}/dublin_core.xml"), ("marcxml", "records.xml"), ("mets", "{}/mets.xml")]
)
def test_a_description_that_was_edited_is_believed(leaving: Leaving, tmp_path: Path, name: str, path: str) -> None:
    """And its files, its collection and its number are still those of the record."""
    export_to(tmp_path / "out", name)
    article = leaving.ids["article"]
    described = tmp_path / "out" / path.format(article)
    described.write_text(described.read_text().replace("Көл тоосу", "Көл жээги"))
    package = load_out(tmp_path, name)[article]
    assert (package.metadata or {})["titles"][0]["value"] == "Көл жээги"
    assert Note.RECORD_LOST in [remark.note for remark in package.remarks] and not package.refused
    assert (package.collection, len(package.files)) == ("physics", 1) and package.files[0].digests


def change_cells(table: Path, key: str, cells: dict[str, str]) -> None:
    """Put `cells` into the row of a work, as somebody does in a spreadsheet."""
    with table.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        rows = list(reader)
        columns = list(dict.fromkeys((*(reader.fieldnames or ()), *cells)))
    next(row for row in rows if row["key"] == key).update(cells)
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        writer.writerows(rows)


def test_no_cell_begins_like_a_formula(leaving: Leaving, tmp_path: Path) -> None:
    export_to(tmp_path / "out", "csv")
    with (tmp_path / "out/metadata.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert " =Манас" in cells and not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


# ---------------------------------------------------------------- what goes wrong


def test_a_place_that_holds_something_else_is_refused(leaving: Leaving, tmp_path: Path) -> None:
    order = Order(Selection(library="knu"), "csv")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/a").write_text("a")
    (tmp_path / "file.zip").write_text("a")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "x.part").mkdir()
    (tmp_path / "x.part/theirs").write_text("a")
    for name in ("full", "file.zip", "link", "x", "no/where"):
        with pytest.raises(ExportRefused):
            run_export(order, tmp_path / name)
    assert (tmp_path / "full/a").read_text() == (tmp_path / "file.zip").read_text() == "a"
    (tmp_path / "empty").mkdir()
    export_to(tmp_path / "empty", "csv")
    with pytest.raises(ExportRefused):
        run_export(order, tmp_path / "empty")


def test_another_export_is_not_gone_on_with(leaving: Leaving, tmp_path: Path) -> None:
    assert run_export(Order(Selection(library="knu"), "csv"), tmp_path / "out", Errand(late=lambda: True)) is None
    with pytest.raises(ExportRefused):
        run_export(Order(Selection(library="knu"), "saf"), tmp_path / "out")
    assert export_to(tmp_path / "out", "csv").done == 4


def test_an_archive_of_many_files_beyond_four_gigabytes(tmp_path: Path) -> None:
    """ZIP64: more files than the old directory counts, offsets that it has no room for, a file announced as larger."""
    archive = ZipArchive(tmp_path / "a.zip", tmp_path / "directory")
    at = now()
    for number in range(70_000):
        archive.add(f"{number}", 0, (), at)
    archive.sync()
    length, directory, count = archive.lengths
    with (tmp_path / "a.zip").open("r+b") as hole:  # takes no room on the disk
        hole.truncate((4 << 30) + 7)
    archive.cut((4 << 30) + 7, directory, count)
    archive.add("announced", 5 << 30, (b"abc", b"de"), at)
    archive.add("последний", 3, (b"abc",), at)
    archive.finish()
    archive.close()
    assert length < 4 << 30
    with zipfile.ZipFile(tmp_path / "a.zip") as read:
        assert len(read.namelist()) == 70_002
        assert (read.read("announced"), read.read("последний"), read.read("7")) == (b"abcde", b"abc", b"")


def test_an_archive_that_lost_its_end_is_not_gone_on_with(tmp_path: Path) -> None:
    archive = ZipArchive(tmp_path / "a.zip", tmp_path / "directory")
    with pytest.raises(ValueError, match="shorter"):
        archive.cut(1, 0, 0)
    archive.close()
