"""Numbers of other registries: checked by their own rules, kept in one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo.vocabularies import identifier_schemes
from repo.vocabularies.numbers import format_number, is_isil, is_orcid, is_ror, normalise_number, number_address


@pytest.mark.parametrize(
    ("scheme", "typed", "kept"),
    [
        ("doi", "https://doi.org/10.52754/ABC-1", "10.52754/abc-1"),
        ("doi", "doi: 10.1000/182", "10.1000/182"),
        ("doi", "10.1/x", None),
        ("doi", "10.1000/with space", None),
        ("isbn", "ISBN 978-9967-00-000-1", "9789967000001"),
        ("isbn", "0-306-40615-2", "9780306406157"),
        ("isbn", "978-9967-00-000-2", None),
        ("issn", "1694 7851", "1694-7851"),
        ("issn", "1694-7852", None),
        ("ismn", "M-2600-0043-8", "9790260000438"),
        ("handle", "https://hdl.handle.net/20.500.12345/678", "20.500.12345/678"),
        ("handle", "no slash", None),
        ("ark", "https://n2t.net/ark:/12345/x6np1wh8k", "ark:/12345/x6np1wh8k"),
        ("ark", "12345/x6np", None),
        ("arxiv", "https://arxiv.org/abs/2101.00001v2", "2101.00001v2"),
        ("pmid", "PMID: 12345678", "12345678"),
        ("pmid", "twelve", None),
        ("url", " https://example.org/a ", "https://example.org/a"),
        ("url", "javascript:alert(1)", None),
        ("local", " 12-б ", "12-б"),
        ("local", "  ", None),
    ],
)
def test_numbers_are_kept_in_one_form(scheme: str, typed: str, kept: str | None) -> None:
    assert normalise_number(scheme, typed) == kept


@given(st.sampled_from(sorted(identifier_schemes())), st.text(max_size=60))
def test_whatever_is_typed_never_fails_and_is_stable(scheme: str, typed: str) -> None:
    kept = normalise_number(scheme, typed)
    assert kept is None or normalise_number(scheme, kept) == kept


@pytest.mark.parametrize("scheme", [code for code, known in identifier_schemes().items() if known.example])
def test_the_example_of_a_scheme_is_right(scheme: str) -> None:
    assert normalise_number(scheme, identifier_schemes()[scheme].example)


def test_addresses() -> None:
    assert number_address("doi", "10.1000/182") == "https://doi.org/10.1000/182"
    assert number_address("isbn", "9789967000001") == ""
    assert number_address("url", "javascript:alert(1)") == ""
    assert number_address("unheard-of", "1") == ""


def test_isbns_are_read_with_hyphens() -> None:
    assert format_number("isbn", "9789967000001") == "978-9967-00-000-1"
    assert format_number("isbn", "an old one") == "an old one"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("0000-0002-1825-0097", True),
        ("0000-0002-1825-0098", False),
        ("0000-0002-1694-233X", True),
        ("0000000218250097", False),
    ],
)
def test_orcid(text: str, right: bool) -> None:
    assert is_orcid(text) is right


@pytest.mark.parametrize(
    ("text", "right"), [("00k4n6c32", True), ("00k4n6c33", False), ("10k4n6c32", False), ("0uk4n6c32", False)]
)
def test_ror(text: str, right: bool) -> None:
    assert is_ror(text) is right


@pytest.mark.parametrize(
    ("text", "right"), [("KG-0001", True), ("DE-Tue120", True), ("KG", False), ("KG-" + "1" * 12, False)]
)
def test_isil(text: str, right: bool) -> None:
    assert is_isil(text) is right
