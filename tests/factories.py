"""What tests begin with: libraries, collections, people, drafts and published items, made by the product itself.

Each function opens its own transaction where it changes something, as the edge would.
"""

import hashlib
import itertools
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from uuid import uuid4

import sqlalchemy as sa
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy.orm import Session

from repo.db import db, now, transaction
from repo.items.access import Access, Actor, FileRole, Grant
from repo.items.identifiers import mint_id
from repo.items.metadata import Agent, Host, Metadata, PersonName, Text, write_metadata
from repo.items.models import Blob, File, Item, Version
from repo.items.services.drafts import announce_upload, complete_upload, create_draft, record_report
from repo.items.services.submission import accept_agreement, accept_version, submit_version
from repo.items.states import VersionState
from repo.jobs.services import run_pending_jobs
from repo.members.models import (
    Collection,
    DepositPolicy,
    Library,
    Person,
    ReviewPolicy,
    Role,
    RoleName,
)
from repo.storage import uploads
from repo.web.collation import sort_key

_numbers = itertools.count(1)
PASSWORD = "кызыл-алма-1926"


def make_library(code: str = "", **fields: object) -> Library:
    code = code or f"lib{next(_numbers)}"
    names = {"ky": f"{code} китепканасы", "ru": f"Библиотека {code}", "en": f"{code} library"}
    with transaction() as session:
        library = Library(**{"code": code, "names": names, "sort_name": sort_key(names["ky"]), **fields})
        session.add(library)
    return library


def make_collection(library: Library, code: str = "", parent: Collection | None = None, **fields: object) -> Collection:
    code = code or f"col{next(_numbers)}"
    names = {"ky": f"{code} жыйнагы", "ru": f"Коллекция {code}", "en": f"Collection {code}"}
    given = {"deposit_policy": DepositPolicy.ANYONE, "review_policy": ReviewPolicy.REVIEW, **fields}
    with transaction() as session:
        collection = Collection(
            library_id=library.id,
            parent_id=parent.id if parent else None,
            code=code,
            names=names,
            sort_name=sort_key(names["ky"]),
            **given,
        )
        session.add(collection)
        session.flush()
        collection.path = (parent.path if parent else "/") + f"{collection.id}/"
    return collection


@cache
def _password_hash() -> str:
    """Made once: hashing takes long on purpose."""
    from repo.members.passwords import hash_password

    return hash_password(PASSWORD)


def make_person(
    name: str = "", role: RoleName | None = None, library: Library | None = None, collection: Collection | None = None
) -> Person:
    """A person with a confirmed account and the password PASSWORD, holding `role` if one is given."""
    number = next(_numbers)
    name = name or f"Адам {number}"
    with transaction() as session:
        person = Person(
            email=f"person{number}@example.org",
            name=name,
            sort_name=sort_key(name),
            password_hash=_password_hash(),
            confirmed_at=now(),
        )
        session.add(person)
        session.flush()
        if role is not None:
            role_row = Role(
                person_id=person.id,
                name=role,
                library_id=library.id if library else None,
                collection_id=collection.id if collection else None,
            )
            session.add(role_row)
    db.session.refresh(person, ["roles"])
    db.session.rollback()
    return person


def actor_for(person: Person) -> Actor:
    grants = frozenset(Grant(role.name.value, role.library_id, role.collection_id) for role in person.roles)
    return Actor(person.id, grants)


def make_metadata(title: str = "Шырдактын оюуларындагы симметрия", **fields: object) -> Metadata:
    """The description of an article that may be submitted."""
    given: dict[str, object] = {
        "type": "article",
        "languages": ["ky"],
        "titles": [
            Text(value=title, lang="ky"),
            Text(value="Симметрия орнамента шырдака", lang="ru", kind="translated"),
        ],
        "creators": [Agent(names=[PersonName(family="Токтосунова", given="Жаркынай", lang="ky")])],
        "abstracts": [Text(value="Макалада оюулар симметрия боюнча салыштырылат.", lang="ky")],
        "keywords": [Text(value="шырдак", lang="ky"), Text(value="оюу", lang="ky")],
        "issued": "2026",
        "host": Host(titles=[Text(value="Жарчы", lang="ky")], issue="3", pages="41-54"),
        "licence": "cc-by-4.0",
        **fields,
    }
    return Metadata(**given)


def make_draft(person: Person, collection: Collection, metadata: Metadata | None = None) -> Version:
    with transaction():
        return create_draft(actor_for(person), collection, metadata or make_metadata())


def attach_file(
    person: Person,
    version: Version,
    name: str = "макала.pdf",
    content: bytes = b"%PDF-1.4\n% a small file\n",
    mime: str = "application/pdf",
    role: FileRole = FileRole.ORIGINAL,
    access: Access | None = None,
) -> None:
    """Bring a file into a draft as an upload does, as if the pipeline had read it."""
    upload_id = uuid4().hex
    uploads().store_stream(upload_id, BytesIO(content), 10**9)
    with transaction() as session:
        version = session.get_one(Version, version.id)
        upload = announce_upload(actor_for(person), version, upload_id, name, len(content), role)
        file = complete_upload(upload, hashlib.sha512(content).hexdigest())
        file.access = access
        record_report(upload, {"mime": mime, "puid": None, "pages": 1}, None)


def submit(person: Person, version: Version) -> Version:
    with transaction() as session:
        version = session.get_one(Version, version.id)
        accept_agreement(actor_for(person), version, "ky")
        return submit_version(actor_for(person), version)


def accept(reviewer: Person, version: Version) -> None:
    with transaction() as session:
        accept_version(actor_for(reviewer), session.get_one(Version, version.id))


def publish(
    person: Person,
    reviewer: Person,
    collection: Collection,
    metadata: Metadata | None = None,
    *,
    content: bytes = b"%PDF-1.4\n% a small file\n",
    name: str = "макала.pdf",
    mime: str = "application/pdf",
) -> Item:
    """Deposit, submit, accept and publish an item with one file, and return it."""
    version = make_draft(person, collection, metadata)
    attach_file(person, version, name, content, mime)
    submit(person, version)
    accept(reviewer, version)
    run_jobs()
    return db.session.get_one(Item, version.item_id)


def insert_public(
    session: Session, collection: Collection, described: Sequence[Metadata], *, files: bool = True
) -> list[str]:
    """Many public items at once, with a file each, as rows alone: no bytes, no history, nothing that follows. Returns
    their ids."""
    at = now().replace(microsecond=0)
    ids = [mint_id() for _ in described]
    place = {"collection_id": collection.id, "library_id": collection.library_id}
    rows = [{"id": id_, **place, "access": Access.OPEN, "published_at": at, "changed_at": at} for id_ in ids]
    session.execute(sa.insert(Item), rows)
    state = {"state": VersionState.PUBLISHED, "latest": True, "published_at": at, "ocfl_version": 1}
    metas = zip(ids, described, strict=True)
    session.execute(sa.insert(Version), [{"item_id": id_, "meta": write_metadata(m), **state} for id_, m in metas])
    versions = dict(session.execute(sa.select(Version.item_id, Version.id).where(Version.item_id.in_(ids))).all())
    session.execute(sa.update(Item), [{"id": id_, "current_id": versions[id_]} for id_ in ids])
    if not files:
        return ids
    digests = {id_: hashlib.sha512(id_.encode()).hexdigest() for id_ in ids}
    blob = {"size": 400_000, "mime": "application/pdf", "pages": 8}
    session.execute(sa.insert(Blob), [{"digest": digest, **blob} for digest in digests.values()])
    rows = [{"version_id": versions[id_], "name": "article.pdf", "digest": digests[id_]} for id_ in ids]
    session.execute(sa.insert(File), rows)
    return ids


def run_jobs() -> None:
    """Do all work that waits, and forget what this test had read before."""
    run_pending_jobs()
    db.session.rollback()
    db.session.expire_all()


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD) -> None:
    """Sign a client in by the form, as a person does."""
    page = html.fromstring(client.get("/account/sign-in").data)
    token = page.xpath("//input[@name='csrf_token']/@value")[0]
    answer = client.post("/account/sign-in", data={"csrf_token": token, "email": email, "password": password})
    assert answer.status_code == 302, answer.text
