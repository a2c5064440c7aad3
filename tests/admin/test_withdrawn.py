"""What staff see of a work that was withdrawn: that it is, when and why, and the way back."""

import pytest
from flask import Flask
from lxml import html

from repo.db import transaction
from repo.items.models import Item
from repo.items.services.lifecycle import withdraw_item
from repo.members.models import RoleName
from tests import factories
from tests.conftest import VisitorClient
from tests.members.conftest import MakeLibrary, MakePerson, post, sign_in


@pytest.fixture
def item_id(context: Flask, make_person: MakePerson, make_library: MakeLibrary) -> str:
    own = make_library("own")
    collection = factories.make_collection(own, "here")
    make_person("cholpon", RoleName.LIBRARIAN, library=own)
    librarian = factories.make_person("", RoleName.LIBRARIAN, library=own)
    made = factories.publish(factories.make_person(), librarian, collection, factories.make_metadata("Ак кеме")).id
    with transaction() as session:
        withdraw_item(factories.actor_for(librarian), session.get_one(Item, made), "Ката табылды")
    return made


@pytest.mark.parametrize("lang", ["en", "ky", "ru"])
def test_its_pages_say_so(client: VisitorClient, item_id: str, lang: str) -> None:
    assert client.get(f"/records/{item_id}?lang={lang}").status_code == 410
    sign_in(client, "cholpon")
    for address in (f"/records/{item_id}", f"/review/{item_id}/history"):
        answer = client.get(f"{address}?lang={lang}")
        assert answer.status_code == 200
        assert "Ката табылды" in answer.text and 'class="notice warn"' in answer.text, address
        assert "<time" in answer.text
    page = client.get(f"/records/{item_id}?lang={lang}").text
    assert f"/review/{item_id}/restore" in page and f"/review/{item_id}/withdraw" not in page
    assert f"/deposit/{item_id}/version" not in page


def test_once_it_is_back_nothing_of_it_is_said(client: VisitorClient, item_id: str) -> None:
    sign_in(client, "cholpon")
    assert post(client, f"/review/{item_id}/restore", f"/records/{item_id}").status_code == 302
    page = client.get(f"/records/{item_id}").text
    assert "Ката табылды" not in page and f"/review/{item_id}/withdraw" in page


@pytest.mark.parametrize(
    ("lang", "is_open", "withdrawn"),
    [
        ("ky", "Ачык жеткиликтүү", "Жарыялоодон алынды"),
        ("ru", "Открытый доступ", "Изъято"),
        ("en", "Open access", "Withdrawn"),
    ],
)
@pytest.mark.parametrize("more", ["", "&cite=apa"])
def test_it_is_not_called_open(
    client: VisitorClient, item_id: str, lang: str, is_open: str, withdrawn: str, more: str
) -> None:
    sign_in(client, "cholpon")
    address = f"/records/{item_id}?lang={lang}{more}"
    states = html.fromstring(client.get(address).text).xpath("//main//*[contains(@class, 'state')]")
    assert [state.text_content().strip() for state in states] == [withdrawn] * 2, "of the work and of its file"
    assert '"isAccessibleForFree": true' not in client.get(address).text
    assert post(client, f"/review/{item_id}/restore", f"/records/{item_id}").status_code == 302
    page = client.get(address).text
    assert is_open in page and withdrawn not in page


def test_a_citation_shows_nothing_of_the_staff(client: VisitorClient, item_id: str) -> None:
    for style in ("gost", "apa", "nowhere"):
        answer = client.get(f"/records/{item_id}?cite={style}")
        assert answer.status_code == 410 and "Ак кеме" not in answer.text
        assert "/restore" not in answer.text and "/history" not in answer.text
    sign_in(client, "cholpon")
    page = client.get(f"/records/{item_id}?cite=apa").text
    assert "Ак кеме" in page and "/restore" not in page and "Ката табылды" not in page
