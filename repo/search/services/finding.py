"""Finding items.

The index only proposes: what a reader is shown is asked of the rows again, so that a right that was taken back
holds at once, whatever the index still says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from repo.db import db
from repo.items.access import Action, Actor
from repo.items.models import File, Item, Version
from repo.items.rights import decide, is_public, version_target, with_files
from repo.members.models import Library
from repo.search import engine
from repo.search.highlight import Fragment, fragments
from repo.search.passages import Place, abstract_text, file_text, read_place
from repo.search.ports import MAX_PAGE, Hit, Reader, SearchRequest, SearchResult
from repo.search.query import Query
from repo.search.widening import search_widening


@dataclass(frozen=True)
class FoundFragment:
    """Text with marked words; `page` (from 1) and `file_name` say where it stands, (0, "") in the abstract."""

    fragment: Fragment
    lang: str
    page: int
    file_name: str

    @property
    def is_paged(self) -> bool:
        """Whether `page` is one that a reader sees: other files are read as one."""
        return self.file_name.lower().endswith((".pdf", ".djvu", ".djv"))


@dataclass(frozen=True)
class FoundItem:
    item: Item
    fragments: tuple[FoundFragment, ...]


@dataclass(frozen=True)
class Found:
    """A page of results: `items` are public at this moment; `result` has total, facets and what was understood;
    `widened`: nothing has all of the words, and these have all but one."""

    items: tuple[FoundItem, ...]
    result: SearchResult
    widened: bool = False

    @property
    def wanted(self) -> int:
        """How many works have all of the words."""
        return 0 if self.widened else self.result.total


def search_items(request: SearchRequest, actor: Actor, networks: frozenset[int]) -> Found:
    """Answer one page for the actor, who comes from the networks of these libraries; `request.reader` is set here.

    Raises SearchUnavailableError.
    """
    request = replace(request, reader=reader_of(actor, networks))
    result, widened = search_widening(engine(), request)
    items = _public_items([hit.id for hit in result.hits])
    found = (
        FoundItem(items[hit.id], tuple(_fragments(hit, items[hit.id], request.query, actor, networks)))
        for hit in result.hits
        if hit.id in items
    )
    return Found(tuple(found), result, widened)


def find_ids(request: SearchRequest, actor: Actor, networks: frozenset[int], most: int) -> tuple[list[str], int]:
    """The ids of the first works that a search finds, at most `most`, and how many it finds. Raises
    SearchUnavailableError."""
    found: list[str] = []
    page, last = 0, False
    while not last:
        page += 1
        one = search_items(replace(request, page=page, limit=MAX_PAGE, facets=(), passages=0), actor, networks)
        found += [found_item.item.id for found_item in one.items]
        last = len(found) >= most or page * MAX_PAGE >= one.result.reachable
    return found[:most], one.result.total


def reader_of(actor: Actor, networks: frozenset[int]) -> Reader:
    """What texts the actor may find by their words: those of their libraries' members, or all."""
    if actor.is_administrator:
        return Reader(everything=True)
    ids = networks | {grant.library_id for grant in actor.grants if grant.library_id is not None}
    if not ids:
        return Reader()
    return Reader(frozenset(db.session.scalars(sa.select(Library.code).where(Library.id.in_(ids)))))


def _public_items(item_ids: Sequence[str]) -> dict[str, Item]:
    """Those of the items that are public, with what rights and lists need, in a fixed number of queries."""
    query = sa.select(Item).where(Item.id.in_(item_ids), is_public()).options(*with_files())
    return {item.id: item for item in db.session.scalars(query)}


def _fragments(hit: Hit, item: Item, query: Query, actor: Actor, networks: frozenset[int]) -> Iterator[FoundFragment]:
    """Rights are asked of the file as it is now, before its text is read."""
    version = item.current
    if version is None:
        return
    for passage in hit.passages:
        place, text = read_place(passage.place), ""
        if place is None:
            text = abstract_text(passage, version)
        elif (file := _readable_file(place, version, actor, networks)) is not None:
            text = file_text(passage, place, file)
        for fragment in fragments(text, query, passage.lang):
            page, name = (place.page, place.file_name) if place else (0, "")
            yield FoundFragment(fragment, passage.lang, page, name)


def _readable_file(place: Place, version: Version, actor: Actor, networks: frozenset[int]) -> File | None:
    file = next((file for file in version.files if file.name == place.file_name), None)
    if file is None or not decide(actor, Action.READ, version_target(version, file), networks).allowed:
        return None
    return file
