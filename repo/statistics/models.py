"""What was viewed and downloaded. No row and no file keeps an address for more than 24 hours."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from repo.db import Base


class UsageEvent(Base):
    """One view or download, raw as it happened: counting rules (COUNTER) are applied when it is read."""

    __tablename__ = "usage_event"
    __table_args__ = (sa.Index("ix_usage_event_item", "item_id", "at"), sa.Index("ix_usage_event_at", "at"))

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(10))  # "view", "download"
    item_id: Mapped[str] = mapped_column(sa.String(9))
    version: Mapped[int]
    file: Mapped[str | None] = mapped_column(sa.String(255))
    visitor: Mapped[str] = mapped_column(sa.String(10))  # "person", "robot", "harvester"
    network: Mapped[str | None] = mapped_column(sa.String(32))  # code of the member library
    session: Mapped[str | None] = mapped_column(sa.String(24))  # a keyed hash that changes daily, for double clicks
    bytes: Mapped[int | None] = mapped_column(sa.BigInteger)


class UsageLog(Base):
    """A log whose events are counted: noted in the same commit, so that a crash never counts one twice."""

    __tablename__ = "usage_log"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    counted_at: Mapped[datetime]


class UsageTotal(Base):
    """How often people viewed and downloaded an item: the sum of its events, kept up as logs are counted."""

    __tablename__ = "usage_total"

    item_id: Mapped[str] = mapped_column(sa.String(9), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    count: Mapped[int] = mapped_column(sa.BigInteger, default=0)
