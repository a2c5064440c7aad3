"""what refers to a row is found without reading the whole table: when it goes, and the files of a load's row

Rules: applies on SQLite and PostgreSQL, from every earlier release and with data in the tables; a new column is
nullable or has a server default; large tables are filled in batches by a job, not here. Once released, a
migration is never edited.
"""

from alembic import op

revision = "d1f7a2b8c630"
down_revision = "c4e81a6b9d37"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_load_file_number", "load_file", ["batch_id", "number"])
    op.create_index("ix_item_current_id", "item", ["current_id"])
    op.create_index("ix_page_file_id", "page", ["file_id"])


def downgrade() -> None:
    op.drop_index("ix_page_file_id", "page")
    op.drop_index("ix_item_current_id", "item")
    op.drop_index("ix_load_file_number", "load_file")
