"""The front of an article: its blocks of lines, which of them is a title, and who stands beside it."""

import re
import statistics
from collections import Counter
from dataclasses import dataclass, field

from ingest.guessing.labels import JOURNAL, Labelled, Role, label
from ingest.guessing.languages import language_of_phrase
from ingest.guessing.names import ATTACHED_MARKS, Name, read_names
from ingest.readers.documents import Line

EDGE = 0.055
"""Share of a page's height at its top and bottom where running heads and page numbers stand."""
PAGE_HEIGHT = 842
"""Points of A4, the size of nearly all articles; only nearness is judged by it."""
FRONT = 45
"""Lines within which a title stands when nothing labels its end."""
TITLE_STYLE = re.compile(r"title|heading 1|название|заголовок(?: 1)?|наименование|аталыш|баш сөз", re.I)
NUMBERED = re.compile(r"(?:\d+\.)*\d+\.?\s+[^\W\d]|(?:глава|бөлүм|chapter|section)\s+\d", re.I)
NOTE_MARKS = re.compile(r"[*†‡§]+$|(?<=[^\W\d])\d$")


@dataclass(eq=False)
class Block:
    """Consecutive lines of one look and purpose. Two of the same words are two blocks."""

    role: Role
    lines: list[Labelled]
    names: list[Name] = field(default_factory=list)
    score: float = 0.0

    @property
    def first(self) -> Line:
        return self.lines[0].line

    @property
    def text(self) -> str:
        """The lines as one; a word that was split at a line's end is joined."""
        joined = ""
        for each in self.lines:
            part = each.line.text
            joined = joined[:-1] + part if joined.endswith("-") and part[:1].islower() else f"{joined} {part}".strip()
        return joined

    @property
    def title(self) -> str:
        """The text as a title: without the mark of a note and a full stop."""
        text = NOTE_MARKS.sub("", self.text.strip())
        return text.rstrip(". ") if not text.endswith("..") else text


def label_lines(lines: tuple[Line, ...]) -> list[Labelled]:
    """The lines of the first pages with their roles, without running heads, page numbers and cover sheets."""
    body_size = _body_size(lines)
    return [label(line, body_size) for line in _without_cover(_without_furniture(lines), body_size)]


def _body_size(lines: tuple[Line, ...]) -> float:
    """The size in which most letters are set; 0 where sizes are unknown."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[line.size] += len(line.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def _without_furniture(lines: tuple[Line, ...]) -> list[Line]:
    """Without page numbers, and without what stands at the edge or at the same place on several pages."""

    def place(line: Line) -> tuple[str, float]:
        return re.sub(r"\d+", "", line.text), round(line.top, 2)

    pages = Counter(place for place, _ in {(place(line), line.page) for line in lines})
    return [
        line
        for line in lines
        if not line.text.strip(" -–—.").isdecimal()
        and not (line.top and not EDGE < line.top < 1 - EDGE)
        and pages[place(line)] < 2
    ]


def _without_cover(lines: list[Line], body_size: float) -> list[Line]:
    """Without a first page that only announces the document: few lines, nobody's name, no classification."""
    first = [line for line in lines if line.page == 0]
    later = [line for line in lines if line.page > 0]
    if not later or len(first) > 12:
        return lines
    told = (Role.CLASSIFICATION, Role.ABSTRACT, Role.KEYWORDS)
    speaks = any(label(line, body_size).role in told or read_names(line.text) for line in first)
    follows = any(label(line, body_size).role in told for line in later[:25])
    return later if follows and not speaks else lines


def make_blocks(labelled: list[Labelled]) -> list[Block]:
    """The front as blocks: lines of one look are one title, lines with people in them are names."""
    blocks: list[Block] = []
    for index, each in enumerate(labelled):
        names: list[Name] = []
        if each.role in (Role.TEXT, Role.AFFILIATION):
            names = _names_on(labelled, index)
        role = Role.TEXT if names else each.role
        block = blocks[-1] if blocks else None
        if block is not None and _continues(block, each, role, names):
            block.lines.append(each)
            block.names += names
        else:
            blocks.append(Block(role, [each], names))
    return blocks


def _names_on(labelled: list[Labelled], index: int) -> list[Name]:
    """The people named on a line.

    In names of any shape only where they stand in smaller letters than the line above and over an address,
    an abstract or the like.
    """
    here, above, below = labelled[index], labelled[index - 1] if index else None, labelled[index + 1 : index + 3]
    if here.role is Role.AFFILIATION:
        return read_names(here.line.text, surely=True)
    if names := read_names(here.line.text):
        return names
    if above is None or above.role is not Role.TEXT or not above.line.size > here.line.size > 0:
        return []
    follows = any(each.role in (Role.AFFILIATION, Role.CONTACT, Role.ABSTRACT) for each in below)
    marked = bool(ATTACHED_MARKS.search(here.line.text))
    return read_names(here.line.text, loosely=True) if follows or marked else []


def _continues(block: Block, each: Labelled, role: Role, names: list[Name]) -> bool:
    last = block.lines[-1].line
    if role is not block.role or bool(names) != bool(block.names):
        return False
    if names:
        return True
    line = each.line
    if not _follows_closely(last, line):
        return False
    same = abs(line.size - last.size) <= 0.6 and line.bold == last.bold and line.page == last.page
    if role is not Role.TEXT or not same or line.text.isupper() != last.text.isupper() or line.style != last.style:
        return False
    # A second title in another language follows the first without a gap.
    languages = {language_of_phrase(line.text), language_of_phrase(block.text)} - {None}
    finished = last.text.rstrip().endswith((".", "?", "!"))
    return len(languages) < 2 or (not finished and _same_script(line.text, block.text))


def _follows_closely(last: Line, line: Line) -> bool:
    """Whether a line is the next of a paragraph: below, and not further than lines of that size stand."""
    if not (line.top and last.top and line.size):
        return True
    return 0 < line.top - last.top < 2.2 * line.size / PAGE_HEIGHT


def _same_script(one: str, other: str) -> bool:
    def latin(text: str) -> bool:
        letters = [letter for letter in text if letter.isalpha()]
        return sum(letter.isascii() for letter in letters) * 2 > len(letters)

    return latin(one) == latin(other)


def score_titles(blocks: list[Block], all_lines: list[Labelled], stated: str) -> list[Block]:
    """The blocks that may be titles, each with a score; `stated` is the title of the file's properties.

    The weights, here and below, were set by hand on the even half of the labelled articles: what each sign says,
    measured in how often it misleads. Only their sum is compared, with TITLE_SCORE in `stages/guess.py`.
    """
    sizes = [each.line.size for each in all_lines if each.line.size]
    body_size = statistics.median(sizes) if sizes else 0.0
    largest = max((block.first.size for block in blocks if block.role is Role.TEXT), default=0.0)
    candidates = []
    for index, block in enumerate(blocks):
        if block.role is not Role.TEXT or block.names:
            continue
        before = blocks[index - 1] if index else None
        after = blocks[index + 1] if index + 1 < len(blocks) else None
        block.score = _look(block, body_size) + _wording(block) + _neighbours(before, after) - 0.15 * index
        if block.first.page > all_lines[0].line.page:
            block.score -= 4
        if block.first.size == largest > body_size:
            block.score += 1.5
        if stated and squeeze(stated) == squeeze(block.title):
            block.score += 8
        candidates.append(block)
    return candidates


def _look(block: Block, body_size: float) -> float:
    line = block.first
    score = 2.0 * line.bold + 1.0 * line.centred + 2.0 * block.text.isupper()
    if body_size and line.size:
        score += min(5.0, 8 * (line.size / body_size - 1))
    return score + (4.0 if TITLE_STYLE.search(line.style) else 0.0)


def _wording(block: Block) -> float:
    text = block.text
    words = len(text.split())
    score = 1.5 if 4 <= words <= 25 else -1.5 if words < 3 or words > 40 else 0.0
    if JOURNAL.match(text):
        score -= 4
    if text.endswith((".", ";", ",")) and words > 12 or ". " in text and words > 25:
        score -= 3
    if NUMBERED.match(text):
        score -= 3
    return score - (3 if "@" in text or "http" in text else 0)


def _neighbours(before: Block | None, after: Block | None) -> float:
    score = 0.0
    if (before is not None and before.names) or (after is not None and after.names):
        score += 2.5
    if before is not None and before.role is Role.CLASSIFICATION:
        score += 1
    if after is not None and after.role in (Role.ABSTRACT, Role.CLASSIFICATION):
        score += 1
    # The name of a journal stands in large letters over its number.
    if after is not None and after.role is Role.JOURNAL:
        score -= 6
    return score


def squeeze(text: str) -> str:
    """Letters and digits only, in small letters: how texts are compared."""
    return "".join(character for character in text.lower() if character.isalnum())


def find_people(blocks: list[Block], title: Block) -> list[Name]:
    """The people of a title: those above it where a name opens the front, else those below.

    Names below are gathered to the next title or the abstract, over addresses between them.
    """
    place = blocks.index(title)
    opened = next((block for block in blocks[: place + 1] if block.names or block is title), title)
    if opened.names:
        return _gather(blocks[:place][::-1], reverse=True)
    return _gather(blocks[place + 1 :], reverse=False) or _gather(blocks[:place][::-1], reverse=True)


PASSED = (Role.AFFILIATION, Role.CONTACT, Role.CLASSIFICATION, Role.IDENTIFIER)


def _gather(blocks: list[Block], reverse: bool) -> list[Name]:
    """The names in `blocks`, which lead away from the title, until something else begins."""
    people: list[list[Name]] = []
    for block in blocks:
        if block.names:
            people.append(block.names)
        elif people and reverse and block.role is not Role.AFFILIATION:
            break  # above a title, what stands over its people belongs to another
        elif block.role not in PASSED and (people or block.role is not Role.TEXT or block.score >= 2):
            break
    ordered = people[::-1] if reverse else people
    return [name for names in ordered for name in names]
