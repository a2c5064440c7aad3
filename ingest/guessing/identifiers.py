"""UDC, DOI and year: what has a form of its own."""

import re
from collections import Counter

from ingest.guessing.guesses import Guess, Source
from ingest.guessing.labels import JOURNAL, REFERENCES, Labelled, Role
from ingest.readers.documents import Line, Metadata

# A class mark: digits, then signs of UDC (+ / : [ ] = ( ) " . - * ' `) and further marks joined by + / :
UDC = re.compile(r"""(?:УДК|UDC)\W{0,4}?(\d[\d.:+/=()"'’`*\[\]–-]*(?:\s?[+:/]\s?\d[\d.:+/=()"'’`*-]*)*)""", re.I)
# Crossref, "DOIs and matching regular expressions", the form of all but some hundred old ones.
DOI = re.compile(r"\b10\.\d{4,9}/[-._;()/:A-Z0-9]+", re.I)
YEAR = re.compile(r"(?<!\d)(19[5-9]\d|20[0-4]\d)(?!\d|\s?[–-]\s?\d)")
COPYRIGHT = re.compile(r"©|\bcopyright\b|\(c\)", re.I)
DATED = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)\s+(?:\d{1,2},\s*)?(20\d\d)$|"
    r"(?:Accepted|Published)\b.*?(20\d\d)|(?:Бишкек|Ош|Bishkek|Osh)\s*[,–—-]\s*(20\d\d)\.?$",
    re.I,
)


def find_udc(labelled: list[Labelled]) -> Guess | None:
    for each in labelled:
        if each.role is Role.CLASSIFICATION and (found := UDC.search(each.line.text)):
            mark = found[1].rstrip(".,:;–-/+ ")
            # A bracket that was opened is part of the mark, one that was not is part of the sentence.
            if mark.count(")") > mark.count("("):
                mark = mark.rstrip(")")
            return Guess(mark, 0.95, Source.PAGES)
    return None


def find_doi(lines: tuple[Line, ...], metadata: Metadata) -> Guess | None:
    """The first DOI on the first page, or on the second after a cover sheet; not those of the references."""
    stated = DOI.search(metadata.identifier)
    for line in lines:
        if line.page > 1 or REFERENCES.match(line.text):
            break
        if found := DOI.search(line.text):
            doi = found[0].rstrip(".,;:)")
            same = stated is not None and stated[0].lower() == doi.lower()
            return Guess(doi, 0.97 if same else 0.9, Source.BOTH if same else Source.PAGES)
    return Guess(stated[0].rstrip("."), 0.8, Source.PROPERTIES) if stated else None


def find_year(lines: tuple[Line, ...]) -> Guess | None:
    """The year of publication: in the running head, the line of the journal, the copyright, a date.

    Years in the text are years of something else, and the date of the file is that of its making.
    """
    years: Counter[str] = Counter()
    for index, line in enumerate(lines):
        if line.page > 1:
            break
        edge = bool(line.top) and not 0.06 < line.top < 0.93
        told = (JOURNAL.match(line.text) and (edge or index < 15)) or COPYRIGHT.search(line.text)
        if told and (found := YEAR.search(line.text)):
            years[found[1]] += 2
        elif index < 25 and (dated := DATED.search(line.text)):
            years[next(filter(None, dated.groups()))] += 1
    if not years:
        return None
    (year, count), *others = years.most_common(2)
    return None if others and others[0][1] == count else Guess(year, 0.9, Source.PAGES)
