"""Surviving: backup, restore, verify, rebuild, expunge."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from repo.cli.context import as_json, in_app, in_empty_app, print_json


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@in_app
def backup(folder: Path) -> None:
    """Write a backup into a new folder below FOLDER, while the house is open.

    Files that the last backup there holds are linked, not copied again.
    """
    from repo.admin.backup import make_backup

    made = make_backup(folder, _say_count("copied"))
    click.echo(f"\r{made}")


@click.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--verify", "then_verify", is_flag=True, help="Afterwards compare every byte with its checksum.")
@in_empty_app
def restore(source: Path, then_verify: bool) -> None:
    """Bring the backup SOURCE back into an empty data directory."""
    from repo.admin.backup import restore_backup

    facts = restore_backup(source, _say_count("copied"))
    click.echo(f"\rrestored: {facts.items} public items, backup of {facts.created}")
    if then_verify:
        _verify()
    click.echo("Next: muras serve. The search index and thumbnails are made anew.")


@click.command()
@as_json
@in_app
def verify(as_json: bool) -> None:
    """Compare every file with its checksum and every row with its files. Exit status 1 when something is wrong."""
    _verify(as_json)


@click.command()
@as_json
@in_app
def rebuild(as_json: bool) -> None:
    """Restore libraries, collections and items from the OCFL root alone, into an empty database."""
    from repo.items.services.rebuilding import Rebuilt
    from repo.items.services.rebuilding import rebuild as restore_rows

    say, done = _say_count("items"), Rebuilt()
    for done in restore_rows():
        say(done.items)
    if as_json:
        print_json(vars(done))
    else:
        click.echo("\rrestored:")
        for name in ("libraries", "collections", "items", "versions", "withdrawn"):
            click.echo(f"  {getattr(done, name):>8}  {name}")
        click.echo("only a backup restores accounts, roles, drafts, uploads, review history and statistics")
        _say_faults([f"{object_id}: {why}" for object_id, why in done.damaged.items()])
    if done.damaged:
        raise SystemExit(3)


@click.command()
@click.argument("item_id")
@click.option("--reason", required=True, help="Stands on the tombstone and in the history.")
@click.confirmation_option(prompt="This removes the files for ever. Go on?")
@in_app
def expunge(item_id: str, reason: str) -> None:
    """Remove the bytes and the description of an item for good (law, personal data)."""
    from repo.db import db, transaction
    from repo.errors import NotFoundError
    from repo.items.access import SYSTEM
    from repo.items.models import Item
    from repo.items.services.expunging import expunge_item
    from repo.jobs.services import run_pending_jobs

    with transaction():
        item = db.session.get(Item, item_id)
        if item is None:
            raise NotFoundError(f"there is no item {item_id}")
        expunge_item(SYSTEM, item, reason)
    run_pending_jobs("expunge")
    click.echo(f"expunged: {item_id}. Earlier backups still hold it.")


def _verify(in_json: bool = False) -> None:
    from repo.admin.verification import Verified, verify_house

    say, done = _say_count("objects"), Verified()
    for done in verify_house():
        if not in_json:
            say(done.objects)
    if in_json:
        print_json(vars(done))
    else:
        click.echo(f"\rverified: {done.objects} objects, {done.versions} versions, {done.files} files")
        _say_faults(done.faults)
    if done.faults:
        raise SystemExit(1)


def _say_faults(faults: Iterable[str]) -> None:
    for fault in faults:
        click.echo(click.style(f"  {fault}", fg="red"), err=True)


def _say_count(what: str) -> Callable[[int], None]:
    """A function that shows a count on a terminal, now and then."""

    def say(count: int) -> None:
        if count % 100 == 0 and sys.stderr.isatty():
            click.echo(f"\r{count} {what}", nl=False, err=True)

    return say


COMMANDS = (backup, restore, verify, rebuild, expunge)
