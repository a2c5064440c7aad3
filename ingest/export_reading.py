"""What is to leave the house, read by the chunk: a handful of queries, whatever the number of works in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from ingest.exporting.works import Work, WorkFile
from oai.formats.source import Source
from oai.sources import read_entries
from repo.errors import NotFoundError
from repo.items.access import Access, FileRole, effective_access
from repo.items.models import Address, Blob, File, Item, Version
from repo.items.names import clean_name, free_name
from repo.items.preservation import FOLDERS, describe_version, logical_path
from repo.members.models import Collection, Library, Person

T = TypeVar("T")

CHUNK = 100
"""Works that are held in memory at once."""


@dataclass(frozen=True)
class Selection:
    """What leaves: all works of a library, of a collection with its branch, or those named (of them, if a library or a
    collection is named too); by codes and ids.

    A work belongs to its owner collection: where it is only shown it does not leave.
    """

    library: str = ""
    collection: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Withdrawn:
    """A work of which only its tombstone is left."""

    id: str
    title: str
    at: datetime
    reason: str
    replaced_by: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Size:
    """How many works are selected, withdrawn ones among them, and the bytes of their files."""

    works: int
    bytes: int


def find_selected(session: Session, selection: Selection) -> sa.ColumnElement[bool]:
    """The filter of the items of a selection that are or were public. Raises NotFoundError for what is not there."""
    return sa.and_(Item.current_id.is_not(None), _selected(session, selection))


def measure(session: Session, selected: sa.ColumnElement[bool]) -> Size:
    works = session.scalar(sa.select(sa.func.count()).select_from(Item).where(selected)) or 0
    query = sa.select(sa.func.sum(Blob.size)).join(File, File.digest == Blob.digest)
    query = query.join(Item, Item.current_id == File.version_id).where(selected, Item.withdrawn_at.is_(None))
    return Size(works, int(session.scalar(query) or 0))


def read_chunk(
    session: Session, selected: sa.ColumnElement[bool], after: str, at: datetime, site: str
) -> list[Work | Withdrawn]:
    """The next works in the order of their ids, as they stand at the moment `at`; none at the end."""
    query = sa.select(Item).where(selected, Item.id > after).order_by(Item.id).limit(CHUNK)
    files = selectinload(Version.files).joinedload(File.blob)
    shown = selectinload(Item.shown_in)
    items = session.scalars(query.options(joinedload(Item.collection), shown, joinedload(Item.current).options(files)))
    found = list(items.unique())
    ids = [item.id for item in found]
    addresses = _addresses(session, ids)
    _load_people(session, found)
    sources = {entry.source.item_id: entry.source for entry in read_entries(session, ids, at)}
    return [_read(item, sources[item.id], addresses.get(item.id, []), at, site) for item in found]


def _selected(session: Session, selection: Selection) -> sa.ColumnElement[bool]:
    if not selection.items:
        return _of_place(session, selection)
    if missing := find_missing(session, selection):
        raise NotFoundError("there is no public item " + ", ".join(missing))
    return Item.id.in_(selection.items)


def find_missing(session: Session, selection: Selection) -> list[str]:
    """The ids of the works that are named and are not, or not public, in the library or collection."""
    here = sa.select(Item.id).where(Item.id.in_(selection.items), Item.current_id.is_not(None))
    return sorted(set(selection.items) - set(session.scalars(here.where(_of_place(session, selection)))))


def _of_place(session: Session, selection: Selection) -> sa.ColumnElement[bool]:
    if selection.library:
        library_id = session.scalar(sa.select(Library.id).where(Library.code == selection.library))
        return Item.library_id == _there(library_id, f"there is no library {selection.library}")
    if selection.collection:
        path = session.scalar(sa.select(Collection.path).where(Collection.code == selection.collection))
        branch = sa.select(Collection.id).where(
            Collection.path.startswith(_there(path, f"there is no collection {selection.collection}"), autoescape=True)
        )
        return Item.collection_id.in_(branch.scalar_subquery())
    return sa.true()


def _there(found: T | None, why: str) -> T:
    if found is None:
        raise NotFoundError(why)
    return found


def _addresses(session: Session, ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    query = sa.select(Address.item_id, Address.path).where(Address.item_id.in_(ids)).order_by(Address.path)
    for item_id, path in session.execute(query):
        found.setdefault(item_id, []).append(path)
    return found


def _load_people(session: Session, items: Sequence[Item]) -> None:
    """Whoever accepted the agreements, at once: `describe_version` finds them in the session then."""
    agreements = [item.current.agreement for item in items if item.current and item.current.agreement]
    ids = {agreement["person"] for agreement in agreements if agreement.get("person")}
    session.scalars(sa.select(Person).where(Person.id.in_(ids))).all()


def _read(item: Item, source: Source, addresses: list[str], at: datetime, site: str) -> Work | Withdrawn:
    version = item.current
    assert version is not None  # by the filter
    if item.withdrawn_at is not None:
        reason, other = item.withdrawn_reason or "", item.replaced_by or ""
        return Withdrawn(item.id, item.title or "", item.withdrawn_at, reason, other, tuple(addresses))
    record = describe_version(version, item.changed_at or at, addresses)
    files = tuple(_files(version, item, at))
    # What Source tells of a file is found by its name: both get the one that every system takes.
    named = {file.stored: file.name for file in files}
    shown = tuple(replace(file, name=named[f"{FOLDERS[FileRole.ORIGINAL]}/{file.name}"]) for file in source.files)
    source = replace(source, files=shown)
    return Work(source, record, files, site, version.ocfl_version or 1)


def _files(version: Version, item: Item, at: datetime) -> Iterator[WorkFile]:
    taken: dict[FileRole, set[str]] = {role: set() for role in FileRole}
    for file in version.files:
        name = free_name(clean_name(file.name), taken[file.role])
        taken[file.role].add(name.casefold())
        access, until = (file.access, file.until) if file.access else (item.access or Access.OPEN, item.embargo_until)
        yield WorkFile(
            name=name,
            path=f"{FOLDERS[file.role]}/{name}",
            stored=logical_path(file),
            role=file.role,
            digest=file.digest,
            size=file.blob.size,
            mime=file.blob.mime or "application/octet-stream",
            access=effective_access(access, until, at),
            until=until,
        )
