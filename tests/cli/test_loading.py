"""`muras load` and `muras batch` as an administrator or a script meets them: what they print, their exit status."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.test_commands import Muras, muras
from tests.ingest.loads import row, write_table

__all__ = ["muras"]


@pytest.fixture
def house(muras: Muras) -> Muras:
    """A library with a collection; the tables are there already."""
    assert muras("library", "add", "knu", "--ky", "КУУ").exit_code == 0
    assert muras("collection", "add", "books", "--library", "knu", "--ky", "Китептер").exit_code == 0
    return muras


def test_loading_telling_and_undoing(house: Muras, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1), row(2, files="no.pdf"), row(3)])
    checked = house("load", "table", str(place), "--collection", "books", "--check-only", "--json")
    assert checked.exit_code == 3, checked.output
    told = json.loads(checked.output)
    assert (told["state"], told["counts"], told["source"]) == ("checked", {"new": 2, "refused": 1}, "load:knu:table")

    loaded = house("load", "auto", str(place), "--collection", "books", "--source", "catalogue")
    assert loaded.exit_code == 3, loaded.output
    assert "done: 2 created, 1 refused" in loaded.output
    shown = house("batch", "show", "2", "--refused")
    assert "2 created" not in shown.output and "no.pdf: The file is missing." in shown.output
    assert json.loads(house("batch", "show", "2", "--refused", "--json").output)["refused"][0]["key"] == "2"
    assert house("batch", "list").output.count("table") == 2
    report = tmp_path / "report.csv"
    assert house("batch", "report", "2", str(report), "--status", "refused").exit_code == 0
    assert [line[0] for line in csv.reader(report.read_text("utf-8-sig").splitlines())] == ["key", "2"]
    assert house("batch", "report", "2", str(tmp_path / "report.xlsx")).exit_code == 0
    assert (tmp_path / "report.xlsx").read_bytes()[:2] == b"PK"

    assert house("batch", "undo", "2", input="n\n").exit_code == 1
    undone = house("batch", "undo", "2", "--yes")
    assert (undone.exit_code, "2 undone" in undone.output) == (3, True), undone.output
    assert house("batch", "pause", "2").exit_code == 1


def test_wrong_use(house: Muras, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1)])
    assert house("load", "table", str(place), "--collection", "nowhere").exit_code == 2
    assert house("load", "table", str(tmp_path / "none"), "--collection", "books").exit_code == 2
    assert house("load", "spreadsheet", str(place), "--collection", "books").exit_code == 1
    assert house("load", "table", str(place), "--collection", "books", "--profile", "none").exit_code == 1
    assert house("batch", "show", "7").exit_code == 1
    assert house("batch", "report", "7", str(tmp_path / "r.csv"), "--status", "odd").exit_code == 2
