"""Guesses that fill the deposit form: from what the file says of itself and from its first pages.

Only what is likely right is offered. The two sources are weighed against each other: properties are believed
where the page bears them out, or where there is no page to read (an EPUB); "Microsoft Word - doc1" never is.
"""

import re
from dataclasses import dataclass

from ingest.guessing.casing import recase
from ingest.guessing.front import FRONT, Block, find_people, label_lines, make_blocks, score_titles, squeeze
from ingest.guessing.guesses import Guess, Guesses, KeywordsGuess, PersonGuess, Source
from ingest.guessing.identifiers import find_doi, find_udc, find_year
from ingest.guessing.labels import Labelled, Role
from ingest.guessing.languages import language_of, language_of_phrase
from ingest.guessing.names import Name, read_author_property
from ingest.guessing.passages import Passage, find_passages, split_keywords
from ingest.readers.documents import Metadata, Text

TITLE_SCORE = 4.0
"""Below it no block of the page is offered as a title."""
ALONE_SCORE = 5.0
"""The same where nothing else on the page says that this is the front of an article."""
SURE_SCORE = 7.0
NO_TITLE = re.compile(
    r"microsoft (?:word|powerpoint)|adobe photoshop|\.(?:docx?|rtf|indd|tex|dvi|qxd|pdf|eps|pptx?|odt)\b|"
    r"^[\d\W_]+$|[/\\_]|"
    r"^(?:untitled|без (?:имени|названия)|документ|document\d*$|презентация|слайд|powerpoint|шаблон|template|download|"
    r"title$|название|print\b|scan\b|скан\b)",
    re.I,
)
"""Titles that programs write."""


def guess(text: Text, metadata: Metadata) -> Guesses:
    """What a librarian would read off the first page, with how sure that is."""
    sample = "\n".join(text.pages)[:60_000]
    language = language_of(sample) or _stated_language(metadata)
    labelled = label_lines(text.lines)
    passages = find_passages(labelled)
    stated = _plausible_title(metadata)
    best = _best_titles(labelled, passages, stated)
    main = _main(best, language)
    spoken = {passage.language for passage in passages}
    # In a second language only where something else on the page is in it: a journal has a name, too.
    best = {of: found for of, found in best.items() if of == main or of in spoken or found.has_people}
    names = find_people(best[main].around, best[main].block) if main in best else []
    return Guesses(
        language=Guess(language, 0.95, Source.PAGES) if language else None,
        titles=_titles(best, main, stated, sample) or _stated_title(stated, language),
        authors=_people(names, metadata),
        abstracts=_abstracts(passages),
        keywords=_keywords(passages),
        udc=find_udc(labelled),
        doi=find_doi(text.lines, metadata),
        year=find_year(text.lines),
    )


def _stated_language(metadata: Metadata) -> str | None:
    stated = metadata.language[:2].lower()
    return stated if stated in ("ky", "ru", "en") else None


@dataclass(frozen=True)
class Candidate:
    """A block that may be a title, among the blocks around it."""

    block: Block
    around: list[Block]

    @property
    def has_people(self) -> bool:
        place = self.around.index(self.block)
        return any(block.names for block in self.around[max(0, place - 1) : place + 2])


Best = dict[str | None, Candidate]
"""The best candidate in each language."""


def _best_titles(labelled: list[Labelled], passages: list[Passage], stated: str) -> Best:
    best: Best = {}
    for zone in _zones(labelled, passages):
        blocks = make_blocks(zone)
        enough = TITLE_SCORE if passages or any(block.names for block in blocks) else ALONE_SCORE
        for block in score_titles(blocks, labelled, stated):
            of = language_of(block.title) or language_of_phrase(block.title)
            if block.score >= enough and (of not in best or block.score > best[of].block.score):
                best[of] = Candidate(block, blocks)
    return best


def _zones(labelled: list[Labelled], passages: list[Passage]) -> list[list[Labelled]]:
    """Where titles stand: before the first abstract, and between the parts in different languages."""
    zones = []
    start = 0
    for passage in passages:
        zones.append(labelled[start : passage.start])
        start = passage.end
    if not zones:
        end = next((index for index, each in enumerate(labelled) if each.role is Role.HEADING), FRONT)
        return [labelled[: min(end, FRONT)]]
    # What follows the last passage is the text.
    return [zone[:FRONT] for zone in zones if zone]


def _main(best: Best, language: str | None) -> str | None:
    """The language of the title that is offered first: that of the document, else the best there is."""
    if language in best:
        return language
    return max(best, key=lambda of: best[of].block.score) if best else None


def _titles(best: Best, main: str | None, stated: str, sample: str) -> tuple[Guess, ...]:
    guesses = []
    for of in sorted(best, key=lambda of: of != main):
        block = best[of].block
        same = bool(stated) and squeeze(stated) == squeeze(block.title)
        confidence = 0.97 if same else 0.9 if block.score >= SURE_SCORE else 0.75
        # The file's own spelling is kept: it has no capitals but those that belong there.
        value = stated if same and not stated.isupper() else recase(block.title, sample)
        guesses.append(Guess(value, confidence, Source.BOTH if same else Source.PAGES, of))
    return tuple(guesses)


def _stated_title(stated: str, language: str | None) -> tuple[Guess, ...]:
    """The title of the properties, where the page shows none: of an EPUB, of a scan."""
    if not stated:
        return ()
    return (Guess(stated, 0.6, Source.PROPERTIES, language_of_phrase(stated) or language),)


def _plausible_title(metadata: Metadata) -> str:
    """The title of the properties, unless a program wrote it."""
    title = metadata.title.strip()
    if len(title.split()) < 2 or sum(map(str.isalpha, title)) < 8 or NO_TITLE.search(title):
        return ""
    return title


def _people(names: list[Name], metadata: Metadata) -> tuple[PersonGuess, ...]:
    stated = read_author_property(metadata.authors)
    if names:
        known = {squeeze(name.family) for name in stated}
        source = Source.BOTH if squeeze(names[0].family) in known else Source.PAGES
        confidence = 0.97 if source is Source.BOTH else 0.85
        return tuple(PersonGuess(name.family, name.given, confidence, source) for name in names)
    return tuple(PersonGuess(name.family, name.given, 0.6, Source.PROPERTIES) for name in stated)


def _abstracts(passages: list[Passage]) -> tuple[Guess, ...]:
    """One a language, the first; only those that a label or a heading ends."""
    found: dict[str, Guess] = {}
    for passage in passages:
        if passage.role is Role.ABSTRACT and passage.language and passage.closed:
            found.setdefault(passage.language, Guess(passage.text, 0.9, Source.PAGES, passage.language))
    return tuple(found.values())


def _keywords(passages: list[Passage]) -> tuple[KeywordsGuess, ...]:
    found: dict[str | None, KeywordsGuess] = {}
    for passage in passages:
        if passage.role is Role.KEYWORDS and (words := split_keywords(passage.text)):
            found.setdefault(passage.language, KeywordsGuess(words, passage.language, 0.9))
    return tuple(found.values())
