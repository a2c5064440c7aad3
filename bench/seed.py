"""Fills a house with records for the benchmarks, through the product's own functions, a hundred a transaction.

    python -m bench.seed COUNT                      a ledger of so many records, as rows, five hundred at once
    python -m bench.seed --change SECONDS RATE      change so many a second of what is there; says what was changed
    python -m bench.seed --render PREFIX            render a format anew whose every record comes out differently

Each prints a line of JSON at its end.
"""

import argparse
import json
import random
import time
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from oai.formats import FORMATS
from oai.formats.source import Source
from oai.ledger import write_records
from oai.models import OaiFormat
from oai.rendering import render_anew, wanted_versions
from oai.sets import describe_sets
from repo.db import checkpoint, db, now, transaction
from repo.items.access import Actor, Grant
from repo.items.identifiers import ocfl_id
from repo.items.metadata import Agent, Host, Metadata, PersonName, Text
from repo.items.models import Item, Version
from repo.items.preservation import RECORD, describe_version, encode_record, signature
from repo.items.projections import Change, ChangeKind, announce_changes
from repo.items.services.drafts import create_draft
from repo.items.services.publishing import finish_publishing, touch_item
from repo.items.states import VersionState
from repo.members.models import Collection, DepositPolicy, Library
from repo.storage import store
from repo.storage.ports import FromBytes
from repo.web.collation import sort_key
from tests.factories import insert_public

CHUNK = 100
TOGETHER = 10
"""Items that change in one transaction."""
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


LEDGER_CHUNK = 500
SENTENCES = 2
"""In each of three abstracts: a record of about 2.7 KB."""


def seed_ledger(count: int, *, seed: int = 20260302) -> None:
    """Make `count` public items without files, as rows, and their records, as publishing writes them.

    What publishing does besides (OCFL, history, index) is left out: a million would take an hour.
    """
    rng = random.Random(seed)
    collection_id = _make_collection()
    done = 0
    while done < count:
        number = min(LEDGER_CHUNK, count - done)
        with transaction() as session:
            collection = session.get_one(Collection, collection_id)
            ids = insert_public(session, collection, [_metadata(rng, SENTENCES) for _ in range(number)], files=False)
            write_records(session, ids)
        db.session.expunge_all()
        done += number
        checkpoint()  # no worker does it meanwhile
    with transaction() as session:
        describe_sets(session)
        for prefix, version in wanted_versions().items():
            session.merge(OaiFormat(prefix=prefix, version=version, after=0, complete=True, whole=True))


def change_items(seconds: int, rate: int) -> dict[str, Any]:
    """Write the records of random items anew, some a transaction as loads do, for so long; their datestamps rise."""
    ids = db.session.scalars(sa.select(Item.id).order_by(Item.id).limit(100_000)).all()
    db.session.rollback()
    rng, begun, changed = random.Random(seconds), now(), list[str]()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        due = time.monotonic() + TOGETHER / rate
        chosen = rng.sample(ids, TOGETHER)
        with transaction() as session:
            for item in session.scalars(sa.select(Item).where(Item.id.in_(chosen))):
                touch_item(item, now())
            announce_changes(session, [Change(ChangeKind.REVISED, item_id) for item_id in chosen])
        db.session.expunge_all()
        changed += chosen
        time.sleep(max(0.0, due - time.monotonic()))
    return {"begun": f"{begun:%Y-%m-%dT%H:%M:%SZ}", "ids": changed, "rate": len(changed) / seconds}


def render_differently(prefix: str) -> dict[str, Any]:
    """Raise the version of a format whose render adds a statement to each record; end half way, and go on."""
    before = FORMATS[prefix]
    assert before.write is not None
    write, version = before.write, int(time.time())

    def write_more(source: Source) -> str:
        text, tag = write(source), "</oai_dc:dc>"
        return f"{text.removesuffix(tag)}<dc:description>once more, {version}</dc:description>{tag}"

    FORMATS[prefix] = replace(before, write=write_more, version=version)
    first = rest = 0
    begun = time.perf_counter()
    for first, total in render_anew(prefix):
        if first >= total // 2:
            break
    *_, (rest, _total) = render_anew(prefix)
    taken = time.perf_counter() - begun
    return {"rate": (first + rest) / taken, "first": first, "rest": rest}


def _accepted(collection: Collection, metadata: Metadata) -> Version:
    version = create_draft(SEEDER, collection, metadata)
    version.state = VersionState.ACCEPTED
    return version


def _metadata(rng: random.Random, sentences: int = 8) -> Metadata:
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
        abstracts=[Text(value=". ".join(text(14) for _ in range(sentences)) + ".", lang=other) for other in WORDS],
        keywords=[Text(value=text(1), lang=lang) for _ in range(5)],
        issued=str(rng.randint(1960, 2026)),
        host=Host(titles=[Text(value="Жарчы", lang="ky")], issue=str(rng.randint(1, 12)), pages="10-20"),
        licence="cc-by-4.0",
    )


def main() -> None:
    from repo.app import create_app
    from repo.installation import prepare
    from repo.processes import collect_rarely

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=0)
    parser.add_argument("--change", type=int, nargs=2, metavar=("SECONDS", "RATE"))
    parser.add_argument("--render", metavar="PREFIX")
    given = parser.parse_args()
    app = create_app()
    prepare(app)
    collect_rarely()  # as the worker does, whose work this is
    with app.app_context():
        if given.change:
            print(json.dumps(change_items(*given.change)))
        elif given.render:
            print(json.dumps(render_differently(given.render)))
        else:
            seed_ledger(given.count)


if __name__ == "__main__":
    main()
