"""Numbers that other registries gave out: checked by their own rules and brought into one form; pure."""

import re

from stdnum import isbn, ismn, isni, issn
from stdnum.exceptions import ValidationError

from repo.vocabularies.terms import identifier_schemes

# ANSI/NISO Z39.84: "10.", a registrant code with optional parts, a slash, anything printable.
DOI = re.compile(r"10\.\d{4,9}(\.\d+)*/\S+")
HANDLE = re.compile(r"[^\s/]+(\.[^\s/]+)*/\S+")
ARK = re.compile(r"ark:/?([0-9b-df-hj-np-tv-z]{5,})/\S+")
URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,30}:\S+", re.IGNORECASE)
ARXIV = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})(v\d+)?")
URL = re.compile(r"https?://[^\s/]+\S*")
ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
ISIL = re.compile(r"[A-Za-z0-9]{1,4}-[A-Za-z0-9:/-]{1,11}")
ROR = re.compile(r"0([0-9a-hj-km-np-tv-z]{6})(\d{2})")
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"

# What people copy along with a number.
PREFIXES = {
    "doi": r"(https?://(dx\.)?doi\.org/|doi:\s*)",
    "handle": r"(https?://hdl\.handle\.net/|hdl:\s*)",
    "ark": r"https?://[^/]+/(?=ark:)",
    "arxiv": r"(https?://arxiv\.org/(abs|pdf)/|arxiv:\s*)",
    "pmid": r"(https?://pubmed\.ncbi\.nlm\.nih\.gov/|pmid:?\s*)",
    "isbn": r"isbn(-1[03])?:?\s*",
    "issn": r"(https?://portal\.issn\.org/resource/issn/|issn:?\s*)",
    "ismn": r"ismn:?\s*",
    "orcid": r"https?://orcid\.org/",
    "ror": r"https?://ror\.org/",
}


def normalise_number(scheme: str, value: str) -> str | None:
    """Return `value` in the one form in which numbers of `scheme` are kept, or None when it cannot be one.

    DOIs lose their resolver and their capitals (names are case-insensitive: DOI Handbook 2.4), ISBNs become
    13 digits without hyphens, ISSNs keep their hyphen. Schemes that have no rule are taken as they are.
    """
    bare = strip_prefix(scheme, value)
    try:
        match scheme:
            case "doi":
                return bare.lower() if DOI.fullmatch(bare) else None
            case "isbn":
                return str(isbn.compact(isbn.to_isbn13(isbn.validate(bare))))
            case "issn":
                return str(issn.format(issn.validate(bare)))
            case "ismn":
                return str(ismn.compact(ismn.to_ismn13(ismn.validate(bare))))
            case "handle":
                return bare if HANDLE.fullmatch(bare) else None
            case "ark":
                return bare if ARK.fullmatch(bare) else None
            case "urn":
                return bare if URN.fullmatch(bare) else None
            case "arxiv":
                return bare if ARXIV.fullmatch(bare) else None
            case "pmid":
                return bare.rstrip("/") if re.fullmatch(r"\d{1,9}/?", bare) else None
            case "url":
                return bare if URL.fullmatch(bare) else None
    except ValidationError:
        return None
    return bare or None


def strip_prefix(scheme: str, value: str) -> str:
    """Return `value` without the address or the name of its registry."""
    return re.sub("^" + PREFIXES.get(scheme, "(?!)"), "", value.strip(), flags=re.IGNORECASE)


def format_number(scheme: str, value: str) -> str:
    """Return a kept number as people read it: ISBNs and ISMNs with their hyphens."""
    match scheme:
        case "isbn":
            return str(isbn.format(value)) if isbn.is_valid(value) else value
        case "ismn":
            return str(ismn.format(value)) if ismn.is_valid(value) else value
    return value


def number_address(scheme: str, value: str) -> str:
    """Return the web address that a number leads to, "" if there is none or it is no such number: what was imported
    was not checked, and `javascript:` is not an address to lead anybody to."""
    known = identifier_schemes().get(scheme)
    number = normalise_number(scheme, value)
    return known.address.replace("{}", number) if known and number else ""


def is_orcid(text: str) -> bool:
    """Whether `text` is an ORCID iD with the right check character (ISO 7064 mod 11-2, as an ISNI has)."""
    return bool(ORCID.fullmatch(text)) and bool(isni.is_valid(text.replace("-", "")))


def is_ror(text: str) -> bool:
    """Whether `text` is a ROR id: 0, six characters of Crockford's base 32, a check number (ISO 7064 mod 97-10)."""
    found = ROR.fullmatch(text)
    if not found:
        return False
    number = 0
    for char in found[1]:
        number = number * 32 + CROCKFORD.index(char)
    return 98 - (number * 100) % 97 == int(found[2])


def is_isil(text: str) -> bool:
    """Whether `text` has the form of an International Standard Identifier for Libraries (ISO 15511), like KG-0001.

    python-stdnum knows the prefixes of national agencies only as far as they registered: Kyrgyzstan's is missing.
    """
    return bool(ISIL.fullmatch(text))
