"""Taking the demonstration away again, as if it had never been: rows, files, index, and what harvesters are told.

No service of the house forgets a published work: that is what a repository is for. So the rows are deleted here, and
only those that are marked as the demonstration's own. Whatever else hangs on them stands in the way, and is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from oai.models import OaiPayload, OaiRecord, OaiSet, OaiSetMember
from oai.resourcesync.resources import forget_items
from repo.db import Base, transaction
from repo.demo.house import FACT, Mark, read_mark, write_mark
from repo.demo.loading import SOURCE
from repo.deposit.uploads import discard_uploads
from repo.discovery.pagestore import PageStore
from repo.errors import MurasError
from repo.items.identifiers import ocfl_id
from repo.items.models import Blob, File, Item, Upload, Version
from repo.jobs.models import Job
from repo.jobs.services import enqueue_job, run_pending_jobs
from repo.members.changes import TreeChange, announce_tree_change
from repo.members.models import Collection, Event, Fact, Library, Person, Role
from repo.search.services.indexing import note_change
from repo.settings import current_settings
from repo.statistics.models import UsageEvent, UsageTotal
from repo.statistics.services import count_logs
from repo.storage import derivatives, store

SHOWN = 5
"""How many strangers are named of each kind."""


class StrangersError(MurasError):
    """Something that is not the demonstration's hangs on it: nothing was removed."""

    status = 409


@dataclass
class Removed:
    items: int = 0
    libraries: int = 0
    collections: int = 0
    people: int = 0


@dataclass(frozen=True)
class Ours:
    """Ids of the rows that are the demonstration's own, and what hangs on its items."""

    items: list[str]
    libraries: list[int]
    collections: list[int]
    people: list[int]
    versions: list[int]
    digests: list[str]
    uploads: list[str]


def remove_demonstration() -> Removed:
    """Remove all that the demonstration brought; when it was interrupted, go on. Not inside a transaction.

    Raises StrangersError, with what stands in the way, before anything is removed.
    """
    if read_mark() is None:
        return Removed()
    count_logs()  # what is in them would come back as rows
    with transaction() as session:
        mark = read_mark() or Mark()
        ours = _find(session, mark)
        _delete_rows(session, ours, mark)
        leaving = [*mark.leaving, *ours.items]
        mark = Mark(leaving=leaving, digests=[*mark.digests, *ours.digests])
        write_mark(mark)
    discard_uploads(ours.uploads)
    _delete_files(mark)
    with transaction() as session:
        session.delete(session.get_one(Fact, FACT))
        enqueue_job("registry", "")
    for kind in ("index", "registry"):
        run_pending_jobs(kind)
    return Removed(len(leaving), len(ours.libraries), len(ours.collections), len(ours.people))


def _find(session: Session, mark: Mark) -> Ours:
    def ids(column: Any, wanted: Any) -> list[Any]:
        return list(session.scalars(sa.select(column).where(wanted)))

    items = ids(Item.id, Item.source == SOURCE)
    versions = ids(Version.id, Version.item_id.in_(items))
    here, elsewhere = File.version_id.in_(versions), File.version_id.not_in(versions)
    kept = (
        sa.select(File.digest)
        .where(elsewhere)
        .union(sa.select(Upload.digest).where(Upload.version_id.not_in(versions), Upload.digest.is_not(None)))
    )
    return Ours(
        items=items,
        libraries=ids(Library.id, Library.code.in_(mark.libraries)),
        collections=ids(Collection.id, Collection.code.in_(mark.collections)),
        people=ids(Person.id, Person.email.in_(mark.people)),
        versions=versions,
        digests=ids(
            Blob.digest, sa.and_(Blob.digest.in_(sa.select(File.digest).where(here)), Blob.digest.not_in(kept))
        ),
        uploads=ids(Upload.id, Upload.version_id.in_(versions)),
    )


# ---------------------------------------------------------------- rows


def _delete_rows(session: Session, ours: Ours, mark: Mark) -> None:
    """Works first, then whatever they stood in; what refers to them and is not ours raises StrangersError."""
    _forget_work(session, ours)
    _forget_traces(session, ours)
    session.execute(sa.update(Item).where(Item.id.in_(ours.items)).values(current_id=None, replaced_by=None))
    _delete(session, Item.__table__, ours.items)
    session.execute(sa.delete(Blob).where(Blob.digest.in_(ours.digests)))
    _let_go_of_people(session, ours, mark)
    session.execute(sa.delete(Role).where(Role.library_id.in_(ours.libraries)))
    session.execute(sa.delete(Role).where(Role.collection_id.in_(ours.collections)))
    _delete(session, Collection.__table__, ours.collections)
    _delete(session, Library.__table__, ours.libraries)
    _delete(session, Person.__table__, ours.people)
    session.expire_all()
    for code in mark.libraries:
        spec = f"library:{code}"
        session.execute(sa.delete(OaiSet).where(sa.or_(OaiSet.spec == spec, OaiSet.spec.startswith(f"{spec}:"))))
    announce_tree_change(TreeChange(frozenset(ours.libraries), frozenset(ours.collections)))
    for item_id in ours.items:
        note_change(session, item_id)


def _delete(session: Session, table: Any, ids: Sequence[Any]) -> None:
    strangers = list(_strangers(session, table, ids))
    if strangers:
        raise StrangersError("not of the demonstration, but it hangs on it: " + "; ".join(strangers))
    session.execute(sa.delete(table).where(table.c.id.in_(ids)))


def _strangers(session: Session, table: Any, ids: Sequence[Any]) -> list[str]:
    """The rows of whatever table that refer to these, would not go with them and are not among them."""
    found = []
    for other in Base.metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table is not table or key.ondelete == "CASCADE":
                continue
            column = key.parent
            query = sa.select(*other.primary_key.columns).where(column.in_(ids))
            if other is table:
                query = query.where(other.c.id.not_in(ids))
            rows = session.execute(query.limit(SHOWN)).all()
            if rows:
                found.append(f"{other.name} {', '.join(str(row[0]) for row in rows)} ({column.name})")
    return found


def _forget_work(session: Session, ours: Ours) -> None:
    """Jobs about these works, done or not."""
    about: dict[str, Sequence[object]] = {
        "publish": ours.versions,
        "preserve": ours.items,
        "expunge": ours.items,
        "ingest": ours.uploads,
    }
    for kind, keys in about.items():
        session.execute(sa.delete(Job).where(Job.kind == kind, Job.key.in_([str(key) for key in keys])))
    session.execute(sa.delete(Job).where(Job.person_id.in_(ours.people)))


def _forget_traces(session: Session, ours: Ours) -> None:
    """What refers to a work by its id alone: it would outlive the row. Harvesters find no deleted record either: a
    demonstration was never theirs to keep."""
    records = sa.select(OaiRecord.id).where(OaiRecord.item_id.in_(ours.items))
    session.execute(sa.delete(OaiPayload).where(OaiPayload.id.in_(records)))
    session.execute(sa.delete(OaiSetMember).where(OaiSetMember.id.in_(records)))
    forget_items(session, ours.items)
    for column in (OaiRecord.item_id, UsageEvent.item_id, UsageTotal.item_id):
        session.execute(sa.delete(column.class_).where(column.in_(ours.items)))


def _let_go_of_people(session: Session, ours: Ours, mark: Mark) -> None:
    """The history of what is gone goes too; that of other things keeps what these people did there, by address."""
    subjects = [f"library:{code}" for code in mark.libraries] + [f"collection:{code}" for code in mark.collections]
    subjects += [f"person:{person_id}" for person_id in ours.people]
    session.execute(sa.delete(Event).where(Event.subject.in_(subjects)))
    emails = {
        person.id: person.email for person in session.scalars(sa.select(Person).where(Person.id.in_(ours.people)))
    }
    for event in session.scalars(sa.select(Event).where(Event.actor_id.in_(ours.people))):
        event.comment = " — ".join(part for part in (event.comment, emails[event.actor_id or 0]) if part)
        event.actor_id = None
    session.flush()
    for column in (Version.editor_id, Version.reviewer_id):
        session.execute(sa.update(Version).where(column.in_(ours.people)).values({column.key: None}))


# ---------------------------------------------------------------- files


def _delete_files(mark: Mark) -> None:
    """Objects, derivatives, rendered pages and letters; can be done again."""
    pages = PageStore(current_settings().derivatives / "pages")
    for item_id in mark.leaving:
        store().purge(ocfl_id(item_id))
        pages.discard(item_id)
    for digest in mark.digests:
        derivatives().discard(digest)
    _delete_letters()


def _delete_letters() -> None:
    """Letters to people who never were, where letters are kept as files."""
    if not current_settings().mail_url.startswith("folder:"):
        return
    for path in current_settings().mail_dir.glob("*.eml"):
        with path.open("rb") as letter:
            address = str(BytesHeaderParser().parse(letter)["To"])
        if address.strip("<> ").endswith("@muras.example"):
            path.unlink()
