"""changes that are not in the search index yet

Rules: applies on SQLite and PostgreSQL, from every earlier release and with data in the tables; a new column is
nullable or has a server default; large tables are filled in batches by a job, not here. Once released, a
migration is never edited.
"""

import sqlalchemy as sa
from alembic import op

revision = "7c1e02b5a9d4"
down_revision = "d4a176f79d72"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "index_change",
        sa.Column("item_id", sa.String(length=9), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_index_change")),
    )


def downgrade() -> None:
    op.drop_table("index_change")
