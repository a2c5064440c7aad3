"""What holds for the house as a whole: import rules, and that everything an administrator can use is described."""

import re
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import click
import pytest

from repo.cli import main
from repo.settings import setting_names, variable_of

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def running() -> str:
    """What administrators read."""
    return (ROOT / "docs/running.md").read_text()


def test_imports_point_down() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_room_has_its_place_in_the_order() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    placed = set(re.findall(r"[\w.]+", config["importlinter:contract:house"]["layers"]))
    modules = {f"repo.{path.stem}" for path in (ROOT / "repo").glob("*.py") if path.stem != "__init__"}
    rooms = {f"repo.{path.parent.name}" for path in (ROOT / "repo").glob("*/__init__.py")}
    assert modules | rooms | {"oai", "ingest"} == placed


@pytest.mark.parametrize("name", setting_names())
def test_setting_is_described(name: str, running: str) -> None:
    assert f"`{variable_of(name)}`" in running


def test_no_setting_is_described_that_is_not(running: str) -> None:
    described = set(re.findall(r"`(MURAS_[A-Z_]+)`", running))
    assert described <= {variable_of(name) for name in setting_names()}


def commands(group: click.Group, path: str) -> Iterator[str]:
    """The path of every command below `group`, like `muras user add`."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


@pytest.mark.parametrize("path", list(commands(main, "muras")))
def test_command_is_described(path: str, running: str) -> None:
    assert re.search(rf"\b{path}\b", running)


def test_words_of_make_are_described() -> None:
    printed = subprocess.check_output(["make", "--no-print-directory", "help"], cwd=ROOT, text=True)
    assert re.findall(r"^make (\w+)", printed, re.M)
    developing = (ROOT / "docs/developing.md").read_text()
    needed_rarely = {"help", "messages", "assets", "services"}
    for word in set(re.findall(r"^make (\w+)", printed, re.M)) - needed_rarely:
        assert f"`make {word}`" in developing


def test_changelog_begins_with_this_version() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    newest = re.search(r"^## ([\d.]+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert newest
    assert newest[1] == config["metadata"]["version"]
