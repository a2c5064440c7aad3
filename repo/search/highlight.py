"""Fragments of a text with the words that were found in it: pure.

A word is marked if it is why the text was found: its exact form, stem or fold is one of the query's; words of a
phrase only where they stand side by side. The caller passes segments (at most 4 KB); of longer texts only the
beginning is looked at, so that the cost has a bound.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from repo.search.analysis import Forms, Kind, clean, find_beginning, find_words, first_letter, in_other_alphabet
from repo.search.document import Area
from repo.search.query import Query, Words
from repo.search.ranking import SOUNDING

MAX_TEXT = 8192
"""Characters of a text that are looked at."""

FRAGMENT = 240
"""Characters of a fragment, about three lines on a phone."""

ELLIPSIS = "…"

BODY = (Area.TEXT, Area.ABSTRACT)


Parts = tuple[tuple[str, bool], ...]
"""Pieces of text in order, each with whether it is marked. Plain text: whoever shows it escapes it."""


@dataclass(frozen=True, slots=True)
class Fragment:
    parts: Parts

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.parts)


_Word = tuple[int, int, Forms | None]


@dataclass(frozen=True, slots=True)
class _Mark:
    """A stretch of text to be marked, and which of the query's words it answers."""

    start: int
    end: int
    answers: int


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The forms by which one word of a leaf is found."""

    fold: str
    begins: bool
    stems: frozenset[str]
    sounds: frozenset[str]

    @classmethod
    def of(cls, leaf: Words, at: int, by_sound: bool) -> "_Wanted":
        fold, begins = leaf.at(at, Kind.FOLD), leaf.prefix and at == leaf.length - 1
        if leaf.quoted or leaf.prefix:
            return cls(fold, begins, frozenset(), frozenset())
        sounds = map(in_other_alphabet, leaf.all_at(at, Kind.SOUND) if by_sound else ())
        return cls(fold, False, frozenset(leaf.all_at(at, Kind.STEM)), frozenset(sounds))

    @property
    def written(self) -> tuple[str, ...]:
        """What a word in the same alphabet begins like."""
        return (self.fold, *self.stems)

    def is_in(self, form: Forms) -> bool:
        if form.fold == self.fold or (self.begins and form.fold.startswith(self.fold)):
            return True
        if not self.stems.isdisjoint(form.stems):
            return True
        return bool(self.sounds) and not self.sounds.isdisjoint(form.sounds)


def fragments(text: str, query: Query, lang: str = "", limit: int = 2) -> list[Fragment]:
    """At most `limit` fragments of `text`, in its order, that show as many of the query's words as they can;
    none if none of the words is there."""
    text = clean(text[:MAX_TEXT])
    marks = _find_marks(text, lang, query, BODY)
    windows: list[tuple[int, int]] = []
    missing = marks
    while missing and len(windows) < limit:
        start, end = _best_window(missing)
        windows.append((start, end))
        shown = {mark.answers for mark in marks if start <= mark.start and mark.end <= end}
        missing = [mark for mark in missing if mark.answers not in shown]
    return [Fragment(tuple(_parts(text, marks, *_widen(text, *window)))) for window in sorted(windows)]


def mark_words(text: str, query: Query, lang: str = "", areas: Collection[Area] = (Area.TITLE,)) -> Fragment:
    """The whole of a short text, such as a title, with the query's words for these areas marked."""
    text = clean(text[:MAX_TEXT])
    return Fragment(tuple(_parts(text, _find_marks(text, lang, query, areas), 0, len(text))))


def _find_marks(text: str, lang: str, query: Query, areas: Collection[Area]) -> list[_Mark]:
    """All marks, by their place."""
    leaves = [leaf for leaf in query.wanted_words if leaf.area is None or leaf.area in areas]
    if not all(leaf.is_grammar for leaf in leaves):
        leaves = [leaf for leaf in leaves if not leaf.is_grammar]
    if not leaves:
        return []
    by_sound = not SOUNDING.isdisjoint(areas)
    wanted = [[_Wanted.of(leaf, at, by_sound) for at in range(leaf.length)] for leaf in leaves]
    letters = {"", *(first_letter(form[:1]) for row in wanted for each in row for form in each.written)}
    # A word of the other alphabet begins with any letter.
    words: Sequence[_Word] = find_words(text, lang) if by_sound else find_beginning(text, lang, letters)
    forms = [form for _, _, form in words]
    marks = [
        _Mark(words[at][0], words[at + len(row) - 1][1], number)
        for number, row in enumerate(wanted)
        for at in _find_leaf(row, forms)
    ]
    marks.sort(key=lambda mark: (mark.start, -mark.end))
    return marks


def _find_leaf(wanted: Sequence[_Wanted], forms: Sequence[Forms | None]) -> Iterator[int]:
    """Where in a text of these words the leaf begins. A word that repeats has the same forms, and is looked at once."""
    known = {id(form): form for form in forms if form is not None}
    good = [{key for key, form in known.items() if each.is_in(form)} for each in wanted]
    for at in range(len(forms) - len(wanted) + 1):
        if id(forms[at]) in good[0] and all(id(forms[at + more]) in good[more] for more in range(1, len(good))):
            yield at


def _best_window(marks: Sequence[_Mark]) -> tuple[int, int]:
    """The stretch of at most FRAGMENT characters from a mark to a mark that answers most words, then has most marks."""
    best, window = (0, 0), (marks[0].start, marks[0].end)
    for first, mark in enumerate(marks):
        inside = [mark]
        for other in marks[first + 1 :]:
            if other.end > mark.start + FRAGMENT:
                break
            inside.append(other)
        score = (len({each.answers for each in inside}), len(inside))
        if score > best:
            best, window = score, (mark.start, max(each.end for each in inside))
    return window


def _widen(text: str, start: int, end: int) -> tuple[int, int]:
    """Context before and after up to FRAGMENT characters, cut between words."""
    spare = max(FRAGMENT - (end - start), 0)
    left = max(start - spare // 3, 0)
    right = min(left + max(FRAGMENT, end - left), len(text))
    if left:
        left = text.find(" ", left, start) + 1 or start
    if right < len(text):
        right = max(text.rfind(" ", end, right), end)
    return left, right


def _parts(text: str, marks: Sequence[_Mark], start: int, end: int) -> Iterator[tuple[str, bool]]:
    if start > 0:
        yield ELLIPSIS, False
    at = start
    for mark in marks:
        if mark.start < at or mark.end > end:
            continue
        if mark.start > at:
            yield text[at : mark.start], False
        yield text[mark.start : mark.end], True
        at = mark.end
    if at < end:
        yield text[at:end], False
    if end < len(text):
        yield ELLIPSIS, False
