"""Work that can fail: its row is the truth, the queue only carries its id."""

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from repo.db import Base, now, partial_index


class JobState(enum.StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


def _one_in_state(state: str) -> sa.Index:
    """At most one job of a kind and key in `state`."""
    return partial_index(f"uq_job_{state}", "kind", "key", unique=True, where=f"state = '{state}'")


class Job(Base):
    """One piece of work. `key` says what it is about: of one kind and key at most one waits and one runs.

    `reached` is how far it was at the best of the ends of its workers: an end counts only without progress since.
    `lease_until` is the moment after which a running job counts as abandoned; its worker renews it.
    """

    __tablename__ = "job"
    __table_args__ = (
        _one_in_state("queued"),
        _one_in_state("running"),
        sa.Index("ix_job_due", "state", "run_at"),
        sa.Index("ix_job_state", "state", "id"),
        sa.Index("ix_job_kind_key", "kind", "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    key: Mapped[str] = mapped_column(sa.String(200))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[JobState] = mapped_column(
        sa.Enum(JobState, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e]),
        default=JobState.QUEUED,
    )
    attempts: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime] = mapped_column(default=now)
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(sa.String(64))
    done: Mapped[int] = mapped_column(sa.BigInteger, default=0)  # progress, in units of the kind
    total: Mapped[int | None] = mapped_column(sa.BigInteger)
    reached: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    error: Mapped[str | None] = mapped_column(sa.Text)
    person_id: Mapped[int | None]  # who asked for it, if a person did
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
