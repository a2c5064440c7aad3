"""Every real file of catalogue records: loaded or refused as docs/loading-marc.md says, and as strangers read it."""

import io
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pymarc
import pytest

from ingest.loaders import marc, marcxml
from ingest.loaders.catalogue_detecting import Look, detect_catalogue, look_into
from ingest.loaders.marc_packages import Reading
from ingest.loaders.profile import Profile
from ingest.loaders.registry import LOADERS, detect_format
from ingest.sandbox import Sandbox
from tests.ingest.loaders.catalogues import CATALOGUE, files, outcome, table
from tests.ingest.loaders.marc_samples import FOLDER


def test_the_table_says_what_happens(real_data: Path) -> None:
    happened = {row[0]: row for row in (outcome(path, real_data) for path in files(real_data))}
    assert happened == table()
    assert len(happened) > 40, "none of them went unnoticed"


def test_catalogues_of_other_kinds_are_not_taken_for_marc(real_data: Path) -> None:
    folder = real_data / CATALOGUE
    for name in ("camel.mrk", "code4lib.line", "rug01.aleph", "sample1.lif"):
        assert detect_catalogue(folder / "LibreCat__Catmandu-MARC/t" / name) == ""
    for name in ("KZD.MST", "EMPTY.MST", "Irbis64/Datai/ISTU/istu.mst"):
        assert detect_catalogue(folder / "amironov73__ManagedIrbis/TestData" / name) == ""


def test_a_folder_is_known_by_its_first_catalogue(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("read me")
    (tmp_path / "z.mrc").write_bytes((FOLDER / "mixed.iso").read_bytes())
    assert detect_format(tmp_path) == "marc"
    (tmp_path / "export.txt").write_bytes((FOLDER / "russian.cp866.txt").read_bytes())
    assert detect_format(tmp_path) == "irbis"
    (tmp_path / "metadata.csv").write_text("title,files\nManas,z.mrc\n")
    assert detect_format(tmp_path) == "table", "its records are files of the works in the table"


def test_loading_goes_on_after_every_record_of_every_file(real_data: Path) -> None:
    for path in files(real_data):
        load = LOADERS[detect_format(path)]
        whole = list(load(path, Profile(), ""))
        for number, package in enumerate(whole):
            assert list(load(path, Profile(), package.position)) == whole[number + 1 :], f"{path} after {package.place}"
            if len(whole) > 20 and number > 5:  # the files with many records only at some of them
                break


@pytest.mark.parametrize(("name", "key"), [("kyrgyz.marc-8.mrc", "(KG-BiNB)ky-3"), ("russian.cp866.txt", "ru-1")])
def test_behind_the_walls_of_the_sandbox(name: str, key: str) -> None:
    """What is loaded late, the tables of MARC-8, can still be read there."""
    with Sandbox(1, readable=[FOLDER]) as sandbox:
        assert sandbox.run("tests.ingest.loaders.catalogues:keys_of", str(FOLDER / name))[0] == key


def test_what_people_see_before_they_load(real_data: Path) -> None:
    exports = real_data / CATALOGUE / "amironov73__ManagedIrbis/TestData/TEST1.ISO"
    assert look_into(exports, "marc") == Look(20, {"cp1251": 20}, {"unimarc": 20})
    assert look_into(exports, "marc", "koi8-r").encodings == {"koi8-r": 20}
    assert look_into(FOLDER / "mixed.iso", "marc").encodings == {"cp1251": 2, "utf-8": 2, "cp866": 2, "koi8-r": 2}


# ---------------------------------------------------------------- strangers


def iso_files(real_data: Path) -> list[Path]:
    return [path for path in files(real_data) if detect_format(path) == "marc"]


def test_yaz_finds_the_same_records_at_the_same_bytes(real_data: Path) -> None:
    program = shutil.which("yaz-marcdump")
    if program is None:
        pytest.skip("yaz-marcdump is not installed (Debian: yaz)")
    for path in iso_files(real_data):
        done = subprocess.run([program, "-n", "-p", str(path)], capture_output=True, check=False)
        told = [line.split()[4] for line in done.stdout.decode(errors="replace").splitlines() if "<!-- Record" in line]
        ours = list(marc.read_file(path, "", 1, 0))
        begins = [int(reading.position.partition(":")[2]) - len(reading.raw) for reading in ours]
        assert begins == list(map(int, told)), path.name


def test_pymarc_reads_the_same_from_every_record_that_is_sound(real_data: Path) -> None:
    compared = 0
    for path in iso_files(real_data):
        for reading in marc.read_file(path, "", 1, 0):
            if reading.record is not None and not reading.remarks:
                assert sorted(_ours(reading)) == sorted(_theirs(reading)), f"{path.name} {reading.place}"
                compared += 1
    assert compared > 230


def _ours(reading: Reading) -> Iterator[tuple[str, str]]:
    assert reading.record is not None
    for tag, text in reading.record.controls.items():
        yield tag, _plain(text)
    for field in reading.record.data:
        for code, text in field.subfields:
            yield ("880" if field.linked else field.tag) + code, _plain(text)


def _theirs(reading: Reading) -> Iterator[tuple[str, str]]:
    codec = "iso8859-1" if reading.encoding == "marc-8" else reading.encoding
    utf8 = reading.encoding == "utf-8"
    reader = pymarc.MARCReader(io.BytesIO(reading.raw), force_utf8=utf8, file_encoding=codec, hide_utf8_warnings=True)
    record = next(reader)
    assert record is not None
    # 006 and 007 may be repeated: nothing is taken from them, and the first is kept.
    yield from {
        field.tag: (field.tag, _plain(field.data or "")) for field in record.fields[::-1] if field.control_field
    }.values()
    for field in record.fields:
        for code, text in field.subfields:
            yield field.tag + code, _plain(text)


def _plain(text: str) -> str:
    """pymarc has dropped the controls of sorting that MARC-8 may hold."""
    return unicodedata.normalize("NFC", text).translate({0x88: None, 0x89: None, 0x98: None, 0x9C: None})


@pytest.mark.parametrize("name", ["edsu__pymarc/test/batch.xml", "LibreCat__Catmandu-MARC/t/broken.xml"])
def test_pymarc_reads_the_same_from_marcxml(name: str, real_data: Path) -> None:
    path = real_data / CATALOGUE / name
    theirs = pymarc.parse_xml_to_array(str(path))
    ours = [reading.record for reading in marcxml.read_file(path, "", 1, 0)]
    assert len(ours) == len(theirs)
    for record, their in zip(ours, theirs, strict=True):
        assert record is not None
        assert record.leader == str(their.leader)
        assert [field.tag for field in record.data] == [field.tag for field in their.fields if not field.control_field]
