"""The web server: granian, with settings found by measuring (docs/decisions.md, 23 November 2026).

A request holds a thread for as long as its body comes in or its answer goes out; granian passes both on in small
pieces and keeps neither in memory. So there are threads enough for many slow readers; they are begun when they
are needed and end when they are not.
"""

import gc
import multiprocessing
import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING

from repo.errors import SettingsError
from repo.processes import end_with_parent, leave_ending_to_root

if TYPE_CHECKING:
    from flask import Flask

    from repo.settings import Settings

THREADS = 64
"""Requests that a process answers at a time; each slow download or upload is one of them."""

CONNECTIONS = 512
"""Connections that a process holds; browsers keep some open between requests, for half a minute."""

STOP_PATIENCE = 5
"""Seconds for requests to end, when the server is to."""

READING = ("base", "browse/", "discovery/", "errors/", "frame/", "house/", "macros/", "search/")
"""The templates that readers see, which each process would compile for itself."""


def serve_web(app: "Flask", settings: "Settings") -> None:
    """Answer requests until SIGTERM or SIGINT. Raises SystemExit when its processes end again and again."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    multiprocessing.set_start_method("fork", force=True)  # the processes share what is loaded here
    parent = os.getpid()

    def begin_process() -> "Flask":
        end_with_parent(parent)
        leave_ending_to_root()
        return app

    share_memory(app)
    Granian(
        "muras",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,  # whoever wants HTTP/2 has a proxy that encrypts in front
        workers=settings.web_processes,
        blocking_threads=THREADS,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_PATIENCE,
        log_level=LogLevels.error,  # it warns of many threads: they are meant
        log_dictconfig={"formatters": {}, "handlers": {}, "loggers": {}},  # logs go where all others go
    ).serve(target_loader=begin_process, wrap_loader=False)


def share_memory(app: "Flask") -> None:
    """Before a fork: load what each process would load for itself at its first requests, and let it lie.

    What the processes share they pay for once; the collector does not touch what is frozen, and so it stays shared.
    """
    from babel import Locale
    from flask_babel import gettext
    from sqlalchemy.orm import configure_mappers

    from repo.web.languages import LANGUAGES, with_language

    configure_mappers()
    app.url_map.update()
    for name in app.jinja_env.list_templates(filter_func=lambda name: name.startswith(READING)):
        app.jinja_env.get_template(name)
    with app.app_context():
        for language in LANGUAGES:
            Locale.parse(language).plural_form  # noqa: B018  # reads the language's data
            with with_language(language):
                gettext("Muras")
    gc.collect()
    gc.freeze()


def check_port(settings: "Settings") -> None:
    """Raise SettingsError when another program listens there: granian would share the port with it unnoticed."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            advice = "end the other program or choose another MURAS_PORT"
            raise SettingsError(f"cannot listen on {where} ({error.strerror}): {advice}") from None
