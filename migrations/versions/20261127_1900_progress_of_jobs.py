"""a job remembers how far it was when its worker ended

Rules: applies on SQLite and PostgreSQL, from every earlier release and with data in the tables; a new column is
nullable or has a server default; large tables are filled in batches by a job, not here. Once released, a
migration is never edited.
"""

import sqlalchemy as sa
from alembic import op

revision = "e3b90c5d7a14"
down_revision = "d1f7a2b8c630"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("reached", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("job", "reached")
