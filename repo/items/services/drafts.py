"""Drafts: begun, saved at each change, given files, deleted."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from repo.db import db, now
from repo.errors import InvalidError, NotFoundError, StaleError, StateError
from repo.items.access import Access, Action, Actor, FileRole
from repo.items.checks import Fault, FaultCode
from repo.items.history import record_change
from repo.items.identifiers import mint_id
from repo.items.messages import say_faults
from repo.items.metadata import Metadata, write_metadata
from repo.items.models import Blob, File, Item, Upload, Version
from repo.items.names import clean_name, free_name
from repo.items.rights import collection_target, decide, require, version_target
from repo.items.states import UploadState, VersionState
from repo.members.history import differences
from repo.members.models import Collection

FILES_LIMIT = 1000
"""Files of one draft; a folder of more belongs into an archive."""


def create_draft(
    actor: Actor, collection: Collection, metadata: Metadata, *, source: tuple[str, str] | None = None
) -> Version:
    """Begin a new item in `collection`. `source` is (source, key) of a record brought from elsewhere.

    The depositor is the actor; a librarian who deposits for an author says so in the agreement.
    """
    require(actor, Action.DEPOSIT, collection_target(collection))
    item = Item(
        id=new_id(),
        collection=collection,
        library_id=collection.library_id,
        depositor_id=actor.person_id,
        source=source[0] if source else None,
        source_key=source[1] if source else None,
    )
    if not metadata.licence and collection.licence:
        metadata.licence = collection.licence
    version = Version(item=item, meta=write_metadata(metadata), editor_id=actor.person_id)
    db.session.add_all([item, version])
    db.session.flush()
    record_change(actor, "created", version)
    return version


def load_draft(actor: Actor, item_id: str) -> Version:
    """Return the open draft of an item that the actor may edit. Raises NotFoundError, as for one that is not there."""
    version = open_version(item_id)
    if version is None or not decide(actor, Action.EDIT, version_target(version)).allowed:
        raise NotFoundError()
    return version


def open_version(item_id: str) -> Version | None:
    """The version of an item that is not yet public: there is one at most."""
    return db.session.scalar(
        sa.select(Version)
        .where(Version.item_id == item_id, Version.state != VersionState.PUBLISHED)
        .options(
            joinedload(Version.item).joinedload(Item.collection).joinedload(Collection.library),
            selectinload(Version.files).joinedload(File.blob),
        )
    )


def save_draft(actor: Actor, version: Version, metadata: Metadata, edition: int) -> Version:
    """Save what was typed, as it is. Raises StaleError when somebody saved something else since `edition` was read."""
    # Two savers at once: the second waits here, and then sees what the first one did.
    db.session.refresh(version, ["edition", "meta", "state"], with_for_update=True)
    require_editable(actor, version)
    stored = write_metadata(metadata)
    if stored == version.meta:
        return version
    if version.edition != edition:
        raise StaleError(version)
    if version.state is not VersionState.DRAFT:  # a reviewer edits: the author shall see what
        before, after = differences(version.meta, stored)
        record_change(actor, "edited", version, before=before, after=after)
    version.meta = stored
    version.edition += 1
    version.saved_at = now()
    db.session.flush()
    return version


def move_draft(actor: Actor, version: Version, collection: Collection) -> None:
    """Put a draft that was never public into another collection."""
    require_editable(actor, version)
    if version.item.current_id is not None:
        raise StateError(VersionState.PUBLISHED, "move")
    require(actor, Action.DEPOSIT, collection_target(collection))
    version.item.collection = collection
    version.item.library_id = collection.library_id
    db.session.flush()


def require_editable(actor: Actor, version: Version) -> None:
    """A draft is its editors'; what is submitted may be mended by whoever reviews it."""
    target = version_target(version)
    if version.state is VersionState.DRAFT:
        require(actor, Action.EDIT, target)
    elif version.state is VersionState.SUBMITTED:
        if not decide(actor, Action.REVIEW, target).allowed:
            require(actor, Action.EDIT, target)
            raise StateError(version.state, "edit")
    else:
        require(actor, Action.SEE, target)
        raise StateError(version.state, "edit")


# ---------------------------------------------------------------- files


# Files come and go while a form is open: they do not make what is typed there stale, so `edition` stays.


def announce_upload(
    actor: Actor, version: Version, upload_id: str, name: str, length: int, role: FileRole = FileRole.ORIGINAL
) -> Upload:
    """Note that a file of `length` bytes is on its way in; its bytes go to `storage.uploads` under the same id."""
    require_room_for_file(actor, version, role)
    upload = Upload(
        id=upload_id,
        version_id=version.id,
        person_id=actor.person_id,
        name=clean_name(name),
        role=role,
        length=length,
    )
    db.session.add(upload)
    db.session.flush()
    return upload


def require_room_for_file(actor: Actor, version: Version, role: FileRole = FileRole.ORIGINAL) -> None:
    """Raise the error that tells why the actor cannot add a file, if that is so."""
    require_files_open(actor, version)
    if role is not FileRole.ORIGINAL and (role is FileRole.PRIVATE or version.item.depositor_id != actor.person_id):
        require(actor, Action.REVIEW, version_target(version))
    if actor.person_id is None:
        raise NotFoundError()
    uploads = sa.select(sa.func.count()).select_from(Upload).where(Upload.version_id == version.id)
    if max(len(version.files), db.session.scalar(uploads) or 0) >= FILES_LIMIT:
        raise InvalidError(say_faults([Fault("files", FaultCode.TOO_MANY_FILES)]))


def require_files_open(actor: Actor, version: Version) -> None:
    """A correction keeps the files of the version that it corrects."""
    require_editable(actor, version)
    if version.revision:
        raise StateError("correction", "files")


def load_upload(actor: Actor, upload_id: str) -> tuple[Upload, Version]:
    """Return an upload of the actor's own and its version. Raises NotFoundError for anybody else's."""
    upload = db.session.get(Upload, upload_id)
    version = db.session.get(Version, upload.version_id) if upload else None
    if upload is None or version is None or upload.person_id != actor.person_id:
        raise NotFoundError()
    return upload, version


def complete_upload(upload: Upload, digest: str) -> File:
    """All bytes are there: the file stands in the draft, and the ingest pipeline is yet to read it."""
    version = db.session.get(Version, upload.version_id)
    if version is None:
        raise NotFoundError()
    upload.digest = digest
    upload.state = UploadState.WAITING
    upload.touched_at = now()
    if db.session.get(Blob, digest) is None:
        db.session.add(Blob(digest=digest, size=upload.length))
        db.session.flush()
    names = {file.name.casefold() for file in version.files}
    file = File(
        version=version,
        name=free_name(upload.name, names),
        position=max((file.position for file in version.files), default=0) + 1,
        role=upload.role,
        digest=digest,
        upload_id=upload.id,
    )
    db.session.add(file)
    _touch(version)
    return file


def record_report(upload: Upload, report: dict[str, Any], refusal: dict[str, Any] | None) -> None:
    """Keep what the pipeline found in a file; `refusal` says why it cannot be taken, if it cannot.

    A file that was refused stands in the draft no more; its upload does, to tell the depositor why.
    """
    blob = db.session.get(Blob, upload.digest)
    if blob is not None:
        blob.report = report
        blob.mime, blob.puid, blob.pages = report.get("mime"), report.get("puid"), report.get("pages")
    upload.refusal = refusal
    upload.state = UploadState.REFUSED if refusal else UploadState.READ
    upload.touched_at = now()
    if refusal:
        theirs = (File.version_id == upload.version_id) & (File.upload_id == upload.id)
        db.session.execute(sa.delete(File).where(theirs))
    db.session.flush()


def may_open(actor: Actor, version: Version, file: File) -> bool:
    """Whether the actor may read the bytes of a file of a draft."""
    return decide(actor, Action.READ, version_target(version, file)).allowed


def rename_file(actor: Actor, version: Version, file: File, name: str) -> None:
    require_files_open(actor, version)
    taken = {other.name.casefold() for other in version.files if other is not file}
    file.name = free_name(clean_name(name), taken)
    _touch(version)


def order_files(actor: Actor, version: Version, file_ids: list[int]) -> None:
    """Put the files into this order; those not named follow in theirs."""
    require_files_open(actor, version)
    place = {file_id: n for n, file_id in enumerate(file_ids)}
    ordered = sorted(version.files, key=lambda file: (place.get(file.id, len(place)), file.position))
    for position, file in enumerate(ordered, start=1):
        file.position = position
    _touch(version)


def set_file_access(actor: Actor, version: Version, file: File, access: Access | None, until: Any = None) -> None:
    """Give a file a rule of its own, or None: as the item's. An embargo needs the first open day."""
    require_editable(actor, version)
    if access is Access.EMBARGOED and until is None:
        raise InvalidError({"until": []})
    file.access, file.until = access, until if access is Access.EMBARGOED else None
    _touch(version)


def remove_file(actor: Actor, version: Version, file: File) -> str | None:
    """Take a file off the draft. Returns the id of its upload, whose bytes the edge discards after the commit."""
    require_files_open(actor, version)
    upload_id = file.upload_id
    version.files.remove(file)
    if upload_id and (upload := db.session.get(Upload, upload_id)):
        db.session.delete(upload)
    _touch(version)
    return upload_id


def drop_upload(actor: Actor, version: Version, upload: Upload) -> None:
    """Take an upload off the draft, whole or not; the edge discards its bytes after the commit."""
    require_files_open(actor, version)
    for file in list(version.files):
        if file.upload_id == upload.id:
            version.files.remove(file)
    db.session.delete(upload)
    _touch(version)


def delete_draft(actor: Actor, version: Version) -> list[str]:
    """Delete a draft, and its item if that was never public. Returns the ids of uploads to discard."""
    require(actor, Action.EDIT, version_target(version))
    if version.state is not VersionState.DRAFT:
        raise StateError(version.state, "delete")
    upload_ids = list(db.session.scalars(sa.select(Upload.id).where(Upload.version_id == version.id)))
    item = version.item
    record_change(actor, "deleted draft", version)
    db.session.flush()
    if item.current_id is None:
        db.session.delete(item)
    else:
        item.versions.remove(version)
    db.session.flush()
    return upload_ids


def _touch(version: Version) -> None:
    version.saved_at = now()
    db.session.flush()


def new_id() -> str:
    """An id that no item has."""
    return new_ids(1)[0]


def new_ids(count: int) -> list[str]:
    """Ids that no item has, all different; a further draw is needed once in many millions."""
    found: set[str] = set()
    while len(found) < count:
        drawn = {mint_id() for _ in range(count - len(found))}
        found |= drawn - set(db.session.scalars(sa.select(Item.id).where(Item.id.in_(drawn))))
    return list(found)
