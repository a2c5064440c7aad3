"""Fills a house with records for the benchmarks, through the product's own functions, a hundred a transaction."""

import random

from repo.db import db, now, transaction
from repo.items.access import Actor, Grant
from repo.items.identifiers import ocfl_id
from repo.items.metadata import Agent, Host, Metadata, PersonName, Text
from repo.items.models import Version
from repo.items.preservation import RECORD, describe_version, encode_record, signature
from repo.items.services.drafts import create_draft
from repo.items.services.publishing import finish_publishing
from repo.items.states import VersionState
from repo.members.models import Collection, DepositPolicy, Library
from repo.storage import store
from repo.storage.ports import FromBytes
from repo.web.collation import sort_key

CHUNK = 100
WORDS = {
    "ky": "шырдак оюу көл тоо тарых адабият тил элдик оозеки чыгарма манас билим мектеп окуу мугалим дарыя жайлоо",
    "ru": "история литература народное творчество школа обучение язык словарь озеро горы пастбище климат вода почва",
    "en": "history literature folklore school teaching language dictionary lake mountain pasture climate water soil",
}
NAMES = ["Токтосунова", "Абдыкеримов", "Жээнбекова", "Касымбеков", "Сыдыкова", "Рыспаева", "Мамбетакунов", "Бейшенбаев"]


SEEDER = Actor(None, frozenset({Grant("administrator")}))


def seed_records(count: int, *, seed: int = 20260302) -> list[str]:
    """Publish `count` records in three languages and return their ids."""
    rng = random.Random(seed)
    collection_id = _make_collection()
    ids: list[str] = []
    while len(ids) < count:
        ids += _publish_chunk(collection_id, [_metadata(rng) for _ in range(min(CHUNK, count - len(ids)))])
    return ids


def _make_collection() -> int:
    with transaction() as session:
        names = {"ky": "Сыноо китепканасы", "ru": "Пробная библиотека", "en": "Trial library"}
        library = Library(code="bench", names=names, sort_name=sort_key(names["ky"]))
        collection = Collection(
            library=library, code="records", names=names, sort_name="b", deposit_policy=DepositPolicy.ANYONE
        )
        session.add(collection)
        session.flush()
        collection.path = f"/{collection.id}/"
        return collection.id


def _publish_chunk(collection_id: int, described: list[Metadata]) -> list[str]:
    with transaction() as session:
        collection = session.get_one(Collection, collection_id)
        versions = [_accepted(collection, metadata) for metadata in described]
        at = now().replace(microsecond=0)
        plans = [(v.id, v.item_id, encode_record(describe_version(v, at))) for v in versions]
    staged = [
        store().stage(
            ocfl_id(item_id), {RECORD: FromBytes(record)}, message="Version 1", created=at, durable=False, **signature()
        )
        for _, item_id, record in plans
    ]
    store().place_many(staged)
    with transaction():
        for version_id, _, _ in plans:
            finish_publishing(version_id, 1, at)
    db.session.expunge_all()
    return [item_id for _, item_id, _ in plans]


def _accepted(collection: Collection, metadata: Metadata) -> Version:
    version = create_draft(SEEDER, collection, metadata)
    version.state = VersionState.ACCEPTED
    return version


def _metadata(rng: random.Random) -> Metadata:
    lang = rng.choice(list(WORDS))

    def text(length: int) -> str:
        return " ".join(rng.choices(WORDS[lang].split(), k=length)).capitalize()

    return Metadata(
        type=rng.choice(["article", "report", "book"]),
        languages=[lang],
        titles=[Text(value=text(9), lang=lang)],
        creators=[
            Agent(names=[PersonName(family=rng.choice(NAMES), given=text(1), lang=lang)])
            for _ in range(rng.randint(1, 3))
        ],
        abstracts=[Text(value=". ".join(text(14) for _ in range(8)) + ".", lang=other) for other in WORDS],
        keywords=[Text(value=text(1), lang=lang) for _ in range(5)],
        issued=str(rng.randint(1960, 2026)),
        host=Host(titles=[Text(value="Жарчы", lang="ky")], issue=str(rng.randint(1, 12)), pages="10-20"),
        licence="cc-by-4.0",
    )
