"""What is told of a bulk load: sentences for its states, its rows and its remarks, in the reader's language."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ingest.flags import Code, Flag
from ingest.harvest_messages import DOUBTFUL, LACKS, MISSING, fill
from ingest.loaders.packages import Note
from ingest.loaders.targets import find_target
from ingest.loaders.template import column_title
from ingest.loading import Record
from ingest.messages import say_flag
from ingest.models import BatchState, LoadBatch, RowStatus
from repo.items.checks import FaultCode
from repo.items.messages import FIELD_TITLES
from repo.items.traits import Likeness
from repo.web.languages import current_language, in_all_languages

FORMATS: Mapping[str, LazyString | str] = {
    "table": _l("A table (CSV or XLSX) beside its files"),
    "marc": _l("MARC 21, UNIMARC or RUSMARC (ISO 2709)"),
    "marcxml": "MARCXML",
    "irbis": _l("IRBIS, text"),
    "saf": "DSpace SAF",
    "eprints": "EPrints XML",
    "bagit": "BagIt",
    "mets": "METS",
}

STATES: Mapping[BatchState, LazyString] = {
    BatchState.RECEIVING: _l("The file is on its way"),
    BatchState.UPLOADED: _l("Not checked yet"),
    BatchState.CHECKING: _l("Being checked"),
    BatchState.CHECKED: _l("Checked"),
    BatchState.IMPORTING: _l("Being loaded"),
    BatchState.PAUSED: _l("Paused"),
    BatchState.DONE: _l("Done"),
    BatchState.UNDOING: _l("Being undone"),
    BatchState.UNDONE: _l("Undone"),
    BatchState.FAILED: _l("Stopped by an error"),
}

STATE_LOOKS = {
    BatchState.RECEIVING: ("wait", "clock"),
    BatchState.UPLOADED: ("wait", "clock"),
    BatchState.CHECKING: ("wait", "again"),
    BatchState.CHECKED: ("good", "check"),
    BatchState.IMPORTING: ("wait", "again"),
    BatchState.PAUSED: ("wait", "halt"),
    BatchState.DONE: ("good", "check"),
    BatchState.UNDOING: ("wait", "again"),
    BatchState.UNDONE: ("wait", "cross"),
    BatchState.FAILED: ("stop", "halt"),
}

STATUSES: Mapping[RowStatus, LazyString] = {
    RowStatus.NEW: _l("To be added"),
    RowStatus.CHANGED: _l("To be changed"),
    RowStatus.SAME: _l("As it is here"),
    RowStatus.REFUSED: _l("Refused"),
    RowStatus.CREATED: _l("Added"),
    RowStatus.UPDATED: _l("Changed"),
    RowStatus.SUBMITTED: _l("Waits for review"),
    RowStatus.SKIPPED: _l("Left out"),
    RowStatus.UNDONE: _l("Undone"),
    RowStatus.KEPT: _l("Not undone"),
}

STATUS_LOOKS = {
    RowStatus.NEW: ("wait", "plus"),
    RowStatus.CHANGED: ("wait", "pencil"),
    RowStatus.SAME: ("good", "check"),
    RowStatus.REFUSED: ("stop", "halt"),
    RowStatus.CREATED: ("good", "check"),
    RowStatus.UPDATED: ("good", "check"),
    RowStatus.SUBMITTED: ("wait", "clock"),
    RowStatus.SKIPPED: ("wait", "cross"),
    RowStatus.UNDONE: ("wait", "cross"),
    RowStatus.KEPT: ("wait", "halt"),
}

NOTES: Mapping[Note, LazyString] = {
    Note.BROKEN: _l("The record is damaged and cannot be read."),
    Note.CUT_OFF: _l("The record ends in the middle."),
    Note.TOO_LARGE: _l("It is larger than what is taken here."),
    Note.NO_KEY: _l("The record has no number or name by which it can be found again."),
    Note.NO_METADATA: _l("There is no description that can be read."),
    Note.FILE_MISSING: _l("The file is missing."),
    Note.FILE_DIFFERS: _l("The file is not the one that is described: its checksum is another."),
    Note.BAD_PATH: _l("The path leads out of the folder."),
    Note.NOT_A_FILE: _l("This is a link or a folder, not a file."),
    Note.WRONG_VALUE: _l("The value cannot be used."),
    Note.UNKNOWN_TERM: _l("The word is not known here. Choose in the profile what it means."),
    Note.FORMULA: _l("The cell holds a formula. Put its result there instead."),
    Note.MENDED: _l("Something small was mended."),
    Note.EXTRA_FILE: _l("No record names this file, so it is not loaded."),
    Note.NOT_MAPPED: _l("The field is not taken: the profile does not say what it means."),
    Note.GARBLED: _l("Some letters are probably wrong. Check the encoding."),
    Note.LEFT_OUT: _l("This part is not taken."),
    Note.NOT_OPEN: _l("Readers will not be able to open this file."),
    Note.RECORD_LOST: _l("It was changed after it left; what only muras.json says of it is not taken."),
}
"""What loaders say; where it is about a field or a file, that stands before it."""

OF_FIELDS = frozenset(
    (
        Note.WRONG_VALUE,
        Note.UNKNOWN_TERM,
        Note.FORMULA,
        Note.NOT_MAPPED,
        Note.GARBLED,
        Note.LEFT_OUT,
        Note.TOO_LARGE,
        Note.RECORD_LOST,
    )
)
"""Those that may be about a field; the others are about a file, whose name is nobody's to translate."""

REMARKS: Mapping[str, LazyString] = {
    "duplicate_key": _l("The same record came before (%(place)s)."),
    "same_file": _l("The same file came before (%(place)s)."),
    "collection_unknown": _l("There is no such collection in the library."),
    "collection_closed": _l("You may not load into this collection."),
    "not_shown": _l("The work will not be shown in this collection too: you may not load there, or there is none."),
    "changed": _l("The source has changed since the check. Check it again."),
    "not_stored": _l("The work could not be stored. Tell the administrator; the log says more."),
    "edited": _l("Somebody is working on this work, so it was left as it is."),
    "withdrawn": _l("The work was withdrawn here, so it was left as it is."),
    "changed_since": _l("The work was changed after the load, so it was left as it is."),
    "not_reviewer": _l("Whoever accepted the load does not decide about this work, so it waits on."),
    "accepted": _l("A reviewer has accepted the work, so it was left as it is."),
}

LIKELY: Mapping[str, LazyString] = {
    Likeness.IDENTIFIER: _l("Probably here already, with the same identifier: %(item)s."),
    Likeness.FILE: _l("Probably here already, with the same file: %(item)s."),
    Likeness.TITLE: _l("Probably here already, with the same title and year: %(item)s."),
}

TROUBLES: Mapping[str, LazyString] = {
    "unreadable": _l("The source could not be read further, after record “%(after)s”. Check the format and the file."),
    "endless": _l("Reading did not get on after record “%(after)s”. Tell the administrator."),
    "changed": _l("The source has changed since the check (record %(place)s). Check it again."),
    "unknown_format": _l("It could not be told what format this is. Choose the format."),
    "archive_unknown": _l("This is neither a ZIP nor a TAR archive."),
    "archive_broken": _l("The archive is damaged. Pack it again."),
    "archive_encrypted": _l("The archive is protected by a password. Pack it without one."),
    "archive_too_many": _l("The archive holds too many files. Pack it in parts."),
    "archive_too_large": _l("Unpacked, the archive is too large. Pack it in parts."),
    "archive_bomb": _l("Unpacked, the archive would be far larger than such files are. It was not unpacked."),
    "archive_no_room": _l("There is not enough room on the disk to unpack the archive. Tell the administrator."),
    "archive_bad_path": _l("A path in the archive leads out of its folder, or no system takes it: %(name)s"),
    "archive_link": _l("The archive holds a link, which is not allowed: %(name)s"),
    "archive_device": _l("The archive holds something that is no file: %(name)s"),
    "archive_same_name": _l("Two files in the archive have the same name: %(name)s"),
    "embedded_broken": _l("The XML is damaged, so its files could not be taken out. Export it again."),
    "embedded_no_room": _l(
        "There is not enough room on the disk to take the files out of the XML. Tell the administrator."
    ),
    "full": _l("The disk is full. The work goes on by itself as soon as there is room; tell the administrator."),
    "gone": _l("The file or folder is not there any more."),
    "profile": _l("The profile cannot be used. Choose another one."),
    "accident": _l("Something went wrong on our side. Tell the administrator; the list of jobs says more."),
    "interrupted": _l(
        "The program ended several times in the middle of it. Go on; if it comes again, tell the administrator."
    ),
    "cancelled": _l("Its job was cancelled in the office. Go on when it is wanted."),
}


def say_trouble(code: str, data: Mapping[str, Any]) -> str:
    """Why a load stopped, and what to do."""
    return fill(TROUBLES.get(code, TROUBLES["accident"]), data)


def say_remarks(remarks: Iterable[Mapping[str, Any]]) -> list[str]:
    """What was noted of a record, each note a sentence; what its description lacks is told together."""
    noted = [(str(said["code"]), str(said.get("about") or ""), said.get("data") or {}) for said in remarks]
    said = [_say_one(*one) for one in noted if one[0] not in LACKS]
    missing = [str(MISSING[FaultCode(code)]) for code, _about, _data in noted if code in MISSING]
    doubtful = [str(DOUBTFUL[FaultCode(code)]) for code, _about, _data in noted if code in DOUBTFUL]
    if missing:
        said.append(_("Not in the description: %(what)s.", what=", ".join(missing)))
    if doubtful:
        said.append(_("Perhaps wrong: %(what)s.", what=", ".join(doubtful)))
    return said


def say_record(record: Record) -> list[str]:
    """The same of a record that was only read."""
    told = [{"code": remark.note.value, "about": remark.about, "data": remark.data} for remark in record.remarks]
    return say_remarks([*told, *({"code": code} for code in record.faults)])


def told_of(record: Record) -> list[tuple[str, str]]:
    """The description of a record that was only read: its fields, each with all that stands in it."""
    described = (record.metadata or {}).items()
    return [(name_field(name), ", ".join(_leaves(value))) for name, value in described if name != "schema_version"]


def name_field(path: str) -> str:
    """What a place of our description is called: a path of a table ("host.issue", "title[ru]") or of a description
    ("titles.0.value"). Whatever else a source calls a field stays as it is."""
    title = column_title(path, current_language())
    if title != path:
        return title
    field = path.partition(".")[0]
    if field in FIELD_TITLES:
        return str(FIELD_TITLES[field])
    return column_title(field, current_language()) if find_target(path) is not None else path


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (leaf for part in value.values() for leaf in _leaves(part))
    elif isinstance(value, list):
        yield from (leaf for part in value for leaf in _leaves(part))
    elif value not in (None, ""):
        yield str(value)


def _say_one(code: str, about: str, data: Mapping[str, Any]) -> str:
    if code == "file_refused":
        flag = data["flag"]
        return f"{about}: {say_flag(Flag(Code(flag['code']), dict(flag['data'])))}"
    if code == "likely":
        return fill(LIKELY[data["likeness"]], data)
    told = REMARKS[code] if code in REMARKS else NOTES[Note(code)]
    about = name_field(about) if code in OF_FIELDS else about
    value = f" «{data['value']}»" if data.get("value") else ""
    return (f"{about}: " if about else "") + fill(told, data) + value


def undo_reason(batch: LoadBatch) -> str:
    """What stands on the tombstone of what an undone load had brought."""
    return in_all_languages(lambda: _("The bulk load that brought it was undone (%(number)s).", number=batch.id))
