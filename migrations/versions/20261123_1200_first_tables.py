"""first tables

Rules: applies on SQLite and PostgreSQL, from every earlier release and with data in the tables; a new column is
nullable or has a server default; large tables are filled in batches by a job, not here. Once released, a
migration is never edited.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "d4a176f79d72"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_last_at"), ["last_at"], unique=False)

    op.create_table(
        "blob",
        sa.Column("digest", sa.String(length=128), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mime", sa.String(length=120), nullable=True),
        sa.Column("puid", sa.String(length=20), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("report", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_blob")),
    )
    op.create_table(
        "fact",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fact")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column(
            "state",
            sa.Enum("queued", "running", "done", "failed", "cancelled", name="jobstate", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(length=64), nullable=True),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_due", ["state", "run_at"], unique=False)
        batch_op.create_index("ix_job_kind_key", ["kind", "key"], unique=False)
        batch_op.create_index("ix_job_state", ["state", "id"], unique=False)
        batch_op.create_index(
            "uq_job_queued",
            ["kind", "key"],
            unique=True,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.create_index(
            "uq_job_running",
            ["kind", "key"],
            unique=True,
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        )

    op.create_table(
        "library",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("names", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column(
            "sort_name",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("about", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("ror", sa.String(length=40), nullable=True),
        sa.Column("isil", sa.String(length=20), nullable=True),
        sa.Column("city", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("website", sa.String(length=400), nullable=True),
        sa.Column(
            "status",
            sa.Enum("active", "merged", "closed", name="librarystatus", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("networks", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["merged_into_id"], ["library.id"], name=op.f("fk_library_merged_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library")),
        sa.UniqueConstraint("code", name=op.f("uq_library_code")),
    )
    with op.batch_alter_table("library", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_library_sort_name"), ["sort_name"], unique=False)

    op.create_table(
        "oai_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=9), nullable=False),
        sa.Column("ds", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oai_record")),
        sa.UniqueConstraint("item_id", name=op.f("uq_oai_record_item_id")),
    )
    with op.batch_alter_table("oai_record", schema=None) as batch_op:
        batch_op.create_index("ix_oai_record_ds", ["ds", "id"], unique=False)

    op.create_table(
        "oai_set",
        sa.Column(
            "spec",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("spec", name=op.f("pk_oai_set")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "sort_name",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("orcid", sa.String(length=19), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_sort_name"), ["sort_name"], unique=False)

    op.create_table(
        "usage_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("item_id", sa.String(length=9), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(length=255), nullable=True),
        sa.Column("visitor", sa.String(length=10), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=True),
        sa.Column("session", sa.String(length=24), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_event")),
    )
    with op.batch_alter_table("usage_event", schema=None) as batch_op:
        batch_op.create_index("ix_usage_event_at", ["at"], unique=False)
        batch_op.create_index("ix_usage_event_item", ["item_id", "at"], unique=False)

    op.create_table(
        "usage_log",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_usage_log")),
    )
    op.create_table(
        "usage_total",
        sa.Column("item_id", sa.String(length=9), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "kind", name=op.f("pk_usage_total")),
    )
    op.create_table(
        "collection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("names", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column(
            "sort_name",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("about", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("licence", sa.String(length=40), nullable=True),
        sa.Column(
            "deposit_policy",
            sa.Enum("anyone", "members", "invited", name="depositpolicy", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column(
            "review_policy",
            sa.Enum("review", "direct", name="reviewpolicy", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("types", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_collection_library_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["collection.id"], name=op.f("fk_collection_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection")),
        sa.UniqueConstraint("code", name=op.f("uq_collection_code")),
    )
    with op.batch_alter_table("collection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_collection_library_id"), ["library_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_collection_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_collection_path"), ["path"], unique=False)
        batch_op.create_index(batch_op.f("ix_collection_sort_name"), ["sort_name"], unique=False)

    op.create_table(
        "oai_payload",
        sa.Column(
            "prefix",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ds", sa.DateTime(timezone=True), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["oai_record.id"], name=op.f("fk_oai_payload_id")),
        sa.PrimaryKeyConstraint("prefix", "id", name=op.f("pk_oai_payload")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("oai_payload", schema=None) as batch_op:
        batch_op.create_index("ix_oai_payload_ds", ["prefix", "ds", "id"], unique=False)

    op.create_table(
        "oai_set_member",
        sa.Column(
            "spec",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("ds", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["oai_record.id"], name=op.f("fk_oai_set_member_id")),
        sa.PrimaryKeyConstraint("spec", "ds", "id", name=op.f("pk_oai_set_member")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("oai_set_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oai_set_member_id"), ["id"], unique=False)

    op.create_table(
        "person_word",
        sa.Column(
            "word",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_word_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word", "person_id", name=op.f("pk_person_word")),
    )
    with op.batch_alter_table("person_word", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_word_person_id"), ["person_id"], unique=False)

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
        "item",
        sa.Column("id", sa.String(length=9), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("depositor_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=80), nullable=True),
        sa.Column("source_key", sa.String(length=400), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("current_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("type", sa.String(length=40), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column(
            "title_sort",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "title_fold",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "access",
            sa.Enum("open", "embargoed", "restricted", "closed", name="access", native_enum=False, length=16),
            nullable=True,
        ),
        sa.Column("embargo_until", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("replaced_by", sa.String(length=9), nullable=True),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("fk_item_collection_id")),
        sa.ForeignKeyConstraint(["current_id"], ["version.id"], name="fk_item_current_id_version", use_alter=True),
        sa.ForeignKeyConstraint(["depositor_id"], ["person.id"], name=op.f("fk_item_depositor_id")),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_item_library_id")),
        sa.ForeignKeyConstraint(["replaced_by"], ["item.id"], name=op.f("fk_item_replaced_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_item_source_source_key")),
    )
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.create_index("ix_item_collection_newest", ["collection_id", "published_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_depositor_id"), ["depositor_id"], unique=False)
        batch_op.create_index("ix_item_embargo", ["embargo_until"], unique=False)
        batch_op.create_index("ix_item_fold", ["title_fold", "year"], unique=False)
        batch_op.create_index("ix_item_library_newest", ["library_id", "published_at", "id"], unique=False)
        batch_op.create_index("ix_item_newest", ["published_at", "id"], unique=False)
        batch_op.create_index("ix_item_title", ["title_sort", "id"], unique=False)
        batch_op.create_index("ix_item_type_newest", ["type", "published_at", "id"], unique=False)
        batch_op.create_index("ix_item_year", ["year", "published_at", "id"], unique=False)

    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "name",
            sa.Enum(
                "administrator",
                "librarian",
                "digitizer",
                "reviewer",
                "depositor",
                "member",
                name="rolename",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("collection_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("fk_role_collection_id")),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_role_library_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint(
            "person_id",
            "name",
            "library_id",
            "collection_id",
            name=op.f("uq_role_person_id_name_library_id_collection_id"),
        ),
    )
    with op.batch_alter_table("role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_collection_id"), ["collection_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_library_id"), ["library_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_person_id"), ["person_id"], unique=False)

    op.create_table(
        "address",
        sa.Column("path", sa.String(length=400), nullable=False),
        sa.Column("item_id", sa.String(length=9), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_address_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_address")),
    )
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_address_item_id"), ["item_id"], unique=False)

    op.create_table(
        "batch_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source_key", sa.String(length=400), nullable=True),
        sa.Column("item_id", sa.String(length=9), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("messages", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_row_batch_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_batch_row_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_row")),
        sa.UniqueConstraint("batch_id", "position", name=op.f("uq_batch_row_batch_id_position")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("item_id", sa.String(length=9), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("before", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
        sa.Column("after", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_event_actor_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_event_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_item", ["item_id", "id"], unique=False)
        batch_op.create_index("ix_event_subject", ["subject", "id"], unique=False)

    op.create_table(
        "heading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=9), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.String(length=400), nullable=False),
        sa.Column("fold", sa.String(length=400), nullable=False),
        sa.Column("letter", sa.String(length=4), nullable=False),
        sa.Column(
            "sort_key",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_heading_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heading")),
    )
    with op.batch_alter_table("heading", schema=None) as batch_op:
        batch_op.create_index("ix_heading_fold", ["kind", "fold", "item_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_heading_item_id"), ["item_id"], unique=False)
        batch_op.create_index("ix_heading_sort", ["kind", "sort_key", "fold"], unique=False)

    op.create_table(
        "identifier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=9), nullable=False),
        sa.Column("scheme", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=400), nullable=False),
        sa.Column("minted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_identifier_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identifier")),
    )
    with op.batch_alter_table("identifier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identifier_item_id"), ["item_id"], unique=False)
        batch_op.create_index("ix_identifier_value", ["scheme", "value"], unique=False)
        batch_op.create_index(
            "uq_identifier_minted",
            ["scheme", "value"],
            unique=True,
            sqlite_where=sa.text("minted"),
            postgresql_where=sa.text("minted"),
        )

    op.create_table(
        "item_collection",
        sa.Column("item_id", sa.String(length=9), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("fk_item_collection_collection_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_collection_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", "collection_id", name=op.f("pk_item_collection")),
    )
    with op.batch_alter_table("item_collection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_collection_collection_id"), ["collection_id"], unique=False)

    op.create_table(
        "version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=9), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "submitted", "accepted", "published", name="versionstate", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("meta", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("ocfl_version", sa.Integer(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("agreement", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
        sa.Column("editor_id", sa.Integer(), nullable=True),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["editor_id"], ["person.id"], name=op.f("fk_version_editor_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_version_item_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_version_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sa.UniqueConstraint("item_id", "number", "revision", name=op.f("uq_version_item_id_number_revision")),
    )
    with op.batch_alter_table("version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_version_editor_id"), ["editor_id"], unique=False)
        batch_op.create_index("ix_version_state", ["state", "submitted_at", "id"], unique=False)

    op.create_table(
        "file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("original", "private", "agreement", name="filerole", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("digest", sa.String(length=128), nullable=False),
        sa.Column("upload_id", sa.String(length=32), nullable=True),
        sa.Column(
            "access",
            sa.Enum("open", "embargoed", "restricted", "closed", name="access", native_enum=False, length=16),
            nullable=True,
        ),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["digest"], ["blob.digest"], name=op.f("fk_file_digest")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_file_version_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        sa.UniqueConstraint("version_id", "name", name=op.f("uq_file_version_id_name")),
    )
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_file_digest"), ["digest"], unique=False)

    op.create_table(
        "upload",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column(
            "role",
            sa.Enum("original", "private", "agreement", name="filerole", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("receiving", "waiting", "read", "refused", name="uploadstate", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("digest", sa.String(length=128), nullable=True),
        sa.Column("refusal", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_upload_person_id")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_upload_version_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_upload_touched_at"), ["touched_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_upload_version_id"), ["version_id"], unique=False)

    op.create_table(
        "page",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("stable_id", sa.String(length=16), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=True),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("rotation", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_page_file_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_page_version_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page")),
        sa.UniqueConstraint("version_id", "stable_id", name=op.f("uq_page_version_id_stable_id")),
    )
    with op.batch_alter_table("page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_page_version_id"), ["version_id"], unique=False)

    op.create_table(
        "page_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("script", sa.String(length=8), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_page_text_page_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_text")),
        sa.UniqueConstraint("page_id", "revision", name=op.f("uq_page_text_page_id_revision")),
    )

    if op.get_bind().dialect.name == "postgresql":
        # item and version name each other. SQLite takes the constraint with the table, before there is a version.
        op.create_foreign_key(op.f("fk_item_current_id_version"), "item", "version", ["current_id"], ["id"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("fk_item_current_id_version"), "item", type_="foreignkey")
    op.drop_table("page_text")
    with op.batch_alter_table("page", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_page_version_id"))

    op.drop_table("page")
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_upload_version_id"))
        batch_op.drop_index(batch_op.f("ix_upload_touched_at"))
        batch_op.drop_index(batch_op.f("ix_upload_person_id"))

    op.drop_table("upload")
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_file_digest"))

    op.drop_table("file")
    with op.batch_alter_table("version", schema=None) as batch_op:
        batch_op.drop_index("ix_version_state")
        batch_op.drop_index(batch_op.f("ix_version_editor_id"))

    op.drop_table("version")
    with op.batch_alter_table("item_collection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_item_collection_collection_id"))

    op.drop_table("item_collection")
    with op.batch_alter_table("identifier", schema=None) as batch_op:
        batch_op.drop_index("uq_identifier_minted", sqlite_where=sa.text("minted"), postgresql_where=sa.text("minted"))
        batch_op.drop_index("ix_identifier_value")
        batch_op.drop_index(batch_op.f("ix_identifier_item_id"))

    op.drop_table("identifier")
    with op.batch_alter_table("heading", schema=None) as batch_op:
        batch_op.drop_index("ix_heading_sort")
        batch_op.drop_index(batch_op.f("ix_heading_item_id"))
        batch_op.drop_index("ix_heading_fold")

    op.drop_table("heading")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_subject")
        batch_op.drop_index("ix_event_item")

    op.drop_table("event")
    op.drop_table("batch_row")
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_address_item_id"))

    op.drop_table("address")
    with op.batch_alter_table("role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_person_id"))
        batch_op.drop_index(batch_op.f("ix_role_library_id"))
        batch_op.drop_index(batch_op.f("ix_role_collection_id"))

    op.drop_table("role")
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.drop_index("ix_item_year")
        batch_op.drop_index("ix_item_type_newest")
        batch_op.drop_index("ix_item_title")
        batch_op.drop_index("ix_item_newest")
        batch_op.drop_index("ix_item_library_newest")
        batch_op.drop_index("ix_item_fold")
        batch_op.drop_index("ix_item_embargo")
        batch_op.drop_index(batch_op.f("ix_item_depositor_id"))
        batch_op.drop_index("ix_item_collection_newest")

    op.drop_table("item")
    op.drop_table("batch")
    with op.batch_alter_table("person_word", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_word_person_id"))

    op.drop_table("person_word")
    with op.batch_alter_table("oai_set_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oai_set_member_id"))

    op.drop_table("oai_set_member")
    with op.batch_alter_table("oai_payload", schema=None) as batch_op:
        batch_op.drop_index("ix_oai_payload_ds")

    op.drop_table("oai_payload")
    with op.batch_alter_table("collection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_collection_sort_name"))
        batch_op.drop_index(batch_op.f("ix_collection_path"))
        batch_op.drop_index(batch_op.f("ix_collection_parent_id"))
        batch_op.drop_index(batch_op.f("ix_collection_library_id"))

    op.drop_table("collection")
    op.drop_table("usage_total")
    op.drop_table("usage_log")
    with op.batch_alter_table("usage_event", schema=None) as batch_op:
        batch_op.drop_index("ix_usage_event_item")
        batch_op.drop_index("ix_usage_event_at")

    op.drop_table("usage_event")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_sort_name"))

    op.drop_table("person")
    op.drop_table("oai_set")
    with op.batch_alter_table("oai_record", schema=None) as batch_op:
        batch_op.drop_index("ix_oai_record_ds")

    op.drop_table("oai_record")
    with op.batch_alter_table("library", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_library_sort_name"))

    op.drop_table("library")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_job_running", sqlite_where=sa.text("state = 'running'"), postgresql_where=sa.text("state = 'running'")
        )
        batch_op.drop_index(
            "uq_job_queued", sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'")
        )
        batch_op.drop_index("ix_job_state")
        batch_op.drop_index("ix_job_kind_key")
        batch_op.drop_index("ix_job_due")

    op.drop_table("job")
    op.drop_table("fact")
    op.drop_table("blob")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_last_at"))

    op.drop_table("attempt")
