"""Looking after an installation: doctor, reindex."""

import click

from repo.cli.context import as_json, in_app, print_json

SIGNS = {"good": ("ok", "green"), "warning": ("!", "yellow"), "bad": ("FAIL", "red")}


@click.command()
@as_json
@in_app
def doctor(as_json: bool) -> None:
    """Look at everything that can go wrong, and say what to do. Exit status 1 when something is."""
    import repo.admin.doctor
    import repo.demo.checks  # noqa: F401  # both register what they look at
    from repo.checkup import Level, examine

    examined = examine()
    if as_json:
        print_json({name: [vars(finding) for finding in findings] for name, findings in examined.items()})
    else:
        for name, findings in examined.items():
            for finding in findings:
                sign, colour = SIGNS[finding.level]
                click.echo(f"{click.style(f'{sign:>4}', fg=colour)}  {name}: {finding.text}")
                if finding.advice:
                    click.echo(f"      {finding.advice}")
    if any(finding.level is Level.BAD for findings in examined.values() for finding in findings):
        raise SystemExit(1)


@click.command()
@in_app
def reindex() -> None:
    """Make the search index anew from the rows; readers use the old one meanwhile."""
    from repo.search.services.indexing import rebuild_index

    click.echo(f"The index holds {rebuild_index()} works.")


COMMANDS = (doctor, reindex)
