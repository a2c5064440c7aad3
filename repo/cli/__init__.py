"""The `muras` command: thin commands over services, in a module a subject.

Exit status: 0 done, 1 failed, 2 wrong usage or settings, 3 finished, but some rows were refused. What a command
needs is imported inside it, so that `muras --help` answers at once.
"""

from typing import Any

import click

from repo.cli import demo, exporting, harvesting, keeping, libraries, loading, people, serving, survival
from repo.errors import MurasError, SettingsError


class Commands(click.Group):
    """Tells expected errors in one line, without a trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MurasError as error:
            failure = Misused if isinstance(error, SettingsError) else Failed
            raise failure(str(error) or type(error).__name__) from error


class Failed(click.ClickException):
    """An expected error; exit status 1."""


class Misused(Failed):
    """A setting cannot be used."""

    exit_code = 2


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="muras", message="Muras %(version)s")
def main() -> None:
    """Muras, an open access repository. Settings are MURAS_* variables; docs/running.md describes them."""


for subject in (serving, demo, people, libraries, loading, harvesting, exporting, keeping, survival):
    for command in subject.COMMANDS:
        main.add_command(command)
