"""Is everything there that the rows name, and is it what was given to us?"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from repo.db import db
from repo.errors import MurasError
from repo.items.identifiers import ocfl_id
from repo.items.models import Version
from repo.items.preservation import logical_path
from repo.items.states import VersionState
from repo.storage import store, uploads
from repo.storage.fixity import verify_all
from repo.storage.uploads import UploadMissing

CHUNK = 200


@dataclass
class Verified:
    """Counts so far; `faults` are lines that an administrator understands."""

    objects: int = 0
    versions: int = 0
    files: int = 0
    faults: list[str] = field(default_factory=list)


def verify_house() -> Iterator[Verified]:
    """Compare every row with its bytes and every byte with its checksum, yielding the counts now and then."""
    done = Verified()
    yield from _verify_objects(done)
    yield from _verify_rows(done)
    yield done


def _verify_objects(done: Verified) -> Iterator[Verified]:
    for object_id, faults in verify_all(store()):
        done.objects += 1
        done.faults += [f"{object_id}: {fault.kind}: {fault.path}" for fault in faults]
        if done.objects % CHUNK == 0:
            yield done


def _verify_rows(done: Verified) -> Iterator[Verified]:
    """Each version's files stand in its object under their digests; each draft's files with their uploads."""
    last = 0
    while True:
        versions = db.session.scalars(
            sa.select(Version).where(Version.id > last).order_by(Version.id).limit(CHUNK)
        ).all()
        if not versions:
            return
        for version in versions:
            done.versions += 1
            check = _check_published if version.state is VersionState.PUBLISHED else _check_draft
            done.faults += [f"{version.item_id} v{version.number}: {fault}" for fault in check(version)]
            done.files += len(version.files)
        last = versions[-1].id
        db.session.rollback()
        db.session.expunge_all()
        yield done


def _check_published(version: Version) -> Iterator[str]:
    try:
        state = store().inventory(ocfl_id(version.item_id)).versions[version.ocfl_version or 0].state
    except (MurasError, KeyError) as error:
        yield f"its object cannot be read: {error}"
        return
    for file in version.files:
        if state.get(logical_path(file)) != file.digest:
            yield f"{file.name} is missing or another file"


def _check_draft(version: Version) -> Iterator[str]:
    for file in version.files:
        if file.upload_id is None:
            continue
        try:
            size = uploads().path(file.upload_id).stat().st_size
        except (UploadMissing, FileNotFoundError):
            yield f"{file.name}: the bytes of this draft's file are missing"
            continue
        if size != file.blob.size:
            yield f"{file.name}: {size} bytes instead of {file.blob.size}"
