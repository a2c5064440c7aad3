"""What readers type, and what comes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo.search.analysis import Kind
from repo.search.document import Area, Facet
from repo.search.parser import MAX_LENGTH, MAX_WORDS, parse_query
from repo.search.query import Code, Query, Term, Value, Words, Years

MALFORMED = [
    "",
    "   ",
    '"',
    '"көл',
    'көл"тоо"',
    "«көл",
    "«көл“ тоо",
    "OR",
    "OR OR",
    "- -",
    "-",
    "*",
    "AND OR NOT -",
    "NOT",
    "көл OR",
    "OR көл",
    "-көл OR -тоо",
    "title:",
    "title: -",
    'title:"',
    "year:",
    "year:abc",
    "year:..",
    "isbn:",
    "/(a+)+$/",
    "[a TO b}",
    "көл~2 тоо^4.5",
    "a\x00b\x00",
    "\u202eкитеп\u202c كتاب",
    "😀 🇰🇬 👩‍👩‍👧",
    "\ud800 көл",
    "x" * 10_000,
    "көл " * 2500,
    " OR ".join(f"w{n}" for n in range(1000)),
    "(" * 500 + "көл" + ")" * 500,
    '"' * 999,
    "title:" * 150,
    "-" * 1000,
    "a:b:c::d",
    'http://example.org/a?b=c&d="e"',
    "'; DROP TABLE item; --",
]
"""Queries nobody should type; the contract of the engines uses them too."""


def leaves(text: str) -> list[object]:
    return [term.leaf for group in parse_query(text).groups for term in group]


def shown(text: str) -> str:
    return parse_query(text).understood


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("көл тоо", "көл тоо"),
        ('"ысык көл" -тарых', '"ысык көл" -тарых'),
        ("«Ак  кеме»", '"Ак кеме"'),
        ("„Ак кеме“", '"Ак кеме"'),
        ("көл OR деңиз тоо", "көл OR деңиз тоо"),
        ("көл ИЛИ деңиз", "көл OR деңиз"),
        ("көл | деңиз || тоо", "көл OR деңиз OR тоо"),
        ("көл AND тоо", "көл тоо"),
        ("көл NOT тоо", "көл -тоо"),
        ("автор: Айтматов", "author:Айтматов"),
        ('название:"ак кеме"', 'title:"ак кеме"'),
        ("-автору:Айтматов", "-author:Айтматов"),
        ("жылы:1990..2005", "year:1990..2005"),
        ("year:2005-1990", "year:1990..2005"),
        ("year:..1990", "year:..1990"),
        ("год:1990", "year:1990"),
        ("удк:821.512*", "udc:821.512"),
        ("isbn:5-02-022938-x", "isbn:5-02-022938-x"),
        ("isbn:0-306-40615-2", "isbn:9780306406157"),
        ("doi:https://doi.org/10.1234/ABC", "doi:10.1234/abc"),
        ("тил:ky", "language:ky"),
        ("кыр*", "кыр*"),
        ("Түрк: тарых", "Түрк тарых"),
        ("Түрк:тарых", "Түрк:тарых"),
        ("удк:821.512.154(575.2)-3", 'udc:"821.512.154(575.2)-3"'),
        ("көл~2 тоо^4", "көл тоо"),
        ("(көл тоо)", "көл тоо"),
    ],
)
def test_what_is_understood(typed: str, understood: str) -> None:
    assert shown(typed) == understood


def test_or_binds_closer_than_the_space() -> None:
    assert [len(group) for group in parse_query("көл OR деңиз тоо").groups] == [2, 1]


def test_joined_words_stand_side_by_side() -> None:
    (leaf,) = leaves("Ысык-Көл")
    assert isinstance(leaf, Words)
    assert leaf.forms(Kind.EXACT) == ["ысык", "көл"]
    assert not leaf.quoted


def test_parts_and_values() -> None:
    assert leaves("type:thesis library:nlkr year:1990.. udc:821") == [
        Value(Facet.TYPE, "thesis"),
        Value(Facet.LIBRARY, "nlkr"),
        Years(1990, None),
        Code("udc", "821"),
    ]
    (leaf,) = leaves("тема:тарых")
    assert isinstance(leaf, Words)
    assert leaf.area is Area.SUBJECT


def test_one_letter_is_no_beginning() -> None:
    (leaf,) = leaves("к*")
    assert isinstance(leaf, Words)
    assert not leaf.prefix


def test_nothing_typed_is_everything_and_only_signs_are_nothing() -> None:
    assert parse_query("  ") == Query()
    assert parse_query("?!").void
    assert parse_query("🎉").void
    assert not parse_query("көл?!").void


def test_grammar_is_known() -> None:
    assert [leaf.is_grammar for leaf in leaves('история и культура Ч. Айтматов "и"') if isinstance(leaf, Words)] == [
        False,
        True,
        False,
        True,
        False,
        False,
    ]


def test_long_queries_are_cut_and_say_so() -> None:
    assert parse_query("көл " * 2500).cut
    assert parse_query(" OR ".join(f"w{n}" for n in range(1000))).cut
    assert not parse_query("көл " * MAX_WORDS).cut
    counted = sum(leaf.length for leaf in parse_query("ысык-көл " * 100).wanted_words)
    assert counted <= MAX_WORDS


@pytest.mark.parametrize("text", MALFORMED)
def test_malformed_queries_are_read(text: str) -> None:
    query = parse_query(text)
    assert sum(len(group) for group in query.groups) <= MAX_WORDS
    query.understood.encode()


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            ["көл", "OR", "-", '"', "«", "»", "title:", "year:", "1990", "..", "*", "(", ")", "~2", "|", " "]
        ),
        st.text(max_size=5),
    ),
    max_size=20,
).map("".join)


@given(PIECES)
def test_what_is_shown_is_what_was_understood(text: str) -> None:
    query = parse_query(text)
    if not query.cut and len(query.understood) <= MAX_LENGTH:
        assert parse_query(query.understood).groups == query.groups


def test_terms_say_whether_they_are_denied() -> None:
    assert [str(term) for group in parse_query("көл -тоо").groups for term in group] == ["көл", "-тоо"]
    assert parse_query("-тоо").groups[0][0] == Term(parse_query("тоо").groups[0][0].leaf, negated=True)
