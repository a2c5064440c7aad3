"""One word in two alphabets, by the ways in which it is romanised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo.search.romanisation import skeletons


@pytest.mark.parametrize(
    ("word", "spellings"),
    [
        ("жусуп", ("zhusup", "jusup", "žusup", "dzhusup")),
        ("баласагын", ("balasagyn", "balasagın")),
        ("чыңгыз", ("chyngyz", "chingiz", "čyņgyz", "chyn͡gyz")),
        ("айтматов", ("aitmatov", "aytmatov", "aĭtmatov", "ajtmatov")),
        ("юдахин", ("yudakhin", "i͡udakhin", "judahin", "iudakhin")),
        ("кыргызстан", ("kyrgyzstan", "kirgizstan", "qyrghyzstan")),
        ("щербак", ("shcherbak",)),
        ("евгений", ("yevgeny", "evgenij", "evgenii")),
        ("цой", ("tsoi", "tsoy", "coj")),
        ("томас", ("thomas",)),
        ("лутц", ("lutz",)),
        ("шмидт", ("schmidt",)),
        ("көлмө", ("kölmö", "kolmo", "kȯlmȯ")),
    ],
)
def test_romanisations_meet(word: str, spellings: tuple[str, ...]) -> None:
    (wanted,) = skeletons(word)
    for spelling in spellings:
        assert wanted in skeletons(spelling), (spelling, skeletons(spelling))


@pytest.mark.parametrize(("latin", "today"), [("tarьqь", "тарыкы"), ("ьrcь", "ырчы"), ("kyz", "күз"), ("çol", "жол")])
def test_the_alphabet_of_1928(latin: str, today: str) -> None:
    assert skeletons(latin, alphabet_of_1928=True) == skeletons(today)


@pytest.mark.parametrize("word", ["", "ош", "كتاب", "1926", "漢字"])
def test_what_has_none(word: str) -> None:
    assert skeletons(word) == ()


@given(st.text(max_size=64))
def test_any_text_is_taken(word: str) -> None:
    assert all(one.isalpha() for one in skeletons(word))
