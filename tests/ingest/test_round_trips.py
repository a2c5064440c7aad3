"""A library moves from one house to another by `muras export` and `muras load`; what arrives is what left."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.services.server import Ended

FORMATS = {"csv": "table", "saf": "saf", "bagit": "bagit", "mets": "mets", "marcxml": "marcxml", "iso2709": "marc"}
"""Formats of `muras export` and what `muras load` calls them."""
DELIVERED = ("row.csv", "muras.json")
"""What was sent, which a load keeps with the private files."""

Muras = Callable[..., Ended]


@pytest.fixture
def houses(muras: Muras, tmp_path: Path) -> tuple[Muras, Muras]:
    """Commands of a house with the demonstration collection, and of an empty one."""

    def of(name: str) -> Muras:
        def run(*arguments: str) -> Ended:
            ended = muras(*arguments, data_dir=tmp_path / name, MURAS_BASE_URL=f"http://{name}.example.org")
            assert ended.returncode == 0, ended.stderr + ended.stdout
            return ended

        return run

    old, new = of("old"), of("new")
    old("demo")
    new("init")
    return old, new


def test_libraries_move_to_another_house(houses: tuple[Muras, Muras], tmp_path: Path) -> None:
    """Each by another format; the last one is loaded again in all of them, and everything is as it is there."""
    old, new = houses
    tree = json.loads(old("collection", "list", "--json").stdout)
    libraries = list(dict.fromkeys(one["library"] for one in tree))
    assert len(libraries) == 4
    for library, name in zip(libraries, FORMATS, strict=False):
        codes = rebuild_collections(new, library, tree)
        left = described(export(old, library, "csv", tmp_path / "left" / library))
        assert counts(new, export(old, library, name, tmp_path / name), FORMATS[name], library, codes) == {
            "created": len(left)
        }
        came = described(export(new, library, "csv", tmp_path / "came" / library), "source_key")
        for one in left.values():  # a load shows nothing in other libraries
            one["shown_in"] = [code for code in one["shown_in"] if code in codes]
        assert left == came
    for name, format_ in FORMATS.items():
        place = export(old, library, name, tmp_path / "again" / name)
        assert counts(new, place, format_, library, codes) == {"same": len(left)}, name


def export(house: Muras, library: str, name: str, place: Path) -> Path:
    place.parent.mkdir(exist_ok=True)
    house("export", "--library", library, "--format", name, "--to", str(place))
    return place


def counts(house: Muras, place: Path, format_: str, library: str, codes: list[str]) -> dict[str, int]:
    """What became of the records of a load."""
    told = house("load", format_, str(place), "--collection", codes[0], "--source", library, "--json").stdout
    return {status: number for status, number in json.loads(told)["counts"].items() if number}


def rebuild_collections(house: Muras, library: str, tree: list[dict[str, Any]]) -> list[str]:
    """Make the library and its collections; returns their codes."""
    names = ("--ky", "Китепкана", "--ru", "Библиотека", "--en", "Library")
    house("library", "add", library, *names)
    codes = [one["code"] for one in tree if one["library"] == library]
    for code in codes:
        house("collection", "add", code, "--library", library, *names)
    return codes


def described(place: Path, key: str = "id") -> dict[str, Any]:
    """What the records in an exported folder say of each work; in the new house their keys are the old numbers."""
    found = {}
    for path in place.glob("files/*/muras.json"):
        record = json.loads(path.read_text())
        item = record["item"]
        files = [
            (file["name"], file["role"], file["digest"], file["access"], file["until"])
            for file in record["files"]
            if file["role"] != "private" or file["name"] not in DELIVERED
        ]
        found[item[key]] = {
            "metadata": record["metadata"],
            "files": files,
            "collection": item["collection"],
            "shown_in": item["shown_in"],
        }
    return found
