"""Works that come in bulk from somebody who may not publish them: handed to the reviewers of their collection.

Rows alone are written here. All bytes lie in uploads already, as those of a deposit do, and go with the version when a
reviewer accepts it. A description may lack something: the reviewer sees what, and decides.
"""

from collections.abc import Sequence

from repo.db import db, now, transaction
from repo.items.access import Actor
from repo.items.history import record_change
from repo.items.models import Upload, Version
from repo.items.services.addresses import note_old_addresses
from repo.items.services.drafts import open_version
from repo.items.services.here import Here, look_here
from repo.items.services.importing import (
    Described,
    Following,
    Imported,
    Outcome,
    Results,
    digests_of,
    is_unchanged,
    make_version,
    new_item,
)
from repo.items.states import UploadState, VersionState
from repo.members.models import Collection


def hand_in_items(
    collection_id: int, source: str, described: Sequence[Described], verb: str, following: Following, actor: Actor
) -> Results:
    """Hand in what is new and what has changed, in one transaction; outside of others.

    Every file that comes along names its upload. The actor is the depositor: what is returned comes back to them.
    """
    with transaction() as session:
        here = look_here(source, [one.key for one in described], digests_of(described))
        results = {}
        for one in described:
            collection = session.get_one(Collection, one.collection_id or collection_id)
            results[one.key] = _hand_in(collection, source, one, here, verb, actor)
        following(session, results)
    db.session.expunge_all()
    return results


def _hand_in(collection: Collection, source: str, one: Described, here: Here, verb: str, actor: Actor) -> Imported:
    item = here.items.get(one.key)
    before = item.current if item is not None else None
    if item is not None:
        if item.withdrawn_at is not None:
            return Imported(item.id, Outcome.WITHDRAWN)
        if before is not None and is_unchanged(before, one):
            return Imported(item.id, Outcome.UNCHANGED, before.id)
        if open_version(item.id) is not None:
            return Imported(item.id, Outcome.EDITED)
    made = item is None
    item = item or new_item(next(here.ids), collection, source, one, now(), actor.person_id)
    version = make_version(item, one, before, here, VersionState.SUBMITTED)
    version.submitted_at = now()
    version.editor_id = actor.person_id
    db.session.add(version)
    db.session.flush()
    _write_uploads(version, one, actor)
    note_old_addresses(db.session(), item.id, one.addresses)
    record_change(actor, verb, version)
    return Imported(
        item.id, Outcome.CREATED if made else Outcome.UPDATED, version.id, before.id if before is not None else None
    )


def _write_uploads(version: Version, one: Described, actor: Actor) -> None:
    """Note where the bytes of each file lie until the version is public."""
    brought = {file.digest: file for file, _role in one.brought}
    written: dict[str, Upload] = {}
    for file in version.files:
        coming = brought.get(file.digest)
        if coming is None:
            continue
        file.upload_id = coming.upload_id
        written[coming.upload_id] = Upload(
            id=coming.upload_id,
            version_id=version.id,
            person_id=actor.person_id,
            name=file.name,
            role=file.role,
            length=coming.size,
            state=UploadState.READ,
            digest=coming.digest,
        )
    db.session.add_all(written.values())
    db.session.flush()
