"""Bulk loads: batches, their rows, how records are read. Harvests: sources, and what became of each record."""

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from repo.db import Base, now
from repo.members.models import Collection, Library, Person


class BatchState(enum.StrEnum):
    """Where a bulk load is. What is at work goes on by itself; the others wait for a person."""

    RECEIVING = "receiving"  # its file is on the way in
    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    PAUSED = "paused"  # in the middle of the import
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"


AT_WORK = frozenset({BatchState.CHECKING, BatchState.IMPORTING, BatchState.UNDOING})


class RowStatus(enum.StrEnum):
    """What is to become of a record of a bulk load, what became of it, and what was undone."""

    NEW = "new"  # the check: no such work is here
    CHANGED = "changed"  # the check: the work is here, described otherwise or with other files
    SAME = "same"  # as it is here already
    REFUSED = "refused"
    CREATED = "created"
    UPDATED = "updated"
    SUBMITTED = "submitted"  # waits for the collection's reviewers
    SKIPPED = "skipped"  # nothing wrong with it: withdrawn here, or being corrected by somebody
    UNDONE = "undone"
    KEPT = "kept"  # somebody went on working on it, so that it was not undone


def _word(cls: type[enum.StrEnum]) -> sa.Enum:
    return sa.Enum(cls, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e])


class LoadBatch(Base):
    """A bulk load: one source, checked, imported, perhaps undone.

    `source` is what `Item.source` says of its works: with the keys of its records it finds them again in the next load.
    `place` is the path of what is read, `own` whether it lies in the house's folder of loads and goes when the batch is
    done with; `upload_id` the upload that it came with, `filename` what that was called. `position` is where reading
    goes on, `done` how many records of `total` lie before it, in the phase that `state` names; `mark_at` and
    `mark_done` are where this stretch of work began, `touched_at` when `done` was written: together they give the rate.
    """

    __tablename__ = "load_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_id: Mapped[int] = mapped_column(sa.ForeignKey("collection.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    format: Mapped[str] = mapped_column(sa.String(20))
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict)  # `ingest.loaders.profile.Profile`
    profile_name: Mapped[str] = mapped_column(sa.String(100), default="")
    source: Mapped[str] = mapped_column(sa.String(80))
    place: Mapped[str] = mapped_column(sa.Text, default="")
    own: Mapped[bool] = mapped_column(default=False)
    upload_id: Mapped[str | None] = mapped_column(sa.String(32), unique=True)
    filename: Mapped[str] = mapped_column(sa.String(255), default="")
    length: Mapped[int] = mapped_column(sa.BigInteger, default=0)  # bytes that were announced

    state: Mapped[BatchState] = mapped_column(_word(BatchState), default=BatchState.UPLOADED)
    error: Mapped[dict[str, Any] | None]  # {code, data}
    position: Mapped[str] = mapped_column(sa.Text, default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    size: Mapped[int] = mapped_column(sa.BigInteger, default=0)  # bytes of all files of its works
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # of rows, by status
    extra: Mapped[dict[str, Any] | None]  # {count, names} of files that no row names; not all names
    reviewed: Mapped[bool] = mapped_column(default=False)  # its works go to the collection's reviewers
    mark_at: Mapped[datetime | None]
    mark_done: Mapped[int] = mapped_column(default=0)
    touched_at: Mapped[datetime] = mapped_column(default=now)
    created_at: Mapped[datetime] = mapped_column(default=now)
    checked_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    collection: Mapped[Collection] = relationship()
    person: Mapped[Person | None] = relationship()


class LoadRow(Base):
    """A record of a bulk load: where it stands in the source, what was said of it, and what became of it.

    `remarks` is a list of {code, about, data}. `digest` is of its description and what was sent. `version_id` is the
    version that this load made, `before_id` the one that was public before; None: there was none.
    """

    __tablename__ = "load_row"
    __table_args__ = (
        sa.UniqueConstraint("batch_id", "number"),
        sa.Index("ix_load_row_key", "batch_id", "key"),
        sa.Index("ix_load_row_status", "batch_id", "status", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("load_batch.id", ondelete="CASCADE"))
    number: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(400))
    place: Mapped[str] = mapped_column(sa.String(200), default="")
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    status: Mapped[RowStatus] = mapped_column(_word(RowStatus))
    remarks: Mapped[list[Any]] = mapped_column(default=list)
    digest: Mapped[str] = mapped_column(sa.String(64), default="")
    item_id: Mapped[str | None] = mapped_column(sa.ForeignKey("item.id", ondelete="SET NULL"), index=True)
    version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("version.id", ondelete="SET NULL"), index=True)
    before_id: Mapped[int | None] = mapped_column(sa.ForeignKey("version.id", ondelete="SET NULL"), index=True)


class LoadFile(Base):
    """A file of a record, as the check found it."""

    __tablename__ = "load_file"
    __table_args__ = (
        sa.Index("ix_load_file_digest", "batch_id", "digest"),
        sa.Index("ix_load_file_number", "batch_id", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("load_batch.id", ondelete="CASCADE"))
    number: Mapped[int]  # of the row
    name: Mapped[str] = mapped_column(sa.String(255))
    digest: Mapped[str] = mapped_column(sa.String(128))
    size: Mapped[int] = mapped_column(sa.BigInteger)


class LoadProfile(Base):
    """How a library's records are read (`ingest.loaders.profile.Profile` as JSON); saving makes the next `number`."""

    __tablename__ = "load_profile"
    __table_args__ = (sa.UniqueConstraint("library_id", "name", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    library_id: Mapped[int] = mapped_column(sa.ForeignKey("library.id"))
    name: Mapped[str] = mapped_column(sa.String(100))
    number: Mapped[int]
    format: Mapped[str] = mapped_column(sa.String(20), default="")
    contents: Mapped[dict[str, Any]] = mapped_column(default=dict)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)

    library: Mapped[Library] = relationship()


class HarvestState(enum.StrEnum):
    NEW = "new"  # never harvested
    RUNNING = "running"
    WAITING = "waiting"  # in the middle of a harvest, for its turn or for the source
    DONE = "done"
    FAILED = "failed"


class HarvestStatus(enum.StrEnum):
    """What became of a record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    SKIPPED = "skipped"  # nothing wrong with it: ours, or withdrawn here
    REFUSED = "refused"


class HarvestSource(Base):
    """Another repository, or a set of it, whose records are followed into a collection.

    `since` is where the next harvest begins, "" before the first. While one is on its way, `run_from` is where it
    began, `run_date` what the source's clock said then, `token` where it goes on, `reached` the newest datestamp of its
    last whole page; `ordered`: pages came by datestamp so far. `run` counts harvests, `stale` pages in a row without a
    record that this harvest had not seen; `tries` failures since the last answer.
    """

    __tablename__ = "harvest_source"
    __table_args__ = (sa.UniqueConstraint("base_url", "set_spec"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_id: Mapped[int] = mapped_column(sa.ForeignKey("collection.id"), index=True)
    base_url: Mapped[str] = mapped_column(sa.String(500))
    set_spec: Mapped[str] = mapped_column(sa.String(200), default="")
    prefix: Mapped[str] = mapped_column(sa.String(60), default="oai_dc")
    trusted: Mapped[bool] = mapped_column(default=False)  # an administrator wrote the address down: it may be private
    full_texts: Mapped[bool] = mapped_column(default=False)
    hours: Mapped[int] = mapped_column(default=24)  # between two harvests
    enabled: Mapped[bool] = mapped_column(default=True)
    edition: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    next_at: Mapped[datetime] = mapped_column(default=now, index=True)

    name: Mapped[str] = mapped_column(sa.String(300), default="")  # repositoryName
    fine: Mapped[bool] = mapped_column(default=False)  # its datestamps have seconds
    since: Mapped[str] = mapped_column(sa.String(24), default="")
    state: Mapped[HarvestState] = mapped_column(_word(HarvestState), default=HarvestState.NEW)
    error: Mapped[dict[str, Any] | None]  # {code, data} of the last harvest that failed

    run: Mapped[int] = mapped_column(default=0)
    run_from: Mapped[str] = mapped_column(sa.String(24), default="")
    run_date: Mapped[str] = mapped_column(sa.String(24), default="")
    token: Mapped[str] = mapped_column(sa.Text, default="")
    size: Mapped[int | None]
    pages: Mapped[int] = mapped_column(default=0)
    stale: Mapped[int] = mapped_column(default=0)
    reached: Mapped[str] = mapped_column(sa.String(30), default="")
    ordered: Mapped[bool] = mapped_column(default=True)
    restarts: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # of the last harvest, by status
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    collection: Mapped[Collection] = relationship()


class HarvestRecord(Base):
    """A record of a source as it was last seen, by harvest number `run`.

    `digest` is of the bytes that were sent, `links` of the files that were taken; `report` is a list of {code, data}.
    A record whose identifier cannot be read stands under the number of its page and its place there.
    """

    __tablename__ = "harvest_record"
    __table_args__ = (
        sa.UniqueConstraint("source_id", "identifier"),
        sa.Index("ix_harvest_record_status", "source_id", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("harvest_source.id", ondelete="CASCADE"))
    identifier: Mapped[str] = mapped_column(sa.String(400))
    datestamp: Mapped[str] = mapped_column(sa.String(30), default="")
    item_id: Mapped[str | None] = mapped_column(sa.ForeignKey("item.id", ondelete="SET NULL"), index=True)
    status: Mapped[HarvestStatus] = mapped_column(_word(HarvestStatus))
    digest: Mapped[str] = mapped_column(sa.String(64), default="")
    links: Mapped[str] = mapped_column(sa.String(64), default="")
    report: Mapped[list[Any]] = mapped_column(default=list)
    run: Mapped[int] = mapped_column(default=0)
    seen_at: Mapped[datetime] = mapped_column(default=now)
