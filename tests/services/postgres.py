"""PostgreSQL for one run of the tests: a server of its own in a temporary folder, reached by a socket only."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import psycopg
from psycopg import sql

START_SECONDS = 60
ROOM = 4 << 30  # bytes

# Nothing here outlives the run, so nothing has to reach the disk.
OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "listen_addresses": "",
}

LASTING = {"listen_addresses": ""}
ON_DISK = Path("/var/tmp")  # hier(7): kept over a restart, so not in memory


class PostgresMissingError(Exception):
    """PostgreSQL is not installed, or nobody may run it here; the message says what to do."""


@dataclass
class PostgresServer:
    """A running server whose folder, `home`, holds its socket; started only in the process that has `process`."""

    home: Path
    process: subprocess.Popen[bytes] | None = None

    def address(self, database: str) -> str:
        """The value of MURAS_DATABASE_URL for `database`."""
        return f"postgresql://muras@/{database}?host={self.home}"

    def create_database(self, name: str, template: str = "template0") -> None:
        with self._maintenance() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )

    def drop_database(self, name: str) -> None:
        with self._maintenance() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)  # at once: the data is thrown away
            self.process.wait(START_SECONDS)
        shutil.rmtree(self.home, ignore_errors=True)

    def _maintenance(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.address("postgres"), autocommit=True)


def start_postgres(*, lasting: bool = False) -> PostgresServer:
    """Make a cluster and start its server, `lasting` as its package would: on the disk, with its own settings, so that
    what is committed is durable and statistics are kept. Raises PostgresMissingError."""
    programs = _find_programs()
    # PostgreSQL refuses to run as root, so root hands it to the user that its package made.
    user = "postgres" if os.getuid() == 0 else None
    if user and not _is_user(user):
        raise PostgresMissingError("PostgreSQL does not run as root and there is no user postgres")
    # Not below pytest's folder: a socket's path may have 107 bytes, and only its owner enters that one.
    home = Path(tempfile.mkdtemp(prefix="muras-pg-", dir=ON_DISK if lasting else find_memory()))
    if user:
        shutil.chown(home, user)
    home.chmod(0o755)
    initdb: list[str | Path] = [
        programs / "initdb",
        "-D",
        home / "data",
        "-U",
        "muras",
        "--auth=trust",
        "--no-sync",
        "-E",
        "UTF8",
    ]
    # A default collation that is not byte order: whoever forgets a sort key sees it here.
    initdb += ["--locale-provider=icu", "--icu-locale=ky", "--locale=C.UTF-8"]
    subprocess.run(initdb, user=user, cwd=home, check=True, stdout=subprocess.DEVNULL)
    command: list[str | Path] = [programs / "postgres", "-D", home / "data", "-k", home]
    for name, value in (LASTING if lasting else OPTIONS).items():
        command += ["-c", f"{name}={value}"]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, user=user, cwd=home, stdout=log, stderr=log, process_group=0, preexec_fn=_die_with_parent
        )
    server = PostgresServer(home, process)
    _wait_until_ready(server)
    return server


def find_memory() -> Path | None:
    """A file system in memory with room enough: making a database, once for most tests, takes two thirds there."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > ROOM else None


def _find_programs() -> Path:
    """The folder of the server's programs; Debian keeps it off PATH."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    if found := shutil.which("initdb"):
        return Path(found).parent
    raise PostgresMissingError("PostgreSQL is not installed: run scripts/install-test-services as root")


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _die_with_parent() -> None:
    """A test run that is killed takes its server with it (PR_SET_PDEATHSIG is 1, see prctl(2))."""
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _wait_until_ready(server: PostgresServer) -> None:
    assert server.process is not None
    deadline = monotonic() + START_SECONDS
    while True:
        try:
            server._maintenance().close()
            return
        except psycopg.OperationalError:
            if server.process.poll() is not None or monotonic() > deadline:
                log = (server.home / "server.log").read_text()
                server.stop()
                raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None
            sleep(0.05)
