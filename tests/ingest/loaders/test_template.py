"""The table to fill in: its titles are understood, its examples are not loaded, its lists hold every term."""

import io
from pathlib import Path

import openpyxl
import pytest

from ingest.loaders.columns import COLUMNS, read_title
from ingest.loaders.profile import Profile
from ingest.loaders.targets import find_target
from ingest.loaders.template import LANGUAGES, column_title, template_paths, write_template, write_template_csv
from repo.vocabularies.terms import choices
from tests.ingest.loaders.loading import load


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_title_is_understood(language: str) -> None:
    assert all(find_target(path) for path in template_paths())
    for path in template_paths():
        assert read_title(column_title(path, language), Profile()) == path
    titles = [column.title(language).casefold() for column in COLUMNS]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_template_loads_nothing(tmp_path: Path, language: str) -> None:
    for name, content in (("a.xlsx", write_template(language)), ("a.csv", write_template_csv(language))):
        (tmp_path / name).write_bytes(content)
        assert load(tmp_path / name) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_are_works_once_they_are_no_examples(tmp_path: Path, language: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_template(language)))
    sheet = book.worksheets[0]
    sheet["A2"], sheet["A3"] = "1", "2"
    for name in ("asanova.pdf", "asanova-data.csv", "alippe/1.tif", "alippe/2.tif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    book.save(tmp_path / "metadata.xlsx")
    article, book_of_1929 = load(tmp_path)
    assert article.remarks == book_of_1929.remarks == ()
    assert article.metadata is not None and book_of_1929.metadata is not None
    assert article.metadata["type"] == "article" and article.metadata["licence"] == "cc-by-4.0"
    assert [title.get("lang") for title in article.metadata["titles"]] == ["ky", "ru", "en"]
    assert book_of_1929.metadata["languages"] == ["ky-Latn"]
    assert [file.name for file in book_of_1929.files] == ["1.tif", "2.tif"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists_offer_every_term_in_the_language(language: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_template(language, {"collection": ["theses", "maps"]})))
    offered = {}
    for choice in book.worksheets[0].data_validations.dataValidation:
        sheet, _, place = choice.formula1.partition("!")
        title = book.worksheets[0][str(choice.sqref).partition("2")[0] + "1"].value
        offered[read_title(title, Profile())] = [row[0].value for row in book[sheet][place.replace("$", "")]]
    for path, vocabulary in (
        ("type", "types"),
        ("language", "languages"),
        ("rights.licence", "licences"),
        ("rights.access", "access"),
    ):
        assert offered[path] == [name for _, name in choices(vocabulary, language)]
    assert offered["collection"] == ["theses", "maps"]
