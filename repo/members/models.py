"""Member libraries, their collections, people and what they may do."""

import enum
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from repo.db import Base, SortKey, now


class LibraryStatus(enum.StrEnum):
    ACTIVE = "active"
    MERGED = "merged"
    CLOSED = "closed"


class DepositPolicy(enum.StrEnum):
    """Who may deposit into a collection."""

    ANYONE = "anyone"
    MEMBERS = "members"
    INVITED = "invited"


class ReviewPolicy(enum.StrEnum):
    """What happens to a deposit."""

    REVIEW = "review"
    DIRECT = "direct"


class RoleName(enum.StrEnum):
    """A role is held for everything (administrator), in a library or in a collection."""

    ADMINISTRATOR = "administrator"
    LIBRARIAN = "librarian"
    DIGITIZER = "digitizer"
    REVIEWER = "reviewer"
    DEPOSITOR = "depositor"
    MEMBER = "member"


def text_for(texts: Mapping[str, str], lang: str) -> str:
    """Return the text in `lang`, else in Kyrgyz, Russian or English, whichever is there; "" when there is none."""
    return next((text for code in (lang, "ky", "ru", "en") if (text := texts.get(code))), "")


class Library(Base):
    """A member library. `names` is {"ky": …, "ru": …, "en": …}; `networks` are CIDR texts."""

    __tablename__ = "library"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    names: Mapped[dict[str, Any]]
    sort_name: Mapped[str] = mapped_column(SortKey, index=True)
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ror: Mapped[str | None] = mapped_column(sa.String(40))
    isil: Mapped[str | None] = mapped_column(sa.String(20))
    city: Mapped[dict[str, Any]] = mapped_column(default=dict)
    website: Mapped[str | None] = mapped_column(sa.String(400))
    status: Mapped[LibraryStatus] = mapped_column(
        sa.Enum(LibraryStatus, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e]),
        default=LibraryStatus.ACTIVE,
    )
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("library.id"))
    networks: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    edition: Mapped[int] = mapped_column(default=1)

    merged_into: Mapped["Library | None"] = relationship(remote_side=[id])
    collections: Mapped[list["Collection"]] = relationship(back_populates="library")

    def name(self, lang: str) -> str:
        return text_for(self.names, lang)


class Collection(Base):
    """A node in a library's tree of collections. `path` is "/1/7/12/": the ids from the root, itself included."""

    __tablename__ = "collection"

    id: Mapped[int] = mapped_column(primary_key=True)
    library_id: Mapped[int] = mapped_column(sa.ForeignKey("library.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("collection.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(64), unique=True)
    path: Mapped[str] = mapped_column(sa.String(255), index=True, default="")
    names: Mapped[dict[str, Any]]
    sort_name: Mapped[str] = mapped_column(SortKey, index=True)
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    licence: Mapped[str | None] = mapped_column(sa.String(40))
    deposit_policy: Mapped[DepositPolicy] = mapped_column(
        sa.Enum(DepositPolicy, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e]),
        default=DepositPolicy.MEMBERS,
    )
    review_policy: Mapped[ReviewPolicy] = mapped_column(
        sa.Enum(ReviewPolicy, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e]),
        default=ReviewPolicy.REVIEW,
    )
    types: Mapped[list[Any]] = mapped_column(default=list)  # resource types taken; empty: all
    closed: Mapped[bool] = mapped_column(default=False)  # takes no more deposits
    created_at: Mapped[datetime] = mapped_column(default=now)
    edition: Mapped[int] = mapped_column(default=1)

    library: Mapped[Library] = relationship(back_populates="collections")
    parent: Mapped["Collection | None"] = relationship(remote_side=[id], back_populates="children")
    children: Mapped[list["Collection"]] = relationship(back_populates="parent")

    @property
    def ancestor_ids(self) -> tuple[int, ...]:
        """Ids from the root down to this collection."""
        return tuple(int(part) for part in self.path.split("/") if part)

    def name(self, lang: str) -> str:
        return text_for(self.names, lang)


class Person(Base):
    """Somebody with an account. `session_epoch` rises with each password change and ends older sessions."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)  # lower case
    name: Mapped[str] = mapped_column(sa.String(200))
    sort_name: Mapped[str] = mapped_column(SortKey, index=True)
    orcid: Mapped[str | None] = mapped_column(sa.String(19))
    language: Mapped[str] = mapped_column(sa.String(2), default="ky")
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    session_epoch: Mapped[int] = mapped_column(default=1)
    confirmed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime | None]

    roles: Mapped[list["Role"]] = relationship(back_populates="person", cascade="all, delete-orphan")
    words: Mapped[list["PersonWord"]] = relationship(cascade="all, delete-orphan")


class PersonWord(Base):
    """A word of a person's name or address, folded, so that the office finds people by the beginning of any word."""

    __tablename__ = "person_word"

    word: Mapped[str] = mapped_column(SortKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)


class Role(Base):
    """A role of a person: for the whole house, in a library, or in a collection (and what lies below it)."""

    __tablename__ = "role"
    __table_args__ = (sa.UniqueConstraint("person_id", "name", "library_id", "collection_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[RoleName] = mapped_column(
        sa.Enum(RoleName, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e])
    )
    library_id: Mapped[int | None] = mapped_column(sa.ForeignKey("library.id"), index=True)
    collection_id: Mapped[int | None] = mapped_column(sa.ForeignKey("collection.id"), index=True)

    person: Mapped[Person] = relationship(back_populates="roles")
    library: Mapped[Library | None] = relationship()
    collection: Mapped[Collection | None] = relationship()


class Attempt(Base):
    """Failed attempts by a key (a hash of what is tried), so that guessing passwords is slow."""

    __tablename__ = "attempt"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(default=now, index=True)


class Fact(Base):
    """What is written once about this installation: the OAI namespace, the version of the agreement."""

    __tablename__ = "fact"

    name: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    value: Mapped[str] = mapped_column(sa.Text)


class Event(Base):
    """History and audit: who did what to what, with what was there before and after."""

    __tablename__ = "event"
    __table_args__ = (
        sa.Index("ix_event_item", "item_id", "id"),
        sa.Index("ix_event_subject", "subject", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    verb: Mapped[str] = mapped_column(sa.String(40))
    item_id: Mapped[str | None] = mapped_column(sa.ForeignKey("item.id", ondelete="CASCADE"))
    version_id: Mapped[int | None]
    subject: Mapped[str | None] = mapped_column(sa.String(120))  # "library:knu", for what is no item
    comment: Mapped[str | None] = mapped_column(sa.Text)
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]

    actor: Mapped[Person | None] = relationship()
