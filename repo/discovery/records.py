"""Which record is asked for, who may see what of it: the short way that every landing page and download takes.

Rights are read on each request. What they are decided from is kept per process and item, for as long as the item's
stamp and its collection's place in the tree, which are read from the database each time, stay the same.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from repo.db import db
from repo.errors import NotFoundError
from repo.items.access import Action, Actor, Decision, FileRole, Target, may
from repo.items.identifiers import is_id
from repo.items.models import File, Item, Version
from repo.items.rights import refusal, version_target
from repo.members.models import Collection, Library

KEPT = 4000
"""Items whose facts a process keeps; some 2 KB each."""


@dataclass(frozen=True)
class FileFacts:
    """What a download needs to know of a file."""

    id: int
    name: str
    digest: str
    size: int
    mime: str
    role: FileRole
    target: Target


@dataclass(frozen=True)
class Record:
    """A public version of an item. `stamp` changes with everything that a reader could see."""

    item_id: str
    stamp: str
    version_id: int
    number: int
    newest: int
    ocfl_version: int
    replaced_by: str | None
    library_code: str
    target: Target
    files: tuple[FileFacts, ...]

    def file(self, name: str) -> FileFacts:
        """Raises NotFoundError."""
        for file in self.files:
            if file.name == name:
                return file
        raise NotFoundError()


def find_record(item_id: str, number: int | None = None) -> Record:
    """Return a public version of an item, the newest without `number`. Raises NotFoundError; asks no rights."""
    stamp = _read_stamp(item_id) if is_id(item_id) else None
    if stamp is None:
        raise NotFoundError()
    key = (db.engine.url, item_id, number)
    with _lock:
        kept = _records.get(key)
        if kept is not None and kept.stamp == stamp:
            _records.move_to_end(key)
            return kept
    record = _load_record(item_id, number, stamp)
    with _lock:
        _records[key] = record
        while len(_records) > KEPT:
            _records.popitem(last=False)
    return record


def require_seen(record: Record, actor: Actor, networks: frozenset[int], at: datetime) -> None:
    """Raises GoneError for a withdrawn item, as `items.access.may` decides."""
    decision = may(actor, networks, Action.SEE, record.target, at)
    if not decision.allowed:
        raise refusal(actor, decision, record.item_id)


def require_file(record: Record, name: str, actor: Actor, networks: frozenset[int], at: datetime) -> FileFacts:
    """Return a file that the actor may read. Raises the error that says why not."""
    file = record.file(name)
    decision = may(actor, networks, Action.READ, file.target, at)
    if not decision.allowed:
        raise refusal(actor, decision, record.item_id)
    return file


def decide_files(
    record: Record, actor: Actor, networks: frozenset[int], at: datetime
) -> dict[int, tuple[FileFacts, Decision]]:
    """What the actor may do with each file that is not hidden from them, by the file's id."""
    decided = {file.id: (file, may(actor, networks, Action.READ, file.target, at)) for file in record.files}
    return {id_: pair for id_, pair in decided.items() if pair[0].role is FileRole.ORIGINAL or pair[1].allowed}


def variant_of(decisions: dict[int, tuple[FileFacts, Decision]]) -> str:
    """A short name for "may read exactly these files": readers with the same one are shown the same page."""
    told = ",".join(f"{id_}:{decision.reason}:{decision.until}" for id_, (_, decision) in sorted(decisions.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def newest_with_file(item_id: str, name: str) -> int:
    """The number of the newest public version that has a file of this name. Raises NotFoundError."""
    number = db.session.scalar(
        sa.select(sa.func.max(Version.number))
        .join(File)
        .where(Version.item_id == item_id, Version.latest, File.name == name, File.role == FileRole.ORIGINAL)
    )
    if number is None:
        raise NotFoundError()
    return number


def has_file(item_id: str, name: str) -> bool:
    """Whether a public version of an item has a file of this name, which readers may know of."""
    try:
        return newest_with_file(item_id, name) > 0
    except NotFoundError:
        return False


_records: OrderedDict[tuple[object, str, int | None], Record] = OrderedDict()
_lock = Lock()

_STAMP = (
    sa.select(Item.stamp, Collection.path, Collection.edition, Library.edition)
    .join(Collection, Item.collection_id == Collection.id)
    .join(Library, Item.library_id == Library.id)
    .where(Item.id == sa.bindparam("item_id"), Item.current_id.is_not(None))
)


def _read_stamp(item_id: str) -> str | None:
    found = db.session.connection().execute(_STAMP, {"item_id": item_id}).one_or_none()
    return None if found is None else f"{found[0]}{found[1]}{found[2]}.{found[3]}"


def _load_record(item_id: str, number: int | None, stamp: str) -> Record:
    item = db.session.get_one(
        Item, item_id, options=[joinedload(Item.collection).joinedload(Collection.library), joinedload(Item.current)]
    )
    newest = item.current
    if newest is None:
        raise NotFoundError()
    version = db.session.scalar(
        sa.select(Version)
        .where(Version.item_id == item_id, Version.latest, Version.number == (number or newest.number))
        .options(selectinload(Version.files).joinedload(File.blob))
    )
    if version is None:
        raise NotFoundError()
    return Record(
        item_id=item_id,
        stamp=stamp,
        version_id=version.id,
        number=version.number,
        newest=newest.number,
        ocfl_version=version.ocfl_version or 1,
        replaced_by=item.replaced_by,
        library_code=item.collection.library.code,
        target=version_target(version),
        files=tuple(_file_facts(version, file) for file in version.files),
    )


def _file_facts(version: Version, file: File) -> FileFacts:
    return FileFacts(
        id=file.id,
        name=file.name,
        digest=file.digest,
        size=file.blob.size,
        mime=file.blob.mime or "application/octet-stream",
        role=file.role,
        target=version_target(version, file),
    )
