"""Values as people type them into tables, brought into the forms of our description or refused; pure.

A crosswalk keeps what it does not understand out of the description, because a record of another house cannot be
changed. A table can be: whoever made it is told which value is wrong.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache
from unicodedata import is_normalized

from ingest.crosswalks.values import (
    LONGEST,
    access_of,
    clean_text,
    date_of,
    language_of,
    licence_of,
    number_of,
    type_of,
)
from ingest.loaders.packages import Note
from repo.items.checks import is_edtf
from repo.items.metadata import Number
from repo.vocabularies import access_rights, licences, scripts
from repo.vocabularies.numbers import is_orcid, normalise_number, strip_prefix
from repo.vocabularies.terms import VOCABULARIES

# What no text holds: controls, halves of characters (which PostgreSQL refuses in JSON), marks that turn text around.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
PLAIN = re.compile(r"\S+(?: \S+)*")
PLAIN_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?")
DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ][\d:.]+Z?)?")
NUMBERED = re.compile(r"[^\d.]|\.(?!\d)")

Reader = Callable[[str], str]


class WrongError(ValueError):
    """A value that its field cannot hold; `note` says of which kind the fault is."""

    def __init__(self, note: Note = Note.WRONG_VALUE) -> None:
        super().__init__(note)
        self.note = note


def clean(text: str) -> str:
    """In NFC, without what cannot be seen, blanks made one, paragraphs kept."""
    if UNSEEN.search(text):
        text = UNSEEN.sub("", text)
    # Nearly all values are in this form, and a table has millions.
    if len(text) <= LONGEST and PLAIN.fullmatch(text) and is_normalized("NFC", text):
        return text
    return clean_text(text)


@cache
def _words(vocabulary: str) -> dict[str, str]:
    """The codes of a vocabulary by themselves and by their labels in all three languages."""
    known: dict[str, str] = {}
    for term in VOCABULARIES[vocabulary]().values():
        for word in (term.code, *term.labels.values()):
            known.setdefault(word.casefold(), term.code)
    return known


def find_term(vocabulary: str, text: str) -> str:
    """The code of a term that is named by it or by a label of any language; "" when the vocabulary has none such."""
    return _words(vocabulary).get(text.casefold(), "")


def _sure(code: str) -> str:
    if not code:
        raise WrongError(Note.UNKNOWN_TERM)
    return code


def term_reader(vocabulary: str) -> Reader:
    """A reader of one term of `vocabulary`."""
    return lambda text: _sure(find_term(vocabulary, text))


def read_type(text: str) -> str:
    """A resource type by our names or those of COAR, info:eu-repo, DCMI and DataCite."""
    code = find_term("types", text) or type_of([text])
    return _sure("" if code == "other" and find_term("types", text) != "other" else code)


def read_language(text: str) -> str:
    """A BCP 47 tag of a language named by its code (ISO 639) or in words; a script that is told stays."""
    base, _, script = text.replace("_", "-").partition("-")
    if script.title() in scripts() and (found := language_of(base)):
        return find_term("languages", f"{found}-{script}") or f"{found}-{script.title()}"
    return _sure(find_term("languages", text) or language_of(text))


def read_licence(text: str) -> str:
    found = find_term("licences", text) or licence_of([text])
    short = (term.code for term in licences().values() if text.casefold() in (term.short.casefold(), term.url))
    return _sure(found or next(short, ""))


def read_access(text: str) -> str:
    told = find_term("access", text) or next(
        (code for code, term in access_rights().items() if text in (term.coar, term.eu_repo)), ""
    )
    return _sure(told or access_of([text]) or "")


@lru_cache(maxsize=4096)
def read_date(text: str) -> str:
    """EDTF (Library of Congress 2019) of a date as it is or as catalogues write it: "17.05.2024", "[1926?]"."""
    if PLAIN_DATE.fullmatch(text):
        return text
    day = DAY.fullmatch(text)
    if not day and is_edtf(text):
        return text
    told = day[1] if day else text
    found = date_of(told)
    # A month that the calendar has not is no reason to keep the year alone.
    if not found or len(found) < len(NUMBERED.sub("", told)):
        raise WrongError
    return found


def read_day(text: str) -> str:
    """A day as ISO 8601, also of "17.05.2024"."""
    try:
        return date.fromisoformat(date_of(text)).isoformat()
    except ValueError:
        raise WrongError from None


def read_orcid(text: str) -> str:
    number = strip_prefix("orcid", text)
    if not is_orcid(number):
        raise WrongError
    return number


def number_reader(scheme: str) -> Callable[[str], Number]:
    """A reader of identifiers of one scheme; "" reads the scheme off the number."""

    def read(text: str) -> Number:
        if not scheme:
            return _told(number_of(text))
        bare = re.sub(r"\s*\(.*\)$", "", text) if scheme in ("isbn", "issn") else text
        value = normalise_number(scheme, bare)
        if value is None:
            raise WrongError
        return Number(scheme=scheme, value=value)

    return read


def _told(number: Number | None) -> Number:
    if number is None:
        raise WrongError
    return number
