"""what can be mirrored: open files, their changes, and the packages of the dump

Rules: applies on SQLite and PostgreSQL, from every earlier release and with data in the tables; a new column is
nullable or has a server default; large tables are filled in batches by a job, not here. Once released, a
migration is never edited.
"""

import sqlalchemy as sa
from alembic import op

revision = "91b3c7f05d2e"
down_revision = "8f2d6b1c40ae"
branch_labels = None
depends_on = None

WAITING = sa.text("opens_on IS NOT NULL")
UNREAD = sa.text("sha256 IS NULL")


def upgrade() -> None:
    op.create_table(
        "resource",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=9), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("ocfl_version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=128), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mime", sa.String(length=120), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
        sa.UniqueConstraint("item_id", "number", "name", name=op.f("uq_resource_item_id_number_name")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_resource_opens_on", "resource", ["opens_on"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_resource_unread", "resource", ["id"], sqlite_where=UNREAD, postgresql_where=UNREAD)
    op.create_table(
        "resource_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("item_id", sa.String(length=9), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_change")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_resource_change_at", "resource_change", ["at"])
    op.create_index(op.f("ix_resource_change_item_id"), "resource_change", ["item_id"])
    op.create_table(
        "resource_package",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_package")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_resource_package_first", "resource_package", ["first"])


def downgrade() -> None:
    op.drop_table("resource_package")
    op.drop_table("resource_change")
    op.drop_table("resource")
