"""The ledger's tables: what is listed to harvesters, rendered when it changes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from repo.db import Base

Bytewise = sa.String(255).with_variant(sa.String(255, collation="C"), "postgresql")


class OaiRecord(Base):
    """One record of the ledger; kept for ever, a deleted one as its tombstone.

    `header` is the `<header>` element, `about` what is said of the record's way here (None for our own), as bytes.
    """

    __tablename__ = "oai_record"
    __table_args__ = (sa.Index("ix_oai_record_ds", "ds", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(sa.String(9), unique=True)
    ds: Mapped[datetime]  # whole seconds, UTC
    deleted: Mapped[bool] = mapped_column(default=False)
    header: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    about: Mapped[bytes | None] = mapped_column(sa.LargeBinary)


class OaiPayload(Base):
    """The whole `<record>` in one of the kept formats, as the bytes that are sent (`oai.ledger.MARK` stands for the
    base address); a deleted record has one in each format that it had. `ds` is its datestamp again, to walk along."""

    __tablename__ = "oai_payload"
    __table_args__ = (sa.Index("ix_oai_payload_walk", "prefix", "ds", "id"),)

    prefix: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    id: Mapped[int] = mapped_column(sa.ForeignKey("oai_record.id"), primary_key=True)
    ds: Mapped[datetime]
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)


class OaiFormat(Base):
    """How far the records are kept in a format: those with ids up to `after` are of `version`, all when `complete`.

    The prefix "" stands for headers and sets. `whole`: every record has its row, of this version or of one before,
    so that lists are walked along them; until then records are rendered when they are asked for.
    """

    __tablename__ = "oai_format"

    prefix: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    version: Mapped[int]
    after: Mapped[int] = mapped_column(default=0)
    complete: Mapped[bool] = mapped_column(default=False)
    whole: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


class OaiSet(Base):
    """A set; `name` and `description` hold all languages."""

    __tablename__ = "oai_set"

    spec: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(16))  # "library", "collection", "type", "access", "language", "theme"
    name: Mapped[str] = mapped_column(sa.Text)
    description: Mapped[str | None] = mapped_column(sa.Text)


class OaiSetMember(Base):
    """Membership with ancestors expanded: a record in a:b has rows for a and for a:b.

    Formats that only the records of a set have are listed by rows of their own: "theses/a:b" for what is in both.
    """

    __tablename__ = "oai_set_member"
    __table_args__ = ({"sqlite_with_rowid": False},)

    spec: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    ds: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(sa.ForeignKey("oai_record.id"), primary_key=True, index=True)


# For many rows: by the tables they take half the time that they take by the models.
RECORD, PAYLOAD, MEMBER = (Base.metadata.tables[name] for name in ("oai_record", "oai_payload", "oai_set_member"))
