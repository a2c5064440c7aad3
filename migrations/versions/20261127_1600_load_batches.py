"""bulk loads: batches, their rows and files, and how a library's records are read

Rules: applies on SQLite and PostgreSQL, from every earlier release and with data in the tables; a new column is
nullable or has a server default; large tables are filled in batches by a job, not here. Once released, a
migration is never edited.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "c47a90e2d158"
down_revision = "b7e3a90c5d14"
branch_labels = None
depends_on = None


def _json() -> sa.types.TypeEngine:
    return sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.drop_table("batch_row")  # nothing ever wrote into these two
    op.drop_table("batch")
    op.create_table(
        "load_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("profile", _json(), nullable=False),
        sa.Column("profile_name", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("upload_id", sa.String(length=32), nullable=True),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("error", _json(), nullable=True),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("counts", _json(), nullable=False),
        sa.Column("reviewed", sa.Boolean(), nullable=False),
        sa.Column("mark_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mark_done", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("fk_load_batch_collection_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_load_batch_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_load_batch")),
        sa.UniqueConstraint("upload_id", name=op.f("uq_load_batch_upload_id")),
    )
    op.create_index(op.f("ix_load_batch_collection_id"), "load_batch", ["collection_id"])
    op.create_index(op.f("ix_load_batch_person_id"), "load_batch", ["person_id"])
    op.create_table(
        "load_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("remarks", _json(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=9), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("before_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["load_batch.id"], name=op.f("fk_load_row_batch_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_load_row_item_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_load_row_version_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["before_id"], ["version.id"], name=op.f("fk_load_row_before_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_load_row")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_load_row_batch_id_number")),
    )
    op.create_index("ix_load_row_key", "load_row", ["batch_id", "key"])
    op.create_index("ix_load_row_status", "load_row", ["batch_id", "status", "number"])
    for column in ("item_id", "version_id", "before_id"):
        op.create_index(op.f(f"ix_load_row_{column}"), "load_row", [column])
    op.create_table(
        "load_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=128), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["load_batch.id"], name=op.f("fk_load_file_batch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_load_file")),
    )
    op.create_index("ix_load_file_digest", "load_file", ["batch_id", "digest"])
    op.create_table(
        "load_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("contents", _json(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_load_profile_library_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_load_profile_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_load_profile")),
        sa.UniqueConstraint("library_id", "name", "number", name=op.f("uq_load_profile_library_id_name_number")),
    )
    op.create_index(op.f("ix_load_profile_person_id"), "load_profile", ["person_id"])


def downgrade() -> None:
    op.drop_table("load_profile")
    op.drop_table("load_file")
    op.drop_table("load_row")
    op.drop_table("load_batch")
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("fk_batch_collection_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_batch_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_table(
        "batch_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source_key", sa.String(length=400), nullable=True),
        sa.Column("item_id", sa.String(length=9), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("messages", _json(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_row_batch_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_batch_row_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_row")),
        sa.UniqueConstraint("batch_id", "position", name=op.f("uq_batch_row_batch_id_position")),
    )
