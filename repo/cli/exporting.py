"""Leaving with everything: muras export."""

import sys
from pathlib import Path

import click

from repo.cli.context import REFUSED, as_json, in_app, print_json

FORMATS = ("csv", "saf", "bagit", "marcxml", "iso2709", "unimarc", "mets")
"""Of `ingest.exporting`, which is not loaded before it is used."""


@click.command("export")
@click.option("--library", default="", metavar="CODE", help="All works of a library.")
@click.option("--collection", default="", metavar="CODE", help="All works of a collection and those below it.")
@click.option("--item", "items", multiple=True, metavar="ID", help="A work; may be given again.")
@click.option("--format", "name", required=True, type=click.Choice(FORMATS))
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A new folder, or an archive when it ends in .zip.",
)
@click.option("--no-files", is_flag=True, help="Descriptions alone.")
@as_json
@in_app
def export(
    library: str, collection: str, items: tuple[str, ...], name: str, target: Path, no_files: bool, as_json: bool
) -> None:
    """Write works with their files as a package that other systems read.

    Private and embargoed files come along; of withdrawn works only a list does, and drafts stay. Interrupted, it goes
    on where it was when it is called again. Exit status 3 when files were missing or damaged: remarks.txt names them.
    """
    from ingest.export import Errand, Order, run_export
    from ingest.export_reading import Selection

    if sum(map(bool, (library, collection, items))) != 1:
        raise click.UsageError("name one --library, one --collection, or --item as often as you like")
    order = Order(Selection(library, collection, items), name, not no_files)
    state = run_export(order, target, Errand(_say_progress))
    assert state is not None  # nobody has it left in between
    told = {
        "works": state.done - state.withdrawn,
        "withdrawn": state.withdrawn,
        "remarks": state.remarks,
        "missing_or_damaged_files": state.faults,
    }
    if as_json:
        print_json({"path": str(target), **told})
    else:
        click.echo(f"{target}: " + ", ".join(f"{number} {word.replace('_', ' ')}" for word, number in told.items()))
    if state.faults:
        raise SystemExit(REFUSED)


def _say_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {total} works", nl=False, err=True)


COMMANDS = (export,)
