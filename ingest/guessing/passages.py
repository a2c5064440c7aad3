"""Abstracts and keywords: what stands between one label and the next."""

import re
from dataclasses import dataclass

from ingest.guessing.labels import Labelled, Role
from ingest.guessing.languages import language_of, language_of_phrase
from ingest.guessing.names import read_names

SHORTEST, LONGEST = 80, 4000
"""Characters of an abstract; a label in the middle of a text is followed by fewer or more."""
LIST = re.compile(r"\s*[;·•|]\s*")
ENDS = (
    *(Role.ABSTRACT, Role.KEYWORDS, Role.CLASSIFICATION, Role.HEADING, Role.SEPARATOR, Role.CITATION),
    *(Role.DATES, Role.REFERENCES, Role.CONTACT, Role.IDENTIFIER),
)


@dataclass(frozen=True)
class Passage:
    """The text after a label; `closed` when another label ended it."""

    role: Role
    text: str
    language: str | None
    start: int
    end: int
    """The lines it takes, of those given; `end` is the first that does not belong to it."""
    closed: bool


def find_passages(labelled: list[Labelled]) -> list[Passage]:
    """All abstracts and lists of keywords of the first pages, in order."""
    passages = []
    for index, each in enumerate(labelled):
        if each.role is Role.ABSTRACT:
            passages.append(_abstract(labelled, index))
        elif each.role is Role.KEYWORDS:
            passages.append(_keywords(labelled, index))
    return [passage for passage in passages if passage.text]


def _abstract(labelled: list[Labelled], index: int) -> Passage:
    pieces = [labelled[index].rest]
    end = index + 1
    length = len(pieces[0])
    opening = labelled[end].line if not pieces[0] and end < len(labelled) else labelled[index].line
    while end < len(labelled) and length < LONGEST:
        each = labelled[end]
        if each.role in ENDS or _set_off(each, opening.size) or (length > SHORTEST and read_names(each.line.text)):
            break
        pieces.append(each.line.text)
        length += len(each.line.text)
        end += 1
    closed = end < len(labelled) and (labelled[end].role in ENDS or _set_off(labelled[end], opening.size))
    text = _join(pieces)
    fits = SHORTEST <= len(text) <= LONGEST
    return Passage(Role.ABSTRACT, text if fits else "", language_of(text), index, end, closed)


def _set_off(each: Labelled, size: float) -> bool:
    """A heading or the title of the next language: bold, in capitals, or in larger letters."""
    line = each.line
    larger = bool(size) and line.size > size * 1.08
    return (line.bold or larger or line.text.isupper()) and len(line.text) < 300


def _keywords(labelled: list[Labelled], index: int) -> Passage:
    """The list goes on while its last line is as long as a line can be, or ends with a comma."""
    here = labelled[index]
    pieces = [here.rest]
    end = index + 1
    if not here.rest and end < len(labelled):
        pieces.append(labelled[end].line.text)
        end += 1
    widest = max((len(each.line.text) for each in labelled[max(0, index - 12) : index + 1]), default=0)
    while end < len(labelled) and end - index < 7:
        each, last = labelled[end], pieces[-1].rstrip()
        if each.role is not Role.TEXT or last.endswith(".") or _set_off(each, labelled[end - 1].line.size):
            break
        unfinished = last.endswith((",", ";", "-", "·"))
        full = len(labelled[end - 1].line.text) > 0.72 * widest and each.line.text[:1].islower()
        if not (unfinished or full):
            break
        pieces.append(each.line.text)
        end += 1
    text = _join(pieces)
    # The words are few; the language of the label speaks for them.
    language = here.language if here.language else language_of_phrase(text)
    return Passage(Role.KEYWORDS, text, language, index, end, closed=True)


def _join(pieces: list[str]) -> str:
    joined = ""
    for piece in filter(None, pieces):
        split = joined.endswith("-") and piece[:1].islower()
        joined = joined[:-1] + piece if split else f"{joined} {piece}".strip()
    return joined


def split_keywords(text: str) -> tuple[str, ...]:
    """The single keywords; none when what was found does not look like a list."""
    text = text.strip().rstrip(".")
    parts = LIST.split(text) if LIST.search(text) else text.split(",")
    words = tuple(filter(None, (part.strip(" .,;") for part in parts)))
    plausible = 2 <= len(words) <= 20 and all(2 <= len(word) <= 80 for word in words)
    return words if plausible else ()
