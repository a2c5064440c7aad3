"""The only place that names engines: builds the file store, the search engine and the queue from the settings."""

from flask import Flask

from repo.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Put the parts where the rooms look for them: `repo.storage.store()`, `repo.search.engine()`, `repo.jobs.queue()`."""
