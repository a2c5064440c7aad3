"""How the house is doing, for the first page of the office: what needs somebody, and what is well.

Everything here is cheap, so that the page can be looked at as often as one likes.
"""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext

from repo import search
from repo.db import db, now
from repo.errors import UnavailableError
from repo.jobs.models import Job, JobState
from repo.search.ports import IndexState
from repo.settings import current_settings
from repo.web.formats import format_duration, format_number, format_size

SHOWN = 100
"""Failed jobs are counted up to here: more of them are as bad."""
LATE = timedelta(minutes=10)
"""A job that is due for longer tells that nobody works."""
SCARCE, NEARLY_FULL = 0.10, 0.03
"""Shares of free space on a disk."""


@dataclass(frozen=True)
class Part:
    """`look` is good, warn or stop; `door` names where to look closer, "" for nowhere."""

    title: str
    look: str
    word: str
    more: str
    endpoint: str = ""


@dataclass(frozen=True)
class Disk:
    """One file system; `holds` are the folders of ours that lie on it, sizes in bytes."""

    holds: tuple[Path, ...]
    total: int
    free: int

    @property
    def used(self) -> int:
        return self.total - self.free


def look_around() -> list[Part]:
    """Return all parts, in the order of the page."""
    return [_jobs(), _mail(), *map(_disk, find_disks()), _index()]


def find_disks() -> list[Disk]:
    """Return the file systems on which our folders lie, each once."""
    settings = current_settings()
    folders = (settings.data_dir, settings.ocfl_root, settings.uploads_dir, settings.derivatives, settings.index_dir)
    by_device: dict[int, list[Path]] = {}
    for folder in folders:
        there = _nearest(folder)
        by_device.setdefault(there.stat().st_dev, []).append(folder)
    found = []
    for held in by_device.values():
        usage = shutil.disk_usage(_nearest(held[0]))
        found.append(Disk(tuple(held), usage.total, usage.free))
    return found


def count_failed(mail: bool) -> int:
    """How many jobs have failed for good, at most SHOWN: messages, or all other work."""
    kind = Job.kind == "mail" if mail else Job.kind != "mail"
    some = sa.select(Job.id).where(Job.state == JobState.FAILED, kind).limit(SHOWN).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def _jobs() -> Part:
    failed, oldest = count_failed(mail=False), _oldest_due()
    waited = now() - oldest if oldest is not None else timedelta()
    if waited > LATE:
        more = _("The oldest job has waited for: %(time)s. Is the worker running?", time=_say(waited))
        return Part(_("Jobs"), "stop", _("nobody works"), more, "admin.jobs")
    more = _("Nothing waits.") if oldest is None else _("The oldest job has waited for: %(time)s", time=_say(waited))
    if failed:
        word = ngettext("%(num)s failed", "%(num)s failed", failed)
        return Part(_("Jobs"), "warn", word, more, "admin.jobs")
    return Part(_("Jobs"), "good", _("all done"), more, "admin.jobs")


def _mail() -> Part:
    if failed := count_failed(mail=True):
        word = ngettext("%(num)s not delivered", "%(num)s not delivered", failed)
        more = _("Look at the addresses, then send the letters again.")
        return Part(_("Mail"), "warn", word, more, "admin.mail")
    return Part(_("Mail"), "good", _("delivered"), _("No letter came back."), "admin.mail")


def _disk(disk: Disk) -> Part:
    share = disk.free / disk.total if disk.total else 0.0
    more = _("Free: %(free)s of %(total)s", free=format_size(disk.free), total=format_size(disk.total))
    if share < NEARLY_FULL:
        return Part(_("Disk"), "stop", _("nearly full"), more)
    if share < SCARCE:
        return Part(_("Disk"), "warn", _("little space left"), more)
    return Part(_("Disk"), "good", _("enough space"), more)


def _index() -> Part:
    title = _("Search index")
    try:
        state = search.engine().state()
        count = search.engine().count() if state is IndexState.READY else 0
    except UnavailableError:
        return Part(title, "stop", _("not available"), _("Works can be read, but not searched."))
    if state is not IndexState.READY:
        more = _("Run this on the server: %(command)s", command="muras reindex")
        return Part(title, "stop", _("must be rebuilt"), more)
    return Part(title, "good", _("ready"), _("Works in it: %(count)s", count=format_number(count)))


def _oldest_due() -> datetime | None:
    waiting = sa.select(sa.func.min(Job.run_at)).where(Job.state == JobState.QUEUED, Job.run_at <= now())
    return db.session.scalar(waiting)


def _nearest(folder: Path) -> Path:
    """The folder, or what will hold it once it is made."""
    while not folder.exists():
        folder = folder.parent
    return folder


def _say(time: timedelta) -> str:
    return format_duration(int(time.total_seconds()))
