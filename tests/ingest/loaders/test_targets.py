"""Values put by path into a description, and those that do not fit."""

import pytest

from ingest.loaders.entry import Entry, Rules, read_rules, unknown_paths
from ingest.loaders.packages import Note
from ingest.loaders.profile import Profile
from ingest.loaders.targets import Parts, Value, find_target, targets
from repo.items.metadata import Metadata, Text, read_metadata


def entry(profile: Profile | None = None, metadata: Metadata | None = None) -> Entry:
    return Entry(read_rules(profile or Profile()), metadata)


SAMPLES = {
    "date": "2024-05-17",
    "thesis.defended": "2024",
    "embargo": "17.05.2031",
    "type": "китеп",
    "language": "кыргызча",
    "thesis.degree": "кандидат наук",
    "rare.script": "Arab",
    "rights.licence": "CC BY-NC 4.0",
    "rights.access": "restricted",
    "identifiers": "10.1234/abc",
    "identifiers.doi": "https://doi.org/10.1234/ABC",
    "identifiers.isbn": "978-3-16-148410-0",
    "identifiers.issn": "0031-8949",
    "identifiers.ismn": "979-0-2600-0043-8",
    "identifiers.handle": "hdl:123/4",
    "identifiers.ark": "ark:/12345/bcd987",
    "identifiers.urn": "urn:nbn:de:101:1-1",
    "identifiers.arxiv": "2101.00001",
    "identifiers.pmid": "12345",
    "identifiers.url": "https://example.org/1",
    "host.issn": "0031-8949",
    "host.isbn": "978-3-16-148410-0",
    "creators.orcid": "0000-0002-1825-0097",
    "contributors.orcid": "0000-0002-1825-0097",
}


@pytest.mark.parametrize("path", list(targets()))
def test_every_place_takes_a_value_and_is_filled_by_it(path: str) -> None:
    parts, target = Parts(), targets()[path]
    if target.parallel:
        targets()[path.partition(".")[0]].put(parts, Value("Айтматов, Чыңгыз"))
    assert target.filled(parts) == target.parallel
    target.put(parts, Value(SAMPLES.get(path, "Сөз"), "ky" if target.translated else ""))
    assert target.filled(parts)
    again = entry(metadata=parts.metadata).finish()
    assert entry(metadata=read_metadata(again)).finish() == again


def test_languages_stand_in_brackets_and_only_where_there_is_text() -> None:
    assert find_target("title[kir]") == (targets()["title"], "ky")
    assert find_target("title[ky-Arab]") == (targets()["title"], "ky-Arab")
    for path in ("title[", "title[1]", "date[ru]", "titel", "", "host", "identifiers.nonsense", "title[klingonlang]"):
        assert find_target(path) is None, path


def test_a_name_in_another_language_is_the_same_person() -> None:
    made = entry()
    made.put("creators[ky]", ["Айтматов, Чыңгыз", "Осмонов, Алыкул"])
    made.put("creators[ru]", ["Айтматов, Чингиз", "Осмонов, Алыкул"])
    made.put_cell("creators.orcid", "; 0000-0002-1825-0097")
    made.put_cell("creators.affiliation[ru]", "Союз писателей")
    first, second = made.finish()["creators"]
    assert [name["given"] for name in first["names"]] == ["Чыңгыз", "Чингиз"]
    assert first["affiliations"] == [{"names": [{"value": "Союз писателей", "lang": "ru"}]}]
    assert second["orcid"] == "0000-0002-1825-0097"
    assert made.remarks == []


@pytest.mark.parametrize(
    ("path", "value", "note"),
    [
        ("type", "роман", Note.UNKNOWN_TERM),
        ("language", "эльфийский", Note.UNKNOWN_TERM),
        ("rights.licence", "по договору", Note.UNKNOWN_TERM),
        ("rights.access", "всем", Note.UNKNOWN_TERM),
        ("thesis.degree", "академик", Note.UNKNOWN_TERM),
        ("date", "2024-13-45", Note.WRONG_VALUE),
        ("date", "32.05.2024", Note.WRONG_VALUE),
        ("date", "давно", Note.WRONG_VALUE),
        ("date", "45123", Note.WRONG_VALUE),
        ("embargo", "2030", Note.WRONG_VALUE),
        ("identifiers.isbn", "978-3-16-148410-1", Note.WRONG_VALUE),
        ("identifiers.doi", "11.1/1", Note.WRONG_VALUE),
        ("host.issn", "Mock ISSN", Note.WRONG_VALUE),
        ("creators.orcid", "0000-0002-1825-0097", Note.WRONG_VALUE),
        ("creators", ",", Note.WRONG_VALUE),
        ("nowhere", "x", Note.NOT_MAPPED),
    ],
)
def test_what_does_not_fit_is_said(path: str, value: str, note: Note) -> None:
    made = entry()
    made.put(path, [value], "column")
    assert [(remark.note, remark.about) for remark in made.remarks] == [(note, "column")]
    assert made.finish() == {"schema_version": 1}


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("17.05.2024", "2024-05-17"),
        ("[1926?]", "1926?"),
        ("2024 г.", "2024"),
        ("1926-1928", "1926/1928"),
        ("192X", "192X"),
    ],
)
def test_dates_as_catalogues_write_them(text: str, date: str) -> None:
    made = entry()
    made.put("date", [text])
    assert made.finish()["issued"] == date


def test_one_place_for_one_value() -> None:
    made = entry()
    made.put("edition", ["1", "2"])
    assert [remark.note for remark in made.remarks] == [Note.WRONG_VALUE]


def test_own_words_letters_and_constants_of_a_library() -> None:
    profile = Profile(
        terms={"type": {"Роман ": "book"}},
        letters={"ќ": "ң"},
        constants={"rights.licence": "arr", "type": "other", "language": "ru; ky"},
    )
    made = entry(profile)
    made.put("type", ["РОМАН"])
    made.put("title[ky]", ["Жаќы китеп"])
    made.put_constants()
    described = made.finish()
    assert (described["type"], described["licence"], described["languages"]) == ("book", "arr", ["ru", "ky"])
    assert described["titles"] == [{"value": "Жаңы китеп", "lang": "ky"}]


def test_an_embargo_has_its_day() -> None:
    made = entry()
    made.put("rights.access", ["embargoed"])
    made.finish()
    assert [(remark.note, remark.about) for remark in made.remarks] == [(Note.WRONG_VALUE, "embargo")]
    made = entry()
    made.put("embargo", ["2031-01-01"])
    assert made.finish()["access"] == "embargoed"


def test_what_no_text_holds_is_taken_out() -> None:
    made = entry()
    made.put("title", ["Ма\x00нас\ud800\ufeff \t эпосу"])
    assert made.finish()["titles"] == [{"value": "Манас эпосу"}]


def test_a_thousand_values_are_enough() -> None:
    made = entry()
    made.put("keywords", [f"сөз {number}" for number in range(1500)])
    assert len(made.finish()["keywords"]) == 1000
    assert [remark.note for remark in made.remarks] == [Note.LEFT_OUT]


def test_what_was_described_before_is_added_to() -> None:
    made = entry(metadata=Metadata(titles=[Text(value="Манас", lang="ky")], licence="arr"))
    made.put("title[ru]", ["Манас: эпос"], "900$a")
    assert [title.get("kind", "main") for title in made.finish()["titles"]] == ["main", "translated"]


def test_paths_of_a_profile_that_lead_nowhere() -> None:
    profile = Profile(fields={"a": "title", "b": "titel", "c": ""}, constants={"x.y": "1"}, terms={"type": {}})
    assert unknown_paths(profile) == ["titel", "x.y"]
    assert Rules(profile).read("title", " a ") == "a"
