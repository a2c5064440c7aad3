"""What commands share: the application they work in, and how they tell what they did."""

import json
import os
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click

P = ParamSpec("P")
T = TypeVar("T")

REFUSED = 3
"""Exit status of a command that finished but had to leave some rows out."""

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def in_app(command: Callable[P, T]) -> Callable[P, T]:
    """Run a command within the application, on an installation that `muras init` or `muras serve` made."""
    return _within(command, with_tables=True)


def in_empty_app(command: Callable[P, T]) -> Callable[P, T]:
    """Run a command that brings the tables with it."""
    return _within(command, with_tables=False)


def _within(command: Callable[P, T], *, with_tables: bool) -> Callable[P, T]:
    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        from repo import backends
        from repo.app import create_app
        from repo.db import db
        from repo.installation import require_tables
        from repo.web.languages import with_language

        app = create_app()
        try:
            with app.app_context(), with_language(language_of_terminal()):
                if with_tables:
                    require_tables()
                return command(*args, **kwargs)
        finally:
            with app.app_context():
                db.engine.dispose()
            backends.close(app)

    return run


def language_of_terminal() -> str:
    """The language in which services tell what is wrong: the administrator's, if it is one of ours."""
    wish = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return wish[:2] if wish[:2] in ("ky", "ru") else "en"


def print_json(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def print_table(rows: list[tuple[str, ...]]) -> None:
    """Print rows in columns; the last one may be as long as it likes."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())
