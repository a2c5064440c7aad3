"""Items, their versions and files, and the history of both.

An item has versions; a row of `version` is one revision of one public version and never changes once it is
published, except that a newer revision takes `latest` from it. What lists and filters need is kept in columns
of `item` that publishing writes.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from repo.db import Base, SortKey, now, partial_index
from repo.items.access import Access, FileRole
from repo.items.states import UploadState, VersionState
from repo.members.models import Collection, Person
from repo.members.models import Event as Event


def _enum(cls: type) -> sa.Enum:
    """An enum kept as its value in a short text, which both databases compare alike."""
    return sa.Enum(cls, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e])


class Item(Base):
    """A work in the repository: the thing that has an address, an owner collection and versions."""

    __tablename__ = "item"
    __table_args__ = (
        sa.UniqueConstraint("source", "source_key"),
        sa.Index("ix_item_newest", "published_at", "id"),
        sa.Index("ix_item_title", "title_sort", "id"),
        sa.Index("ix_item_type_newest", "type", "published_at", "id"),
        sa.Index("ix_item_year", "year", "published_at", "id"),
        sa.Index("ix_item_collection_newest", "collection_id", "published_at", "id"),
        sa.Index("ix_item_library_newest", "library_id", "published_at", "id"),
        sa.Index("ix_item_fold", "title_fold", "year"),
        sa.Index("ix_item_embargo", "embargo_until"),
    )

    id: Mapped[str] = mapped_column(sa.String(9), primary_key=True)
    collection_id: Mapped[int] = mapped_column(sa.ForeignKey("collection.id"))
    library_id: Mapped[int] = mapped_column(sa.ForeignKey("library.id"))  # of the owner collection
    depositor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    source: Mapped[str | None] = mapped_column(sa.String(80))
    source_key: Mapped[str | None] = mapped_column(sa.String(400))
    origin: Mapped[dict[str, Any] | None]  # `items.origin.Origin` of what was harvested
    created_at: Mapped[datetime] = mapped_column(default=now)
    stamp: Mapped[int] = mapped_column(sa.BigInteger, default=1)  # rises with every change that a reader could see

    # Written by publishing; null while nothing is public.
    current_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("version.id", use_alter=True, name="fk_item_current_id_version"), index=True
    )
    published_at: Mapped[datetime | None]  # first publication
    changed_at: Mapped[datetime | None]  # last change of what is public
    type: Mapped[str | None] = mapped_column(sa.String(40))
    year: Mapped[int | None]
    title: Mapped[str | None] = mapped_column(sa.Text)
    title_sort: Mapped[str | None] = mapped_column(SortKey)
    title_fold: Mapped[str | None] = mapped_column(SortKey)  # for finding duplicates
    access: Mapped[Access | None] = mapped_column(_enum(Access))
    embargo_until: Mapped[date | None]

    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None] = mapped_column(sa.Text)
    replaced_by: Mapped[str | None] = mapped_column(sa.ForeignKey("item.id"))

    collection: Mapped[Collection] = relationship()
    depositor: Mapped[Person | None] = relationship()
    current: Mapped["Version | None"] = relationship(foreign_keys=[current_id], post_update=True)
    versions: Mapped[list["Version"]] = relationship(
        back_populates="item",
        foreign_keys="Version.item_id",
        order_by="(Version.number, Version.revision)",
        cascade="all, delete-orphan",
    )
    shown_in: Mapped[list[Collection]] = relationship(secondary="item_collection")


class ItemCollection(Base):
    """Further collections in which an item is shown."""

    __tablename__ = "item_collection"

    item_id: Mapped[str] = mapped_column(sa.ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    collection_id: Mapped[int] = mapped_column(sa.ForeignKey("collection.id"), primary_key=True, index=True)


class Version(Base):
    """One revision of one public version of an item.

    `meta` is `items.metadata.Metadata` as JSON; `edition` rises with each save of a draft, so that a stale
    save is noticed; `agreement` is {version, language, at, person, on_behalf} once accepted.
    """

    __tablename__ = "version"
    __table_args__ = (
        sa.UniqueConstraint("item_id", "number", "revision"),
        sa.Index("ix_version_state", "state", "submitted_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(sa.ForeignKey("item.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=0)
    state: Mapped[VersionState] = mapped_column(_enum(VersionState), default=VersionState.DRAFT)
    latest: Mapped[bool] = mapped_column(default=False)  # the newest published revision of its number
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict)
    schema_version: Mapped[int] = mapped_column(default=1)
    ocfl_version: Mapped[int | None]
    edition: Mapped[int] = mapped_column(default=1)
    agreement: Mapped[dict[str, Any] | None]
    editor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    reviewer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    saved_at: Mapped[datetime] = mapped_column(default=now)
    submitted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]

    item: Mapped[Item] = relationship(back_populates="versions", foreign_keys=[item_id])
    editor: Mapped[Person | None] = relationship(foreign_keys=[editor_id])
    reviewer: Mapped[Person | None] = relationship(foreign_keys=[reviewer_id])
    files: Mapped[list["File"]] = relationship(
        back_populates="version", order_by="File.position", cascade="all, delete-orphan"
    )


class Blob(Base):
    """Bytes by their SHA-512, and what the ingest pipeline found in them (`ingest.pipeline.Report` as JSON)."""

    __tablename__ = "blob"

    digest: Mapped[str] = mapped_column(sa.String(128), primary_key=True)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    mime: Mapped[str | None] = mapped_column(sa.String(120))
    puid: Mapped[str | None] = mapped_column(sa.String(20))
    pages: Mapped[int | None]
    report: Mapped[dict[str, Any] | None]


class File(Base):
    """A file of a version. Its bytes lie in the OCFL object, or with its upload while the version is a draft."""

    __tablename__ = "file"
    __table_args__ = (sa.UniqueConstraint("version_id", "name"), sa.Index("ix_file_until", "until"))

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("version.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(255))
    position: Mapped[int] = mapped_column(default=0)
    role: Mapped[FileRole] = mapped_column(_enum(FileRole), default=FileRole.ORIGINAL)
    digest: Mapped[str] = mapped_column(sa.ForeignKey("blob.digest"), index=True)
    upload_id: Mapped[str | None] = mapped_column(sa.String(32))  # until it lies in the OCFL object
    access: Mapped[Access | None] = mapped_column(_enum(Access))  # null: as the item's
    until: Mapped[date | None]

    version: Mapped[Version] = relationship(back_populates="files")
    blob: Mapped[Blob] = relationship()


class Upload(Base):
    """A file on its way in; its bytes are kept by `storage.uploads` under the same id."""

    __tablename__ = "upload"

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("version.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(255))
    role: Mapped[FileRole] = mapped_column(_enum(FileRole), default=FileRole.ORIGINAL)
    length: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[UploadState] = mapped_column(_enum(UploadState), default=UploadState.RECEIVING)
    digest: Mapped[str | None] = mapped_column(sa.String(128))
    refusal: Mapped[dict[str, Any] | None]  # why it was refused: a flag of the pipeline
    created_at: Mapped[datetime] = mapped_column(default=now)
    touched_at: Mapped[datetime] = mapped_column(default=now, index=True)


class Page(Base):
    """A page of a scanned item. `stable_id` is part of its address and survives reordering."""

    __tablename__ = "page"
    __table_args__ = (sa.UniqueConstraint("version_id", "stable_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("version.id", ondelete="CASCADE"), index=True)
    stable_id: Mapped[str] = mapped_column(sa.String(16))
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("file.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    label: Mapped[str | None] = mapped_column(sa.String(40))
    hidden: Mapped[bool] = mapped_column(default=False)
    rotation: Mapped[int] = mapped_column(default=0)


class PageText(Base):
    """The text of a page; corrections are further revisions."""

    __tablename__ = "page_text"
    __table_args__ = (sa.UniqueConstraint("page_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(sa.ForeignKey("page.id", ondelete="CASCADE"))
    revision: Mapped[int] = mapped_column(default=0)
    script: Mapped[str | None] = mapped_column(sa.String(8))
    source: Mapped[str] = mapped_column(sa.String(16))
    text: Mapped[str] = mapped_column(sa.Text)


class Identifier(Base):
    """An identifier of an item. Only what we mint ourselves is unique: ISBNs are reused in practice."""

    __tablename__ = "identifier"
    __table_args__ = (
        sa.Index("ix_identifier_value", "scheme", "value"),
        partial_index("uq_identifier_minted", "scheme", "value", unique=True, where="minted"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(sa.ForeignKey("item.id", ondelete="CASCADE"), index=True)
    scheme: Mapped[str] = mapped_column(sa.String(20))
    value: Mapped[str] = mapped_column(sa.String(400))
    minted: Mapped[bool] = mapped_column(default=False)


class Heading(Base):
    """A name or a subject under which an item stands in the lists; written by publishing.

    `fold` is the heading's address in the lists: the same for all its spellings in capitals and spaces.
    """

    __tablename__ = "heading"
    __table_args__ = (
        sa.Index("ix_heading_sort", "kind", "sort_key", "fold"),
        sa.Index("ix_heading_fold", "kind", "fold", "item_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(sa.ForeignKey("item.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12))  # "author", "subject", "language"
    text: Mapped[str] = mapped_column(sa.String(400))
    fold: Mapped[str] = mapped_column(sa.String(400))
    letter: Mapped[str] = mapped_column(sa.String(4))
    sort_key: Mapped[str] = mapped_column(SortKey)


class Address(Base):
    """An old address of an item, which leads to its present one for ever."""

    __tablename__ = "address"

    path: Mapped[str] = mapped_column(sa.String(400), primary_key=True)
    item_id: Mapped[str] = mapped_column(sa.ForeignKey("item.id", ondelete="CASCADE"), index=True)
