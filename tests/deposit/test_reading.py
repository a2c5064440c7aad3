"""From a file that has arrived to a form that it fills: the real pipeline, its children, its derivatives."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from ingest.services import PREVIEW, THUMBNAIL, ensure_derivatives, ingest_upload
from repo import backends
from repo.app import create_app
from repo.db import db
from repo.deposit.services import guesses_for
from repo.items.metadata import read_metadata
from repo.items.models import Blob, Upload
from repo.items.services.drafts import open_version
from repo.items.states import UploadState
from repo.jobs.models import Job, JobState
from repo.jobs.services import run_pending_jobs
from repo.settings import Settings
from repo.storage import derivatives, uploads
from repo.storage.texts import RECIPE, has_text, read_pages
from tests import factories
from tests.articles import Article, draft_article, load_articles
from tests.articles.writers import write_pdf
from tests.conftest import close_engines
from tests.deposit.conftest import House, SignIn, token_of
from tests.deposit.pressing import save
from tests.deposit.test_form_upload import files_of, send
from tests.services.clamav import eicar, running_clamav


@pytest.fixture(scope="module")
def article() -> Article:
    return load_articles()[0]


@pytest.fixture(scope="module")
def pdf(article: Article, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("articles") / "article.pdf"
    write_pdf(draft_article(article), path)
    return path.read_bytes()


@pytest.fixture
def draft(app: Flask, house: House) -> str:
    from repo.items.metadata import Metadata

    with app.app_context():
        return factories.make_draft(house.author, house.collection, Metadata(type="article")).item_id


def read_files(app: Flask) -> None:
    with app.app_context():
        run_pending_jobs("ingest")
        assert not db.session.scalars(sa.select(Job.error).where(Job.state == JobState.FAILED)).all()


def test_a_file_fills_the_form_and_each_guess_is_marked(
    app: Flask, house: House, sign_in: SignIn, draft: str, pdf: bytes
) -> None:
    visitor = sign_in(house.author)
    send(visitor, draft, (pdf, "макала.pdf"))
    read_files(app)
    page = visitor.get(f"/deposit/{draft}/files?lang=en").text
    assert "Uploaded and read" in page and "Refresh" not in page

    with app.app_context():
        version = open_version(draft)
        assert version is not None
        guesses = guesses_for(version)
        assert {"titles", "creators", "abstracts", "languages"} <= set(guesses)
        title, family = guesses["titles"][0].value, guesses["creators"][0].names[0].family
        digest = version.files[0].digest
        assert read_metadata(version.meta).titles == [], "a guess is nothing that was saved"
        assert any(title[:20].casefold() in page.replace("\n", " ").casefold() for page in read_pages(digest))
        assert derivatives().get(digest, THUMBNAIL) and derivatives().get(digest, PREVIEW)

    page = visitor.get(f"/deposit/{draft}/description").text
    first = re.search(r'<textarea id="titles\.0\.value".*?</textarea>', page, re.DOTALL)
    assert first and 'class="guessed"' in first[0] and title in first[0]
    assert 'aria-describedby="titles.0.value-help titles.0.value-guess"' in first[0]
    assert '<input type="hidden" name="guessed" value="titles">' in page
    file_id = re.search(rf"/deposit/{draft}/file/(\d+)/picture", page)
    assert file_id and visitor.get(f"/deposit/{draft}/file/{file_id[1]}/picture").mimetype == "image/jpeg"
    assert family in visitor.get(f"/deposit/{draft}/people").text

    # Kept as it is, and from then on an ordinary text; the abstract was wrong, was cleared, and stays so.
    save(
        visitor,
        draft,
        "description",
        "titles abstracts",
        titles__0__value=title,
        titles__0__lang="ky",
        guessed="titles",
    )
    page = visitor.get(f"/deposit/{draft}/description").text
    first = re.search(r'<textarea id="titles\.0\.value".*?</textarea>', page, re.DOTALL)
    assert first and "guessed" not in first[0] and title in first[0]
    assert '<input type="hidden" name="guessed" value="abstracts">' in page
    save(visitor, draft, "description", "titles abstracts", titles__0__value=title, guessed="abstracts")
    page = visitor.get(f"/deposit/{draft}/description").text
    assert 'name="guessed" value="abstracts"' not in page


def test_derivatives_are_made_again_and_reading_twice_changes_nothing(
    app: Flask, house: House, sign_in: SignIn, draft: str, pdf: bytes
) -> None:
    send(sign_in(house.author), draft, (pdf, "макала.pdf"))
    read_files(app)
    with app.app_context():
        upload = db.session.scalars(sa.select(Upload)).one()
        upload_id, digest = upload.id, upload.digest
        assert digest is not None and upload.state is UploadState.READ
        pages = read_pages(digest)
        derivatives().discard(digest)
        assert not has_text(digest)
        ensure_derivatives(digest, uploads().path(upload_id), "макала.pdf")
        assert read_pages(digest) == pages
        kept = derivatives().get(digest, RECIPE)
        assert kept is not None
        before = kept.stat().st_mtime_ns
        ensure_derivatives(digest, uploads().path(upload_id), "макала.pdf")
        assert kept.stat().st_mtime_ns == before
        ingest_upload(upload_id)
        ingest_upload("f" * 32)
        assert db.session.get_one(Upload, upload_id).state is UploadState.READ


def test_an_empty_file_is_refused_and_says_why(app: Flask, house: House, sign_in: SignIn, draft: str) -> None:
    visitor = sign_in(house.author)
    send(visitor, draft, (b"", "empty.pdf"), ("Текст".encode(), "text.txt"))
    read_files(app)
    page = visitor.get(f"/deposit/{draft}/files?lang=en").text
    assert "Not accepted" in page and "The file is empty" in page
    assert list(files_of(app, draft)) == ["text.txt"]
    with app.app_context():
        assert len(list(uploads().root.iterdir())) == 1, "the bytes of what was refused are gone"
    assert "Remove the file that was refused" in visitor.get(f"/deposit/{draft}/check?lang=en").text
    which = re.search(r'value="drop:([0-9a-f]{32})"', page)
    assert which
    visitor.post(f"/deposit/{draft}/files", data={"csrf_token": token_of(page), "do": f"drop:{which[1]}"})
    assert "Not accepted" not in visitor.get(f"/deposit/{draft}/files?lang=en").text


def test_a_file_removed_while_it_is_read(
    app: Flask, house: House, sign_in: SignIn, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = sign_in(house.author)
    send(visitor, draft, ("Текст".encode(), "text.txt"))
    page = visitor.get(f"/deposit/{draft}/files").text
    which = re.search(r'value="drop:(\d+)"', page)
    assert which
    visitor.post(f"/deposit/{draft}/files", data={"csrf_token": token_of(page), "do": f"drop:{which[1]}"})
    read_files(app)
    assert files_of(app, draft) == {}


class TestViruses:
    @pytest.fixture
    def app(self, settings: Settings, tmp_path: Path) -> Iterator[Flask]:
        folder = tmp_path / "clamav"
        folder.mkdir()
        with running_clamav(folder) as address:
            app = create_app(replace(settings, clamav_socket=address))
            yield app
            backends.close(app)
            close_engines(app)

    def test_an_infected_file_is_refused_and_discarded(
        self, app: Flask, house: House, sign_in: SignIn, draft: str
    ) -> None:
        visitor = sign_in(house.author)
        send(visitor, draft, (eicar(), "статья.com"))
        read_files(app)
        page = visitor.get(f"/deposit/{draft}/files?lang=en").text
        assert "A virus was found in the file" in page
        assert files_of(app, draft) == {}
        with app.app_context():
            assert list(uploads().root.iterdir()) == []
            blob = db.session.scalars(sa.select(Blob)).one()
            assert not has_text(blob.digest)
