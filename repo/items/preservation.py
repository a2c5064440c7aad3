"""What an item's OCFL object holds, so that the files alone are enough to restore it; pure but for the rows read.

`metadata.json` of each OCFL version describes one revision of one public version, and the item as it stood then:

    {"schema": 1, "datestamp": …,
     "item": {id, collection, shown_in, source, source_key, addresses, created, published, withdrawn[, origin]},
     "version": {number, revision, published, agreement}, "metadata": …, "files": [{name, path, role, …}]}

A change of the item alone (withdrawn, moved) is an OCFL version too, of the same number and revision.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypedDict

import sqlalchemy as sa
from pydantic_core import to_json

from repo.db import db
from repo.items.access import FileRole
from repo.items.models import Address, File, Item, Version
from repo.members.models import Person
from repo.settings import current_settings

SCHEMA = 1
RECORD = "metadata.json"
FOLDERS = {FileRole.ORIGINAL: "files", FileRole.PRIVATE: "private", FileRole.AGREEMENT: "agreement"}


def logical_path(file: File) -> str:
    """Where a file lies in its OCFL object."""
    return f"{FOLDERS[file.role]}/{file.name}"


def describe_version(version: Version, datestamp: datetime, addresses: Iterable[str] | None = None) -> dict[str, Any]:
    """Return the record of a version and its item as they stand; `datestamp` is when this became public.

    `addresses` are the item's old ones, from whoever read those of many items at once.
    """
    return {
        "schema": SCHEMA,
        "datestamp": _iso(datestamp),
        "item": _describe_item(version.item, datestamp, addresses),
        "version": {
            "number": version.number,
            "revision": version.revision,
            "published": _iso(version.published_at or datestamp),
            "agreement": _describe_agreement(version),
        },
        "metadata": version.meta,
        "files": [_describe_file(file) for file in version.files],
    }


def encode_record(record: dict[str, Any]) -> bytes:
    """The bytes of a record: readable, and the same for the same record."""
    return to_json(_in_order(record), indent=1) + b"\n"


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _in_order(value[key]) for key in sorted(value)}
    return [_in_order(each) for each in value] if isinstance(value, list) else value


class Signature(TypedDict):
    person: str
    address: str


def signature() -> Signature:
    """Who signs an OCFL version (OCFL 1.1, 3.5.3): the house; people are named in the record, where it is theirs."""
    settings = current_settings()
    return Signature(person=settings.name, address=f"mailto:{settings.admin_email}")


def _describe_item(item: Item, datestamp: datetime, addresses: Iterable[str] | None) -> dict[str, Any]:
    if addresses is None:
        addresses = db.session.scalars(sa.select(Address.path).where(Address.item_id == item.id).order_by(Address.path))
    withdrawn = item.withdrawn_at and {
        "at": _iso(item.withdrawn_at),
        "reason": item.withdrawn_reason,
        "replaced_by": item.replaced_by,
    }
    return {
        "id": item.id,
        "collection": item.collection.code,
        "shown_in": sorted(collection.code for collection in item.shown_in),
        "source": item.source,
        "source_key": item.source_key,
        "addresses": list(addresses),
        "created": _iso(item.created_at),
        "published": _iso(item.published_at or datestamp),
        "withdrawn": withdrawn,
        # Only where there is one: the records of all other items stay as they are.
        **({"origin": item.origin} if item.origin else {}),
    }


def _describe_agreement(version: Version) -> dict[str, Any] | None:
    """The agreement with the name of whoever accepted it: accounts do not outlive the database, the record does."""
    if version.agreement is None:
        return None
    person = db.session.get(Person, version.agreement.get("person") or 0)
    return {**version.agreement, "person": person.name if person else None}


def _describe_file(file: File) -> dict[str, Any]:
    return {
        "name": file.name,
        "path": logical_path(file),
        "role": file.role.value,
        "digest": file.digest,
        "size": file.blob.size,
        "mime": file.blob.mime,
        "puid": file.blob.puid,
        "access": file.access.value if file.access else None,
        "until": file.until.isoformat() if file.until else None,
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
