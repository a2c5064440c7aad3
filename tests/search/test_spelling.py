"""Which word a mistyped one was meant for."""

import pytest

from repo.search.spelling import meant_word, near_words

WORDS = [("экология|экология", 5), ("экономия|экономия", 900), ("окмот|өкмөт", 3), ("окмет|окмет", 1)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("экалогия", "экология"),
        ("экологяи", "экология"),  # exchanged letters are one slip
        ("экономея", "экономия"),
        ("экология", ""),  # spelt as it is
        ("окмот", ""),  # its letters folded, it is spelt as it is
        ("омкот", "өкмөт"),
        ("акмат", ""),  # two slips in a short word are another word
        ("эфир", ""),
    ],
)
def test_the_nearest_word_is_meant_then_the_most_frequent(typed: str, meant: str) -> None:
    assert meant_word(typed, near_words(typed, WORDS)) == meant


def test_words_further_away_are_not_near() -> None:
    assert near_words("экологи", WORDS) == [("экология", 5)]
