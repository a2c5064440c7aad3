"""Reports as spreadsheets that can be corrected and loaded again; profiles that are saved, carried and tried."""

import csv
import io
from pathlib import Path

import pytest
from flask import Flask

from ingest.batch import load_batch
from ingest.batch_report import report_lines, write_csv, write_xlsx
from ingest.loaders.profile import Profile
from ingest.models import RowStatus
from ingest.profiles import (
    find_profile,
    list_profiles,
    list_versions,
    preview_profile,
    read_file,
    save_profile,
    write_file,
)
from repo.db import db, transaction
from repo.errors import ForbiddenError, InvalidError, NotFoundError
from repo.items.access import SYSTEM, Actor
from repo.members.models import Collection, Library
from repo.web.languages import LANGUAGES, with_language
from tests.ingest.loads import HEADINGS, begin, bring_in, check, load, row, rows_of, write_table


def csv_of(batch_id: int, status: RowStatus | None = None) -> list[list[str]]:
    db.session.rollback()
    text = b"".join(write_csv(report_lines(load_batch(batch_id), status))).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_the_table_with_remarks(collection: Collection, tmp_path: Path, language: str) -> None:
    rows = [row(1), row(2, files="жок.pdf"), row(3, files="бар.txt")]
    place = write_table(tmp_path / "in", rows, {"бар.txt": b"here"})
    batch_id = begin(place, collection)
    check(batch_id)
    with with_language(language):
        titles, first, second, third = csv_of(batch_id)
    assert titles[: len(HEADINGS)] == list(HEADINGS)
    assert [title.startswith("# ") for title in titles[-3:]] == [True, True, True]
    assert (first[1], second[1], third[1]) == ("Китеп 1", "Китеп 2", "Китеп 3")
    assert "жок.pdf" in second[-2]


def test_a_corrected_report_is_loaded_again(collection: Collection, tmp_path: Path) -> None:
    rows = [row(1), row(2, files="ката.txt"), row(3)]
    place = write_table(tmp_path / "in", rows, {"туура.txt": b"here"})
    first = load(place, collection)
    assert first.counts == {"new": 0, "created": 2, "refused": 1}
    lines = csv_of(first.id, RowStatus.REFUSED)
    assert len(lines) == 2
    with (place / "metadata.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([[cell.replace("ката.txt", "туура.txt") for cell in line] for line in lines])
    batch_id = begin(place, collection)
    assert check(batch_id).counts == {"new": 1}
    assert [said["code"] for said in rows_of(batch_id)[0].remarks] == ["licence_missing"], "our columns are no columns"
    assert bring_in(batch_id).counts == {"new": 0, "created": 1}


def test_a_workbook_is_a_report_too(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1), row(2, files="жок.pdf")])
    batch_id = begin(place, collection)
    check(batch_id)
    book = tmp_path / "report" / "report.xlsx"
    book.parent.mkdir()
    with book.open("wb") as out:
        write_xlsx(report_lines(load_batch(batch_id)), out)
    again = begin(book, collection, source="again")
    assert check(again).counts == {"new": 1, "refused": 1}
    assert [found.title for found in rows_of(again)] == ["Китеп 1", "Китеп 2"]


def test_a_report_without_its_source_tells_what_it_knows(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1, "=1+1")])
    batch_id = begin(place, collection)
    check(batch_id)
    (place / "metadata.csv").unlink()
    place.rmdir()
    _titles, only = csv_of(batch_id)
    assert only[:2] == ["2", "1"]


# ---------------------------------------------------------------- profiles


CONTENTS = {"fields": {"Аты": "title[ky]", "Автор": "creators"}, "constants": {"type": "book"}}


def test_saving_makes_a_further_version(library: Library) -> None:
    with transaction() as session:
        place = session.get_one(Library, library.id)
        save_profile(SYSTEM, place, "ИРБИС", CONTENTS, "table")
        save_profile(SYSTEM, place, "ИРБИС", {**CONTENTS, "separator": "|"}, "table")
        save_profile(SYSTEM, place, "Башка", {})
    assert [(one.name, one.number) for one in list_profiles(library)] == [("Башка", 1), ("ИРБИС", 2)]
    assert find_profile(library, "ИРБИС").contents["separator"] == "|"
    assert "separator" not in find_profile(library, "ИРБИС", 1).contents
    assert [one.number for one in list_versions(find_profile(library, "ИРБИС"))] == [2, 1]
    with pytest.raises(NotFoundError):
        find_profile(library, "Жок")


def test_a_profile_is_carried_as_a_file(library: Library) -> None:
    with transaction() as session:
        saved = save_profile(SYSTEM, session.get_one(Library, library.id), "ИРБИС", CONTENTS, "table")
    name, format, contents = read_file(write_file(saved))
    assert (name, format, contents["fields"], contents["separator"]) == ("ИРБИС", "table", CONTENTS["fields"], ";")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        b'{"muras_profile": 1}',
        b"[" * 100_000,
        b'{"muras_profile": 1, "contents": 3}',
    ],
)
def test_what_is_no_profile_is_refused(context: Flask, data: bytes) -> None:
    with pytest.raises(InvalidError):
        read_file(data)


@pytest.mark.parametrize("contents", [{"fields": {"Аты": "nowhere"}}, {"fields": []}, {"unknown": {}}])
def test_a_profile_that_leads_nowhere_is_refused(library: Library, contents: dict[str, object]) -> None:
    with pytest.raises(InvalidError), transaction() as session:
        save_profile(SYSTEM, session.get_one(Library, library.id), "Ката", contents)


def test_strangers_save_none(library: Library) -> None:
    with pytest.raises(ForbiddenError), transaction() as session:
        save_profile(Actor(1), session.get_one(Library, library.id), "Менин", {})


def test_a_preview_shows_what_a_profile_makes_of_records(collection: Collection, tmp_path: Path) -> None:
    rows = [{"Аты": f"Китеп {number}", "Автор": "Токомбаев, Аалы"} for number in range(30)]
    place = write_table(tmp_path / "in", rows)
    shown = preview_profile(place, "table", Profile(fields=CONTENTS["fields"], constants={"type": "book"}))
    assert len(shown.records) == 20
    metadata = shown.records[0].metadata or {}
    assert (metadata["titles"][0]["value"], metadata["type"]) == ("Китеп 0", "book")
    assert metadata["creators"][0]["names"][0]["family"] == "Токомбаев"
