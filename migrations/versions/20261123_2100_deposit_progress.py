"""what a depositor has been through with a draft

Rules: applies on SQLite and PostgreSQL, from every earlier release and with data in the tables; a new column is
nullable or has a server default; large tables are filled in batches by a job, not here. Once released, a
migration is never edited.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "5c1f7f0b9e31"
down_revision = "7c1e02b5a9d4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deposit_progress",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("steps", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("settled", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_deposit_progress_version_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_deposit_progress")),
    )


def downgrade() -> None:
    op.drop_table("deposit_progress")
