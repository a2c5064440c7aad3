"""What is marked in titles and texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo.search.analysis import clean
from repo.search.document import Area
from repo.search.highlight import FRAGMENT, MAX_TEXT, Fragment, fragments, mark_words
from repo.search.parser import parse_query
from tests.search.test_query import MALFORMED

FILLER = "Бул жерде башка эч нерсе жок. " * 30


def marks(fragment: Fragment) -> list[str]:
    return [text for text, marked in fragment.parts if marked]


@pytest.mark.parametrize(
    ("query", "title", "lang", "marked"),
    [
        ("кол", "Ысык-Көл жана тоо", "ky", ["Көл"]),
        ("көл", "Кол жана көл", "ky", ["Кол", "көл"]),
        ("история", "Истории и историк", "ru", ["Истории"]),
        ("library", "Libraries of the world", "en", ["Libraries"]),
        ("кыр*", "Кыргыз жана кырк", "ky", ["Кыргыз", "кырк"]),
        ("ысык-көл", "Ысык-Көлдө жана ысык суу", "ky", ["Ысык-Көлдө"]),
        ('"ысык көл"', "Ысык-Көлдө, Ысык-Көл", "ky", ["Ысык-Көл"]),
        ("Aitmatov", "Айтматовдун өмүрү", "ky", ["Айтматовдун"]),
        ('"ак кеме"', "Ак кеме жана кеме", "ky", ["Ак кеме"]),
        ('"история"', "Истории, история", "ru", ["история"]),
        ("история и культура", "История и культура и быт", "ru", ["История", "культура"]),
        ("-көл тоо", "Көл жана тоо", "ky", ["тоо"]),
        ("author:көл тоо", "Көл жана тоо", "ky", ["тоо"]),
        ("title:көл", "Көл жана тоо", "ky", ["Көл"]),
        ("исто\u0301рия", "исто\u0301рия", "ru", ["исто\u0301рия"]),
        ("Kyrgyzstan", "Кыргызстандын тарыхы", "ky", ["Кыргызстандын"]),
        ("Bishkek", "История Бишкека", "ru", ["Бишкека"]),
        ('"Kyrgyzstan"', "Кыргызстандын тарыхы", "ky", []),
        ("year:1990", "1990", "", []),
        ("", "Көл", "ky", []),
    ],
)
def test_what_was_found_is_marked(query: str, title: str, lang: str, marked: list[str]) -> None:
    fragment = mark_words(title, parse_query(query), lang)
    assert marks(fragment) == marked
    assert fragment.text == title


def test_a_fragment_shows_as_many_words_as_it_can() -> None:
    text = f"Көл. {FILLER} Тоо. {FILLER} Көл менен тоо. {FILLER}"
    (fragment,) = fragments(text, parse_query("көл тоо"), "ky")
    assert marks(fragment) == ["Көл", "тоо"]
    assert len(fragment.text) <= FRAGMENT + 2


def test_a_second_fragment_brings_a_missing_word() -> None:
    text = f"Көл жана көл. {FILLER} Тоо. {FILLER}"
    first, second = fragments(text, parse_query("көл тоо"), "ky")
    assert "көл" in marks(first)
    assert marks(second) == ["Тоо"]
    assert len(fragments(text, parse_query("көл тоо"), "ky", limit=1)) == 1


def test_without_the_words_there_is_no_fragment() -> None:
    assert fragments(FILLER, parse_query("көл"), "ky") == []
    assert fragments("", parse_query("көл"), "ky") == []
    assert fragments("көл", parse_query("title:көл"), "ky") == []


def test_fragments_are_cut_between_words() -> None:
    (fragment,) = fragments(f"{FILLER} көл {FILLER}", parse_query("көл"), "ky")
    assert fragment.text.startswith("…")
    assert fragment.text.endswith("…")
    words = set(f"{FILLER} көл".split())
    assert set(fragment.text.strip("…").split()) <= words


@pytest.mark.parametrize("query", MALFORMED)
def test_any_query_can_be_marked(query: str) -> None:
    text = clean("көл тоо китеп كتاب OR title year 1990 " * 20)
    assert mark_words(text, parse_query(query)).text == text
    fragments(text, parse_query(query))


@given(
    st.lists(st.sampled_from(["көл", "тоо", "жана", "ө", "-", ".", "\u0301", "xyz" * 99]), max_size=300),
    st.sampled_from(["көл", "көл тоо", '"көл тоо"', "кө*", "тоо-жана", "жана"]),
)
def test_fragments_are_pieces_of_the_text(words: list[str], query: str) -> None:
    text = clean(" ".join(words))
    for fragment in fragments(text, parse_query(query), "ky"):
        assert fragment.text.strip("…") in text
        assert marks(fragment)


def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    assert fragments("а" + " " * MAX_TEXT + "көл", parse_query("көл")) == []
    assert mark_words("көл " * MAX_TEXT, parse_query("көл"), areas=(Area.TITLE,)).text == ("көл " * MAX_TEXT)[:MAX_TEXT]
