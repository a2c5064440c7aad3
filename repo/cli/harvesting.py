"""Harvesting other repositories: muras harvest [SOURCE|--all], muras harvest add | list | show | remove."""

import sys
from typing import TYPE_CHECKING, Any

import click

from repo.cli.context import REFUSED, as_json, in_app, print_json, print_table
from repo.cli.helping import help_until_done
from repo.cli.people import find_place

if TYPE_CHECKING:
    from ingest.models import HarvestSource


class Harvests(click.Group):
    """`muras harvest SOURCE` is `muras harvest run SOURCE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group("harvest", cls=Harvests)
def harvest() -> None:
    """Harvest other repositories over OAI-PMH. SOURCE is its number or its address; without a command it is harvested.

    Exit status: 1 when a source could not be harvested, 3 when records were refused.
    """


@harvest.command("run")
@click.argument("source", required=False)
@click.option("--all", "everything", is_flag=True, help="Harvest every source that is not paused.")
@as_json
@in_app
def run_harvest(source: str | None, everything: bool, as_json: bool) -> None:
    """Harvest SOURCE now, or --all of them. Interrupted, it goes on where it was."""
    from ingest.harvest_sources import list_sources
    from ingest.models import HarvestState
    from repo.members.actors import SYSTEM

    if (source is None) == (not everything):
        raise click.UsageError("name a SOURCE, or --all")
    chosen = [one.id for one in list_sources(SYSTEM) if one.enabled] if source is None else [_find(source).id]
    done = [_harvest(source_id) for source_id in chosen]
    if as_json:
        print_json([_describe(one) for one in done])
    else:
        for one in done:
            click.echo(f"{one.id}  {one.base_url}  {_result(one)}")
    if any(one.state is not HarvestState.DONE for one in done):
        raise SystemExit(1)
    if any(one.counts.get("refused") for one in done):
        raise SystemExit(REFUSED)


@harvest.command("add")
@click.argument("base_url")
@click.option("--collection", "code", required=True, metavar="CODE", help="Where its works are shown.")
@click.option("--set", "set_spec", default="", metavar="SPEC", help="Only this set.")
@click.option("--format", "prefix", default="oai_dc", show_default=True, metavar="PREFIX")
@click.option("--full-texts", is_flag=True, help="Fetch open files too, by METS, OpenAIRE or ORE links.")
@click.option("--every", "hours", type=click.IntRange(1), default=24, show_default=True, metavar="HOURS")
@in_app
def add_source(base_url: str, code: str, set_spec: str, prefix: str, full_texts: bool, hours: int) -> None:
    """Look at the repository at BASE_URL and write it down as a source."""
    from ingest.harvest_looking import look_at_source
    from ingest.harvest_sources import Plan, create_source
    from repo.db import transaction
    from repo.members.actors import SYSTEM

    _library, collection = find_place(None, code)
    assert collection is not None
    plan = Plan(base_url, collection, set_spec, prefix, full_texts, hours)
    identity = look_at_source(SYSTEM, plan)
    with transaction():
        made = create_source(SYSTEM, plan, identity.name)
    click.echo(f"The source {made.id} is there: {identity.name}")


@harvest.command("list")
@as_json
@in_app
def list_all(as_json: bool) -> None:
    """List the sources."""
    from ingest.harvest_sources import list_sources
    from repo.members.actors import SYSTEM

    found = list_sources(SYSTEM)
    if as_json:
        print_json([_describe(one) for one in found])
    else:
        rows = [(str(one.id), one.collection.code, one.prefix, one.base_url, _result(one)) for one in found]
        print_table([("id", "collection", "format", "address", "last harvest"), *rows])


@harvest.command("show")
@click.argument("source")
@click.option("--refused", is_flag=True, help="List the refused records.")
@as_json
@in_app
def show_source(source: str, refused: bool, as_json: bool) -> None:
    """Show one source and what became of its records."""
    from ingest.harvest_messages import say_report
    from ingest.harvest_sources import count_records, list_records
    from ingest.models import HarvestStatus

    found = _find(source)
    told: dict[str, Any] = {**_describe(found), "records": {k.value: n for k, n in count_records(found).items()}}
    cursor, rows = "", []
    while refused:
        page = list_records(found, HarvestStatus.REFUSED, cursor)
        rows += [{"identifier": row.identifier, "report": say_report(row.report)} for row in page.rows]
        cursor, refused = page.after or "", bool(page.after)
    if as_json:
        print_json({**told, "refused": rows})
        return
    print_table([(name, str(value)) for name, value in told.items()])
    for row in rows:
        click.echo(f"{row['identifier']}: {' '.join(row['report'])}")


@harvest.command("remove")
@click.argument("source")
@click.option("--withdraw", is_flag=True, help="Withdraw its works; without it they stay.")
@click.confirmation_option(prompt="The source is no longer harvested. Go on?")
@in_app
def remove(source: str, withdraw: bool) -> None:
    """Forget a source."""
    from ingest.harvest_sources import remove_source
    from repo.db import transaction
    from repo.jobs.services import run_pending_jobs
    from repo.members.actors import SYSTEM

    with transaction():
        remove_source(SYSTEM, _find(source), withdraw=withdraw)
    run_pending_jobs("forget source")
    click.echo("The source is removed.")


def _find(name: str) -> "HarvestSource":
    """A source by its number or its address."""
    from ingest.harvest_sources import list_sources
    from repo.errors import NotFoundError
    from repo.members.actors import SYSTEM

    for one in list_sources(SYSTEM):
        if name in (str(one.id), one.base_url):
            return one
    raise NotFoundError(f"there is no source {name}; see: muras harvest list")


def _harvest(source_id: int) -> "HarvestSource":
    """Ask for a harvest and help with it until it has ended; a worker may do some of it, or all."""
    from ingest.harvest_sources import find_job, load_source, request_harvest
    from repo.db import transaction
    from repo.members.actors import SYSTEM

    with transaction():
        request_harvest(SYSTEM, load_source(source_id))
    help_until_done(lambda: find_job(source_id), lambda: _say_progress(source_id))
    return load_source(source_id)


def _say_progress(source_id: int) -> None:
    from ingest.harvest_sources import load_source
    from repo.db import db

    if sys.stderr.isatty():
        source = load_source(source_id)
        of = f" of {source.size}" if source.size else ""
        click.echo(f"\r{source.base_url}: {sum(source.counts.values())}{of} records", nl=False, err=True)
        db.session.rollback()


def _result(source: "HarvestSource") -> str:
    from ingest.harvest_messages import say_trouble

    if source.error:
        return f"{source.state}: {say_trouble(source.error['code'], source.error['data'])}"
    counts = ", ".join(f"{number} {status}" for status, number in sorted(source.counts.items()))
    return f"{source.state}: {counts or 'nothing new'}"


def _describe(source: "HarvestSource") -> dict[str, Any]:
    return {
        "id": source.id,
        "address": source.base_url,
        "set": source.set_spec,
        "format": source.prefix,
        "collection": source.collection.code,
        "name": source.name,
        "full_texts": source.full_texts,
        "hours": source.hours,
        "enabled": source.enabled,
        "state": source.state.value,
        "error": source.error,
        "counts": source.counts,
        "since": source.since,
    }


COMMANDS = (harvest,)
