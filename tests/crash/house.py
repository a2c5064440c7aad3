"""A house that is killed, and what has to be true of it afterwards."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from ingest.sandbox_process import PREFIX
from oai.models import OaiRecord
from repo.app import create_app
from repo.db import db, now, transaction
from repo.deposit.uploads import discard_abandoned
from repo.installation import prepare
from repo.items.identifiers import ocfl_id
from repo.items.models import Item, Upload, Version
from repo.items.registry import REGISTRY
from repo.items.services.drafts import open_version
from repo.items.services.lifecycle import start_version
from repo.items.states import VersionState
from repo.jobs.models import Job, JobState
from repo.jobs.reconcile import plan_periodic_jobs
from repo.jobs.registry import kinds
from repo.members.models import Event, Person, RoleName
from repo.settings import Settings
from repo.storage import derivatives, store, uploads
from tests import factories
from tests.conftest import close_engines
from tests.crash.visitors import Deposit, Visitor, alive, check_offset, wait_until

TEXT = "Жаздык буудайдын сорттору салыштырылды.\n".encode() * 3000


@dataclass
class House:
    """A data directory, its people, and what stood there before anything was killed.

    `work` is a described draft without a file, `submission` waits for its reviewer, `successor` is the second version
    of a public item and waits too, `bystander` is a draft with half of its file, which nobody touches.
    """

    app: Flask
    collection_id: int
    author: str
    reviewer: str
    public: dict[str, str]  # item id → SHA-512 of its file
    work: Deposit
    submission: Deposit
    successor: Deposit
    bystander: Deposit
    versions: Counter[str] = field(default_factory=Counter)  # item id → how many public versions it has to have

    @property
    def settings(self) -> Settings:
        settings: Settings = self.app.extensions["muras.settings"]
        return settings

    @property
    def variables(self) -> dict[str, str]:
        """What tells the real commands of this house."""
        return {
            "MURAS_DATABASE_URL": self.settings.database_url,
            "MURAS_SECRET_KEY": self.settings.secret_key,
            "MURAS_WEB_PROCESSES": "1",
            "TMPDIR": str(self.temporary),
        }

    @property
    def temporary(self) -> Path:
        """What the processes take for the machine's folder of temporary files."""
        folder = self.settings.data_dir.with_name("temporary")
        folder.mkdir(exist_ok=True)
        return folder


def furnish(settings: Settings) -> House:
    """Make the house by the product's own services, and leave no work waiting."""
    app = create_app(settings)
    prepare(app)
    with app.app_context():
        library = factories.make_library("knu")
        collection = factories.make_collection(library, "articles")
        author = factories.make_person("Автор")
        reviewer = factories.make_person("Рецензент", RoleName.REVIEWER, library)
        public = [
            factories.publish(author, reviewer, collection, content=f"китеп {number}".encode(), name="китеп.txt").id
            for number in range(3)
        ]
        house = House(
            app=create_app(settings),
            collection_id=collection.id,
            author=author.email,
            reviewer=reviewer.email,
            public={id: hashlib.sha512(f"китеп {number}".encode()).hexdigest() for number, id in enumerate(public)},
            work=_draft(author, factories.make_draft(author, collection, factories.make_metadata("Иш"))),
            submission=_submit(author, factories.make_draft(author, collection, factories.make_metadata("Кезек"))),
            successor=_submit(author, _second_version(author, public[0])),
            bystander=_half_uploaded(
                author, factories.make_draft(author, collection, factories.make_metadata("Күтөт"))
            ),
        )
        plan_periodic_jobs()
        factories.run_jobs()
        with transaction() as session:  # what comes round by itself keeps out of the way
            session.execute(sa.update(Job).where(Job.state == JobState.QUEUED).values(run_at=now() + timedelta(days=1)))
    close_engines(app)
    house.versions = Counter(public)
    return house


def _draft(author: Person, version: Version) -> Deposit:
    return Deposit(version.item_id, "иш.txt", TEXT, title="Иш", described=True)


def _second_version(author: Person, item_id: str) -> Version:
    with transaction() as session:
        return start_version(factories.actor_for(author), session.get_one(Item, item_id))


def _submit(author: Person, version: Version) -> Deposit:
    content = f"{version.item_id} {version.number}".encode()
    factories.attach_file(author, version, "жаңы.txt", content, "text/plain")
    factories.submit(author, version)
    return Deposit(version.item_id, "жаңы.txt", content, submitted=True)


def _half_uploaded(author: Person, version: Version) -> Deposit:
    from repo.deposit.uploads import begin_upload, receive_chunk
    from tests.storage.material import Trickle

    for number in range(12):
        factories.attach_file(author, version, f"тиркеме-{number}.txt", b"%d" % number, "text/plain")
    begun = begin_upload(factories.actor_for(author), version.item_id, "күтөт.txt", len(TEXT))
    address = f"/deposit/{version.item_id}/uploads/{begun.id}"
    reached = receive_chunk(begun, 0, Trickle(TEXT[:100_000]))
    return Deposit(version.item_id, "күтөт.txt", TEXT, "Күтөт", described=True, address=address, acknowledged=reached)


# ---------------------------------------------------------------- what has to be true


def check_promises(house: House, author: Visitor, reader: Visitor) -> None:
    """What was public before is public with the same bytes; what nobody touched is as it was."""
    for item_id, digest in house.public.items():
        assert reader.read_file(item_id, "китеп.txt") == digest, item_id
    check_offset(author, house.bystander)
    path = f"/deposit/{house.bystander.item_id}"
    assert house.bystander.title in author.ask("GET", f"{path}/description").text
    assert author.ask("GET", f"{path}/files").text.count("тиркеме-") >= 12


def unfinished_jobs(house: House) -> dict[int, tuple[str, str, str]]:
    """Kind, key and state of the jobs that wait, run or failed, by their ids, but for what comes round by itself and is
    not due."""
    with house.app.app_context():
        open_states = (JobState.QUEUED, JobState.RUNNING, JobState.FAILED)
        jobs = db.session.scalars(sa.select(Job).where(Job.state.in_(open_states))).all()
        periodic = {kind.name for kind in kinds.values() if kind.period}
        return {
            job.id: (job.kind, job.key, job.state.value)
            for job in jobs
            if not (job.kind in periodic and job.state is JobState.QUEUED and job.run_at > now())
        }


def wait_for_quiet(house: House, hopeful: Callable[[], bool] = alive) -> None:
    try:
        wait_until(lambda: not unfinished_jobs(house), "all jobs are done", hopeful)
    except AssertionError as error:
        raise AssertionError(f"{error}: {unfinished_jobs(house)}") from None


def check_effects(house: House) -> None:
    """Each published version is there once, in every place that a publication reaches."""
    with house.app.app_context():
        session = db.session
        published = sa.select(Version.item_id).where(Version.state == VersionState.PUBLISHED)
        assert Counter(session.scalars(published)) == house.versions
        assert Counter(session.scalars(sa.select(Event.item_id).where(Event.verb == "published"))) == house.versions
        assert Counter(session.scalars(sa.select(OaiRecord.item_id))) == Counter(house.versions.keys())
        heads = {item_id: store().head(ocfl_id(item_id)) for item_id in house.versions}
        assert heads == dict(house.versions)
        assert set(store().objects()) == {REGISTRY, *map(ocfl_id, house.versions)}
    assert letters(house) == house.versions


def letters(house: House) -> Counter[str]:
    """How many letters tell of the publication of each item."""
    sent = [path.read_text() for path in house.settings.mail_dir.glob("published-*.eml")]
    return Counter({item_id: sum(item_id in text for text in sent) for item_id in house.versions})


def check_nothing_is_left(house: House) -> None:
    """With everything cleaned at once that is cleaned daily, only drafts have uploads, and nothing lies half-written.

    No process of the house may run. The unfinished upload that nobody came back to goes with the rest.
    """
    with house.app.app_context():
        store().discard_staging(0)
        derivatives().discard_scratch(0)
        discard_abandoned(timedelta(0))
        rows = set(db.session.scalars(sa.select(Upload.id)))
        states = set(db.session.scalars(sa.select(Version.state).join(Upload, Upload.version_id == Version.id)))
        assert {path.name for path in uploads().root.iterdir()} == rows
        assert VersionState.PUBLISHED not in states
    assert [path.name for path in house.settings.staging_dir.iterdir()] == ["locks"]
    assert list((house.settings.derivatives / "scratch").iterdir()) == []
    # Folders of the sandbox are swept when a worker next reads a file.
    assert [path.name for path in house.temporary.iterdir() if not path.name.startswith(PREFIX)] == []


def check_draft(house: House, deposit: Deposit) -> None:
    """A draft's whole file is listed, and its bytes are those that were sent. No process of the house need run."""
    with house.app.app_context():
        version = open_version(deposit.item_id)
        assert version is not None, f"{deposit.item_id} is gone"
        if deposit.whole:
            found = [file for file in version.files if file.digest == deposit.digest]
            assert len(found) == 1 and found[0].upload_id, deposit
            assert uploads().path(found[0].upload_id).read_bytes() == deposit.content


def backup_of(settings: Settings, folder: Path) -> Settings:
    """The settings of a house that a backup is brought back into."""
    return replace(settings, data_dir=folder, database_url="")
