"""What the office is told of a harvest: sentences for the codes of sources and records, in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ingest.flags import Code, Flag
from ingest.messages import say_flag
from ingest.models import HarvestSource, HarvestState, HarvestStatus
from repo.items.checks import FaultCode
from repo.web.languages import in_all_languages

STATES: Mapping[HarvestState, LazyString] = {
    HarvestState.NEW: _l("Not harvested yet"),
    HarvestState.RUNNING: _l("In progress"),
    HarvestState.WAITING: _l("Waits for the repository"),
    HarvestState.DONE: _l("Done"),
    HarvestState.FAILED: _l("Not completed"),
}

STATE_LOOKS = {
    HarvestState.NEW: ("wait", "clock"),
    HarvestState.RUNNING: ("wait", "again"),
    HarvestState.WAITING: ("wait", "clock"),
    HarvestState.DONE: ("good", "check"),
    HarvestState.FAILED: ("stop", "halt"),
}

STATUSES: Mapping[HarvestStatus, LazyString] = {
    HarvestStatus.CREATED: _l("New"),
    HarvestStatus.UPDATED: _l("Changed"),
    HarvestStatus.UNCHANGED: _l("As before"),
    HarvestStatus.DELETED: _l("Deleted at the source"),
    HarvestStatus.SKIPPED: _l("Left out"),
    HarvestStatus.REFUSED: _l("Refused"),
}

TROUBLES: Mapping[str, LazyString] = {
    "bad_address": _l("This is no address of a web server: %(address)s"),
    "private_address": _l("The address leads into a private network (%(host)s). That is not allowed."),
    "unreachable": _l("The server cannot be reached. Check the address, or try again later."),
    "no_answer": _l("The server cannot be reached. Check the address, or try again later."),
    "certificate": _l("The server's certificate is not valid. Tell the repository."),
    "timeout": _l("The server did not answer in time. Try again later."),
    "cut_off": _l("The answer ended in the middle. Try again later."),
    "too_many_redirects": _l("The address leads on and on to other addresses. Check it."),
    "status": _l("The server answered with the error %(status)s. Check the address, or try again later."),
    "too_large": _l("The answer is larger than %(limit)s bytes. Ask the repository to send smaller pages."),
    "bad_encoding": _l("The answer is packed in a way that cannot be read. Tell the repository."),
    "empty": _l("The answer is empty. Check the address."),
    "html": _l("A web page came instead of XML. Check the address: that of the OAI-PMH interface is needed."),
    "not_xml": _l("The answer is not XML. Check the address: that of the OAI-PMH interface is needed."),
    "doctype": _l("The answer declares entities of its own, which is not allowed. Tell the repository."),
    "other_xml": _l("The answer is XML, but not of OAI-PMH. Check the address."),
    "unreadable_page": _l("The answer could not be read in the time that is allowed. Tell the repository."),
    "protocol": _l("The repository refused the request (%(error)s): %(text)s"),
    "noRecordsMatch": _l("The repository has no records for this request."),
    "badResumptionToken": _l(
        "The repository forgot twice where the harvest was. It begins again next time; tell the repository."
    ),
    "token_loop": _l("The list leads in a circle; it was left after %(pages)s pages. Tell the repository."),
    "accident": _l("Something went wrong on our side. Tell the administrator; the list of jobs says more."),
    "interrupted": _l(
        "The program ended several times in the middle of it. Begin again; if it comes again, tell the administrator."
    ),
    "cancelled": _l("Its job was cancelled in the office. Begin again when it is wanted."),
    "endless": _l("The list does not end; it was left after %(records)s records. Tell the repository."),
}

REPORTS: Mapping[str, LazyString] = {
    "broken": _l("The record is not well-formed XML."),
    "no_identifier": _l("The record has no identifier."),
    "long_identifier": _l("The identifier of the record is longer than 400 characters."),
    "too_large": _l("The record is larger than a description can be."),
    "no_metadata": _l("The record has no description."),
    "format_unknown": _l("The description is in a format that is not known here."),
    "unreadable": _l("The description could not be read."),
    "mended": _l("Characters that XML does not allow were left out."),
    "own": _l("The record comes from this repository."),
    "edited": _l("Somebody has a correction of this work open. It is tried again at the next harvest."),
    "withdrawn": _l("The work was withdrawn here, so it is not followed."),
    "file_status": _l("%(name)s: the server answered with the error %(status)s."),
    "file_too_large": _l("%(name)s: the file is too large."),
    "file_changed": _l("%(name)s: the file is not the one that the record describes."),
    "file_is_a_page": _l("%(name)s: a web page came instead of the file."),
    "file_private_address": _l("%(name)s: the address leads into a private network."),
}

MISSING: Mapping[FaultCode, LazyString] = {
    FaultCode.TYPE_MISSING: _l("Kind of work"),
    FaultCode.TITLE_MISSING: _l("Title"),
    FaultCode.CREATOR_MISSING: _l("Authors"),
    FaultCode.LANGUAGE_MISSING: _l("Language of the work"),
    FaultCode.DATE_MISSING: _l("Year of publication"),
    FaultCode.ABSTRACT_MISSING: _l("Abstract"),
    FaultCode.DEGREE_MISSING: _l("Degree"),
    FaultCode.INSTITUTION_MISSING: _l("Institution"),
    FaultCode.LICENCE_MISSING: _l("Licence"),
    FaultCode.EMBARGO_DATE_MISSING: _l("End of the embargo"),
}

DOUBTFUL: Mapping[FaultCode, LazyString | str] = {
    FaultCode.DATE_WRONG: _l("Year of publication"),
    FaultCode.IDENTIFIER_WRONG: _l("Identifier"),
    FaultCode.ORCID_WRONG: "ORCID iD",
    FaultCode.EMBARGO_DATE_WRONG: _l("End of the embargo"),
}

LACKS = frozenset(code for code in FaultCode if not code.startswith("file_"))
"""What can be said of a description; of files, others say it."""

NOT_FETCHED = _l("%(name)s: the file could not be fetched.")


def say_trouble(code: str, data: Mapping[str, Any]) -> str:
    """Why a source could not be harvested, and what to do."""
    return fill(TROUBLES.get(code, TROUBLES["unreachable"]), data)


def say_report(report: Iterable[Mapping[str, Any]]) -> list[str]:
    """What was noted of a record: what happened to it, then what its description lacks."""
    noted = [(str(said["code"]), said.get("data") or {}) for said in report]
    said = [_say_one(code, data) for code, data in noted if code not in LACKS]
    missing = [str(MISSING[FaultCode(code)]) for code, _data in noted if code in MISSING]
    doubtful = [str(DOUBTFUL[FaultCode(code)]) for code, _data in noted if code in DOUBTFUL]
    if missing:
        said.append(_("Not in the description: %(what)s.", what=", ".join(missing)))
    if doubtful:
        said.append(_("Perhaps wrong: %(what)s.", what=", ".join(doubtful)))
    return said


def _say_one(code: str, data: Mapping[str, Any]) -> str:
    if code == "file_refused":
        flag = data["flag"]
        return f"{data['name']}: {say_flag(Flag(Code(flag['code']), dict(flag['data'])))}"
    if code.startswith("file_") and code not in REPORTS:
        return fill(NOT_FETCHED, data)
    return fill(REPORTS[code], data) if code in REPORTS else code


def fill(sentence: LazyString, data: Mapping[str, Any]) -> str:
    """The sentence in the reader's language, with its numbers and names."""
    text = str(sentence)
    return text % data if "%(" in text else text


def deletion_reason(source: HarvestSource) -> str:
    """What stands on the tombstone."""
    return in_all_languages(lambda: _("Deleted at its source: %(name)s", name=source.name or source.base_url))
