"""Mail about a version, each in its recipient's language. Sent after the commit, as jobs."""

import sqlalchemy as sa

from repo.db import db
from repo.items.metadata import read_metadata
from repo.items.models import Version
from repo.mail.services import send_mail
from repo.members.models import Event, Person, Role, RoleName
from repo.settings import current_settings

TOGETHER = "accepted together"
"""What the history says of a version that was accepted with many others, of which one letter tells."""


def tell_reviewers(version: Version) -> None:
    """Something waits: to the reviewers of the collection, or, where there are none, to the library's librarians."""
    for person in _reviewers(version):
        _tell(person, "submitted", version)


def tell_author_returned(version: Version, comment: str) -> None:
    _tell(version.editor or version.item.depositor, "returned", version, comment=comment)


def tell_author_published(version: Version) -> None:
    together = sa.select(Event.id).where(Event.item_id == version.item_id, Event.version_id == version.id)
    if db.session.scalar(together.where(Event.verb == TOGETHER).limit(1)) is None:
        _tell(version.editor or version.item.depositor, "published", version)


def tell_author_withdrawn(version: Version, reason: str) -> None:
    _tell(version.item.depositor, "withdrawn", version, reason=reason)


def _reviewers(version: Version) -> list[Person]:
    item = version.item
    people = sa.select(Person).join(Role).where(Person.disabled_at.is_(None)).distinct()
    here = sa.or_(Role.library_id == item.library_id, Role.collection_id.in_(item.collection.ancestor_ids))
    found = db.session.scalars(people.where(Role.name == RoleName.REVIEWER, here)).all()
    if found:
        return list(found)
    return list(db.session.scalars(people.where(Role.name == RoleName.LIBRARIAN, Role.library_id == item.library_id)))


def _tell(person: Person | None, template: str, version: Version, **more: str) -> None:
    if person is None or person.disabled_at is not None:
        return
    title = read_metadata(version.meta).title(person.language).value
    base = current_settings().base_url
    addresses = {
        "record": f"{base}/records/{version.item_id}",
        "draft": f"{base}/deposit/{version.item_id}",
        "review": f"{base}/review/{version.item_id}",
    }
    send_mail(person.email, person.language, template, name=person.name, title=title, addresses=addresses, **more)
