"""Bulk loads: a batch and its rows."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from repo.db import Base, now


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
