"""What has to stand before the first page is served: data directory, tables, stores, the OAI namespace.

`muras init` makes it, every start of `muras serve` sees to it again; done twice it changes nothing.
"""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, current_app

from oai.namespace import write_namespace
from repo.db import db, now, transaction
from repo.errors import SettingsError
from repo.settings import current_settings
from repo.storage import derivatives, store, uploads

if TYPE_CHECKING:
    from alembic.config import Config

logger = logging.getLogger(__name__)


def prepare(app: Flask) -> None:
    """See that the installation can serve pages. Raises SettingsError when it cannot be brought to that."""
    with app.app_context():
        migrate_database()
        for part in (store, uploads, derivatives):
            part()  # each makes its folders
        with transaction():
            write_namespace(current_settings())


def migrate_database() -> None:
    """Bring the tables to what this release wants; before that, a copy of what stands is kept."""
    from alembic import command

    present, wanted = revisions()
    if present == wanted:
        return
    if present is not None:
        keep_copy(f"before-{wanted}")
    logger.info("the tables go from %s to %s", present or "nothing", wanted)
    command.upgrade(_alembic(), "head")
    db.engine.dispose()


def require_tables() -> None:
    """Raise SettingsError unless the tables are those of this release: commands change nothing on the way."""
    present, wanted = revisions()
    if present != wanted:
        raise SettingsError("the tables are not there or not up to date: run `muras init` first")


def revisions() -> tuple[str | None, str]:
    """The revision of the tables (None: there are none) and the one that this release wants.

    Raises SettingsError for tables of a later release.
    """
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    scripts = ScriptDirectory.from_config(_alembic())
    wanted = scripts.get_current_head()
    assert wanted is not None
    with db.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    if present is not None:
        try:
            scripts.get_revision(present)
        except CommandError:
            raise SettingsError(f"the database is of a later release than this program ({present})") from None
    return present, wanted


def keep_copy(name: str) -> None:
    """Copy an SQLite database to `backups` of the data directory, as it stands at one moment.

    Other databases are copied by their own tools: `pg_dump` before an upgrade is described in docs/running.md.
    """
    if db.engine.dialect.name != "sqlite":
        return
    folder = current_settings().data_dir / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{now():%Y%m%d-%H%M%S}-{name}.sqlite"
    source = Path(str(db.engine.url.database))
    with closing(sqlite3.connect(source)) as present, closing(sqlite3.connect(path)) as copy:
        present.backup(copy)
    logger.info("a copy of the database is in %s", path)


def _alembic() -> "Config":
    config: Config = current_app.extensions["migrate"].migrate.get_config()
    return config
