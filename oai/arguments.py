"""The arguments of a request, held against the protocol before the library sees them; pure.

The library takes a dictionary, so that repeats are invisible to it, and lets pass what the schema of responses does
not allow to be echoed: these are the rules that it leaves out (OAI-PMH 2.0, 2.7.1, 3.6, and the types of OAI-PMH.xsd).
"""

import re
from collections.abc import Sequence
from datetime import datetime

from oaipmh.error import BadArgumentError, BadVerbError, ErrorBase, IdDoesNotExistError

from oai.formats.source import NOT_XML

VERBS = ("GetRecord", "Identify", "ListIdentifiers", "ListMetadataFormats", "ListRecords", "ListSets")
FORMS = {
    "from": re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?"),
    "until": re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?"),
    "set": re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*"),
    "metadataPrefix": re.compile(r"[A-Za-z0-9\-_.!~*'()]+"),
    "identifier": re.compile(r"\S+"),
    "resumptionToken": re.compile(r"\S+"),
}
LONGEST = 2048


def check_arguments(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the arguments of a request. Raises BadVerbError, BadArgumentError, IdDoesNotExistError."""
    verbs = [value for name, value in pairs if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise BadVerbError("The request needs one verb: " + ", ".join(VERBS) + ".")
    arguments: dict[str, str] = {}
    for name, value in pairs:
        if name in arguments:
            raise BadArgumentError(f"The argument {printable(name)} is repeated.")
        if name != "verb":
            _check_argument(name, value)
        arguments[name] = value
    _check_range(arguments.get("from"), arguments.get("until"))
    return arguments


def printable(text: str) -> str:
    """Return `text` as it may stand in an error message: short, and without what XML cannot hold."""
    return NOT_XML.sub("?", text)[:80]


def _check_argument(name: str, value: str) -> None:
    form = FORMS.get(name)
    if form is None:
        raise BadArgumentError(f"There is no argument {printable(name)}.")
    if len(value) > LONGEST or not form.fullmatch(value) or NOT_XML.search(value):
        raise _wrong(name, value)
    if name in ("from", "until"):
        try:
            datetime.fromisoformat(value)
        except ValueError as error:
            raise _wrong(name, value) from error


def _wrong(name: str, value: str) -> ErrorBase:
    if name == "identifier" and value.strip():
        return IdDoesNotExistError(f"There is no item {printable(value)} here.")
    return BadArgumentError(f"The value {printable(value)!r} of the argument {name} is not valid.")


def _check_range(start: str | None, until: str | None) -> None:
    if start is None or until is None:
        return
    if len(start) != len(until):
        raise BadArgumentError("The arguments from and until have different granularities.")
    if start > until:
        raise BadArgumentError("The argument from lies after the argument until.")
