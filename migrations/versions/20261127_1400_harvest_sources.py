"""sources that are harvested

Rules: applies on SQLite and PostgreSQL, from every earlier release and with data in the tables; a new column is
nullable or has a server default; large tables are filled in batches by a job, not here. Once released, a
migration is never edited.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "8f2d6b1c40ae"
down_revision = "2f9d4e6a71c8"
branch_labels = None
depends_on = None


def _json() -> sa.types.TypeEngine:
    return sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "harvest_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("base_url", sa.String(length=500), nullable=False),
        sa.Column("set_spec", sa.String(length=200), nullable=False),
        sa.Column("prefix", sa.String(length=60), nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("full_texts", sa.Boolean(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("fine", sa.Boolean(), nullable=False),
        sa.Column("since", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("error", _json(), nullable=True),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("run_from", sa.String(length=24), nullable=False),
        sa.Column("run_date", sa.String(length=24), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("stale", sa.Integer(), nullable=False),
        sa.Column("reached", sa.String(length=30), nullable=False),
        sa.Column("ordered", sa.Boolean(), nullable=False),
        sa.Column("restarts", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("counts", _json(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("fk_harvest_source_collection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvest_source")),
        sa.UniqueConstraint("base_url", "set_spec", name=op.f("uq_harvest_source_base_url_set_spec")),
    )
    op.create_index(op.f("ix_harvest_source_collection_id"), "harvest_source", ["collection_id"], unique=False)
    op.create_index(op.f("ix_harvest_source_next_at"), "harvest_source", ["next_at"], unique=False)
    op.create_table(
        "harvest_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("identifier", sa.String(length=400), nullable=False),
        sa.Column("datestamp", sa.String(length=30), nullable=False),
        sa.Column("item_id", sa.String(length=9), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("links", sa.String(length=64), nullable=False),
        sa.Column("report", _json(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_harvest_record_item_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["harvest_source.id"], name=op.f("fk_harvest_record_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvest_record")),
        sa.UniqueConstraint("source_id", "identifier", name=op.f("uq_harvest_record_source_id_identifier")),
    )
    op.create_index(op.f("ix_harvest_record_item_id"), "harvest_record", ["item_id"], unique=False)
    op.create_index("ix_harvest_record_status", "harvest_record", ["source_id", "status", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("harvest_record")
    op.drop_table("harvest_source")
