"""Bulk loads: a batch and its rows. Harvests: a source, how far it is, and what became of each of its records."""

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from repo.db import Base, now
from repo.members.models import Collection


class Batch(Base):
    """A bulk load: one source, checked, imported, perhaps undone."""

    __tablename__ = "batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_id: Mapped[int] = mapped_column(sa.ForeignKey("collection.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    format: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[str] = mapped_column(sa.String(16))
    created_at: Mapped[datetime] = mapped_column(default=now)


class BatchRow(Base):
    """One record of a batch: where it came from and what became of it."""

    __tablename__ = "batch_row"
    __table_args__ = (sa.UniqueConstraint("batch_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("batch.id", ondelete="CASCADE"))
    position: Mapped[int]
    source_key: Mapped[str | None] = mapped_column(sa.String(400))
    item_id: Mapped[str | None] = mapped_column(sa.ForeignKey("item.id"))
    state: Mapped[str] = mapped_column(sa.String(16))
    messages: Mapped[list[Any]] = mapped_column(default=list)


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


def _word(cls: type[enum.StrEnum]) -> sa.Enum:
    return sa.Enum(cls, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e])


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
