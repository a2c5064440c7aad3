"""Values as other systems write them, brought into the forms of our description; pure.

What is not understood becomes "": the record itself is kept, so that nothing is lost.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import cache
from itertools import islice

from repo.items.access import Access
from repo.items.metadata import Number, Text, TextKind
from repo.vocabularies import access_rights, identifier_schemes, languages, licences, types
from repo.vocabularies.numbers import normalise_number

MOST = 1000
"""Values of one field that are taken, and …"""
LONGEST = 50_000
"""… characters of one value: a description is read by people."""

YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d{2})(?!\d)")
CREATIVE_COMMONS = re.compile(r"creativecommons\.org/(?:licenses/([a-z-]+)/(\d\.\d)|publicdomain/(zero|mark))", re.I)
CC_WORDS = re.compile(r"\bCC[ -](BY(?:[ -](?:NC|ND|SA))*|0)(?:[ -](\d\.\d))?", re.I)
EMBARGO_END = re.compile(r"info:eu-repo/date/embargoEnd/(\d{4}-\d{2}-\d{2})", re.I)


def clean_text(text: str) -> str:
    """In NFC, blanks made one, paragraphs kept, at most LONGEST characters."""
    lines = (re.sub(r"\s+", " ", part).strip() for part in re.split(r"\n\s*\n", unicodedata.normalize("NFC", text)))
    return "\n\n".join(line for line in lines if line)[:LONGEST]


# ---------------------------------------------------------------- languages and types


@cache
def _languages() -> dict[str, str]:
    known: dict[str, str] = {}
    for term in languages().values():
        for name in (term.code, term.iso3, term.marc, *term.labels.values()):
            known.setdefault(name.casefold(), term.code)
    return known


def language_of(name: str) -> str:
    """Our tag of a language that is named by ISO 639-1, -2, -3, BCP 47 or in words; codes we do not know stay."""
    wanted = name.strip().replace("_", "-").casefold()
    base = wanted.partition("-")[0]
    known = _languages().get(wanted) or _languages().get(base)
    return known or (base if re.fullmatch(r"[a-z]{2,3}", base) else "")


# Where several of our types share one name elsewhere, and what has no name of its own here.
SYNONYMS = {
    "info:eu-repo/semantics/doctoralthesis": "doctoral-thesis",
    "info:eu-repo/semantics/other": "other",
    "http://purl.org/coar/resource_type/c_db06": "doctoral-thesis",
    "http://purl.org/coar/resource_type/c_46ec": "doctoral-thesis",
    "http://purl.org/coar/resource_type/c_2df8fbb1": "article",
    "http://purl.org/coar/resource_type/c_dcae04bc": "article",
    "journal article": "article",
    "journalarticle": "article",
    "научная статья": "article",
    "conference object": "conference-paper",
    "conferenceobject": "conference-paper",
    "book chapter": "book-part",
    "book part": "book-part",
    "thesis": "doctoral-thesis",
    "dissertation": "doctoral-thesis",
    "doctoral thesis": "doctoral-thesis",
    "phd thesis": "doctoral-thesis",
    "master thesis": "master-thesis",
    "masters thesis": "master-thesis",
    "bachelor thesis": "bachelor-thesis",
    "bachelors thesis": "bachelor-thesis",
    "technical report": "report",
    "technicalreport": "report",
    "journal": "periodical-issue",
    "newspaper": "periodical-issue",
    "monograph": "book",
    "moving image": "video",
    "movingimage": "video",
    "sound recording": "sound",
    "still image": "image",
    "stillimage": "image",
    "cartographic": "map",
    "notated music": "musical-notation",
    "text": "",
}


@cache
def _types() -> dict[str, str]:
    known = dict(SYNONYMS)
    for term in types().values():
        for name in (term.code, term.coar, term.eu_repo, *term.labels.values(), term.datacite, term.dcmi):
            known.setdefault(name.casefold(), term.code)
    return known


def type_of(names: Iterable[str]) -> str:
    """Our type for what a record calls its kind: the first that says more than "other"; "" when it says nothing."""
    wanted = [re.sub(r"\s+", " ", name.replace("'", "")).strip().casefold() for name in names if name.strip()]
    found = [_types().get(name) or _types().get(name.removeprefix("info:eu-repo/semantics/")) for name in wanted]
    return next((code for code in found if code and code != "other"), "other" if wanted else "")


# ---------------------------------------------------------------- dates


def date_of(text: str) -> str:
    """An EDTF date (Library of Congress 2019) of a date as catalogues write it: "2013?" of "[2013?]"; "" of none."""
    text = text.strip()
    if found := re.match(r"(\d{4})(-\d{2})?(-\d{2})?(?=$|T| \d\d:)", text):
        return _checked(found[0]) or found[1]
    if found := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text):
        return _checked(f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}") or found[3]
    if found := re.fullmatch(r"\D{0,3}(\d{4})\s*[-–/]\s*(\d{4})\D{0,3}", text):  # noqa: RUF001 - as books print it
        return f"{found[1]}/{found[2]}" if found[1] <= found[2] else found[1]
    if found := re.search(r"(?<!\d)(1\d|20)(\d|-)(?:-|\?)", text):
        return f"{found[1]}{found[2].replace('-', 'X')}X"
    years = YEAR.findall(text)
    if not years:
        return ""
    if re.search(rf"(\bca?\.?\s|\bcirca\s|около|чамасында)\s*\[?{years[0]}", text, re.I):
        return f"{years[0]}~"
    return f"{years[0]}?" if re.search(rf"{years[0]}\s*\?", text) else str(years[0])


def _checked(day: str) -> str:
    """The date if the calendar has it."""
    try:
        date.fromisoformat(day + "-01-01"[len(day) - 4 :])
    except ValueError:
        return ""
    return day


# ---------------------------------------------------------------- texts


def titles_of(titles: Iterable[Text]) -> list[Text]:
    """Titles with their kinds: of those that are called main only the first is, others are translations or variants."""
    found: list[Text] = []
    for title in islice(titles, MOST):
        main = next((text for text in found if text.kind is TextKind.MAIN), None)
        if main is not None and title.kind is TextKind.MAIN:
            translated = title.lang and title.lang != main.lang
            title = title.model_copy(
                update={"kind": TextKind.TRANSLATED if translated else TextKind.ALTERNATIVE},
            )
        if title.value and title.value not in [text.value for text in found]:
            found.append(title)
    if found and not any(text.kind is TextKind.MAIN for text in found):
        found[0] = found[0].model_copy(update={"kind": TextKind.MAIN})
    return found


def texts_of(texts: Iterable[Text]) -> list[Text]:
    """Those that say something, each once."""
    found = {(text.value, text.lang): text for text in texts if text.value}
    return list(found.values())[:MOST]


# ---------------------------------------------------------------- numbers and rights

SCHEMES = {"hdl": "handle", "uri": "", "other": "", "eissn": "issn", "pissn": "issn", "lissn": "issn", "purl": "url"}
MARKS = (
    ("doi", r"^(https?://(dx\.)?doi\.org/|doi:\s*|info:doi/)?10\.\d{4,9}(\.\d+)*/"),
    ("handle", r"^(https?://hdl\.handle\.net/|hdl:\s*)"),
    ("isbn", r"^(isbn|urn:isbn:)"),
    ("issn", r"^(issn|urn:issn:|https?://portal\.issn\.org)"),
    ("arxiv", r"^(arxiv:|https?://arxiv\.org/)"),
    ("pmid", r"^(pmid|https?://pubmed\.)"),
    ("ark", r"(^|/)ark:/"),
    ("urn", r"^urn:"),
    ("url", r"^https?://"),
)


def number_of(text: str, scheme: str = "") -> Number | None:
    """An identifier, its scheme told or read off it; numbers that no scheme knows are local ones; None of no number."""
    text = clean_text(text)
    hint = SCHEMES.get(scheme.strip().lower(), scheme.strip().lower())
    if hint not in identifier_schemes():
        hint = next((known for known, mark in MARKS if re.search(mark, text, re.I)), "local")
    value = re.sub(r"^(urn:isbn:|urn:issn:|info:doi/)", "", text, flags=re.I)
    value = re.sub(r"\s*\(.*\)$", "", value) if hint in ("isbn", "issn") else value
    kept = normalise_number(hint, value) or (value if hint == "local" else None)
    if kept is None and not text.lower().startswith("http"):
        hint, kept = "local", value
    return Number(scheme=hint, value=kept) if kept and len(kept) <= 400 else None


def numbers_of(numbers: Iterable[Number | None]) -> list[Number]:
    found = {(number.scheme, number.value): number for number in numbers if number is not None}
    return list(found.values())[:MOST]


def licence_of(texts: Iterable[str]) -> str:
    """The licence that one of the texts names, as our code; of another version "cc-by-3.0"; "" when none does."""
    for text in texts:
        if found := CREATIVE_COMMONS.search(text):
            kind, version, public = found.groups()
            return {"zero": "cc0-1.0", "mark": "public-domain"}[public.lower()] if public else f"cc-{kind}-{version}"
        if found := CC_WORDS.search(text):
            kind = found[1].lower().replace(" ", "-")
            return "cc0-1.0" if kind == "0" else f"cc-{kind}-{found[2] or '4.0'}"
        if "rightsstatements.org/vocab/InC" in text:
            return "arr"
        if text.strip().lower() in licences():
            return text.strip().lower()
    return ""


def access_of(texts: Iterable[str]) -> Access | None:
    """Who may read the files, as one of the texts says by COAR's or info:eu-repo's name or in plain English."""
    known: dict[str, Access] = {}
    for code, term in access_rights().items():
        for name in (term.coar, term.eu_repo, f"{code} access", f"{code}access"):
            known[name.casefold()] = Access(code)
    known["metadata only access"] = Access.CLOSED
    wanted = (text.strip().casefold().replace("https://purl", "http://purl").rstrip("/") for text in texts)
    return next((known[text] for text in wanted if text in known), None)


def embargo_of(texts: Iterable[str]) -> str:
    """The first open day, where a text tells it as info:eu-repo does."""
    return next((found[1] for text in texts if (found := EMBARGO_END.search(text))), "")
