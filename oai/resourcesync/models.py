"""What can be mirrored: open files, their changes, and the packages of the dump."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from repo.db import Base, partial_index

BEGUN = "begun"
"""The kind of a row that is no change, but the moment from which on all changes are written down."""


class Resource(Base):
    """A file of a public version that anybody may read; with `opens_on`, from that day on.

    A row is never changed but for `sha256`, which is null until the bytes were read: other content, or an embargo that
    ends, makes another row. Ids are never used again, so that a page of them only loses members once it is full.
    """

    __tablename__ = "resource"
    __table_args__ = (
        sa.UniqueConstraint("item_id", "number", "name"),
        partial_index("ix_resource_opens_on", "opens_on", where="opens_on IS NOT NULL"),
        partial_index("ix_resource_unread", "id", where="sha256 IS NULL"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(sa.String(9))
    number: Mapped[int]  # of the version
    name: Mapped[str] = mapped_column(sa.String(255))
    ocfl_version: Mapped[int]
    digest: Mapped[str] = mapped_column(sa.String(128))  # SHA-512
    size: Mapped[int] = mapped_column(sa.BigInteger)
    mime: Mapped[str] = mapped_column(sa.String(120))
    modified: Mapped[datetime]  # when the version was published, or opened later
    opens_on: Mapped[date | None]
    sha256: Mapped[str | None] = mapped_column(sa.String(64))


class ResourceChange(Base):
    """Something that mirrors have to follow: a resource was created, updated or deleted; or `BEGUN`."""

    __tablename__ = "resource_change"
    __table_args__ = (sa.Index("ix_resource_change_at", "at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]  # whole seconds, UTC
    kind: Mapped[str] = mapped_column(sa.String(8))  # "created", "updated", "deleted", BEGUN
    resource_id: Mapped[int | None]  # what it became; that row may be gone since
    item_id: Mapped[str] = mapped_column(sa.String(9), index=True)
    number: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(255))


class ResourcePackage(Base):
    """A ZIP file of the dump: `files` resources with ids from `first` to `last`. It lies among the derivatives under
    its SHA-256. As soon as one of its files is not open any more it is `stale`, and not given out."""

    __tablename__ = "resource_package"
    __table_args__ = (sa.Index("ix_resource_package_first", "first"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    first: Mapped[int]
    last: Mapped[int]
    files: Mapped[int]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    made_at: Mapped[datetime]
    stale: Mapped[bool] = mapped_column(default=False)
