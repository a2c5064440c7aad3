"""Member libraries and their collections: muras library add | list, muras collection add | list."""

import click

from repo.cli.context import as_json, in_app, print_json, print_table
from repo.cli.people import find_place

in_kyrgyz = click.option("--ky", metavar="NAME", help="Name in Kyrgyz.")
in_russian = click.option("--ru", metavar="NAME", help="Name in Russian.")
in_english = click.option("--en", metavar="NAME", help="Name in English.")


@click.group()
def library() -> None:
    """Member libraries."""


@library.command("add")
@click.argument("code")
@in_kyrgyz
@in_russian
@in_english
@click.option("--isil", help="The library's ISIL.")
@click.option("--ror", help="Its ROR id.")
@click.option("--website", help="Its own site.")
@in_app
def add_library(
    code: str, ky: str | None, ru: str | None, en: str | None, isil: str | None, ror: str | None, website: str | None
) -> None:
    """Make a member library."""
    from repo.db import transaction
    from repo.members.actors import SYSTEM
    from repo.members.services.libraries import create_library

    more = {name: value for name, value in (("isil", isil), ("ror", ror), ("website", website)) if value}
    with transaction():
        made = create_library(SYSTEM, code=code, names=names_given(ky, ru, en), **more)
    click.echo(f"The library {made.code} is there.")


@library.command("list")
@as_json
@in_app
def list_libraries(as_json: bool) -> None:
    """List member libraries."""
    import sqlalchemy as sa

    from repo.db import db
    from repo.members.models import Library

    found = db.session.scalars(sa.select(Library).order_by(Library.sort_name)).all()
    if as_json:
        print_json([{"code": one.code, "names": one.names, "status": one.status.value} for one in found])
    else:
        print_table([("code", "status", "name"), *((one.code, one.status.value, one.name("ky")) for one in found)])


@click.group()
def collection() -> None:
    """Collections of the libraries."""


@collection.command("add")
@click.argument("code")
@click.option("--library", "library_code", required=True, metavar="CODE", help="The library that it belongs to.")
@click.option("--parent", "parent_code", metavar="CODE", help="The collection that it is a part of.")
@in_kyrgyz
@in_russian
@in_english
@click.option("--deposit", type=click.Choice(["anyone", "members", "invited"]), default="members", show_default=True)
@in_app
def add_collection(
    code: str, library_code: str, parent_code: str | None, ky: str | None, ru: str | None, en: str | None, deposit: str
) -> None:
    """Make a collection; --deposit says who may deposit into it."""
    from repo.db import transaction
    from repo.members.actors import SYSTEM
    from repo.members.models import DepositPolicy
    from repo.members.services.collections import create_collection

    with transaction():
        owner, parent = find_place(library_code, parent_code)
        assert owner is not None
        policy, names = DepositPolicy(deposit), names_given(ky, ru, en)
        made = create_collection(SYSTEM, owner, code=code, names=names, parent=parent, deposit_policy=policy)
    click.echo(f"The collection {made.code} is there.")


@collection.command("list")
@as_json
@in_app
def list_collections(as_json: bool) -> None:
    """List collections, each after the one that it is a part of."""
    import sqlalchemy as sa
    from sqlalchemy.orm import joinedload

    from repo.db import db
    from repo.members.models import Collection

    query = sa.select(Collection).options(joinedload(Collection.library)).order_by(Collection.path)
    found = db.session.scalars(query).all()
    if as_json:
        rows = [{"code": one.code, "library": one.library.code, "path": one.path, "names": one.names} for one in found]
        print_json(rows)
    else:
        table = [(one.code, one.library.code, "  " * (len(one.ancestor_ids) - 1) + one.name("ky")) for one in found]
        print_table([("code", "library", "name"), *table])


def names_given(ky: str | None, ru: str | None, en: str | None) -> dict[str, str]:
    return {lang: name for lang, name in (("ky", ky), ("ru", ru), ("en", en)) if name}


COMMANDS = (library, collection)
