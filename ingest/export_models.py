"""Packages that librarians asked for: what is in them, how far they are, until when they can be fetched."""

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from repo.db import Base, now
from repo.members.models import Collection, Library


class ExportState(enum.StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Export(Base):
    """All works of a library, those of a collection with its branch, or some of either (`items`, their ids), as an
    archive in the data directory.

    `counts` is {works, withdrawn, remarks, faults} once it is done, `size` and `digest` (SHA-512) those of the archive.
    After `expires_at` row and archive are removed.
    """

    __tablename__ = "export"
    __table_args__ = (
        sa.Index("ix_export_library_id", "library_id", "id"),
        sa.Index("ix_export_expires_at", "expires_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    library_id: Mapped[int] = mapped_column(sa.ForeignKey("library.id"))
    collection_id: Mapped[int | None] = mapped_column(sa.ForeignKey("collection.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"), index=True)
    format: Mapped[str] = mapped_column(sa.String(20))
    items: Mapped[list[Any] | None]
    with_files: Mapped[bool] = mapped_column(default=True)
    state: Mapped[ExportState] = mapped_column(
        sa.Enum(ExportState, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e]),
        default=ExportState.WAITING,
    )
    error: Mapped[str | None] = mapped_column(sa.String(20))  # "full", or the cause for which its job was given up
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    size: Mapped[int | None] = mapped_column(sa.BigInteger)
    digest: Mapped[str | None] = mapped_column(sa.String(128))
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]

    library: Mapped[Library] = relationship()
    collection: Mapped[Collection | None] = relationship()
