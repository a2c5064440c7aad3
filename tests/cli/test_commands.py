"""The commands, as an administrator or a script meets them: what they print, and their exit status."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from repo.cli import main
from tests.services.server import muras_command, muras_environment

Muras = Callable[..., Result]


@pytest.fixture
def muras(tmp_path: Path, database_url: str) -> Muras:
    """`muras("user", "list", input="…", MURAS_PORT="1")` runs a command in this process."""
    runner = CliRunner()

    def run(*arguments: str, input: str | None = None, **settings: str) -> Result:
        environment = {"MURAS_DATA_DIR": str(tmp_path / "data"), "MURAS_DATABASE_URL": database_url, **settings}
        return runner.invoke(main, arguments, input=input, env={"LC_ALL": "C.UTF-8", **environment})

    return run


def test_help_needs_nothing_heavy() -> None:
    code = (
        "import sys; from repo.cli import main; "
        "heavy = {'flask', 'sqlalchemy', 'pydantic', 'granian', 'tantivy', 'lxml'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_command_says_what_it_does(muras: Muras) -> None:
    listed = muras("--help").stdout.partition("Commands:")[2]
    assert set(main.commands) == {
        line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "
    }
    assert all(command.help for command in main.commands.values())


def test_version(muras: Muras) -> None:
    assert muras("--version").stdout.startswith("Muras 0.")


def test_a_wrong_setting_is_one_line(muras: Muras) -> None:
    done = muras("user", "list", MURAS_PORT="many")
    assert done.exit_code == 2
    assert done.stderr.startswith("Error: MURAS_PORT='many': ")
    assert len(done.stderr.splitlines()) == 1


def test_a_new_data_directory_wants_init(tmp_path: Path) -> None:
    environment = muras_environment(tmp_path / "data", {})
    before = subprocess.run(muras_command("user", "list"), env=environment, capture_output=True, text=True)
    assert (before.returncode, before.stderr) == (
        2,
        "Error: the tables are not there or not up to date: run `muras init` first\n",
    )
    assert subprocess.run(muras_command("init"), env=environment, capture_output=True).returncode == 0
    after = subprocess.run(muras_command("user", "list", "--json"), env=environment, capture_output=True, text=True)
    assert (after.returncode, json.loads(after.stdout)) == (0, [])


def test_people(muras: Muras) -> None:
    asked = ("user", "add", "Aida@Example.kg", "--name", "Аида", "--role", "administrator", "--password-stdin")
    assert muras(*asked, input="a long enough password\n").exit_code == 0
    again = muras(*asked, input="a long enough password\n")
    assert (again.exit_code, "email" in again.stderr) == (1, True)
    (person,) = json.loads(muras("user", "list", "--json").stdout)
    assert person == {"email": "aida@example.kg", "name": "Аида", "state": "active", "roles": ["administrator"]}
    assert "aida@example.kg  Аида  active  administrator" in muras("user", "list").stdout
    made = muras("user", "password", "aida@example.kg", "--generate")
    assert (made.exit_code, made.stdout.splitlines()[0].startswith("Password: ")) == (0, True)
    assert muras("user", "password", "nobody@example.kg", "--generate").exit_code == 1
    assert muras("user", "password", "aida@example.kg", "--generate", "--password-stdin").exit_code == 2


def test_a_weak_password_is_refused_in_the_terminals_language(muras: Muras) -> None:
    asked = ("user", "add", "aida@example.kg", "--name", "Аида", "--password-stdin")
    english = muras(*asked, input="short\n")
    assert english.exit_code == 1
    assert english.stderr.isascii()
    assert not muras(*asked, input="short\n", LC_ALL="ru_RU.UTF-8").stderr.isascii()
    assert json.loads(muras("user", "list", "--json").stdout) == []


def test_libraries_and_collections(muras: Muras) -> None:
    assert muras("library", "add", "knb", "--ky", "Улуттук китепкана", "--ru", "Национальная библиотека").exit_code == 0
    assert muras("collection", "add", "works", "--library", "knb", "--ky", "Эмгектер").exit_code == 0
    assert muras("collection", "add", "theses", "--library", "knb", "--parent", "works", "--ky", "Ишмер").exit_code == 0
    assert muras("collection", "add", "theses", "--library", "knb", "--ky", "Ишмер").exit_code == 1
    assert muras("collection", "add", "more", "--library", "nowhere", "--ky", "Дагы").exit_code == 2
    (library,) = json.loads(muras("library", "list", "--json").stdout)
    assert (library["code"], library["status"]) == ("knb", "active")
    assert [row["code"] for row in json.loads(muras("collection", "list", "--json").stdout)] == ["works", "theses"]
    assert "theses  knb      " in muras("collection", "list").stdout


def test_a_role_has_its_place(muras: Muras) -> None:
    muras("library", "add", "knb", "--ky", "Улуттук китепкана")
    asked = ("user", "add", "b@example.kg", "--name", "Бермет", "--generate", "--role", "librarian")
    assert muras(*asked).exit_code == 2, "a librarian of nothing"
    assert muras(*asked, "--library", "nowhere").exit_code == 2
    assert json.loads(muras("user", "list", "--json").stdout) == []
    assert muras(*asked, "--library", "knb").exit_code == 0
    assert json.loads(muras("user", "list", "--json").stdout)[0]["roles"] == ["librarian@knb"]


def test_reindex(muras: Muras) -> None:
    assert muras("reindex").stdout == "The index holds 0 works.\n"
