"""The bytes of resources, and their SHA-256: we keep SHA-512, mirrors check SHA-256."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from typing import BinaryIO, TypeVar

import sqlalchemy as sa

from oai.resourcesync.models import Resource
from repo.db import db, transaction
from repo.items.access import FileRole
from repo.items.identifiers import ocfl_id
from repo.items.preservation import FOLDERS
from repo.storage import store
from repo.storage.ports import ObjectMissing

T = TypeVar("T", bound=object)

logger = logging.getLogger(__name__)

STEP = 50
"""Resources that are looked for at once."""

PIECE = 1024 * 1024

Beat = Callable[[], None]
"""Called after each piece: a sign of life."""


def open_resource(resource: Resource) -> BinaryIO:
    """Raises ObjectMissing."""
    path = f"{FOLDERS[FileRole.ORIGINAL]}/{resource.name}"
    return store().open(ocfl_id(resource.item_id), path, resource.ocfl_version)


def read_new(beat: Beat) -> int:
    """Read what was not read yet and note its SHA-256; returns of how many. Outside of a transaction."""
    after = read = 0
    while resources := _unread(after):
        for resource in resources:
            sha256 = _sha256(resource, beat)
            if sha256 is not None:
                with transaction() as session:
                    session.execute(sa.update(Resource).where(Resource.id == resource.id).values(sha256=sha256))
                read += 1
        after = resources[-1].id
    return read


def _unread(after: int) -> Sequence[Resource]:
    query = sa.select(Resource).where(Resource.sha256.is_(None), Resource.id > after).order_by(Resource.id)
    return read_and_let_go(query.limit(STEP))


def read_and_let_go(query: sa.Select[T]) -> Sequence[T]:
    """The rows of a query, kept as they are while nothing is read any more: what is done with them takes minutes."""
    found: Sequence[T] = db.session.scalars(query).all()
    for row in found:
        db.session.expunge(row)
    db.session.rollback()
    return found


def _sha256(resource: Resource, beat: Beat) -> str | None:
    hasher = hashlib.sha256()
    try:
        with open_resource(resource) as stream:
            while piece := stream.read(PIECE):
                hasher.update(piece)
                beat()
    except ObjectMissing:
        logger.warning("%s %s is not in the store", resource.item_id, resource.name)
        return None
    return hasher.hexdigest()
