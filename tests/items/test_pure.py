"""The pure heart: ids, names, folding, descriptions, checks."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo.items.checks import FaultCode, check_metadata, is_edtf
from repo.items.identifiers import ALPHABET, check_character, is_id, mint_id
from repo.items.metadata import Metadata, Text, TextKind, best_text, read_metadata, write_metadata, year_of
from repo.items.names import clean_name, free_name
from repo.items.states import STEPS, Step, VersionState, next_state
from tests.factories import make_metadata

STEMS = st.text(ALPHABET, min_size=8, max_size=8)
TODAY = date(2026, 3, 2)


def test_minted_ids_are_ids() -> None:
    assert all(is_id(mint_id()) for _ in range(200))


@given(STEMS, st.integers(0, 8), st.sampled_from(ALPHABET))
def test_the_check_character_finds_every_wrong_character(stem: str, place: int, char: str) -> None:
    whole = stem + check_character(stem)
    wrong = whole[:place] + char + whole[place + 1 :]
    assert is_id(wrong) == (wrong == whole)


@given(STEMS, st.integers(0, 6))
def test_the_check_character_finds_every_swap_of_neighbours(stem: str, place: int) -> None:
    whole = stem + check_character(stem)
    swapped = whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :]
    assert is_id(swapped) == (swapped == whole)


@given(st.text(max_size=400))
def test_any_name_becomes_a_safe_one(name: str) -> None:
    clean = clean_name(name)
    assert 0 < len(clean.encode()) <= 255
    assert not set(clean) & set('/\\\0\n\r<>:"|?*') and clean not in (".", "..") and clean == clean.strip()
    assert clean_name(clean) == clean


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Документы\\Статья.pdf", "Статья.pdf"),
        ("Статья\u0306.pdf", "Статья̆.pdf"),
        ("и\u0306.pdf", "й.pdf"),
        ("a\0b.pdf", "ab.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("", "file"),
        ("...", "file"),
        ("д" * 300 + ".pdf", "д" * 98 + ".pdf"),
    ],
)
def test_names_that_people_send(name: str, clean: str) -> None:
    assert clean_name(name) == clean


def test_a_taken_name_gets_a_number_whatever_its_capitals() -> None:
    assert free_name("a.pdf", {"b.pdf"}) == "a.pdf"
    assert free_name("A.pdf", {"a.pdf", "a (2).pdf"}) == "A (3).pdf"


def test_a_description_survives_being_stored() -> None:
    metadata = make_metadata()
    assert read_metadata(write_metadata(metadata)) == metadata
    assert read_metadata(write_metadata(Metadata())) == Metadata()


def test_texts_are_chosen_for_the_reader() -> None:
    texts = [
        Text(value="Kijiz ɵnɵry", lang="ky-Latn"),
        Text(value="Felt", lang="en", kind=TextKind.TRANSLATED),
        Text(value="", lang="ru"),
    ]
    assert best_text(texts, "en").value == "Felt"
    assert best_text(texts, "ru").value == "Kijiz ɵnɵry"
    assert best_text(texts, "ky").lang == "ky-Latn"
    assert best_text([], "ky") == Text()


@pytest.mark.parametrize(
    ("edtf", "year"),
    [("2024", 2024), ("1926~", 1926), ("1926-05", 1926), ("1926/1928", 1926), ("192X", None), ("", None), ("x", None)],
)
def test_years(edtf: str, year: int | None) -> None:
    assert year_of(edtf) == year


def test_edtf() -> None:
    assert all(is_edtf(text) for text in ("2024", "1926~", "192X", "2024-05-17", "1926/1928", "2024-05?"))
    assert not any(is_edtf(text) for text in ("17.05.2024", "2024-13", "май 2024", ""))


def test_a_complete_description_has_no_faults() -> None:
    assert check_metadata(make_metadata(), TODAY) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"type": ""}, FaultCode.TYPE_MISSING),
        ({"titles": []}, FaultCode.TITLE_MISSING),
        ({"creators": []}, FaultCode.CREATOR_MISSING),
        ({"creators": [{"names": [{"family": "А"}], "orcid": "0000-0002-1825-0098"}]}, FaultCode.ORCID_WRONG),
        ({"languages": []}, FaultCode.LANGUAGE_MISSING),
        ({"issued": ""}, FaultCode.DATE_MISSING),
        ({"issued": "5 март"}, FaultCode.DATE_WRONG),
        ({"abstracts": []}, FaultCode.ABSTRACT_MISSING),
        ({"type": "candidate-thesis"}, FaultCode.DEGREE_MISSING),
        ({"licence": ""}, FaultCode.LICENCE_MISSING),
        ({"access": "embargoed"}, FaultCode.EMBARGO_DATE_MISSING),
        ({"access": "embargoed", "embargo_until": "2026-03-02"}, FaultCode.EMBARGO_DATE_WRONG),
        ({"identifiers": [{"scheme": "isbn", "value": "978-5-000-00000-1"}]}, FaultCode.IDENTIFIER_WRONG),
    ],
)
def test_each_fault_is_found(fields: dict, code: FaultCode) -> None:
    assert code in {fault.code for fault in check_metadata(make_metadata(**fields), TODAY)}


def test_only_the_steps_of_the_table_lead_on() -> None:
    for state in VersionState:
        for step in Step:
            assert next_state(state, step) == STEPS.get((state, step))
    assert next_state(VersionState.PUBLISHED, Step.RETURN) is None
