"""One harvest of one source: pages of records, in order, each taken whole and noted with the place where it goes on.

The row of the source is the truth: a harvest may end at any moment, by a kill or because its time is over, and goes on
from the last chunk that was committed. The first page asks for what changed since the harvest before began, by the
source's clock and a little earlier. A source that sends nonsense ends its own harvest, with a word for the reason.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ingest.fetching import Fetcher
from ingest.harvest_records import Follow, source_key, take_records
from ingest.models import HarvestRecord, HarvestSource, HarvestState, HarvestStatus
from ingest.oai_client import Provider, ProviderError, Trouble
from ingest.oai_pages import Flaw, Page, Read
from ingest.services import sandbox
from repo.db import db, now, transaction
from repo.failpoints import failpoint
from repo.items.services.importing import CHUNK, settle_import
from repo.jobs.registry import Cause
from repo.members.models import Collection
from repo.settings import current_settings
from repo.storage.ports import PathRefused

logger = logging.getLogger(__name__)

STALE_PAGES = 3
"""Pages in a row without a record that this harvest had not seen: tokens that lead in a circle."""
MOST_PAGES = 200_000
OVERLAP = timedelta(minutes=10)
"""How much earlier than its last answer a source is asked again: records are dated before they are listed."""
UNSTORABLE = (sa.exc.DataError, PathRefused, ValueError, TypeError, LookupError)
"""What a record that nobody has thought of may raise; a full disk or a database that is away is no record's fault."""
RETRIED = 100
"""Records that are asked for again one by one, because somebody had a correction open when they came."""


class Later(Exception):  # noqa: N818 - nothing failed
    """The source wants to be asked again in `seconds`, and whoever harvests does not want to wait so long."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s")
        self.seconds = seconds


@dataclass
class Errand:
    """How whoever harvests waits, shows that it lives (records done, of how many), and knows that its time is over."""

    wait: Callable[[float], None]
    alive: Callable[[int, int | None], None] = lambda _done, _total: None
    time_over: Callable[[], bool] = lambda: False


@dataclass
class _Harvest:
    """A harvest on its way. `source` is read anew after each commit."""

    source_id: int
    errand: Errand
    provider: Provider
    tokens: set[str] = field(default_factory=set)

    @property
    def source(self) -> HarvestSource:
        return load_source_row(self.source_id)


def agent() -> str:
    """Who asks: the site, and whom to write to (OAI-PMH guidelines for harvesters, 2.1)."""
    settings = current_settings()
    name = settings.name.encode("ascii", "ignore").decode().strip() or "Muras"
    return f"{name} (Muras; {settings.base_url}; mailto:{settings.admin_email})"


def load_source_row(source_id: int) -> HarvestSource:
    query = sa.select(HarvestSource).where(HarvestSource.id == source_id)
    return db.session.scalars(query.options(joinedload(HarvestSource.collection).joinedload(Collection.library))).one()


def harvest(source_id: int, errand: Errand) -> bool:
    """Harvest, or go on with a harvest; return whether it has ended, well or not. Outside of transactions.

    Raises Later when the source asked to wait, and whatever `errand` raises.
    """
    source = load_source_row(source_id)
    fetcher = Fetcher(agent(), source.base_url if source.trusted else "")
    provider = Provider(source.base_url, fetcher, sandbox(), errand.wait, tries=source.tries)
    ours = _Harvest(source_id, errand, provider)
    key = source_key(source)
    db.session.rollback()
    settle_import(key)
    try:
        if _begin(ours):
            _retry(ours)
        return all(not errand.time_over() for _page in _pages(ours))
    except ProviderError as error:
        _fail(source_id, error)
        return True
    except Later:
        with transaction() as session:
            row = session.get_one(HarvestSource, source_id)
            row.state, row.tries = HarvestState.WAITING, provider.tries
        raise


# ---------------------------------------------------------------- the beginning and the end


def _begin(ours: _Harvest) -> bool:
    """Begin a harvest, if none is on its way. The source says who it is first: its granularity decides on dates."""
    if ours.source.state in (HarvestState.RUNNING, HarvestState.WAITING) and ours.source.run_date:
        with transaction():
            ours.source.state = HarvestState.RUNNING
        return False
    db.session.rollback()
    with transaction():
        source = ours.source
        source.state, source.error = HarvestState.RUNNING, None
        source.started_at, source.finished_at = source.started_at if source.tries else now(), None
        source.next_at = now() + timedelta(hours=source.hours)
    identity = ours.provider.identify()
    with transaction() as session:
        source = ours.source
        source.name, source.fine = identity.name[:300], identity.fine
        source.run += 1
        source.run_from, source.run_date = source.since, _stamp(now() - OVERLAP, fine=source.fine)
        source.token, source.size, source.reached, source.ordered = "", None, "", True
        source.pages = source.stale = source.restarts = source.tries = 0
        source.counts = {}
        nameless = HarvestRecord.identifier.startswith("#")
        session.execute(sa.delete(HarvestRecord).where(HarvestRecord.source_id == source.id, nameless))
    return True


def _finish(ours: _Harvest) -> None:
    with transaction():
        source = ours.source
        source.since, source.run_date, source.token = source.run_date, "", ""
        source.state, source.finished_at, source.tries = HarvestState.DONE, now(), 0


def _fail(source_id: int, error: ProviderError) -> None:
    with transaction() as session:
        _end_badly(session.get_one(HarvestSource, source_id), str(error.code), error.data)


def _end_badly(source: HarvestSource, code: str, data: dict[str, Any]) -> None:
    source.state, source.error = HarvestState.FAILED, {"code": code, "data": data}
    source.run_date, source.token, source.tries, source.finished_at = "", "", 0, now()


def note_given_up(source_id: int, cause: Cause) -> None:
    """The job of a harvest will not run any more: the harvest has ended, and the row of the job tells more."""
    source = db.session.get(HarvestSource, source_id, with_for_update=True, populate_existing=True)
    if source is not None:
        _end_badly(source, cause.value, {})


def _stamp(moment: datetime, *, fine: bool) -> str:
    """A datestamp in the granularity of the source (OAI-PMH 2.0, 2.5.1). A day is begun again as a whole."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ" if fine else "%Y-%m-%d")


# ---------------------------------------------------------------- pages


def _pages(ours: _Harvest) -> Iterator[int]:
    """Take page after page; yields after each that has another one behind it."""
    while True:
        page = _ask(ours)
        failpoint("harvest:page-read")
        _check_progress(ours, page)
        _take(ours, page)
        if not page.token:
            _finish(ours)
            return
        yield ours.source.pages


def _ask(ours: _Harvest) -> Page:
    """The next page. A token that is no longer good costs one new beginning; "nothing matches" is an empty page."""
    while True:
        source = ours.source
        prefix, wanted, since, token = source.prefix, source.set_spec, source.run_from, source.token
        db.session.rollback()  # the answer may take minutes: no read transaction stays open meanwhile
        try:
            return ours.provider.list_records(prefix, set_spec=wanted, since=since, token=token)
        except ProviderError as error:
            if error.code == Trouble.NO_RECORDS:
                return Page()
            if error.code != Trouble.BAD_TOKEN or not token or not _restart(ours):
                raise


def _restart(ours: _Harvest) -> bool:
    """Begin again, once, at the newest datestamp of the last whole page, where pages came in that order; else at the
    beginning: the protocol promises no order, and a record that has not changed costs little."""
    with transaction():
        source = ours.source
        if source.restarts:
            return False
        source.restarts, source.token, source.stale = 1, "", 0
        source.run += 1  # what was seen before counts as new again
        if source.ordered and source.reached:
            source.run_from = source.reached if source.fine else source.reached[:10]
    ours.tokens.clear()
    return True


def _check_progress(ours: _Harvest, page: Page) -> None:
    """Raise ProviderError when the list leads in a circle, or does not end where it said it would."""
    source = ours.source
    if page.token and (page.token == source.token or page.token in ours.tokens):
        raise ProviderError(Trouble.TOKEN_LOOP, pages=source.pages)
    ours.tokens.add(page.token)
    if source.stale >= STALE_PAGES:
        raise ProviderError(Trouble.TOKEN_LOOP, pages=source.pages)
    size, seen = source.size, sum(source.counts.values())
    if source.pages >= MOST_PAGES or (size is not None and seen > size + max(1000, size // 5)):
        raise ProviderError(Trouble.ENDLESS, records=seen)


def _take(ours: _Harvest, page: Page) -> None:
    """Take the records of a page, a chunk in each transaction, the last one with the place where to go on."""
    records = list({_identifier(ours, n, record): record for n, record in enumerate(page.records)}.items())
    chunks = [records[at : at + CHUNK] for at in range(0, len(records), CHUNK)] or [[]]
    fresh = _count_new(ours, [identifier for identifier, _ in records])
    for number, chunk in enumerate(chunks, start=1):
        last = number == len(chunks)

        def follow(source: HarvestSource, last: bool = last) -> None:
            if last:
                _turn_page(source, page, fresh)

        _take_chunk(ours, dict(chunk), follow)
        if last:
            failpoint("harvest:page-done")
        else:
            failpoint("harvest:chunk-done")
        source = ours.source
        ours.errand.alive(sum(source.counts.values()), source.size)
        db.session.rollback()


def _take_chunk(ours: _Harvest, chunk: dict[str, Read], follow: Follow) -> None:
    """Take a chunk; one that cannot be stored is taken record by record, and whichever is to blame is refused."""
    try:
        take_records(ours.source_id, ours.provider, chunk, ours.errand.alive, follow)
        return
    except UNSTORABLE:
        logger.exception("source %d: records are taken one by one", ours.source_id)
    key = source_key(ours.source)
    db.session.rollback()
    settle_import(key)
    for identifier, record in chunk.items():
        try:
            take_records(ours.source_id, ours.provider, {identifier: record}, ours.errand.alive, _go_nowhere)
        except UNSTORABLE:
            settle_import(key)
            unusable = {identifier: replace(record, flaw=Flaw.UNREADABLE)}
            take_records(ours.source_id, ours.provider, unusable, ours.errand.alive, _go_nowhere)
    take_records(ours.source_id, ours.provider, {}, ours.errand.alive, follow)


def _go_nowhere(_source: HarvestSource) -> None:
    """The harvest stays where it is."""


def _identifier(ours: _Harvest, place: int, record: Read) -> str:
    """Its identifier; a record that tells none has a name that is forgotten at the next harvest."""
    return record.identifier or f"#{ours.source.run}-{ours.source.pages + 1}-{place + 1}"


def _count_new(ours: _Harvest, identifiers: list[str]) -> int:
    seen = 0
    for at in range(0, len(identifiers), 500):
        known = HarvestRecord.identifier.in_(identifiers[at : at + 500])
        query = sa.select(sa.func.count()).where(HarvestRecord.source_id == ours.source_id, known)
        seen += db.session.scalar(query.where(HarvestRecord.run == ours.source.run)) or 0
    return len(identifiers) - seen


def _turn_page(source: HarvestSource, page: Page, fresh: int) -> None:
    """Note where the harvest goes on, in the transaction of the page's last chunk."""
    if source.pages == 0 and page.date:
        source.run_date = _begun(source, page.date)
    if source.pages == 0:
        source.size = page.size
    stamps = [record.datestamp for record in page.records if record.datestamp]
    source.ordered = source.ordered and stamps == sorted(stamps) and (not stamps or stamps[0] >= source.reached)
    source.reached = max([*stamps, source.reached])
    source.stale = 0 if fresh else source.stale + 1
    source.pages += 1
    source.token = page.token
    source.tries = 0


def _begun(source: HarvestSource, said: str) -> str:
    """Where the next harvest begins: when this one did by the source's clock, unless that runs ahead of ours."""
    try:
        moment = datetime.fromisoformat(said.replace("Z", "+00:00"))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        moment = now() - timedelta(days=1)
    return _stamp(min(moment, now()) - OVERLAP, fine=source.fine)


def _retry(ours: _Harvest) -> None:
    """Ask again for the records that could not be taken because somebody was correcting them."""
    source = ours.source
    query = sa.select(HarvestRecord).where(
        HarvestRecord.source_id == source.id, HarvestRecord.status == HarvestStatus.REFUSED
    )
    rows = db.session.scalars(query.order_by(HarvestRecord.id).limit(RETRIED))
    wanted = [row.identifier for row in rows if any(said["code"] == "edited" for said in row.report)]
    prefix = source.prefix
    db.session.rollback()
    for identifier in wanted:
        if (record := ours.provider.get_record(identifier, prefix)) is not None:
            take_records(ours.source_id, ours.provider, {identifier: record}, ours.errand.alive, _go_nowhere)
