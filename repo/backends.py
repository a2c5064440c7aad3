"""The only place that names engines: builds the file store, the search engine and the queue from the settings.

Each is built when it is first asked for, so that a process holds only what it uses: most requests need neither
the writer of the index nor the queue.
"""

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from flask import Flask

from repo.settings import Settings

if TYPE_CHECKING:
    from ingest.sandbox import Sandbox
    from repo.jobs.ports import Queue
    from repo.search.ports import SearchEngine
    from repo.storage.derivatives import Derivatives
    from repo.storage.ports import ObjectStore
    from repo.storage.uploads import Uploads

T = TypeVar("T")


class Lazy(Generic[T]):
    """Calls `build` once, when it is first called itself."""

    def __init__(self, build: Callable[[], T]) -> None:
        self._build = build
        self._lock = Lock()
        self._built: T | None = None

    def __call__(self) -> T:
        if self._built is None:
            with self._lock:
                if self._built is None:
                    self._built = self._build()
        return self._built

    def built(self) -> T | None:
        """What was built, if anything was."""
        return self._built


def init_app(app: Flask, settings: Settings) -> None:
    """Put the parts where the rooms look for them: `repo.storage.store()`, `repo.search.engine()`, `repo.jobs.queue()`.

    `settings` are checked: each address begins with a scheme that is known here.
    """
    app.extensions["muras.store"] = Lazy(lambda: build_store(settings))
    app.extensions["muras.uploads"] = Lazy(lambda: build_uploads(settings))
    app.extensions["muras.derivatives"] = Lazy(lambda: build_derivatives(settings))
    app.extensions["muras.search"] = Lazy(lambda: build_search(settings))
    app.extensions["muras.queue"] = Lazy(lambda: build_queue(settings))
    app.extensions["muras.sandbox"] = Lazy(lambda: build_sandbox(settings))


def close(app: Flask) -> None:
    """Let go of files and locks of the parts that were used."""
    for name in ("muras.search", "muras.queue", "muras.sandbox"):
        if part := app.extensions[name].built():
            part.close()


def build_store(settings: Settings) -> "ObjectStore":
    from repo.storage.ocfl import OcflStore

    return OcflStore(settings.ocfl_root, settings.staging_dir)


def build_uploads(settings: Settings) -> "Uploads":
    from repo.storage.uploads import Uploads

    return Uploads(settings.uploads_dir)


def build_derivatives(settings: Settings) -> "Derivatives":
    from repo.storage.derivatives import Derivatives

    return Derivatives(settings.derivatives)


def build_search(settings: Settings) -> "SearchEngine":
    if settings.search_url.startswith("http"):
        from repo.addresses import read_cluster_address
        from repo.search.elasticsearch import ElasticsearchEngine

        return ElasticsearchEngine(read_cluster_address(settings.search_url))
    from repo.search.tantivy import TantivyEngine

    return TantivyEngine(settings.index_dir)


def build_queue(settings: Settings) -> "Queue":
    from repo.jobs.carrier import FileQueue

    return FileQueue(settings.queue_path)


def build_sandbox(settings: Settings) -> "Sandbox":
    """The children in which files are parsed: they may read uploads and objects, and nothing else of ours."""
    from ingest.pipeline import open_sandbox

    return open_sandbox(readable=(settings.uploads_dir, settings.ocfl_root))
