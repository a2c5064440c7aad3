"""What happens to a draft as a whole: submitted, returned, deleted, published, changed."""

import re
from io import BytesIO

from flask import Flask

from repo.db import db, transaction
from repo.items.access import Access
from repo.items.metadata import read_metadata
from repo.items.models import Item, Version
from repo.items.services.drafts import open_version
from repo.items.services.submission import return_version
from repo.members.models import ReviewPolicy
from tests import factories
from tests.deposit.conftest import House, SignIn, token_of
from tests.deposit.pressing import begin, described, finish, post, save


def test_what_is_missing_leads_to_its_step_and_the_rest_is_submitted(app: Flask, house: House, sign_in: SignIn) -> None:
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    page = visitor.get(f"/deposit/{item_id}/check?lang=en").text
    assert f'<a href="/deposit/{item_id}/description?check=1#titles.0.value">' in page
    assert f'<a href="/deposit/{item_id}/files?check=1#files">' in page
    assert f'<a href="/deposit/{item_id}/agreement?check=1#accept">' in page
    assert "Submit for review" not in page
    assert post(visitor, f"/deposit/{item_id}/check", f"/deposit/{item_id}/agreement").status_code == 302
    finish(app, house, item_id)

    answer = post(visitor, f"/deposit/{item_id}/agreement", do="next")
    assert answer.location.endswith("/agreement?check=1"), "not accepted yet"
    answer = post(visitor, f"/deposit/{item_id}/agreement?lang=ru", accept="2026-1", do="next")
    assert answer.location.endswith("/check")
    with app.app_context():
        agreement = db.session.get_one(Version, open_version(item_id).id).agreement  # type: ignore[union-attr]
    assert agreement is not None
    assert (agreement["version"], agreement["language"], agreement["person"]) == ("2026-1", "ru", house.author.id)

    page = visitor.get(f"/deposit/{item_id}/check?lang=en").text
    assert "Submit for review" in page
    assert "Шырдактын оюуларындагы симметрия" in page and "CC BY 4.0" in page
    assert post(visitor, f"/deposit/{item_id}/check").location == f"/deposit/{item_id}"
    page = visitor.get(f"/deposit/{item_id}").text
    assert "Under review" in page
    assert visitor.get(f"/deposit/{item_id}/description").status_code == 409, "what is submitted rests"

    assert post(visitor, f"/deposit/{item_id}/take-back", f"/deposit/{item_id}").status_code == 302
    assert visitor.get(f"/deposit/{item_id}/description").status_code == 200


def test_a_returned_draft_shows_why_on_top(app: Flask, house: House, sign_in: SignIn) -> None:
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    finish(app, house, item_id)
    with app.app_context():
        version = open_version(item_id)
        assert version is not None
        factories.submit(house.author, version)
        with transaction() as session:
            returned = session.get_one(Version, version.id)
            return_version(factories.actor_for(house.librarian), returned, "Аннотацияны орусча да жазыңыз.\nРахмат!")
    for address in (f"/deposit/{item_id}/description", f"/deposit/{item_id}/check", "/deposit/"):
        assert "Аннотацияны орусча да жазыңыз." in visitor.get(address).text
    assert "Returned for correction" in visitor.get("/deposit/?lang=en").text


def test_a_librarian_deposits_for_an_author_with_the_signed_contract(app: Flask, house: House, sign_in: SignIn) -> None:
    visitor = sign_in(house.librarian)
    item_id = begin(visitor, house)
    page = visitor.get(f"/deposit/{item_id}/agreement?lang=en").text
    assert "Do you deposit for an author?" in page
    assert (
        "Do you deposit for an author?"
        not in sign_in(house.author).get(f"/deposit/{begin(sign_in(house.author), house)}/agreement?lang=en").text
    )
    post(visitor, f"/deposit/{item_id}/agreement", accept="2026-1", on_behalf="Э. Маматкулов", do="next")
    with app.app_context():
        version = open_version(item_id)
        assert version is not None and version.agreement is not None
        assert version.agreement["on_behalf"] == "Э. Маматкулов"


def test_an_author_cannot_claim_to_act_for_another(app: Flask, house: House, sign_in: SignIn) -> None:
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    answer = post(visitor, f"/deposit/{item_id}/agreement", accept="2026-1", on_behalf="Э. Маматкулов")
    assert answer.status_code == 404
    with app.app_context():
        version = open_version(item_id)
        assert version is not None and version.agreement is None


def test_rights_of_the_work_and_of_single_files(app: Flask, house: House, sign_in: SignIn) -> None:
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    finish(app, house, item_id)
    with app.app_context():
        version = open_version(item_id)
        assert version is not None
        factories.attach_file(house.author, version, "data.csv", b"a,b\n")
        ids = [file.id for file in version.files] or []
        db.session.expire_all()
        ids = [file.id for file in open_version(item_id).files]  # type: ignore[union-attr]
    page = visitor.get(f"/deposit/{item_id}/rights?lang=en").text
    assert "Other rules for single files" in page and "data.csv" in page
    assert "Others may share, change and sell it if they name the author." in page
    save(
        visitor,
        item_id,
        "rights",
        "licence access embargo_until",
        licence="cc0-1.0",
        access="restricted",
        **{f"file_access.{ids[1]}": "open"},
    )
    with app.app_context():
        version = open_version(item_id)
        assert version is not None
        metadata = read_metadata(version.meta)
        assert (metadata.licence, metadata.access) == ("cc0-1.0", Access.RESTRICTED)
        assert [file.access for file in version.files] == [None, Access.OPEN]


def test_a_draft_is_deleted_after_a_question(app: Flask, house: House, sign_in: SignIn) -> None:
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    assert "cannot be undone" in visitor.get(f"/deposit/{item_id}/delete?lang=en").text
    assert post(visitor, f"/deposit/{item_id}/delete").location == "/deposit/"
    assert visitor.get(f"/deposit/{item_id}").status_code == 404
    with app.app_context():
        assert db.session.get(Item, item_id) is None


def test_what_is_published_is_changed_by_a_version_or_a_correction(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        item = factories.publish(house.author, house.librarian, house.collection)
        item_id = item.id
    visitor = sign_in(house.author)
    page = visitor.get("/deposit/?lang=en").text
    assert "Published" in page and "Create a new version" in page and "Correct the description" in page

    answer = post(visitor, f"/deposit/{item_id}/correction", "/deposit/")
    assert answer.location == f"/deposit/{item_id}"
    page = visitor.get(f"/deposit/{item_id}/description").text
    assert "/files" not in re.findall(r'<ol class="stages".*?</ol>', page, re.DOTALL)[0], "a correction keeps its files"
    assert 'name="collection"' not in page, "nor does it move"
    assert post(visitor, f"/deposit/{item_id}/files", f"/deposit/{item_id}/description").status_code == 302
    again = post(visitor, f"/deposit/{item_id}/version", "/deposit/")
    assert again.status_code == 302, "the correction that is open goes on"
    with app.app_context():
        version = open_version(item_id)
        assert version is not None and (version.number, version.revision) == (1, 1)
    assert sign_in(house.other).get(f"/deposit/{item_id}").status_code == 404


def test_files_of_a_new_version_are_kept_replaced_and_sent(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        item_id = factories.publish(house.author, house.librarian, house.collection, content=b"%PDF first").id
    visitor = sign_in(house.author)
    post(visitor, f"/deposit/{item_id}/version", "/deposit/")
    page = visitor.get(f"/deposit/{item_id}/files?lang=en").text
    assert "Uploaded and read" in page
    (file_id,) = re.findall(r'name="name\.(\d+)"', page)
    assert visitor.get(f"/deposit/{item_id}/file/{file_id}").data == b"%PDF first", "it lies in the object by now"
    form = {"csrf_token": token_of(page), f"name.{file_id}": "биринчи.pdf", "do": "save"}
    assert visitor.post(f"/deposit/{item_id}/files", data=form).status_code == 302
    assert visitor.get(f"/deposit/{item_id}/file/{file_id}").data == b"%PDF first"
    added = {"csrf_token": token_of(page), "files": [(BytesIO(b"%PDF second"), "экинчи.pdf")]}
    assert visitor.post(f"/deposit/{item_id}/add", data=added, content_type="multipart/form-data").status_code == 302
    with app.app_context():
        factories.run_jobs()
    post(visitor, f"/deposit/{item_id}/agreement", accept="2026-1", do="next")
    assert post(visitor, f"/deposit/{item_id}/check").status_code == 302
    with app.app_context():
        version = open_version(item_id)
        assert version is not None
        factories.accept(house.librarian, version)
        factories.run_jobs()
        item = db.session.get_one(Item, item_id)
        assert item.current is not None
        assert (item.current.number, [file.name for file in item.current.files]) == (2, ["биринчи.pdf", "экинчи.pdf"])


def test_what_needs_no_review_is_published_at_once(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context(), transaction():
        house.collection.review_policy = ReviewPolicy.DIRECT
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    finish(app, house, item_id)
    post(visitor, f"/deposit/{item_id}/agreement", accept="2026-1", do="next")
    assert "Publish" in visitor.get(f"/deposit/{item_id}/check?lang=en").text
    post(visitor, f"/deposit/{item_id}/check")
    assert "The work is being published" in visitor.get(f"/deposit/{item_id}?lang=en").text
    with app.app_context():
        factories.run_jobs()
    answer = visitor.get(f"/deposit/{item_id}")
    assert (answer.status_code, answer.location) == (302, f"/records/{item_id}")


def test_a_draft_moves_to_another_collection_but_not_where_it_may_not(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    with app.app_context():
        open_one = factories.make_collection(house.library, "theses").id
        closed = factories.make_collection(house.library, "closed", closed=True).id
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    for wish, found in ((open_one, open_one), (closed, open_one), ("x", open_one), (10**12, open_one)):
        save(visitor, item_id, "description", "issued", issued=str(wish)[:4], collection=str(wish))
        with app.app_context():
            assert db.session.get_one(Item, item_id).collection_id == found
        assert described(app, item_id).issued == str(wish)[:4], "what was typed is saved in any case"


def test_an_embargo_of_one_file_needs_its_day(app: Flask, house: House, sign_in: SignIn) -> None:
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    finish(app, house, item_id)
    with app.app_context():
        version = open_version(item_id)
        assert version is not None
        file_id = version.files[0].id
    rule = {f"file_access.{file_id}": "embargoed", f"file_until.{file_id}": "кийинчерээк"}
    save(visitor, item_id, "rights", "licence", licence="cc0-1.0", **rule)
    assert "Enter the first open day of this file" in visitor.get(f"/deposit/{item_id}/rights?lang=en").text
    save(visitor, item_id, "rights", "licence", licence="cc0-1.0", **rule | {f"file_until.{file_id}": "2027-09-01"})
    with app.app_context():
        version = open_version(item_id)
        assert version is not None
        assert (version.files[0].access, str(version.files[0].until)) == (Access.EMBARGOED, "2027-09-01")
        assert read_metadata(version.meta).licence == "cc0-1.0"
