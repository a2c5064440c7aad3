"""What several formats say in the same words: dates, languages, identifiers, files; pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from oai.formats.elements import clean
from oai.formats.source import Source, SourceFile
from repo.items.access import Access
from repo.vocabularies import languages
from repo.vocabularies.numbers import number_address

# EDTF, level 1: a year that may have unspecified digits, then month and day; seasons are no months (W3CDTF has none).
EDTF_DATE = re.compile(
    r"(?P<year>[\dX]{4})(?![\dX])(-(?P<month>0[1-9]|1[0-2])(?!\d)(-(?P<day>0[1-9]|[12]\d|3[01])(?!\d))?)?"
)


def identifiers(source: Source) -> Iterator[str]:
    """The landing page, the addresses of files that anybody may read now, the numbers as addresses if they have one.

    Aggregators look for full texts among them: the pictures of single pages are left out.
    """
    yield source.address
    yield from (file.address for file in files_of(source) if file.access is Access.OPEN)
    for number in source.metadata.identifiers:
        address = number_address(number.scheme, number.value)
        yield address or f"{number.scheme.upper()}:{number.value}".removeprefix(":")


def language_codes(codes: Sequence[str]) -> list[str]:
    """ISO 639-3 of languages, each once, as the OpenAIRE guidelines advise; unknown ones stay as they are."""
    known = languages()
    return list(dict.fromkeys(known[code].iso3 if code in known else code for code in codes))


def mime_types(source: Source) -> list[str]:
    """The formats of the files, each once."""
    return list(dict.fromkeys(file.mime for file in source.files))


def library_name(source: Source) -> str:
    """The name of the library for harvesters: in English, else in any language, else its code."""
    names = source.library.names
    return clean(names.get("en") or next(iter(names.values()), "")) or clean(source.library.code)


def some_date(source: Source) -> str:
    """The date of publication as far as it is known, else of the defence, else of the publication here (W3CDTF)."""
    metadata = source.metadata
    return w3cdtf(metadata.issued) or w3cdtf(metadata.thesis.defended) or source.published.date().isoformat()


def available(source: Source) -> str:
    """The day on which everybody may or might read the files, "" if there is none (W3CDTF)."""
    if source.embargo_until and source.access in (Access.OPEN, Access.EMBARGOED):
        return source.embargo_until.isoformat()
    return source.published.date().isoformat() if source.access is Access.OPEN else ""


def w3cdtf(edtf: str) -> str:
    """Return an EDTF date as far as W3CDTF can say it, "" if it says no year.

    Of an interval it is the begin; unspecified digits become the middle of the period, as the OpenAIRE guidelines
    want it for dates that are not exact: "1650" for the 17th century.
    """
    found = next(filter(None, map(EDTF_DATE.match, edtf.replace(" ", "").split("/"))), None)
    if found is None or found["year"] in ("XXXX", "0000"):
        return ""
    if "X" in found["year"]:
        return found["year"].replace("X", "5", 1).replace("X", "0")
    month = f"{found['year']}-{found['month']}" if found["month"] else found["year"]
    return f"{month}-{found['day']}" if found["day"] and _is_day(f"{month}-{found['day']}") else month


def _is_day(text: str) -> bool:
    """Whether the calendar has the day: 30 February would make a record invalid."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def page_range(pages: str) -> tuple[str, str]:
    """Return first and last page of "10-20"."""
    for dash in "–—-":
        first, found, last = pages.partition(dash)
        if found:
            return first.strip(), last.strip()
    return pages.strip(), ""


def files_of(source: Source) -> Sequence[SourceFile]:
    """The files but for the pictures of single pages, of which a scanned book has hundreds."""
    pages = {page.file for page in source.pages}
    return [file for file in source.files if file.name not in pages] if pages else source.files
