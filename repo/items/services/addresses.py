"""Old addresses of items, which lead to their present ones for ever. They are part of what rebuild restores."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from repo.items.models import Address, Item
from repo.items.old_addresses import Sought, stored_forms
from repo.jobs.services import enqueue_job


def note_old_addresses(session: Session, item_id: str, addresses: Iterable[str]) -> list[str]:
    """Note where an item was known before: "hdl:123456789/42", "eprint:42", "https://old.example.org/42/".

    Returns the forms that lead to another item already: whoever came first keeps them. The caller commits; what is
    public is written into its OCFL object by a job.
    """
    forms = list(dict.fromkeys(form for address in addresses for form in stored_forms(address)))
    if not forms:
        return []
    known = {row.path: row.item_id for row in session.scalars(sa.select(Address).where(Address.path.in_(forms)))}
    new = [form for form in forms if form not in known]
    session.add_all(Address(path=form, item_id=item_id) for form in new)
    session.flush()
    if new and session.scalar(sa.select(Item.current_id).where(Item.id == item_id)) is not None:
        enqueue_job("preserve", item_id, {"item_id": item_id})
    return [form for form, owner in known.items() if owner != item_id]


def read_old_addresses(session: Session, item_ids: Sequence[str]) -> dict[str, list[str]]:
    """The old addresses of items that have any, in their order."""
    query = sa.select(Address.item_id, Address.path).where(Address.item_id.in_(item_ids)).order_by(Address.path)
    found: dict[str, list[str]] = {}
    for item_id, path in session.execute(query):
        found.setdefault(item_id, []).append(path)
    return found


def find_old_address(session: Session, wanted: Sought) -> str | None:
    """The item, public or withdrawn, that an old address belongs to: one query. Drafts have no address yet."""
    if not wanted.forms:
        return None
    query = sa.select(Address.path, Address.item_id).join(Item, Item.id == Address.item_id)
    query = query.where(Address.path.in_(wanted.forms), Item.current_id.is_not(None))
    found = dict(session.execute(query).all())
    return next((found[form] for form in wanted.forms if form in found), None)
