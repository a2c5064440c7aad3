"""The OCFL object `muras:registry`: libraries, collections and what was written once about the installation.

Rewritten on each change, so that the OCFL root alone is enough to restore the house.
"""

import json
from typing import Any

import sqlalchemy as sa

from repo.db import db, now
from repo.items.preservation import signature
from repo.members.models import Collection, DepositPolicy, Fact, Library, LibraryStatus, ReviewPolicy
from repo.storage import store
from repo.storage.ports import FromBytes
from repo.web.collation import sort_key

REGISTRY = "muras:registry"
RECORD = "registry.json"
SCHEMA = 1


def preserve_registry() -> None:
    """Write libraries, collections and facts as a new OCFL version, if they differ from the head."""
    record = describe_registry()
    db.session.rollback()
    head = store().head(REGISTRY)
    if head is not None and read_registry() == record:
        return
    body = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
    created = now().replace(microsecond=0)
    files = {RECORD: FromBytes(body)}
    staged = store().stage(
        REGISTRY, files, message="Registry changed", created=created, follows=head or 0, **signature()
    )
    store().place(staged)


def read_registry() -> dict[str, Any]:
    """Return the registry as the OCFL root has it; empty when it has none."""
    if store().head(REGISTRY) is None:
        return {"libraries": [], "collections": [], "facts": {}}
    with store().open(REGISTRY, RECORD) as stream:
        record: dict[str, Any] = json.load(stream)
    return record


def describe_registry() -> dict[str, Any]:
    libraries = db.session.scalars(sa.select(Library).order_by(Library.code)).all()
    collections = db.session.scalars(sa.select(Collection).order_by(Collection.path)).all()
    facts = db.session.scalars(sa.select(Fact).order_by(Fact.name)).all()
    codes = {library.id: library.code for library in libraries}
    names = {collection.id: collection.code for collection in collections}
    return {
        "schema": SCHEMA,
        "libraries": [_describe_library(library, codes) for library in libraries],
        "collections": [_describe_collection(collection, codes, names) for collection in collections],
        "facts": {fact.name: fact.value for fact in facts},
    }


def restore_registry(record: dict[str, Any]) -> dict[str, Collection]:
    """Write the rows of a registry into an empty database. Returns the collections by code."""
    libraries: dict[str, Library] = {}
    for stored in record["libraries"]:
        libraries[stored["code"]] = library = _library(stored)
        db.session.add(library)
    db.session.flush()
    for stored in record["libraries"]:
        if stored["merged_into"]:
            libraries[stored["code"]].merged_into = libraries.get(stored["merged_into"])
    collections: dict[str, Collection] = {}
    for stored in record["collections"]:  # parents come before their children: they are in the order of the tree
        collection = _collection(stored, libraries, collections)
        collections[collection.code] = collection
        db.session.add(collection)
        db.session.flush()
        collection.path = (collection.parent.path if collection.parent else "/") + f"{collection.id}/"
    for name, value in record["facts"].items():
        db.session.merge(Fact(name=name, value=value))
    db.session.flush()
    return collections


def _describe_library(library: Library, codes: dict[int, str]) -> dict[str, Any]:
    return {
        "code": library.code,
        "names": library.names,
        "about": library.about,
        "ror": library.ror,
        "isil": library.isil,
        "city": library.city,
        "website": library.website,
        "status": library.status.value,
        "merged_into": codes.get(library.merged_into_id or 0),
        "networks": library.networks,
    }


def _library(stored: dict[str, Any]) -> Library:
    plain = {key: value for key, value in stored.items() if key not in ("merged_into", "status")}
    return Library(**plain, status=LibraryStatus(stored["status"]), sort_name=sort_key(first_name(stored["names"])))


def _describe_collection(collection: Collection, codes: dict[int, str], names: dict[int, str]) -> dict[str, Any]:
    return {
        "code": collection.code,
        "library": codes[collection.library_id],
        "parent": names.get(collection.parent_id or 0),
        "names": collection.names,
        "about": collection.about,
        "licence": collection.licence,
        "deposit_policy": collection.deposit_policy.value,
        "review_policy": collection.review_policy.value,
        "types": collection.types,
        "closed": collection.closed,
    }


def _collection(
    stored: dict[str, Any], libraries: dict[str, Library], collections: dict[str, Collection]
) -> Collection:
    return Collection(
        code=stored["code"],
        library=libraries[stored["library"]],
        parent=collections.get(stored["parent"] or ""),
        names=stored["names"],
        sort_name=sort_key(first_name(stored["names"])),
        about=stored["about"],
        licence=stored["licence"],
        deposit_policy=DepositPolicy(stored["deposit_policy"]),
        review_policy=ReviewPolicy(stored["review_policy"]),
        types=stored["types"],
        closed=stored["closed"],
    )


def first_name(names: dict[str, Any]) -> str:
    """The name by which a library or collection is ordered: the Kyrgyz one, else the Russian, else the English."""
    return str(names.get("ky") or names.get("ru") or names.get("en") or "")
