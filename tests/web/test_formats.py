"""As the reader's language writes it; the wanted texts are those of docs/glossary.md."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from repo.web.formats import (
    format_date,
    format_duration,
    format_moment,
    format_number,
    format_size,
    format_time,
    language_name,
)
from repo.web.languages import with_language


def plain(text: str) -> str:
    """CLDR's spaces of other widths as ordinary ones."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("language", "words"),
    [("ky", "2027-ж., 5-март"), ("ru", "5 марта 2027 г."), ("en", "5 March 2027")],
)
def test_dates(context: Flask, language: str, words: str) -> None:
    with with_language(language):
        assert plain(format_date(date(2027, 3, 5))) == words
        assert plain(format_date("2027-03-05")) == words
        # four in the afternoon in London is the next day in Bishkek only after six
        assert plain(format_date(datetime(2027, 3, 4, 18, 30, tzinfo=UTC))) == words


@pytest.mark.parametrize(
    ("edtf", "words"),
    [
        ("1934", "1934"),
        ("1934-05", "май 1934 г."),
        ("1928/1930", "1928–1930"),
        ("1928/..", "1928"),
        ("193X", "193X"),
        ("1934?", "1934?"),
        ("2027-02-31", "2027-02-31"),
        ("", ""),
        ("no date", "no date"),
    ],
)
def test_incomplete_dates(context: Flask, edtf: str, words: str) -> None:
    with with_language("ru"):
        assert plain(format_date(edtf)) == words


def test_times_are_those_of_bishkek(context: Flask) -> None:
    moment = datetime(2027, 3, 5, 8, 2, tzinfo=UTC)

    assert format_time(moment) == "14:02"
    assert plain(format_moment(moment)) == "2027-ж., 5-март, 14:02"


@pytest.mark.parametrize(
    ("size", "ky", "ru", "en"),
    [
        (0, "0 байт", "0 Б", "0 byte"),
        (999, "999 байт", "999 Б", "999 byte"),
        (1000, "1 кБ", "1 кБ", "1 kB"),
        (38_400, "38 кБ", "38 кБ", "38 kB"),
        (2_400_000, "2,4 МБ", "2,4 МБ", "2.4 MB"),
        (999_600_000, "1 ГБ", "1 ГБ", "1 GB"),
        (20 * 1000**3, "20 ГБ", "20 ГБ", "20 GB"),
        (5 * 1000**5, "5 000 ТБ", "5 000 ТБ", "5,000 TB"),
    ],
)
def test_sizes(context: Flask, size: int, ky: str, ru: str, en: str) -> None:
    for language, words in (("ky", ky), ("ru", ru), ("en", en)):
        with with_language(language):
            assert plain(format_size(size)) == words


def test_numbers(context: Flask) -> None:
    wanted = {"ky": "41 208", "ru": "41 208", "en": "41,208"}
    for language, words in wanted.items():
        with with_language(language):
            assert plain(format_number(41208)) == words


def test_durations(context: Flask) -> None:
    wanted = {"ky": "5 мүнөт", "ru": "5 минут", "en": "5 minutes"}
    for language, words in wanted.items():
        with with_language(language):
            assert plain(format_duration(300)) == words


@pytest.mark.parametrize(
    ("tag", "ky", "ru", "en"),
    [
        ("ky", "кыргызча", "кыргызский", "Kyrgyz"),
        ("ru", "орусча", "русский", "Russian"),
        ("uz", "өзбекче", "узбекский", "Uzbek"),
        ("ky-Latn", "кыргызча, латын алфавити", "кыргызский, латинская графика", "Kyrgyz, Latin script"),
        ("ky-Arab", "кыргызча, араб алфавити", "кыргызский, арабская графика", "Kyrgyz, Arabic script"),
        ("xx-yy", "xx-yy", "xx-yy", "xx-yy"),
        ("", "", "", ""),
    ],
)
def test_names_of_languages(context: Flask, tag: str, ky: str, ru: str, en: str) -> None:
    for language, name in (("ky", ky), ("ru", ru), ("en", en)):
        with with_language(language):
            assert language_name(tag) == name
