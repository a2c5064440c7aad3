"""What has changed and is not in the index yet."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from repo.db import Base


class IndexChange(Base):
    """An item that has to be indexed again, or taken out; written in the commit that changed it.

    `token` is another one for each change: whoever has indexed the item deletes the row only if it is still the
    one that was read before, so that a change that came meanwhile is not forgotten. Without a foreign key: an
    item that is gone has to leave the index too.
    """

    __tablename__ = "index_change"

    item_id: Mapped[str] = mapped_column(sa.String(9), primary_key=True)
    token: Mapped[int] = mapped_column(sa.BigInteger)
