"""Which word a mistyped one was meant for: pure."""

from collections.abc import Iterable, Sequence

from repo.search.analysis import fold

SLIPS = 2
"""Letters of a word that may be wrong, missing, too many or exchanged with the next."""

LONG = 6
"""Letters of a word in which two slips leave enough to know it by."""

MOST_WORDS = 100


def near_words(folded: str, terms: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Of spellings with their numbers of items, those at most SLIPS from a folded word, as they are written: the
    nearest first, then the most frequent."""
    from rapidfuzz.distance import OSA  # here: a process in which nobody mistypes does without its four megabytes

    found: list[tuple[int, int, str]] = []
    for term, count in terms:
        near, _, word = term.partition("|")
        slips = OSA.distance(folded, near, score_cutoff=SLIPS)
        if slips <= SLIPS:
            found.append((slips, -count, word))
    return [(word, -count) for _slips, count, word in sorted(found)[:MOST_WORDS]]


def meant_word(folded: str, near: Sequence[tuple[str, int]]) -> str:
    """Which of the `near_words` was meant; "" if the word is among them itself, or none is near enough."""
    from rapidfuzz.distance import OSA

    if not near:
        return ""
    word = near[0][0]
    slips = OSA.distance(folded, fold(word))
    return word if 0 < slips <= (SLIPS if len(folded) >= LONG else 1) else ""
