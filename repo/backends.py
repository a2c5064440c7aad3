"""The only place that names engines: builds the file store, the search engine and the queue from the settings."""

from functools import cache

from flask import Flask

from repo.settings import Settings
from repo.storage.derivatives import Derivatives
from repo.storage.ocfl import OcflStore
from repo.storage.uploads import Uploads


def init_app(app: Flask, settings: Settings) -> None:
    """Put the parts where the rooms look for them.

    `repo.storage.store()`, `uploads()`, `derivatives()`; `repo.search.engine()`; `repo.jobs.queue()`.
    """
    # Made when first asked for: a command that needs no files makes no folders.
    app.extensions["muras.store"] = cache(lambda: OcflStore(settings.ocfl_root, settings.staging_dir))
    app.extensions["muras.uploads"] = cache(lambda: Uploads(settings.uploads_dir))
    app.extensions["muras.derivatives"] = cache(lambda: Derivatives(settings.derivatives))
