"""What `muras doctor` looks at. Changes nothing; each finding says what to do."""

import os
import platform
import smtplib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa

from ingest.messages import TOOL_COSTS
from ingest.sandbox import Sandbox
from ingest.stages.scan_viruses import Verdict, scan_viruses
from ingest.tools import TOOLS, probe
from oai.namespace import choose_namespace
from repo import search
from repo.admin.health import LATE, NEARLY_FULL, SCARCE, find_disks
from repo.checkup import Finding, Level, check
from repo.db import db, now
from repo.jobs.models import Job, JobState
from repo.jobs.services import count_jobs
from repo.mail.delivery import MailRefusedError, open_server
from repo.members.models import Fact
from repo.search.ports import IndexState, SearchUnavailableError
from repo.settings import Settings, current_settings, variable_of

WAL_FIXED = (3, 51, 3)
"""From here on SQLite cannot corrupt a WAL that two connections reset at once (3.7.0 to 3.51.2 can, rarely)."""


def good(text: str) -> Finding:
    return Finding(Level.GOOD, text)


def warning(text: str, advice: str = "") -> Finding:
    return Finding(Level.WARNING, text, advice)


def bad(text: str, advice: str = "") -> Finding:
    return Finding(Level.BAD, text, advice)


@check("program")
def check_program() -> Iterator[Finding]:
    yield good(f"Python {platform.python_version()}")
    if os.geteuid() == 0:
        yield warning("runs as root", "run it as a user of its own: see docs/running.md")


@check("database")
def check_database() -> Iterator[Finding]:
    if db.engine.dialect.name != "sqlite":
        yield good(f"{db.engine.dialect.name} {'.'.join(map(str, db.engine.dialect.server_version_info or ()))}")
        return
    text = f"SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info < WAL_FIXED:
        text += "; older than 3.51.3, so only the worker moves its log (WAL) into the database"
    yield good(text)
    mode = db.session.execute(sa.text("PRAGMA journal_mode")).scalar_one()
    if mode != "wal":
        yield bad(f"journal mode {mode}", "the data directory must lie on a local disk, not on a network file system")


@check("files")
def check_files() -> Iterator[Finding]:
    settings = current_settings()
    for folder in (settings.data_dir, settings.ocfl_root, settings.uploads_dir, settings.derivatives):
        if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            yield bad(f"{folder} cannot be written", "give it to the user that runs Muras")
    devices = {folder.stat().st_dev for folder in (settings.ocfl_root, settings.staging_dir) if folder.exists()}
    if len(devices) > 1:
        yield bad(
            f"{settings.ocfl_root} and {settings.staging_dir} lie on different file systems",
            "mount one file system above both: a version is put in place by a rename",
        )
    for disk in find_disks():
        share = disk.free / disk.total if disk.total else 0.0
        text = f"{share:.0%} of {disk.total / 1e9:.0f} GB free below {disk.holds[0]}"
        look = bad if share < NEARLY_FULL else warning if share < SCARCE else None
        yield look(text, "make room before it is full") if look else good(text)


@check("work")
def check_work() -> Iterator[Finding]:
    oldest = db.session.scalar(sa.select(sa.func.min(Job.run_at)).where(Job.state == JobState.QUEUED))
    if oldest is not None and now() - oldest > LATE:
        yield bad(f"a job waits since {oldest:%Y-%m-%d %H:%M} UTC", "is `muras serve` or `muras worker` running?")
    numbers = count_jobs()
    if failed := numbers[JobState.FAILED]:
        yield warning(f"{failed} jobs failed", "look at them in the office, under jobs and mail")
    else:
        yield good(f"no job failed, {numbers[JobState.QUEUED]} wait, {numbers[JobState.RUNNING]} run")


@check("search")
def check_search() -> Iterator[Finding]:
    try:
        state = search.engine().state()
        count = search.engine().count() if state is IndexState.READY else 0
    except SearchUnavailableError as error:
        yield bad(f"the search engine does not answer: {error.why}", "does it run? look at MURAS_SEARCH_URL")
        return
    if state is IndexState.READY:
        yield good(f"the index holds {count} works")
    else:
        yield warning(f"the index is {state}", "the worker makes it anew; or do it now: muras reindex")


@check("mail")
def check_mail() -> Iterator[Finding]:
    settings = current_settings()
    if settings.mail_url.startswith("folder:"):
        yield warning(f"mail goes to files in {settings.mail_dir}", "set MURAS_MAIL_URL to smtp://… for real mail")
        return
    host = urlsplit(settings.mail_url).hostname
    try:
        open_server(settings.mail_url).quit()
    except (OSError, smtplib.SMTPException, MailRefusedError) as error:
        yield bad(f"{host} does not take our mail: {error}", "look at MURAS_MAIL_URL")
    else:
        yield good(f"{host} answers")


@check("viruses")
def check_viruses() -> Iterator[Finding]:
    address = current_settings().clamav_socket
    if not address:
        yield warning("files are not scanned", "install clamav-daemon and set MURAS_CLAMAV_SOCKET")
        return
    scan = scan_viruses(Path(os.devnull), address, patience=10)
    if scan.verdict is Verdict.UNAVAILABLE:
        yield bad(f"{address} does not answer: {scan.detail}", "is clamav-daemon running, may Muras use its socket?")
    else:
        yield good(f"{address} answers")


@check("outside programs")
def check_tools() -> Iterator[Finding]:
    for tool in TOOLS:
        version = probe(tool)
        if version is None:
            yield warning(f"{tool.program} is missing. {TOOL_COSTS[tool.program]}", f"apt-get install {tool.package}")
        else:
            yield good(f"{tool.program} {version}".rstrip())


@check("sandbox")
def check_sandbox() -> Iterator[Finding]:
    """Files of strangers are parsed in children; which walls stand around one depends on kernel and container."""
    with Sandbox(workers=1) as sandbox:
        stand = sandbox.confinement()
    for holds, text, advice in (
        (stand.files, "a parser reads and writes nothing of ours", "Linux 5.13 or later, with Landlock"),
        (stand.network, "a parser opens no connection", "a kernel with seccomp"),
        (stand.privileges, "a parser has no rights of ours", "allow user namespaces, or run as an ordinary user"),
    ):
        yield good(text) if holds else warning(f"does not hold: {text}", f"needed: {advice}")


@check("addresses")
def check_addresses() -> Iterator[Finding]:
    settings = current_settings()
    host = urlsplit(settings.base_url).hostname
    if host in ("127.0.0.1", "localhost", "::1"):
        yield warning(f"the base address is {settings.base_url}", "set MURAS_BASE_URL before anybody cites a work")
    if settings.admin_email == Settings.admin_email:
        yield warning("nobody answers readers and harvesters", f"set {variable_of('admin_email')}")
    fact = db.session.get(Fact, "oai_namespace")
    written = fact.value if fact else "not written yet"
    if written != choose_namespace(settings):
        advice = "it stays: harvesters know our records by it"
        yield warning(f"OAI identifiers begin with oai:{written}:, not with the host of the base address", advice)
    elif written != host:
        advice = "set MURAS_OAI_NAMESPACE to a domain of yours before the first harvest, in a new data directory"
        yield warning(f"{host} cannot stand in OAI identifiers: they begin with oai:{written}:", advice)
    else:
        yield good(f"OAI identifiers begin with oai:{written}:")
