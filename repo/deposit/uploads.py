"""Files on their way into a draft: bytes in the store of uploads, a row beside them.

Bytes are written outside of transactions and the rows after them, so these functions commit by themselves, each step
where a crash may come between: bytes without a row are discarded later, a row always has its bytes, and an upload
that is complete without anybody having noted it is noted when it is asked for again.
"""

import secrets
import shutil
from contextlib import suppress
from datetime import datetime, timedelta

import sqlalchemy as sa

from repo.db import db, now, transaction
from repo.errors import NotFoundError, StorageFullError, TooLargeError
from repo.items.access import Actor, FileRole
from repo.items.models import Upload
from repo.items.services import drafts
from repo.items.states import UploadState
from repo.jobs.services import enqueue_job
from repo.settings import current_settings
from repo.storage import uploads
from repo.storage.uploads import Stream, UploadBusy, UploadMissing

KEPT = timedelta(days=30)
"""How long an unfinished upload waits for its client."""
RESERVE = 500_000_000
"""Bytes that stay free on the disk: the database and the jobs need room to go on."""
NOTED_AT_ONCE = 500
TOUCH_EVERY = timedelta(hours=1)


def begin_upload(actor: Actor, item_id: str, name: str, length: int, role: FileRole = FileRole.ORIGINAL) -> Upload:
    """Make room for a file of `length` bytes in a draft. Raises TooLargeError and StorageFullError before any byte,
    and the errors of `drafts.announce_upload`."""
    version = drafts.load_draft(actor, item_id)
    drafts.require_room_for_file(actor, version, role)
    require_room(length)
    upload_id = secrets.token_hex(16)
    db.session.rollback()
    uploads().create(upload_id, length)
    try:
        with transaction():
            return drafts.announce_upload(actor, drafts.load_draft(actor, item_id), upload_id, name, length, role)
    except BaseException:
        uploads().discard(upload_id)
        raise


def require_room(length: int) -> None:
    """Raise TooLargeError for a file beyond the limit, StorageFullError when the disk has not that much room."""
    limit = current_settings().max_upload
    if length > limit:
        raise TooLargeError(limit)
    if shutil.disk_usage(uploads().root).free < length + RESERVE:
        raise StorageFullError(f"{length} bytes announced")


def receive_chunk(upload: Upload, offset: int, stream: Stream, checksum: tuple[str, bytes] | None = None) -> int:
    """Add a chunk, and note the file once it is whole. Returns how many bytes are kept now.

    Raises the errors of `storage.uploads.Uploads.append`.
    """
    upload_id, length = upload.id, upload.length
    _touch(upload)
    reached = uploads().append(upload_id, offset, stream, checksum=checksum)
    if reached == length:
        with suppress(UploadBusy):  # the worker noticed first
            finish_upload(upload_id)
    return reached


def upload_offset(upload: Upload) -> int:
    """How many bytes of an upload are kept. Notes a file that is whole when a crash kept this from being done."""
    if upload.state is not UploadState.RECEIVING:
        return upload.length
    offset = uploads().offset(upload.id)
    if offset == upload.length:
        with suppress(UploadBusy):  # it is being done just now
            finish_upload(upload.id)
    return offset


def finish_upload(upload_id: str) -> None:
    """Put a whole file into its draft, and let the pipeline read it. May be called again."""
    db.session.rollback()
    finished = uploads().finish(upload_id)
    with transaction():
        _complete(upload_id, finished.sha512)


def receive_file(actor: Actor, item_id: str, name: str, stream: Stream, role: FileRole = FileRole.ORIGINAL) -> Upload:
    """Take a file that comes in one piece, of a form: all or nothing. Raises TooLargeError, StorageFullError."""
    version = drafts.load_draft(actor, item_id)
    drafts.require_room_for_file(actor, version, role)
    require_room(0)
    upload_id = secrets.token_hex(16)
    db.session.rollback()
    finished = uploads().store_stream(upload_id, stream, current_settings().max_upload)
    try:
        with transaction():
            version = drafts.load_draft(actor, item_id)
            upload = drafts.announce_upload(actor, version, upload_id, name, finished.size, role)
            _complete(upload_id, finished.sha512)
            return upload
    except BaseException:
        uploads().discard(upload_id)
        raise


def discard_uploads(upload_ids: list[str]) -> None:
    """Remove the bytes of uploads whose rows are gone. What somebody still writes to is found by the cleaning job."""
    for upload_id in upload_ids:
        with suppress(UploadBusy):
            uploads().discard(upload_id)


def expires_at(upload: Upload) -> datetime | None:
    """Until when an unfinished upload is kept."""
    return upload.touched_at + KEPT if upload.state is UploadState.RECEIVING else None


def note_finished() -> None:
    """Finish uploads that are whole, but whose server was killed before it noted that."""
    waiting = sa.select(Upload.id, Upload.length).where(Upload.state == UploadState.RECEIVING).limit(NOTED_AT_ONCE)
    found = db.session.execute(waiting.order_by(Upload.touched_at.desc())).all()
    for upload_id, length in found:
        with suppress(UploadMissing, UploadBusy):
            if uploads().offset(upload_id) == length:
                finish_upload(upload_id)


def discard_abandoned(older_than: timedelta = KEPT) -> int:
    """Remove unfinished uploads that nobody came back to, and bytes without a row. Returns how many."""
    count = 0
    for upload_id in list(uploads().stale(older_than.total_seconds())):
        with transaction():
            upload = db.session.get(Upload, upload_id, with_for_update=True)
            if upload is not None and (upload.state is not UploadState.RECEIVING or _is_recent(upload, older_than)):
                continue
            if upload is not None:
                db.session.delete(upload)
        discard_uploads([upload_id])
        count += 1
    return count


def _is_recent(upload: Upload, older_than: timedelta) -> bool:
    return upload.touched_at > now() - older_than


def _complete(upload_id: str, digest: str) -> None:
    upload = db.session.get(Upload, upload_id, with_for_update=True)
    if upload is None:
        raise NotFoundError()
    if upload.state is UploadState.RECEIVING:
        drafts.complete_upload(upload, digest)
        enqueue_job("ingest", upload_id, {"upload_id": upload_id}, person_id=upload.person_id)


def _touch(upload: Upload) -> None:
    """Note that the client is alive, seldom enough that chunks cost no transaction each."""
    upload_id = upload.id
    stale = upload.touched_at < now() - TOUCH_EVERY
    db.session.rollback()
    if stale:
        with transaction():
            row = db.session.get(Upload, upload_id)
            if row is not None:
                row.touched_at = now()
