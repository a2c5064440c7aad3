"""A library moves from one house to another by `muras export` and `muras load`; what arrives is what left."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.loaders.loading import write_files
from tests.ingest.loaders.test_eprints import document, eprint
from tests.ingest.loaders.test_eprints import export as export_of_eprints
from tests.services.server import Ended

FORMATS = {"csv": "table", "saf": "saf", "bagit": "bagit", "mets": "mets", "marcxml": "marcxml", "iso2709": "marc"}
"""Formats of `muras export` and what `muras load` calls them."""
DELIVERED = ("row.csv", "muras.json", "dublin_core.xml", "record.xml")
"""What was sent, which a load keeps with the private files."""

Muras = Callable[..., Ended]


@pytest.fixture
def houses(muras: Muras, tmp_path: Path) -> tuple[Muras, Muras]:
    """Commands of a house with the demonstration collection, and of an empty one."""

    old, new = (house_of(muras, tmp_path, name) for name in ("old", "new"))
    old("demo")
    new("init")
    return old, new


def house_of(muras: Muras, folder: Path, name: str) -> Muras:
    def run(*arguments: str) -> Ended:
        ended = muras(*arguments, data_dir=folder / name, MURAS_BASE_URL=f"http://{name}.example.org")
        assert ended.returncode == 0, ended.stderr + ended.stdout
        return ended

    return run


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


def test_what_others_exported_goes_on_to_another_house(muras: Muras, tmp_path: Path, real_data: Path) -> None:
    """Works of EPrints and of DSpace, loaded here, leave as Simple Archives and arrive as they stood here."""
    old, new = (house_of(muras, tmp_path, name) for name in ("old", "new"))
    dspace = real_data / "5-packages/DSpace__DSpace/dspace-api/src/test/resources/org/dspace/app/itemimport"
    with zipfile.ZipFile(dspace / "saf-bitstreams.zip") as archive:
        archive.extractall(tmp_path / "saf")
    rules = ("", "<date_embargo>2031-05-01</date_embargo>")
    shown = [
        eprint(n, documents=document(f"{n}.txt", rule, "staffonly" if rule else "public"))
        for n, rule in enumerate(rules, 1)
    ]
    write_files(tmp_path / "eprints", {"all.xml": export_of_eprints(*shown), "1.txt": "бир", "2.txt": "эки"})
    for house in (old, new):
        house("init")
        house("library", "add", "knu", "--ky", "КУУ", "--ru", "КНУ", "--en", "KNU")
        house("collection", "add", "works", "--library", "knu", "--ky", "Эмгек", "--ru", "Труды", "--en", "Works")
    for format_, works in (("saf", 1), ("eprints", 2)):
        assert counts(old, tmp_path / format_, format_, format_, ["works"]) == {"created": works}
    left = described(export(old, "knu", "csv", tmp_path / "left/csv"))
    assert len(left) == 3 and any(file[3] == "embargoed" for one in left.values() for file in one["files"])
    moved = export(old, "knu", "saf", tmp_path / "moved/saf")
    assert counts(new, moved, "saf", "old", ["works"]) == {"created": 3}
    assert described(export(new, "knu", "csv", tmp_path / "came/csv"), "source_key") == left
