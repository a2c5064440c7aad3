"""Formats are told apart and loaded alike, however deep an archive puts them, and by a child of the sandbox."""

from pathlib import Path

import pytest

from ingest.loaders.folders import extra_files, main_folder, natural_key
from ingest.loaders.registry import detect_format
from ingest.sandbox import Sandbox
from tests.ingest.loaders.loading import load, write_files

EPRINT = "<eprint><eprintid>1</eprintid><title>Манас</title></eprint>"
DC = '<dublin_core><dcvalue element="title">Манас</dcvalue></dublin_core>'
MODS = '<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>Манас</title></titleInfo></mods>'
METS = (
    '<mets xmlns="http://www.loc.gov/METS/" OBJID="1"><dmdSec ID="d"><mdWrap><xmlData>'
    f"{MODS}</xmlData></mdWrap></dmdSec></mets>"
)
EXAMPLES = {
    "table": {"table.csv": "Номуру;Название;Файлы\n1;Манас;a.pdf\n", "a.pdf": "x"},
    "saf": {"1/dublin_core.xml": DC, "1/contents": "a.pdf\n", "1/a.pdf": "x", "2/dublin_core.xml": DC},
    "eprints": {"export.xml": f"<eprints xmlns='http://eprints.org/ep2/data/2.0'>{EPRINT}</eprints>", "a.pdf": "x"},
    "mets": {"mets.xml": METS, "a.pdf": "x"},
    "bagit": {
        "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": "Title: Манас\nExternal-Identifier: 1\n",
        "manifest-md5.txt": "9dd4e461268c8034f5c8564e155c67a6  data/a.pdf\n",
        "data/a.pdf": "x",
    },
}


@pytest.mark.parametrize("name", list(EXAMPLES))
@pytest.mark.parametrize("above", [".", "one", "one/two"])
def test_any_depth(tmp_path: Path, name: str, above: str) -> None:
    write_files(tmp_path / "load" / above, EXAMPLES[name])
    write_files(tmp_path / "load", {"__MACOSX/._a": "x", ".DS_Store": "x"})
    assert detect_format(tmp_path / "load") == name
    packages = load(tmp_path / "load")
    assert packages[0].key == "1" and not any(package.refused for package in packages)
    titles = [(package.metadata or {})["titles"][0]["value"] for package in packages]
    assert set(titles) == {"Манас"}


def test_a_child_of_the_sandbox_tells_formats(tmp_path: Path) -> None:
    with Sandbox(workers=1, readable=[tmp_path]) as sandbox:
        for name, files in EXAMPLES.items():
            assert sandbox.run(detect_format, write_files(tmp_path / name, files)) == name


def test_what_systems_leave_is_no_file_of_anybody(tmp_path: Path) -> None:
    names = ("Thumbs.db", "a/desktop.ini", ".DS_Store", "~$table.xlsx", "__MACOSX/._a.pdf", "a/b.pdf", "c.pdf")
    write_files(tmp_path, dict.fromkeys(names, "x"))
    assert list(extra_files(tmp_path, {tmp_path / "c.pdf"})) == ["a/b.pdf"]
    assert main_folder(tmp_path) == tmp_path


def test_pages_are_counted_as_people_do() -> None:
    names = ["p10.tif", "P2.tif", "p1b.tif", "p01a.tif", "кошумча.tif"]
    assert sorted(names, key=natural_key) == ["p01a.tif", "p1b.tif", "P2.tif", "p10.tif", "кошумча.tif"]
