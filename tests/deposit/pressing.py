"""How a browser without JavaScript uses the pages of the deposit: every form with the token and edition it shows."""

import re

from flask import Flask
from werkzeug.test import TestResponse

from repo.db import transaction
from repo.items.metadata import Metadata, read_metadata
from repo.items.models import Version
from repo.items.services.drafts import open_version
from tests import factories
from tests.conftest import VisitorClient
from tests.deposit.conftest import House, token_of


def post(visitor: VisitorClient, address: str, page: str = "", **fields: str | list[str]) -> TestResponse:
    """Send a form with the token of the page on which it stands."""
    token = token_of(visitor.get(page or address).text)
    return visitor.post(address, data={"csrf_token": token, **fields})


def save(visitor: VisitorClient, item_id: str, step: str, fields: str, do: str = "save", **typed: str) -> TestResponse:
    """Send a step as its page would, with the edition that it shows."""
    address = f"/deposit/{item_id}/{step}"
    page = visitor.get(address).text
    edition = re.search(r'name="edition" value="(\d+)"', page)
    assert edition, page
    data = {"csrf_token": token_of(page), "edition": edition[1], "fields": fields, "do": do}
    return visitor.post(address, data=data | {name.replace("__", "."): value for name, value in typed.items()})


def begin(visitor: VisitorClient, house: House, kind: str = "article") -> str:
    answer = post(visitor, "/deposit/new", type=kind, collection=str(house.collection_id))
    assert answer.status_code == 302
    return answer.location.split("/")[2]


def described(app: Flask, item_id: str) -> Metadata:
    with app.app_context():
        version = open_version(item_id)
        assert version is not None
        return read_metadata(version.meta)


def finish(app: Flask, house: House, item_id: str) -> None:
    """Describe a draft and bring in a file, as the author would have."""
    with app.app_context():
        version = open_version(item_id)
        assert version is not None
        factories.attach_file(house.author, version)
        with transaction() as session:
            found = session.get_one(Version, version.id)
            found.meta = factories.make_metadata().model_dump(mode="json", exclude_defaults=True) | {
                "schema_version": 1
            }
