"""Alembic's environment: inside an application context, on the database of the settings."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from repo.db import Base, Json, UTCDateTime, db


def render_type(kind: str, item: object, autogen_context: Any) -> str | Literal[False]:
    """Write our types in SQLAlchemy's words: a migration must still run when ours have changed."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.JSON | Json):
        autogen_context.imports.add("from sqlalchemy.dialects.postgresql import JSONB")
        return 'sa.JSON().with_variant(JSONB(), "postgresql")'
    return False


def narrow_indexes(dialect: str) -> None:
    """Give each partial index its condition (`repo.db.partial_index`)."""
    for table in Base.metadata.tables.values():
        for index in table.indexes:
            if condition := index.info.get("where"):
                index.dialect_options[dialect]["where"] = sa.text(condition)


def run_migrations() -> None:
    with db.engine.connect() as connection:
        narrow_indexes(connection.dialect.name)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,  # SQLite alters a table by copying it
            compare_type=True,
            render_item=render_type,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
