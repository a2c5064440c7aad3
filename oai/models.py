"""The ledger's tables: what is listed to harvesters, rendered when it changes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from repo.db import Base

Bytewise = sa.String(255).with_variant(sa.String(255, collation="C"), "postgresql")


class OaiRecord(Base):
    """One record of the ledger; kept for ever, a deleted one as its tombstone."""

    __tablename__ = "oai_record"
    __table_args__ = (sa.Index("ix_oai_record_ds", "ds", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(sa.String(9), unique=True)
    ds: Mapped[datetime]  # whole seconds, UTC
    deleted: Mapped[bool] = mapped_column(default=False)


class OaiPayload(Base):
    """The whole `<record>` element in one format, as bytes; a deleted one holds its header only."""

    __tablename__ = "oai_payload"
    __table_args__ = (
        sa.Index("ix_oai_payload_ds", "prefix", "ds", "id"),
        {"sqlite_with_rowid": False},
    )

    prefix: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    id: Mapped[int] = mapped_column(sa.ForeignKey("oai_record.id"), primary_key=True)
    ds: Mapped[datetime]
    header: Mapped[bytes] = mapped_column(sa.LargeBinary)
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)


class OaiSet(Base):
    """A set; `names` by language, described in the reader's language where there is one."""

    __tablename__ = "oai_set"

    spec: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(16))  # "library", "collection"
    name: Mapped[str] = mapped_column(sa.Text)
    description: Mapped[str | None] = mapped_column(sa.Text)


class OaiSetMember(Base):
    """Membership with ancestors expanded: a record in a:b has rows for a and for a:b."""

    __tablename__ = "oai_set_member"
    __table_args__ = ({"sqlite_with_rowid": False},)

    spec: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    ds: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(sa.ForeignKey("oai_record.id"), primary_key=True, index=True)
