"""The demonstration: muras demo [--remove]."""

import sys

import click

from repo.cli.context import as_json, language_of_terminal, print_json, print_table

CLEAR_LINE = "\r\033[K"


@click.command()
@click.option("--remove", is_flag=True, help="Take the demonstration away again, with all that it brought.")
@as_json
def demo(remove: bool, as_json: bool) -> None:
    """Load invented libraries, people and works, to look around in. Done again, it loads what is missing."""
    from repo import backends
    from repo.app import create_app
    from repo.db import db
    from repo.installation import prepare
    from repo.web.languages import with_language

    app = create_app()
    try:
        prepare(app)
        with app.app_context(), with_language(language_of_terminal()):
            _remove(as_json) if remove else _load(as_json)
    finally:
        with app.app_context():
            db.engine.dispose()
        backends.close(app)


def _load(in_json: bool) -> None:
    from repo.demo.services import load_demonstration

    loaded = load_demonstration(_tell)
    if in_json:
        print_json({**vars(loaded), "accounts": [vars(account) for account in loaded.accounts]})
        return
    works = ", ".join(f"{count} {state}" for state, count in loaded.works.items())
    click.echo(f"The demonstration: {loaded.libraries} libraries, {loaded.collections} collections, works: {works}")
    click.echo("Accounts, for trying things out only:")
    rows = [(a.role, a.email, a.password or "(its password was changed)", a.name) for a in loaded.accounts]
    print_table([(f"  {role}", *rest) for role, *rest in rows])
    click.echo("`muras demo --remove` takes everything away again.")


def _remove(in_json: bool) -> None:
    from repo.demo.services import remove_demonstration

    removed = remove_demonstration()
    if in_json:
        print_json(vars(removed))
        return
    gone = [f"{count} {what}" for what, count in vars(removed).items() if count]
    click.echo(f"Removed: {', '.join(gone)}" if gone else "There is no demonstration here.")


def _tell(done: int, total: int) -> None:
    """How far it is, on a terminal."""
    if sys.stderr.isatty():
        said = CLEAR_LINE if done == total else f"\rLoading the demonstration: {done} / {total}"
        click.echo(said, nl=False, err=True)


COMMANDS = (demo,)
