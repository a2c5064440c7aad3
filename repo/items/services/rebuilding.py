"""Restore the rows of libraries, collections and items from the OCFL root alone.

What only a backup restores: accounts, roles, drafts, uploads, review history and statistics.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from repo.db import db, transaction
from repo.errors import MurasError
from repo.items.access import SYSTEM, Access, FileRole
from repo.items.history import record_change
from repo.items.identifiers import ocfl_id
from repo.items.models import Address, Blob, File, Item, Version
from repo.items.projections import Change, ChangeKind, announce_change
from repo.items.registry import REGISTRY, read_registry, restore_registry
from repo.items.services.publishing import hide_headings, read_record, show_newest, touch_item
from repo.items.states import VersionState
from repo.jobs.services import enqueue_job
from repo.members.models import Collection, Library
from repo.storage import store

CHUNK = 50
"""Items restored in one transaction."""


@dataclass
class Rebuilt:
    """What was restored. `damaged` maps an object's id to why it could not be."""

    libraries: int = 0
    collections: int = 0
    items: int = 0
    versions: int = 0
    withdrawn: int = 0
    damaged: dict[str, str] = field(default_factory=dict)


def rebuild() -> Iterator[Rebuilt]:
    """Restore everything into an empty database, yielding the counts after each chunk.

    Can be interrupted and begun again: items that are there are passed over. Raises MurasError when the database
    holds libraries that the registry does not have: it is not an empty one.
    """
    registry = read_registry()
    known = {library["code"] for library in registry["libraries"]}
    here = set(db.session.scalars(sa.select(Library.code)))
    db.session.rollback()
    if here - known:
        raise MurasError("rebuild needs an empty database; this one holds: " + ", ".join(sorted(here - known)))
    done = Rebuilt(libraries=len(known), collections=len(registry["collections"]))
    if not here:
        with transaction():
            restore_registry(registry)
    yield done
    replaced: dict[str, str] = {}
    for chunk in _chunks(object_id for object_id in store().objects() if object_id != REGISTRY):
        records = {object_id: _read_object(object_id, done) for object_id in chunk}
        with transaction():
            collections = {c.code: c for c in db.session.scalars(sa.select(Collection))}
            for object_id, versions in records.items():
                if versions:
                    _restore_item(object_id, versions, collections, done, replaced)
        yield done
    with transaction():  # at the end, when whatever replaces something is there too
        for item_id, other in replaced.items():
            if db.session.get(Item, other):
                db.session.get_one(Item, item_id).replaced_by = other
    yield done


def _chunks(object_ids: Iterator[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    for object_id in object_ids:
        chunk.append(object_id)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _read_object(object_id: str, done: Rebuilt) -> list[tuple[int, dict[str, Any]]]:
    """The records of all OCFL versions of an object, oldest first; an object that cannot be read is noted."""
    try:
        store().recover(object_id)
        head = store().head(object_id) or 0
        item_id = object_id.removeprefix("muras:")
        return [(number, read_record(item_id, number)) for number in range(1, head + 1)]
    except (MurasError, OSError, ValueError, KeyError) as error:
        done.damaged[object_id] = str(error) or type(error).__name__
        return []


def _restore_item(
    object_id: str,
    versions: list[tuple[int, dict[str, Any]]],
    collections: dict[str, Collection],
    done: Rebuilt,
    replaced: dict[str, str],
) -> None:
    newest = versions[-1][1]
    facts = newest["item"]
    if ocfl_id(facts["id"]) != object_id or facts["collection"] not in collections:
        done.damaged[object_id] = f"belongs to the collection {facts['collection']!r}, which the registry does not have"
        return
    if db.session.get(Item, facts["id"]) is None:
        item = _item(facts, collections)
        db.session.add(item)
        for ocfl_version, record in versions:
            _restore_version(item, ocfl_version, record)
        db.session.flush()
        _finish(item, facts, datetime.fromisoformat(newest["datestamp"]), replaced)
    done.items += 1
    done.versions += len({(r["version"]["number"], r["version"]["revision"]) for _, r in versions})
    done.withdrawn += facts["withdrawn"] is not None


def _item(facts: dict[str, Any], collections: dict[str, Collection]) -> Item:
    collection = collections[facts["collection"]]
    return Item(
        id=facts["id"],
        collection=collection,
        library_id=collection.library_id,
        shown_in=[collections[code] for code in facts["shown_in"] if code in collections],
        source=facts["source"],
        source_key=facts["source_key"],
        origin=facts.get("origin"),
        created_at=datetime.fromisoformat(facts["created"]),
        published_at=datetime.fromisoformat(facts["published"]),
    )


def _restore_version(item: Item, ocfl_version: int, record: dict[str, Any]) -> None:
    """A record of a version that was restored already tells of a change of the item alone."""
    number, revision = record["version"]["number"], record["version"]["revision"]
    if any(v.number == number and v.revision == revision for v in item.versions):
        return
    for older in item.versions:
        if older.number == number:
            older.latest = False
    published = datetime.fromisoformat(record["version"]["published"])
    version = Version(
        number=number,
        revision=revision,
        state=VersionState.PUBLISHED,
        latest=True,
        meta=record["metadata"],
        ocfl_version=ocfl_version,
        agreement=record["version"]["agreement"],
        created_at=published,
        saved_at=published,
        published_at=published,
    )
    version.files = [_file(position, stored) for position, stored in enumerate(record["files"], start=1)]
    item.versions.append(version)


def _file(position: int, stored: dict[str, Any]) -> File:
    if db.session.get(Blob, stored["digest"]) is None:
        db.session.add(Blob(digest=stored["digest"], size=stored["size"], mime=stored["mime"], puid=stored["puid"]))
    return File(
        name=stored["name"],
        position=position,
        role=FileRole(stored["role"]),
        digest=stored["digest"],
        access=Access(stored["access"]) if stored["access"] else None,
        until=date.fromisoformat(stored["until"]) if stored["until"] else None,
    )


def _finish(item: Item, facts: dict[str, Any], datestamp: datetime, replaced: dict[str, str]) -> None:
    db.session.flush()
    show_newest(item, datestamp)
    touch_item(item, datestamp)
    for path in facts["addresses"]:
        db.session.merge(Address(path=path, item_id=item.id))
    if facts["withdrawn"]:
        item.withdrawn_at = datetime.fromisoformat(facts["withdrawn"]["at"])
        item.withdrawn_reason = facts["withdrawn"]["reason"]
        hide_headings(item)
        if facts["withdrawn"]["replaced_by"]:
            replaced[item.id] = facts["withdrawn"]["replaced_by"]
    if item.current is not None:
        record_change(SYSTEM, "rebuilt", item.current)
    db.session.flush()
    enqueue_job("derive", item.id, {"item_id": item.id})
    announce_change(db.session(), Change(ChangeKind.REBUILT, item.id, datestamp))
