"""What a depositor has been through with a draft: nothing that outlives it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from repo.db import Base


class Progress(Base):
    """`steps` were left by "next"; `settled` are fields whose guesses were shown and then saved by the person, so that
    a guess that was cleared does not come back."""

    __tablename__ = "deposit_progress"

    version_id: Mapped[int] = mapped_column(sa.ForeignKey("version.id", ondelete="CASCADE"), primary_key=True)
    steps: Mapped[list[Any]] = mapped_column(default=list)
    settled: Mapped[list[Any]] = mapped_column(default=list)
