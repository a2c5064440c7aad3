"""What becomes of a file that was handed in: read by the pipeline, its small pictures and its text kept beside it.

Pictures and text are derivatives: they lie in the store of derivatives by the digest of the original, may be
deleted at any time, and are made again by `derive_item`. What the pipeline found out stands in the row of the
bytes (`Blob.report`), with its guesses as a part of a description (`items.metadata.Metadata` as JSON).
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from flask import current_app

from ingest.flags import REFUSED, Flag
from ingest.guessing.guesses import Guess, Guesses
from ingest.pipeline import Report, run_pipeline
from ingest.sandbox import Sandbox
from ingest.stages.thumbnail import PREVIEW, THUMBNAIL
from repo.db import db, transaction
from repo.items.identifiers import ocfl_id
from repo.items.metadata import Agent, Metadata, Number, PersonName, Subject, Text, TextKind, write_metadata
from repo.items.models import Blob, Item, Upload
from repo.items.preservation import logical_path
from repo.items.services.drafts import record_report
from repo.items.states import UploadState
from repo.search.services.indexing import note_change
from repo.settings import current_settings
from repo.storage import derivatives, store, uploads
from repo.storage.texts import has_text, write_text
from repo.storage.uploads import UploadMissing

__all__ = ["PREVIEW", "THUMBNAIL", "derive_item", "ensure_derivatives", "ingest_upload"]


def ingest_upload(upload_id: str) -> None:
    """Read a file that has arrived in a draft and note what it is. May be called again; outside of transactions.

    A file that must not be offered to readers (infected, empty, a bomb) is refused and its bytes are discarded.
    """
    upload = db.session.get(Upload, upload_id)
    if upload is None or upload.state is not UploadState.WAITING or upload.digest is None:
        return
    digest, name = upload.digest, upload.name
    db.session.rollback()
    try:
        report = read_file(digest, uploads().path(upload_id), name)
    except UploadMissing:  # removed meanwhile
        return
    with transaction():
        upload = db.session.get(Upload, upload_id, with_for_update=True)
        if upload is None or upload.state is not UploadState.WAITING:
            return
        refusal = next((flag for flag in report.flags if flag.code in REFUSED), None)
        record_report(upload, describe_report(report), describe_flag(refusal) if refusal else None)
    if refusal is not None:
        uploads().discard(upload_id)


def read_file(digest: str, path: Path, filename: str) -> Report:
    """Send a file through the pipeline and keep what was made from it, unless it is refused.

    Takes as long as the file is difficult, up to some minutes. Raises OSError when it cannot be read at all.
    """
    with derivatives().scratch() as scratch:
        report = run_pipeline(
            path,
            filename,
            sandbox=sandbox(),
            pictures_to=scratch,
            clamav_socket=current_settings().clamav_socket,
        )
        if not report.refused:
            _keep(digest, report)
        return report


def derive_item(item_id: str) -> None:
    """Make text and pictures of a public item's files again where they are missing, and have it indexed.

    After a rebuild from the OCFL root, or when derivatives were deleted; outside of transactions.
    """
    item = db.session.get(Item, item_id)
    if item is None or item.current is None:
        return
    files = [(file.digest, file.name, logical_path(file)) for file in item.current.files]
    version = item.current.ocfl_version
    db.session.rollback()
    reports: dict[str, Report] = {}
    for digest, name, path in files:
        place = store().path(ocfl_id(item_id), path, version)
        report = ensure_derivatives(digest, place, name) if place is not None else None
        if report is not None:
            reports[digest] = report
    with transaction() as session:
        for digest, report in reports.items():
            blob = session.get(Blob, digest)
            if blob is not None and blob.report is None:
                blob.report, blob.pages = describe_report(report), report.pages
        if reports:
            note_change(session, item_id)


def ensure_derivatives(digest: str, path: Path, filename: str) -> Report | None:
    """Make the text and the pictures of an original again, if they are not there; return what was found then."""
    return None if has_text(digest) else read_file(digest, path, filename)


def describe_report(report: Report) -> dict[str, Any]:
    """The report as JSON for the row of the bytes: everything but the text."""
    return {
        "kind": report.kind.value,
        "mime": report.mime,
        "puid": report.puid,
        "format": report.format_name,
        "pages": report.pages,
        "language": report.language,
        "scanned": report.scanned,
        "flags": [describe_flag(flag) for flag in report.flags],
        "pictures": {
            name: [picture.width, picture.height]
            for name, picture in ((THUMBNAIL, report.thumbnail), (PREVIEW, report.preview))
            if picture is not None
        },
        "guesses": guessed_description(report.guesses),
    }


def describe_flag(flag: Flag) -> dict[str, Any]:
    return {"code": flag.code.value, "data": flag.data}


def guessed_description(guesses: Guesses) -> dict[str, Any]:
    """Guesses as the fields of a description that they fill, as JSON; fields without a guess are not in it."""
    language = guesses.language.value if guesses.language else ""
    titles = _texts(guesses.titles)
    metadata = Metadata(
        languages=[language] if language else [],
        titles=[
            title if number == 0 else title.model_copy(update={"kind": TextKind.TRANSLATED})
            for number, title in enumerate(titles)
        ],
        creators=[
            Agent(names=[PersonName(family=name.family, given=name.given, lang=titles[0].lang if titles else language)])
            for name in guesses.authors
        ],
        abstracts=_texts(guesses.abstracts),
        keywords=[Text(value=word, lang=found.language or "") for found in guesses.keywords for word in found.values],
        subjects=[Subject(scheme="udc", value=guesses.udc.value)] if guesses.udc else [],
        identifiers=[Number(scheme="doi", value=guesses.doi.value)] if guesses.doi else [],
        issued=guesses.year.value if guesses.year else "",
    )
    return {field: value for field, value in write_metadata(metadata).items() if field != "schema_version"}


def _texts(guesses: Sequence[Guess]) -> list[Text]:
    return [Text(value=guess.value, lang=guess.language or "") for guess in guesses]


def _keep(digest: str, report: Report) -> None:
    """Pictures first: where there is a text, everything was kept."""
    for name, picture in ((THUMBNAIL, report.thumbnail), (PREVIEW, report.preview)):
        if picture is not None:
            derivatives().put(digest, name, picture.path)
    write_text(digest, report.text.pages)


def sandbox() -> Sandbox:
    """The children of this process in which files are parsed."""
    return cast(Callable[[], Sandbox], current_app.extensions["muras.sandbox"])()
