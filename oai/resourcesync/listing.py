"""Reading what can be mirrored: an index, and pages of so many ids each, at the same cost wherever a page lies."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from oai.formats import FORMATS
from oai.horizon import find_horizon
from oai.resourcesync.documents import XML, Entry, Link, file_address, moment, write_index, write_list
from oai.resourcesync.models import BEGUN, Resource, ResourceChange
from repo.db import db, now
from repo.errors import NotFoundError

PAGE = 5000
"""Ids on a page; the resources among them that are still there are listed."""

CAPABILITIES = {
    "resourcelist": "/resourcesync/resourcelist.xml",
    "changelist": "/resourcesync/changelist.xml",
    "resourcedump": "/resourcesync/resourcedump.xml",
}
SOURCE = "/.well-known/resourcesync"
CAPABILITY_LIST = "/resourcesync/capabilitylist.xml"


def source_description(site: str) -> bytes:
    """Where a mirror begins (7)."""
    about = Link("describedby", f"{site}/oai/guide", "text/html")
    entry = Entry(site + CAPABILITY_LIST, {"capability": "capabilitylist"}, links=(about,))
    return write_list("description", [entry], [about])


def capability_list(site: str, *, dumps: bool) -> bytes:
    """What is offered (9)."""
    offered = [name for name in CAPABILITIES if dumps or name != "resourcedump"]
    entries = [Entry(site + CAPABILITIES[name], {"capability": name}) for name in offered]
    links = [Link("describedby", f"{site}/oai/guide", "text/html"), Link("up", site + SOURCE)]
    return write_list("capabilitylist", entries, links)


def resource_index(site: str) -> bytes:
    """The pages of the resource list (10)."""
    entries = [Entry(_page_address(site, "resourcelist", page)) for page in range(1, _pages(Resource) + 1)]
    return write_index("resourcelist", entries, _up(site), at=now())


def resource_page(site: str, page: int) -> bytes:
    """A page of the resource list. Raises NotFoundError."""
    at = now()
    first, last = _bounds(page, _pages(Resource))
    query = sa.select(Resource).where(Resource.id > first, Resource.id <= last, Resource.opens_on.is_(None))
    rows = db.session.scalars(query.order_by(Resource.id))
    return write_list("resourcelist", [describe_resource(site, row) for row in rows], _up(site, "resourcelist"), at=at)


def describe_resource(site: str, row: Resource, **more: object) -> Entry:
    """The entry of a resource: where it is, how long, of what hash and type, and where it is described."""
    facts = {"hash": row.sha256 and f"sha-256:{row.sha256}", "length": row.size, "type": row.mime, **more}
    record = f"{site}/records/{row.item_id}"
    links = (
        Link("describedby", f"{record}/export/{FORMATS['oai_dc'].prefix}", XML),
        Link("collection", record, "text/html"),
    )
    return Entry(file_address(site, row.item_id, row.number, row.name), facts, row.modified, links)


def change_list(site: str) -> bytes:
    """All changes, open-ended (12): a list as long as they fit on a page, since not every mirror reads an index of
    changes; then the index of the pages, each with its beginning."""
    horizon = find_horizon(db.session())
    begun = changes_since(horizon)
    oldest, newest = db.session.execute(sa.select(sa.func.min(ResourceChange.id), sa.func.max(ResourceChange.id))).one()
    if newest is None or newest - oldest < PAGE:
        entries = _describe_changes(site, sa.true(), horizon)
        return write_list("changelist", entries, _up(site), **{"from": begun})
    first, last = _change_pages()
    starts = _starts(range(first, last + 1))
    pages = [Entry(_page_address(site, "changelist", page), {"from": start}) for page, start in starts.items()]
    return write_index("changelist", pages, _up(site), **{"from": begun})


def change_page(site: str, page: int) -> bytes:
    """A page of the change list, up to the last second of which all is told. Raises NotFoundError."""
    horizon = find_horizon(db.session())
    first, pages = _change_pages()
    if page < first:
        raise NotFoundError()
    after, last = _bounds(page, pages)
    here = sa.and_(ResourceChange.id > after, ResourceChange.id <= last)
    begun = changes_since(horizon) if page == first else _first_moment(here)
    until = _last_moment(here) if page < pages else None  # the last page is open-ended
    facts = {"from": begun, "until": until}
    return write_list("changelist", _describe_changes(site, here, horizon), _up(site, "changelist"), **facts)


def changes_since(horizon: datetime) -> datetime:
    """The moment from which on all changes are listed: that of the oldest that is kept, or else the present."""
    return db.session.scalar(sa.select(sa.func.min(ResourceChange.at))) or horizon


def _describe_changes(site: str, here: sa.ColumnElement[bool], horizon: datetime) -> list[Entry]:
    query = (
        sa.select(ResourceChange, Resource)
        .outerjoin(Resource, Resource.id == ResourceChange.resource_id)
        .where(here, ResourceChange.at <= horizon, ResourceChange.kind != BEGUN)
        .order_by(ResourceChange.at, ResourceChange.id)
    )
    return [_describe_change(site, change, resource) for change, resource in db.session.execute(query)]


def _describe_change(site: str, change: ResourceChange, row: Resource | None) -> Entry:
    """What was created and is gone again, or is another by now, is told without its properties: a later entry has
    them."""
    if row is not None:
        return describe_resource(site, row, change=change.kind, datetime=moment(change.at))
    address = file_address(site, change.item_id, change.number, change.name)
    return Entry(address, {"change": change.kind, "datetime": moment(change.at)})


def _pages(model: type[Resource] | type[ResourceChange]) -> int:
    newest = db.session.scalar(sa.select(sa.func.max(model.id))) or 0
    return -(-newest // PAGE)


def _change_pages() -> tuple[int, int]:
    """The first and the last page that there are: (1, 0) without changes."""
    oldest = db.session.scalar(sa.select(sa.func.min(ResourceChange.id))) or 1
    return (oldest - 1) // PAGE + 1, _pages(ResourceChange)


def _bounds(page: int, pages: int) -> tuple[int, int]:
    """The ids of a page: from the first (excluded) to the last. Raises NotFoundError."""
    if not 1 <= page <= pages:
        raise NotFoundError()
    return (page - 1) * PAGE, page * PAGE


def _starts(pages: Sequence[int]) -> dict[int, datetime | None]:
    """When pages begin, as far as their first row is still there."""
    firsts = [(page - 1) * PAGE + 1 for page in pages]
    query = sa.select(ResourceChange.id, ResourceChange.at).where(ResourceChange.id.in_(firsts))
    found = {(row.id - 1) // PAGE + 1: row.at for row in db.session.execute(query.where(ResourceChange.kind != BEGUN))}
    return {page: found.get(page) for page in pages}


def _first_moment(here: sa.ColumnElement[bool]) -> datetime | None:
    return db.session.scalar(sa.select(sa.func.min(ResourceChange.at)).where(here, ResourceChange.kind != BEGUN))


def _last_moment(here: sa.ColumnElement[bool]) -> datetime | None:
    return db.session.scalar(sa.select(sa.func.max(ResourceChange.at)).where(here))


def _page_address(site: str, capability: str, page: int) -> str:
    return f"{site}/resourcesync/{capability}/{page}.xml"


def _up(site: str, index: str = "") -> list[Link]:
    """Where a document belongs: to the capability list and, as a page, to its index."""
    links = [Link("up", site + CAPABILITY_LIST)]
    return [*links, Link("index", site + CAPABILITIES[index])] if index else links
