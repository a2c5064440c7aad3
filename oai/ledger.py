"""The ledger: what is listed to harvesters. A projection of items: rendered when an item changes, never on request.

Records are kept for ever; a withdrawn item stays as a header with status "deleted" in all its formats and sets.
"""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

import sqlalchemy as sa
from lxml import etree
from sqlalchemy.orm import Session

from oai.formats import FORMATS
from oai.formats.source import BASE, Source, SourceFile, SourceLibrary
from oai.models import OaiPayload, OaiRecord, OaiSet, OaiSetMember
from repo.db import db, now
from repo.items.access import Access, FileRole, effective_access
from repo.items.metadata import read_metadata
from repo.items.models import File, Item
from repo.items.projections import Change
from repo.members.models import Collection, Fact, Library
from repo.settings import current_settings

OAI = "http://www.openarchives.org/OAI/2.0/"
LIBRARIES = "library"
"""The set of all libraries' items; a library's set lies below it, its collections below that."""


class LedgerProjection:
    """Writes the record of a changed item in the same commit."""

    def in_transaction(self, session: Session, change: Change) -> None:
        item = session.get(Item, change.item_id)
        if item is not None and item.current_id is not None:
            write_record(session, item, (change.datestamp or now()).replace(microsecond=0))

    def after_commit(self, change: Change) -> None:
        """Nothing is left to do."""


def write_record(session: Session, item: Item, stamp: datetime) -> None:
    """Render the record of an item in all stored formats, dated `stamp` (UTC, whole seconds)."""
    record = session.scalar(sa.select(OaiRecord).where(OaiRecord.item_id == item.id))
    if record is None:
        record = OaiRecord(item_id=item.id, ds=stamp)
        session.add(record)
    record.ds = stamp
    record.deleted = item.withdrawn_at is not None
    session.flush()
    specs = set_specs(item)
    header = _header(oai_identifier(item.id), stamp, specs, deleted=record.deleted)
    source = None if record.deleted else source_of(item, stamp)
    session.execute(sa.delete(OaiPayload).where(OaiPayload.id == record.id))
    session.execute(sa.delete(OaiSetMember).where(OaiSetMember.id == record.id))
    for prefix in current_settings().stored_formats:
        body = b"" if source is None else _body(prefix, source)
        session.add(OaiPayload(prefix=prefix, id=record.id, ds=stamp, header=header, body=body))
    for ancestor in sorted({ancestor for spec in specs for ancestor in _with_ancestors(spec)}):
        session.add(OaiSetMember(spec=ancestor, ds=stamp, id=record.id))
    session.flush()


def source_of(item: Item, at: datetime) -> Source:
    """Return what formats are made from, for a public item."""
    version = item.current
    if version is None:
        raise ValueError(f"{item.id} is not public")
    metadata = read_metadata(version.meta)
    files = tuple(_source_file(item, file, at) for file in version.files if file.role is FileRole.ORIGINAL)
    library = item.collection.library
    return Source(
        item_id=item.id,
        version=version.number,
        metadata=metadata,
        files=files,
        access=effective_access(metadata.access, item.embargo_until, at),
        embargo_until=item.embargo_until,
        published=item.published_at or at,
        changed=at,
        library=SourceLibrary(library.code, library.names, library.ror or "", library.isil or ""),
        collection_names=item.collection.names,
        namespace=oai_namespace(),
    )


def oai_identifier(item_id: str) -> str:
    return f"oai:{oai_namespace()}:{item_id}"


def oai_namespace() -> str:
    """The domain in our identifiers (oai-identifier guidelines, 2.1): written once at `muras init`, never changed."""
    fact = db.session.get(Fact, "oai_namespace")
    return fact.value if fact else "muras.example.org"


def set_specs(item: Item) -> list[str]:
    """The sets an item is in, without ancestors: its owner collection, and those in which it is shown."""
    return list(dict.fromkeys(_spec(collection) for collection in [item.collection, *item.shown_in]))


def describe_sets(session: Session) -> None:
    """Write the sets as the libraries and collections stand now; called when these change."""
    sets = [OaiSet(spec=LIBRARIES, kind="library", name="All libraries")]
    sets += [
        OaiSet(spec=f"{LIBRARIES}:{library.code}", kind="library", name=_name(library.names))
        for library in session.scalars(sa.select(Library))
    ]
    sets += [
        OaiSet(spec=_spec(collection), kind="collection", name=_name(collection.names), description=_about(collection))
        for collection in session.scalars(sa.select(Collection))
    ]
    for described in sets:
        session.merge(described)
    session.flush()
    # Of a set that is no more the members stay listed until their records are written anew.
    gone = OaiSet.spec.not_in([described.spec for described in sets])
    session.execute(sa.delete(OaiSet).where(gone, ~sa.exists().where(OaiSetMember.spec == OaiSet.spec)))


def _spec(collection: Collection) -> str:
    codes: list[str] = []
    above: Collection | None = collection
    while above is not None:
        codes.append(above.code)
        above = above.parent
    return ":".join([LIBRARIES, collection.library.code, *reversed(codes)])


def _with_ancestors(spec: str) -> Iterator[str]:
    parts = spec.split(":")
    return (":".join(parts[: n + 1]) for n in range(len(parts)))


def _source_file(item: Item, file: File, at: datetime) -> SourceFile:
    access, until = file.access or item.access or Access.OPEN, file.until if file.access else item.embargo_until
    number = item.current.number if item.current else 1
    return SourceFile(
        name=file.name,
        address=file_address(item.id, number, file.name),
        mime=file.blob.mime or "application/octet-stream",
        size=file.blob.size,
        digest=file.digest,
        access=effective_access(access, until, at),
        until=until,
        pages=file.blob.pages,
    )


def file_address(item_id: str, number: int, name: str) -> str:
    """The permanent address of a file, with the placeholder for the base address."""
    return f"{BASE}/records/{item_id}/v{number}/files/{quote(name)}"


def _header(identifier: str, stamp: datetime, specs: list[str], *, deleted: bool) -> bytes:
    """The `<header>` element (OAI-PMH 2.0, 2.5) without namespace: it inherits that of the response."""
    element = etree.Element("header")
    if deleted:
        element.set("status", "deleted")
    etree.SubElement(element, "identifier").text = identifier
    etree.SubElement(element, "datestamp").text = stamp.strftime("%Y-%m-%dT%H:%M:%SZ")
    for spec in specs:
        etree.SubElement(element, "setSpec").text = spec
    return etree.tostring(element)


def _body(prefix: str, source: Source) -> bytes:
    element = etree.Element("metadata")
    element.append(FORMATS[prefix].render(source))
    return etree.tostring(element, encoding="utf-8")


def _name(names: dict[str, str]) -> str:
    """A set has one name (OAI-PMH 2.0, 4.6): all languages in it, English last, each once."""
    return " / ".join(dict.fromkeys(names[lang] for lang in ("ky", "ru", "en") if names.get(lang)))


def _about(collection: Collection) -> str | None:
    return _name(collection.about) or None
