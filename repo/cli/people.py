"""People: muras user add | list | password."""

import secrets
import sys
from typing import TYPE_CHECKING

import click

from repo.cli.context import as_json, in_app, print_json, print_table

if TYPE_CHECKING:
    from repo.members.models import Collection, Library, Person

ROLES = ("administrator", "librarian", "digitizer", "reviewer", "depositor", "member")

from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")
generated = click.option("--generate", is_flag=True, help="Make a password and print it.")


@click.group()
def user() -> None:
    """Accounts and their roles."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="As it should be shown.")
@click.option("--role", type=click.Choice(ROLES), help="Without one: somebody without rights of staff.")
@click.option("--library", "library_code", metavar="CODE", help="Where the role is held: a library,")
@click.option("--collection", "collection_code", metavar="CODE", help="or a collection.")
@click.option("--language", type=click.Choice(["ky", "ru", "en"]), default="ky", show_default=True)
@from_stdin
@generated
@in_app
def add(
    email: str,
    name: str,
    role: str | None,
    library_code: str | None,
    collection_code: str | None,
    language: str,
    password_stdin: bool,
    generate: bool,
) -> None:
    """Make an account that can sign in at once."""
    from repo.db import transaction
    from repo.members.actors import SYSTEM
    from repo.members.models import RoleName
    from repo.members.services.accounts import create_person
    from repo.members.services.roles import grant_role

    password = ask_password(password_stdin, generate)
    with transaction():
        library, collection = find_place(library_code, collection_code)
        person = create_person(SYSTEM, name=name, email=email, language=language, password=password)
        if role:
            try:
                grant_role(SYSTEM, person, RoleName(role), library=library, collection=collection)
            except ValueError as error:
                raise click.UsageError(str(error)) from error
    click.echo(f"{person.email} can sign in.")


@user.command()
@click.argument("email")
@from_stdin
@generated
@in_app
def password(email: str, password_stdin: bool, generate: bool) -> None:
    """Set a new password; all sessions of the account end."""
    from repo.db import transaction
    from repo.members.people import find_person
    from repo.members.services.accounts import reset_password

    new = ask_password(password_stdin, generate)
    with transaction():
        person = find_person(email.lower())
        if person is None:
            raise click.ClickException(f"nobody has the address {email}")
        reset_password(person, new)
    click.echo(f"{person.email} has a new password.")


@user.command("list")
@as_json
@in_app
def list_users(as_json: bool) -> None:
    """List accounts with their roles."""
    import sqlalchemy as sa
    from sqlalchemy.orm import selectinload

    from repo.db import db
    from repo.members.models import Person, Role

    roles = selectinload(Person.roles)
    query = sa.select(Person).order_by(Person.sort_name, Person.id)
    people = db.session.scalars(query.options(roles.joinedload(Role.library), roles.joinedload(Role.collection)))
    described = [describe_person(person) for person in people]
    if as_json:
        print_json(described)
    else:
        columns = ("email", "name", "state", "roles")
        print_table([columns, *(tuple(_cell(person[column]) for column in columns) for person in described)])


def describe_person(person: "Person") -> dict[str, object]:
    state = "disabled" if person.disabled_at else "active" if person.confirmed_at else "unconfirmed"
    roles = []
    for role in person.roles:
        place = role.collection or role.library
        roles.append(f"{role.name.value}@{place.code}" if place else role.name.value)
    return {"email": person.email, "name": person.name, "state": state, "roles": roles}


def _cell(value: object) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


def ask_password(from_stdin: bool, generate: bool) -> str:
    """Return the password that the options ask for, or that somebody types twice without seeing it."""
    if from_stdin and generate:
        raise click.UsageError("--password-stdin and --generate exclude each other")
    if generate:
        made = secrets.token_urlsafe(12)
        click.echo(f"Password: {made}")
        return made
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def find_place(library_code: str | None, collection_code: str | None) -> tuple["Library | None", "Collection | None"]:
    """Return the library or collection with these codes. Raises UsageError when there is none."""
    import sqlalchemy as sa

    from repo.db import db
    from repo.members.models import Collection, Library

    library = db.session.scalar(sa.select(Library).where(Library.code == library_code)) if library_code else None
    found = sa.select(Collection).where(Collection.code == collection_code)
    collection = db.session.scalar(found) if collection_code else None
    for code, place in ((library_code, library), (collection_code, collection)):
        if code and place is None:
            raise click.UsageError(f"there is no library or collection with the code {code!r}")
    return library, collection


COMMANDS = (user,)
