"""What has to stand before the first page is served: data directory, tables, stores, the OAI namespace.

`muras init` makes it, every start of `muras serve` sees to it again; done twice it changes nothing.
"""

import logging
from typing import TYPE_CHECKING

from flask import Flask

from oai.namespace import write_namespace
from oai.sets import describe_sets
from repo.admin.backup import save_database
from repo.db import db, now, transaction
from repo.errors import SettingsError
from repo.resources import resource_dir
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
        with transaction() as session:
            write_namespace(current_settings())
            describe_sets(session)


def migrate_database() -> None:
    """Bring the tables to what this release wants; before that, a copy of what stands is kept."""
    from alembic import command

    present, wanted = revisions()
    if present == wanted:
        return
    if present is not None:
        keep_copy(f"before-{wanted}")
    logger.info("the tables go from %s to %s", present or "nothing", wanted)
    command.upgrade(alembic_config(), "head")
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

    scripts = ScriptDirectory.from_config(alembic_config())
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
    """Copy the database, as it stands at one moment, to `backups` of the data directory. Raises BackupError."""
    settings = current_settings()
    folder = settings.data_dir / "backups" / f"{now():%Y%m%d-%H%M%S}-{name}"
    folder.mkdir(mode=0o700, parents=True)
    save_database(settings, folder)
    logger.info("a copy of the database is in %s", folder)


def alembic_config() -> "Config":
    """What Alembic's commands need, inside an application context. It is loaded here and not before: the processes
    that serve pages never migrate."""
    from alembic.config import Config

    folder = resource_dir("migrations")
    config = Config(folder / "alembic.ini")
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config
