"""The file of a bulk load on its way in: resumable pieces, or a form's file in one.

Bytes are written outside of transactions and the row after them, so these functions commit by themselves, each step
where a crash may come between. A file that is whole and was not noted is noted when it is asked for again.
"""

import secrets
import shutil
from contextlib import suppress

from ingest.batch import RESERVE, check_batch, load_batch, require_loader
from ingest.batch_staging import keep_received
from ingest.models import BatchState, LoadBatch
from repo.db import db, transaction
from repo.errors import NotFoundError, StateError, StorageFullError, TooLargeError
from repo.items.access import Actor
from repo.items.names import clean_name
from repo.settings import current_settings
from repo.storage import uploads
from repo.storage.uploads import Stream, UploadBusy, UploadMissing


def expect_file(actor: Actor, batch_id: int, filename: str, length: int) -> str:
    """Make room for the file of a load and return the id of its upload. A file that was begun before is forgotten.

    Raises StateError, TooLargeError, StorageFullError before any byte.
    """
    before = _receiving(actor, batch_id).upload_id
    db.session.rollback()
    _require_room(length)
    upload_id = secrets.token_hex(16)
    uploads().create(upload_id, length)
    try:
        _note(actor, batch_id, upload_id, filename, length)
    except BaseException:
        uploads().discard(upload_id)
        raise
    if before is not None:
        with suppress(UploadBusy):
            uploads().discard(before)
    return upload_id


def find_upload(actor: Actor, batch_id: int, upload_id: str) -> LoadBatch:
    """The load to which an upload belongs. Raises NotFoundError."""
    batch = load_batch(batch_id)
    require_loader(actor, batch)
    if batch.upload_id is None or batch.upload_id != upload_id:
        raise NotFoundError
    return batch


def received_bytes(actor: Actor, batch: LoadBatch) -> int:
    """How many bytes of its file are kept. Takes in a file that is whole when a crash kept this from being done."""
    batch_id, length, upload_id = batch.id, batch.length, batch.upload_id or ""
    db.session.rollback()
    offset = uploads().offset(upload_id)
    if offset == length:
        with suppress(UploadBusy):  # it is being done just now
            receive_batch(actor, batch_id)
    return offset


def receive_chunk(
    actor: Actor, batch: LoadBatch, offset: int, stream: Stream, checksum: tuple[str, bytes] | None = None
) -> int:
    """Add a chunk, and take the file in once it is whole. Returns how many bytes are kept now."""
    batch_id, length, upload_id = batch.id, batch.length, batch.upload_id or ""
    db.session.rollback()
    reached = uploads().append(upload_id, offset, stream, checksum=checksum)
    if reached == length:
        with suppress(UploadBusy):  # another request noticed first
            receive_batch(actor, batch_id)
    return reached


def receive_file(actor: Actor, batch_id: int, filename: str, stream: Stream) -> None:
    """Take a file that comes in one piece, of a form: all or nothing. Raises TooLargeError, StorageFullError."""
    _receiving(actor, batch_id)
    db.session.rollback()
    _require_room(0)
    upload_id = secrets.token_hex(16)
    finished = uploads().store_stream(upload_id, stream, current_settings().max_upload)
    try:
        _note(actor, batch_id, upload_id, filename, finished.size)
    except BaseException:
        uploads().discard(upload_id)
        raise
    receive_batch(actor, batch_id)


def give_up(actor: Actor, batch_id: int) -> None:
    """Forget what has arrived of a file; the load waits for another one."""
    batch = _receiving(actor, batch_id)
    upload_id = batch.upload_id
    db.session.rollback()
    with transaction():
        _receiving(actor, batch_id).upload_id = None
    if upload_id is not None:
        uploads().discard(upload_id)


def receive_batch(actor: Actor, batch_id: int) -> None:
    """Keep the file of a load whose upload is complete, and have it checked. May be called again.

    Raises `storage.uploads.OffsetConflict` when bytes are missing.
    """
    batch = load_batch(batch_id)
    upload_id, name = batch.upload_id, batch.filename
    db.session.rollback()
    if upload_id is None:
        return
    try:
        place = keep_received(batch_id, uploads().finish(upload_id).path, name)
    except UploadMissing:  # another request was faster
        return
    with transaction():
        row = load_batch(batch_id)
        if row.upload_id == upload_id:
            row.place, row.upload_id, row.state = str(place), None, BatchState.UPLOADED
            db.session.flush()
            check_batch(actor, row)
    uploads().discard(upload_id)


def _receiving(actor: Actor, batch_id: int) -> LoadBatch:
    batch = load_batch(batch_id)
    require_loader(actor, batch)
    if batch.state is not BatchState.RECEIVING:
        raise StateError(batch.state, "receive")
    return batch


def _note(actor: Actor, batch_id: int, upload_id: str, filename: str, length: int) -> None:
    with transaction():
        batch = _receiving(actor, batch_id)
        batch.upload_id, batch.filename, batch.length = upload_id, clean_name(filename), length
        db.session.flush()


def _require_room(length: int) -> None:
    limit = current_settings().max_upload
    if length > limit:
        raise TooLargeError(limit)
    if shutil.disk_usage(uploads().root).free < length + RESERVE:
        raise StorageFullError(f"{length} bytes announced")
