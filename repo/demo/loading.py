"""The works of the demonstration on their way through the house: deposited, read, reviewed, published, carried on.

Each step looks first at what stands already, so that an interrupted load goes on where it stopped, and each goes
through the same service as a person's click. What is done is noted and never looked at again: whoever tries things
out on these works finds them as they were left.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from io import BytesIO
from time import monotonic, sleep

import sqlalchemy as sa

from repo.db import db, now, transaction
from repo.demo.content import Change, FilePlan, PersonPlan, Stage, Work, file_bytes, load_house, load_works
from repo.demo.house import find_collection, read_mark, write_mark
from repo.deposit.uploads import discard_uploads, receive_file
from repo.errors import MurasError
from repo.items.access import Access, Action, Actor
from repo.items.metadata import Metadata
from repo.items.models import Item, Upload, Version
from repo.items.rights import collection_target, decide
from repo.items.services.drafts import create_draft, open_version, order_files, remove_file, save_draft
from repo.items.services.lifecycle import show_item_in, start_correction, start_version, withdraw_item
from repo.items.services.submission import accept_agreement, accept_version, return_version, submit_version
from repo.items.states import UploadState, VersionState
from repo.jobs.models import Job, JobState
from repo.jobs.services import cancel_job, run_pending_jobs
from repo.members.models import Collection
from repo.members.people import find_person
from repo.members.services.roles import actor_of
from repo.settings import current_settings

SOURCE = "demo"
PATIENCE = 300.0
"""Seconds to wait for a job that a worker has taken from us."""

Tell = Callable[[int, int], None]


def load_missing(tell: Tell) -> int:
    """Load the works that are not there yet; return how many. `tell(done, all)` hears how far it is.

    Not inside a transaction; takes about half a minute for all.
    """
    mark = read_mark()
    there = item_ids()
    todo = [work for work in load_works() if mark is None or work.key not in mark.done or work.key not in there]
    _begin([work for work in todo if work.key not in there])
    ids = item_ids()
    try:
        for number, work in enumerate(todo, start=1):
            _bring_in(work, ids)
            tell(number, len(todo))
        for work in todo:  # a replacement has to be public before what it replaces is withdrawn
            _carry_on(work, ids)
    finally:
        _keep_letters()
    run_pending_jobs()
    return len(todo)


def item_ids() -> dict[str, str]:
    """The ids of the demonstration's items by the keys of their works."""
    rows = db.session.execute(sa.select(Item.source_key, Item.id).where(Item.source == SOURCE))
    return {key: item_id for key, item_id in rows if key}


# ---------------------------------------------------------------- the steps of a work


def _begin(works: Sequence[Work]) -> None:
    """All drafts at once: an item has its id, to which others can refer, from its first save."""
    with transaction():
        for work in works:
            bare = work.metadata.model_copy(update={"relations": []})
            create_draft(_actor(work.depositor), _collection(work.collection), bare, source=(SOURCE, work.key))


def _bring_in(work: Work, ids: dict[str, str]) -> None:
    """From the draft to where the work is meant to stand."""
    version = open_version(ids[work.key])
    if version is None or version.number > 1 or version.revision:
        return
    _fill(work, ids, None, work.files)
    if work.stage is Stage.RETURNED:
        _return(work, ids[work.key])
    elif work.stage is Stage.PUBLISHED:
        _publish(ids[work.key])


def _carry_on(work: Work, ids: dict[str, str]) -> None:
    """What happened after publication, and the note that nothing is left to do."""
    item_id = ids[work.key]
    if work.second is not None and _next(item_id, start_version, _actor(work.depositor), number=2):
        _fill(work, ids, work.second, work.second.files)
        _publish(item_id)
    staff = _staff(_collection(work.collection))
    if work.correction is not None and _next(item_id, start_correction, staff, revision=1):
        _fill(work, ids, work.correction, None)
        _publish(item_id)
    with transaction() as session:
        item = session.get_one(Item, item_id)
        if {one.code for one in item.shown_in} != set(work.shown_in):
            show_item_in(staff, item, [_collection(code) for code in work.shown_in])
        if work.withdrawn is not None and item.withdrawn_at is None:
            withdraw_item(staff, item, work.withdrawn.reason, ids.get(work.withdrawn.replaced_by))
        note_done(work.key)


def _next(
    item_id: str, start: Callable[[Actor, Item], Version], actor: Actor, *, number: int = 1, revision: int = 0
) -> bool:
    """Begin the next version or revision if it is still to come; whether there is anything to fill."""
    if open_version(item_id) is not None:
        return True
    with transaction() as session:
        item = session.get_one(Item, item_id)
        current = item.current
        assert current is not None, item_id
        if (current.number, current.revision) >= (number, revision):
            return False
        start(actor, item)
    return True


def _fill(work: Work, ids: dict[str, str], change: Change | None, files: Sequence[FilePlan] | None) -> None:
    """Write the description, bring the files (None: it keeps them), and submit, if the work goes so far."""
    item_id = ids[work.key]
    version = _open(item_id)
    if version.state is not VersionState.DRAFT:
        return
    with transaction():
        version = _open(item_id)
        actor = _editor(work, version)
        save_draft(actor, version, _finished(work, ids, change), version.edition)
    if files is not None:
        _bring_files(actor, item_id, files)
    if work.stage is Stage.DRAFT:
        return
    with transaction():
        version = _open(item_id)
        if not version.revision:
            accept_agreement(actor, version, "ky", work.on_behalf)
        submit_version(actor, version)


def _return(work: Work, item_id: str) -> None:
    """Returned, it is a draft again: what tells that it was returned is noted in the same commit."""
    version = _open(item_id)
    if version.state is VersionState.SUBMITTED:
        with transaction():
            version = _open(item_id)
            return_version(_staff(version.item.collection), version, work.comment)
            note_done(work.key)


def _publish(item_id: str) -> None:
    with transaction():
        version = open_version(item_id)
        if version is not None and version.state is VersionState.SUBMITTED:
            accept_version(_staff(version.item.collection), version)
    _work("publish", lambda: open_version(item_id) is None)


def note_done(key: str) -> None:
    mark = read_mark()
    assert mark is not None
    if key not in mark.done:
        mark.done.append(key)
        write_mark(mark)


# ---------------------------------------------------------------- files


def _bring_files(actor: Actor, item_id: str, files: Sequence[FilePlan]) -> None:
    """Bring the files that are wanted, take the others off, and wait until the pipeline has read them."""
    wanted = {plan.shown_name: (plan, file_bytes(plan.source)) for plan in files}
    digests = {name: hashlib.sha512(data).hexdigest() for name, (_, data) in wanted.items()}
    left: list[str | None] = []
    with transaction():
        version = _open(item_id)
        for file in list(version.files):
            if digests.get(file.name) != file.digest:
                left.append(remove_file(actor, version, file))
        present = {file.name for file in version.files}
    discard_uploads([upload_id for upload_id in left if upload_id])
    for name, (plan, data) in wanted.items():
        if name not in present:
            receive_file(actor, item_id, name, BytesIO(data), plan.role)
    with transaction():
        version = _open(item_id)
        order_files(actor, version, [file.id for name in wanted for file in version.files if file.name == name])
    _work("ingest", lambda: not _is_waiting(item_id))


def _is_waiting(item_id: str) -> bool:
    unread = sa.select(Upload.id).join(Version).where(Version.item_id == item_id, Upload.state == UploadState.WAITING)
    return db.session.scalar(unread.limit(1)) is not None


def _work(kind: str, is_done: Callable[[], bool]) -> None:
    """Do the jobs of a kind here until something is done, even if the worker of a running server took it first."""
    give_up = monotonic() + PATIENCE
    while True:
        run_pending_jobs(kind)
        db.session.rollback()
        if is_done():
            return
        if monotonic() > give_up:
            raise MurasError(f"a job of the kind {kind!r} does not end; see the failed jobs")
        sleep(0.2)


# ---------------------------------------------------------------- who and what


def _finished(work: Work, ids: dict[str, str], change: Change | None) -> Metadata:
    """The description with what is known only now: addresses of other works, the day an embargo ends."""
    metadata = work.described(change)
    base = f"{current_settings().base_url}/records/"
    relations = [
        relation.model_copy(update={"value": base + ids[relation.value.removeprefix("demo:")]})
        if relation.value.startswith("demo:")
        else relation
        for relation in metadata.relations
    ]
    rights: dict[str, object] = {}
    if work.embargo_months:
        rights = {"access": Access.EMBARGOED, "embargo_until": _months_on(now().date(), work.embargo_months)}
    licence = metadata.licence or _collection(work.collection).licence or ""
    return metadata.model_copy(update={"relations": relations, "licence": licence, **rights})


def _months_on(today: date, months: int) -> str:
    years, month = divmod(today.month - 1 + months, 12)
    return date(today.year + years, month + 1, 1).isoformat()


def _editor(work: Work, version: Version) -> Actor:
    """Whoever deposited it; a correction is the staff's."""
    return _staff(version.item.collection) if version.revision else _actor(work.depositor)


def _staff(collection: Collection) -> Actor:
    """Who decides in a collection: its reviewer where there is one, else the librarian."""
    reviewer = _actor("reviewer")
    return reviewer if decide(reviewer, Action.REVIEW, collection_target(collection)).allowed else _actor("librarian")


def _actor(key: str) -> Actor:
    plan: PersonPlan = next(plan for plan in load_house().people if plan.key == key)
    person = find_person(plan.email)
    assert person is not None, key
    return actor_of(person)


def _collection(code: str) -> Collection:
    collection = find_collection(code)
    assert collection is not None, code
    return collection


def _open(item_id: str) -> Version:
    version = open_version(item_id)
    assert version is not None, item_id
    return version


def _keep_letters() -> None:
    """Call back the letters to people who do not exist, where letters leave the house: servers would return them."""
    if current_settings().mail_url.startswith("folder:"):
        return
    ours = {plan.email for plan in load_house().people}
    with transaction() as session:
        waiting = session.scalars(sa.select(Job).where(Job.kind == "mail", Job.state == JobState.QUEUED)).all()
        for job in waiting:
            if job.payload.get("to") in ours:
                cancel_job(job.id)
