"""Dates, names, numbers and rights as other systems write them."""

import pytest

from ingest.crosswalks.people import agent_of, role_of
from ingest.crosswalks.values import (
    access_of,
    date_of,
    embargo_of,
    language_of,
    licence_of,
    number_of,
    titles_of,
    type_of,
)
from repo.items.access import Access
from repo.items.checks import is_edtf
from repo.items.metadata import Text, TextKind


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2013", "2013"),
        ("2013-05-17", "2013-05-17"),
        ("2019-01-01T10:00:00Z", "2019-01-01"),
        ("2013-13", "2013"),
        ("2015-02-30", "2015"),
        ("17.05.2013", "2013-05-17"),
        ("c2013.", "2013"),
        ("[2013?]", "2013?"),
        ("ca. 1907", "1907~"),
        ("2345 [2013?].", "2013?"),
        ("19--", "19XX"),
        ("192-?", "192X"),
        ("1926-1928", "1926/1928"),
        ("1928-1926", "1928"),
        ("03 Nov 2008", "2008"),
        ("кийин", ""),
        ("", ""),
    ],
)
def test_dates(written: str, read: str) -> None:
    assert date_of(written) == read
    assert not read or is_edtf(read)


@pytest.mark.parametrize(
    ("written", "tag"),
    [("eng", "en"), ("en_US", "en"), ("kir", "ky"), ("Русский", "ru"), ("ger", "de"), ("fin", "fin"), ("Klingon", "")],
)
def test_languages(written: str, tag: str) -> None:
    assert language_of(written) == tag


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["Text", "info:eu-repo/semantics/masterThesis"], "master-thesis"),
        (["http://purl.org/coar/resource_type/c_6501"], "article"),
        (["info:eu-repo/semantics/doctoralThesis"], "doctoral-thesis"),
        (["статья"], "article"),
        (["Journal Article"], "article"),
        (["JournalArticle"], "article"),
        (["something"], "other"),
        ([], ""),
    ],
)
def test_types(names: list[str], code: str) -> None:
    assert type_of(names) == code


def test_names() -> None:
    inverted = agent_of("Айтматов, Чыңгыз, 1928-2008")
    assert inverted is not None
    assert inverted.name().direct == "Чыңгыз Айтматов"
    numbered = agent_of("Doe, Jane https://orcid.org/0000-0002-1825-0097")
    assert numbered is not None
    assert (numbered.name().inverted, numbered.orcid) == ("Doe, Jane", "0000-0002-1825-0097")
    wrong = agent_of("Doe, Jane 0000-0002-1825-0098")
    assert wrong is not None
    assert (wrong.name().inverted, wrong.orcid) == ("Doe, Jane", "")
    whole = agent_of("Jane Doe")
    assert whole is not None
    assert (whole.name().family, whole.name().given) == ("Jane Doe", "")
    assert agent_of(" , ") is None


@pytest.mark.parametrize(
    ("terms", "role"),
    [(["aut"], "author"), (["http://id.loc.gov/vocabulary/relators/trl"], "translator"), (["Editor."], "editor")],
)
def test_roles(terms: list[str], role: str) -> None:
    assert role_of(terms) == role
    assert role_of(["blacksmith"]) == "contributor"
    assert role_of([]) == "author"


@pytest.mark.parametrize(
    ("written", "hint", "scheme", "value"),
    [
        ("https://doi.org/10.34416/SVC.00029", "", "doi", "10.34416/svc.00029"),
        ("978-951-31-4836-2 (nid.)", "isbn", "isbn", "9789513148362"),
        ("ISSN: 2432-5058", "", "issn", "2432-5058"),
        ("http://hdl.handle.net/10138/331330", "uri", "handle", "10138/331330"),
        ("urn:isbn:9789513148362", "", "isbn", "9789513148362"),
        ("2432-5059", "issn", "local", "2432-5059"),
        ("https://example.org/1", "", "url", "https://example.org/1"),
        ("Ж-12", "", "local", "Ж-12"),
    ],
)
def test_numbers(written: str, hint: str, scheme: str, value: str) -> None:
    number = number_of(written, hint)
    assert number is not None
    assert (number.scheme, number.value) == (scheme, value)


def test_numbers_that_are_none() -> None:
    assert number_of("") is None
    assert number_of("x" * 401) is None


def test_rights() -> None:
    assert licence_of(["free", "http://creativecommons.org/licenses/by-nc/4.0/"]) == "cc-by-nc-4.0"
    assert licence_of(["CC BY-NC-ND 4.0"]) == "cc-by-nc-nd-4.0"
    assert licence_of(["https://creativecommons.org/licenses/by/3.0/de/"]) == "cc-by-3.0"
    assert licence_of(["https://creativecommons.org/publicdomain/zero/1.0/"]) == "cc0-1.0"
    assert licence_of(["ask us"]) == ""
    assert access_of(["info:eu-repo/semantics/restrictedAccess"]) is Access.RESTRICTED
    assert access_of(["http://purl.org/coar/access_right/c_abf2"]) is Access.OPEN
    assert access_of(["ask us"]) is None
    assert embargo_of(["info:eu-repo/date/embargoEnd/2031-01-01"]) == "2031-01-01"


def test_one_title_is_the_main_one() -> None:
    kinds = [text.kind for text in titles_of([Text(value="Көл", lang="ky"), Text(value="Lake", lang="en"), Text()])]
    assert kinds == [TextKind.MAIN, TextKind.TRANSLATED]
    only = titles_of([Text(value="Көл", kind=TextKind.ALTERNATIVE)])
    assert only[0].kind is TextKind.MAIN
