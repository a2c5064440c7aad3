"""whole records lie in the ledger, to be walked along

Rules: applies on SQLite and PostgreSQL, from every earlier release and with data in the tables; a new column is
nullable or has a server default; large tables are filled in batches by a job, not here. Once released, a
migration is never edited.
"""

import sqlalchemy as sa
from alembic import op

revision = "b7e3a90c5d14"
down_revision = "91b3c7f05d2e"
branch_labels = None
depends_on = None

BYTEWISE = sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql")


def upgrade() -> None:
    # Made anew and filled by the worker, which finds no word of the formats in oai_format; until then records are
    # rendered when they are asked for. Datestamps stay: what is told stays the same.
    make_payload(sa.Column("ds", sa.DateTime(timezone=True), nullable=False))
    op.create_index("ix_oai_payload_walk", "oai_payload", ["prefix", "ds", "id"])
    op.execute("DELETE FROM oai_format WHERE prefix <> ''")
    with op.batch_alter_table("oai_format", schema=None) as batch_op:
        batch_op.add_column(sa.Column("whole", sa.Boolean(), server_default=sa.false(), nullable=False))
    if op.get_context().dialect.name == "postgresql":
        # A record of three kilobytes lies beside its key as it is sent, neither packed nor elsewhere.
        op.execute("ALTER TABLE oai_payload ALTER COLUMN body SET STORAGE EXTERNAL")
        op.execute("ALTER TABLE oai_payload SET (toast_tuple_target = 8160)")


def downgrade() -> None:
    make_payload()
    op.execute("DELETE FROM oai_format WHERE prefix <> ''")
    with op.batch_alter_table("oai_format", schema=None) as batch_op:
        batch_op.drop_column("whole")


def make_payload(*more: sa.Column[object]) -> None:
    op.drop_table("oai_payload")
    op.create_table(
        "oai_payload",
        sa.Column("prefix", BYTEWISE, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        *more,
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["oai_record.id"], name=op.f("fk_oai_payload_id")),
        sa.PrimaryKeyConstraint("prefix", "id", name=op.f("pk_oai_payload")),
    )
