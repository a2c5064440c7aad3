"""What the office is told of exports, in the reader's language."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from ingest.export_models import ExportState

STATES: Mapping[ExportState, LazyString] = {
    ExportState.WAITING: _l("Waiting in the queue"),
    ExportState.RUNNING: _l("In progress"),
    ExportState.DONE: _l("Done"),
    ExportState.FAILED: _l("Not completed"),
}

STATE_LOOKS = {
    ExportState.WAITING: ("wait", "clock"),
    ExportState.RUNNING: ("wait", "again"),
    ExportState.DONE: ("good", "check"),
    ExportState.FAILED: ("stop", "halt"),
}

FORMATS: Mapping[str, LazyString] = {
    "bagit": _l("BagIt: for keeping, and for another Muras"),
    "csv": _l("Table (CSV) with the files: for spreadsheets"),
    "saf": _l("Simple Archive Format: for DSpace"),
    "mets": _l("METS with MODS: for libraries of scanned books"),
    "marcxml": _l("MARC 21 as MARCXML: for catalogues"),
    "iso2709": _l("MARC 21 in ISO 2709: for catalogues"),
    "unimarc": _l("UNIMARC in ISO 2709: for catalogues in RUSMARC"),
}

TROUBLES: Mapping[str, LazyString] = {
    "full": _l("The disk is full. The work goes on by itself as soon as there is room; tell the administrator."),
    "accident": _l("Something went wrong on our side. Tell the administrator; the list of jobs says more."),
    "interrupted": _l(
        "The program ended several times in the middle of it. Begin again; if it comes again, tell the administrator."
    ),
    "cancelled": _l("Its job was cancelled in the office. Begin again when it is wanted."),
}
