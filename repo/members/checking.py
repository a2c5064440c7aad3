"""What people type about people and libraries, checked and brought into one form."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _

from repo.errors import InvalidError
from repo.vocabularies.numbers import is_isil, is_orcid, is_ror, strip_prefix

LANGS = ("ky", "ru", "en")
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Faults:
    """Collects what is wrong, by field, and tells it all at once."""

    def __init__(self) -> None:
        self.by_field: dict[str, list[str]] = {}

    def add(self, field: str, message: str) -> None:
        self.by_field.setdefault(field, []).append(message)

    def tell(self) -> None:
        """Raise InvalidError if anything is wrong."""
        if self.by_field:
            raise InvalidError(self.by_field)


def check_email(faults: Faults, text: str) -> str:
    """Return the address as accounts hold it: small letters, the domain in ASCII."""
    try:
        # Whether a server answers there is shown by the mail that is sent, not by a question to the network here.
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        faults.add("email", _("Enter an e-mail address, for example: %(example)s", example="aibek@example.kg"))
        return ""
    return (found.ascii_email or found.normalized).lower()


def check_name(faults: Faults, text: str, field: str = "name") -> str:
    name = clean_line(text)
    if not name:
        faults.add(field, _("Enter the name as it should be shown."))
    elif len(name) > 200:
        faults.add(field, _("The text is too long. Maximum length: %(count)s", count=200))
    elif "://" in name or "@" in name:
        # Names stand in mail that we send to addresses anybody may type: an advertisement must not fit into one.
        faults.add(field, _("Enter a name, without an address."))
    return name


def check_language(faults: Faults, code: str) -> str:
    if code not in LANGS:
        faults.add("language", _("Choose a language."))
    return code


def check_orcid(faults: Faults, text: str) -> str | None:
    orcid = strip_prefix("orcid", text).upper()
    if orcid and not is_orcid(orcid):
        faults.add("orcid", _("Check the ORCID iD: it has four groups of four digits, like 0000-0002-1825-0097."))
    return orcid or None


def check_ror(faults: Faults, text: str) -> str | None:
    ror = strip_prefix("ror", text).lower()
    if ror and not is_ror(ror):
        faults.add("ror", _("Check the ROR id: copy it from ror.org, for example 05dxps055."))
    return ror or None


def check_isil(faults: Faults, text: str) -> str | None:
    isil = text.strip()
    if isil and not is_isil(isil):
        faults.add("isil", _("Check the ISIL: a country, a hyphen and the number of the library, like KG-0001."))
    return isil or None


def check_website(faults: Faults, text: str) -> str | None:
    address = text.strip()
    if address and not re.fullmatch(r"https?://[^\s/]+\S*", address):
        faults.add("website", _("Enter an address that begins with https://"))
    elif len(address) > 400:
        faults.add("website", _("The text is too long. Maximum length: %(count)s", count=400))
    return address or None


def check_code(faults: Faults, text: str, longest: int) -> str:
    code = text.strip()
    if not CODE.fullmatch(code) or len(code) > longest:
        faults.add("code", _("Use small Latin letters, digits and hyphens, for example: %(example)s", example="knu"))
    return code


def check_names(faults: Faults, texts: Mapping[str, str], field: str = "names") -> dict[str, Any]:
    """At least one language; the others fall back to it."""
    names = check_texts(faults, texts, field, 300)
    if not names:
        faults.add(f"{field}.ky", _("Enter the name in at least one language."))
    return names


def check_texts(
    faults: Faults, texts: Mapping[str, str] | None, field: str, longest: int, *, lines: bool = False
) -> dict[str, Any]:
    """Return the texts that are not empty, in the order of the languages; with `lines`, paragraphs are kept."""
    clean = clean_block if lines else clean_line
    filled = {lang: text for lang in LANGS if (text := clean((texts or {}).get(lang) or ""))}
    for lang, text in filled.items():
        if len(text) > longest:
            faults.add(f"{field}.{lang}", _("The text is too long. Maximum length: %(count)s", count=longest))
    return filled


def clean_line(text: str) -> str:
    """Return `text` in NFC as one line, without control characters."""
    printable = "".join(c if c.isprintable() or c.isspace() else "" for c in unicodedata.normalize("NFC", text))
    return " ".join(printable.split())


def clean_block(text: str) -> str:
    lines = (clean_line(line) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
