"""`muras export` as an administrator or a script meets it: what it prints, and its exit status."""

import json
from pathlib import Path

import pytest

from ingest.exporting import FORMATS
from repo.cli import exporting
from tests.cli.test_commands import Muras, muras

__all__ = ["muras"]


@pytest.fixture
def house(muras: Muras) -> Muras:
    assert muras("demo").exit_code == 0
    return muras


def test_the_formats_are_those_that_there_are() -> None:
    assert set(exporting.FORMATS) == set(FORMATS)


def test_a_library_leaves(house: Muras, tmp_path: Path) -> None:
    """Every member of the demonstration, to a folder and to an archive."""
    codes = [one["code"] for one in json.loads(house("library", "list", "--json").stdout)]
    told = {}
    for code in codes:
        target = tmp_path / f"{code}.zip"
        done = house("export", "--library", code, "--format", "bagit", "--to", str(target), "--json")
        assert done.exit_code == 0, done.output
        told[code] = json.loads(done.stdout)
        assert target.exists() and told[code]["missing_or_damaged_files"] == 0
    assert sum(one["works"] for one in told.values()) > 20
    folder = house("export", "--library", codes[0], "--format", "csv", "--to", str(tmp_path / "folder"), "--no-files")
    assert folder.exit_code == 0 and "works" in folder.output
    beside = {path.name for path in (tmp_path / "folder").rglob("*") if path.is_file()}
    assert beside >= {"metadata.csv", "muras.json"} and not any(name.endswith(".pdf") for name in beside)


def test_what_is_wrong_is_said_in_one_line(house: Muras, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/a").write_text("a")
    to = ("--format", "csv", "--to")
    refused = house("export", "--library", "demo-research", *to, str(tmp_path / "full"))
    assert refused.exit_code == 1 and "there is something" in refused.stderr
    assert house("export", "--library", "nope", *to, str(tmp_path / "x")).exit_code == 1
    assert house("export", "--item", "000000000", *to, str(tmp_path / "x")).exit_code == 1
    assert house("export", *to, str(tmp_path / "x")).exit_code == 2
    assert house("export", "--library", "a", "--collection", "b", *to, str(tmp_path / "x")).exit_code == 2
    assert not (tmp_path / "x").exists()
