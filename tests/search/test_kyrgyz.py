"""The Kyrgyz stemmer: endings one by one, by harmony; and how well it does on a treebank that we did not make."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.stemmer import NOMINAL, evaluate, read_words
from repo.search.kyrgyz import KEPT, readings, stem

TREEBANK = "7-language/UniversalDependencies__UD_Kyrgyz-KTMU"


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("китеп", "китеп"),
        ("китептер", "китеп"),
        ("китептеринде", "китеп"),
        ("китеби", "китеп"),
        ("айлыгы", "айлык"),
        ("көлдөрдүн", "көл"),
        ("тоолорго", "тоо"),
        ("мектебинин", "мектеп"),
        ("балдардын", "бала"),
        ("университеттин", "университет"),
        ("баштоо", "башта"),
        ("иштейт", "иште"),
        ("барган", "бар"),
        ("100дөн", "100"),
    ],
)
def test_endings_go(word: str, wanted: str) -> None:
    assert stem(word) == wanted


@pytest.mark.parametrize("word", ["алтын", "акын", "билим", "мамлекет", "базар", "чыгыш", "министр", "облус"])
def test_what_only_looks_like_an_ending_stays(word: str) -> None:
    assert stem(word) == word and word in KEPT


def test_endings_keep_to_harmony_and_order() -> None:
    """«-лор» is no plural behind «тил», and no case stands before a plural."""
    assert [one.endings for one in readings("тиллор") if "pl" in one.endings] == []
    assert [one.endings for one in readings("китепделер") if one.endings[-1:] == ("loc",)] == []
    assert ("loc3", "p3*", "pl") in [one.endings for one in readings("китептеринде")]


@given(st.text(alphabet="абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя-'1a", min_size=1, max_size=60))
def test_any_word_has_a_stem(word: str) -> None:
    assert 0 < len(stem(word)) <= len(word) + 1


def test_it_does_well_on_the_treebank(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On its test file, of which no word was looked at for the rules or the weights."""
    monkeypatch.setattr("bench.stemmer.DATA", real_data)
    assert (real_data / TREEBANK).is_dir()
    words = read_words("test")
    assert len(words) == 9296
    lemma, forms, pairs = evaluate(words, stem)
    assert lemma >= 83 and forms >= 80 and pairs >= 90
    lemma, forms, pairs = evaluate([word for word in words if word.part in NOMINAL], stem)
    assert lemma >= 88 and forms >= 88 and round(pairs, 1) >= 95
