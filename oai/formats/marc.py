"""What MARC 21 and UNIMARC share: fields and their XML, dates, languages and scripts as codes; pure.

A field is written as a line of the standard: `field("245", "10", "a", title, "b", rest)`. What is missing drops out.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from itertools import count
from operator import itemgetter
from typing import NamedTuple

from oai.formats.elements import XSI, escape
from oai.formats.source import NOT_XML, Source, SourceFile
from repo.items.metadata import PersonName, Relation, Text
from repo.vocabularies import languages, script_of
from repo.vocabularies.marc import Country, country_of
from repo.vocabularies.numbers import DOI, URL, is_orcid

LONGEST = 9_000
"""Bytes of text in one field: ISO 2709 gives the length of a field four digits, of which indicators take a few."""

MOST_FILES = 50
"""Addresses of files in one record."""

ALONE = frozenset("245678")
"""Subfields that say nothing alone: sources of codes, codes of roles, institutions, links."""

# Articles that filing passes over, with the space or apostrophe after them.
ARTICLES = {
    "en": re.compile(r"(the|an?) +", re.IGNORECASE),
    "de": re.compile(r"(der|die|das|eine?) +", re.IGNORECASE),
    "fr": re.compile(r"(le |la |les |l['’]|une? )", re.IGNORECASE),
    "es": re.compile(r"(el|la|los|las|una?) +", re.IGNORECASE),
    "it": re.compile(r"(il |lo |la |i |gli |le |l['’]|una? )", re.IGNORECASE),
}

# EDTF, level 1, as far as catalogues can say it: year or decade, month and day, doubt, the year of an end.
DATE = re.compile(
    r"\s*(\d{4}|\d{3}X|\d{2}XX)(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?([?~%]?)(?:/(\d{4}|\.\.)?.*)?\s*$",
    re.DOTALL,
)


# A text of any length passes (`huge_tree`): it is our own, and nothing in it is expanded or fetched.
_STAMP = str.maketrans("", "", "-:T")


class Field(NamedTuple):
    """`xml` is the whole `<datafield>`."""

    tag: str
    xml: str


class Coded(str):
    """A value in which each position counts: its spaces stay."""


class MarcDate(NamedTuple):
    """`kind` is MARC 21's 008/06; `first` and `second` have four characters each; `shown` is for reading."""

    kind: str
    first: str
    second: str
    shown: str


def field(tag: str, indicators: str, *parts: str) -> Field | None:
    """Return the field of `parts`, which are subfield codes and values in turn; None if nothing is said in it."""
    written = []
    says = False
    turns = iter(parts)
    for code, value in zip(turns, turns, strict=False):  # one iterator twice: pairs
        if value and (text := value if isinstance(value, Coded) else tidy(value)):
            written.append(f'<subfield code="{code}">{escape(text)}</subfield>')
            says = says or code not in ALONE
    if not says:
        return None
    inner = "".join(written)
    return Field(tag, f'<datafield tag="{tag}" ind1="{indicators[0]}" ind2="{indicators[1]}">{inner}</datafield>')


def tidy(text: str) -> str:
    """Return `text` as a subfield can hold it: no control characters, one space where there were line breaks."""
    return " ".join((text if text.isprintable() else NOT_XML.sub("", text)).split())


def pieces(text: str) -> Iterator[str]:
    """Cut a text between words so that each piece fits into one field."""
    words = tidy(text).split(" ")
    piece: list[str] = []
    size = 0
    for word in words:
        size += len(word.encode()) + 1
        if piece and size > LONGEST:
            yield " ".join(piece)
            piece, size = [], len(word.encode()) + 1
        piece.append(word)
    yield " ".join(piece)


def record(
    namespace: str,
    schema: str,
    attributes: str,
    leader: str,
    controls: Iterable[tuple[str, str]],
    fields: Iterable[Field | None],
) -> str:
    """Return the `<record>` as text, its fields in the order of their tags, equal tags in the order given."""
    written = [
        f'<record xmlns="{namespace}" xmlns:xsi="{XSI}" {attributes} xsi:schemaLocation="{namespace} {schema}">'
        f"<leader>{leader}</leader>"
    ]
    written += [f'<controlfield tag="{tag}">{escape(value)}</controlfield>' for tag, value in controls]
    written += [one.xml for one in sorted(filter(None, fields), key=itemgetter(0))]
    written.append("</record>")
    return "".join(written)


@lru_cache(maxsize=4096)
def orcid_address(orcid: str) -> str:
    """The address of a person, "" for what cannot be an ORCID iD. Kept, because checking takes as long as a field."""
    return f"https://orcid.org/{orcid}" if is_orcid(orcid) else ""


def stamp(moment: datetime) -> str:
    """YYYYMMDDhhmmss."""
    return moment.isoformat(timespec="seconds")[:19].translate(_STAMP)


def date_of(edtf: str) -> MarcDate:
    """Return the codes of a date of publication (MARC 21, 008/06-14): single, detailed, multiple or unknown."""
    found = DATE.match(edtf)
    if not found:
        return MarcDate("n", "uuuu", "uuuu", "")
    year, month, day, doubt, end = found.groups()
    first = year.replace("X", "u")
    if "/" in edtf and end != year:
        second = "9999" if end in (None, "..") else end
        return MarcDate("m", first, second, f"{_shown(year, doubt)}-{'' if second == '9999' else second}")
    if month:
        return MarcDate("e", first, month + (day or "  "), _shown(year, doubt))
    return MarcDate("s", first, "    ", _shown(year, doubt))


def _shown(year: str, doubt: str) -> str:
    """A year as catalogues show it, in brackets where nobody is sure."""
    if "X" in year:
        return f"[{year.replace('X', '0')}-{year.replace('X', '9')}]"
    return f"[{year}?]" if doubt else year


def base_of(tag: str) -> str:
    """The language of a BCP 47 tag without script and region."""
    return tag.partition("-")[0]


def language_code(tag: str) -> str:
    """ISO 639-2/B, "und" for a language that has no code here."""
    known = languages().get(tag) or languages().get(base_of(tag))
    return known.marc if known else "und"


def language_codes(tags: Iterable[str]) -> list[str]:
    """The codes of `tags`, each once, without those that are unknown."""
    return [code for code in dict.fromkeys(map(language_code, tags)) if code != "und"]


def has_other_script(one: Text | PersonName, main: Text | PersonName) -> bool:
    """Whether two texts are known to be in different scripts."""
    script = script_of(one.lang)
    return bool(script) and script != script_of(main.lang)


def is_other_form(text: Text, main: Text) -> bool:
    """Whether `text` is the title `main` in another script: the same language, written otherwise."""
    return base_of(text.lang) == base_of(main.lang) and has_other_script(text, main)


def split_title(text: str) -> tuple[str, str]:
    """Return a title and what stands after its colon."""
    title, _, rest = text.partition(": ")
    return (title, rest) if title.strip() and rest.strip() else (text, "")


def nonfiling(text: Text) -> int:
    """How many characters filing passes over at the beginning of a title."""
    article = ARTICLES.get(base_of(text.lang))
    found = article.match(tidy(text.value)) if article else None
    return min(found.end(), 9) if found else 0


def country_of_places(places: Iterable[Text]) -> Country | None:
    """The country of the first place that is known."""
    return next((found for place in places if (found := country_of(place.value))), None)


def listed_files(source: Source) -> list[SourceFile]:
    """The files whose addresses stand in a catalogue record: what anybody may read, without single pages of a book, and
    not more than a record can hold (ISO 2709: 99,999 bytes); the landing page has them all."""
    pages = {page.file for page in source.pages}
    return [file for file in source.open_files if file.name not in pages][:MOST_FILES]


def is_number(relation: Relation) -> bool:
    """Whether a relation names the other work by an address or a DOI, not by its title."""
    return bool(URL.fullmatch(relation.value) or DOI.fullmatch(relation.value))


def numbering() -> Iterator[str]:
    """Occurrence numbers of linked fields: "01", "02" …"""
    return (f"{number:02}" for number in count(1))
