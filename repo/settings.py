"""The settings of an installation: one typed, checked object, read from `MURAS_*` variables.

Every setting is described in `docs/running.md`; a test fails when one is missing there.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from flask import current_app

from repo.addresses import read_cluster_address
from repo.errors import SettingsError

Network = IPv4Network | IPv6Network

UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "t": 1000**4}


@dataclass(frozen=True)
class Settings:
    """What an administrator can choose. Empty addresses stand for the embedded default of their part."""

    data_dir: Path = Path("data")
    """Where everything lives that is not code."""
    base_url: str = "http://127.0.0.1:8000"
    """The address readers use, without a slash at the end; stands in every permanent link."""
    host: str = "127.0.0.1"
    """The address the web server listens on."""
    port: int = 8000
    """The port the web server listens on."""
    name: str = "Muras"
    """The name of the site, in its head and in mail."""
    admin_email: str = "admin@localhost.localdomain"
    """Who answers readers and harvesters."""
    oai_namespace: str = ""
    """The domain in OAI identifiers; written once at `muras init`, by default the host of the base address."""
    secret_key: str = ""
    """Signs sessions and tokens; made on first start in `secret.key` of the data directory."""
    database_url: str = ""
    """`sqlite:///…` (default, in the data directory) or `postgresql://…`."""
    search_url: str = "tantivy:"
    """The search engine: `tantivy:` (embedded) or a cluster of Elasticsearch, `http(s)://…` (repo/addresses.py)."""
    storage_url: str = ""
    """`file:PATH` of the OCFL root; default `ocfl` in the data directory."""
    queue_url: str = "sqlite:"
    """What carries job ids to the workers."""
    mail_url: str = "folder:"
    """`folder:` (messages as files in `mail` of the data directory), `folder:PATH`, or the server that sends
    them: `smtp://user:password@host:port`, `smtps://…`."""
    clamav_socket: str = ""
    """The ClamAV daemon: a socket's path or `host:port`; empty: files are not scanned."""
    trusted_proxies: tuple[Network, ...] = ()
    """Networks whose `X-Forwarded-For` is believed."""
    web_processes: int = 2
    """Processes that answer requests."""
    max_upload: int = 20 * 1000**3
    """The largest file, in bytes (units k, M, G, T are understood)."""
    derivatives_dir: Path | None = None
    """Where thumbnails and other disposable files lie; default `derivatives` in the data directory."""
    stored_formats: tuple[str, ...] = ("oai_dc", "oai_openaire", "marcxml")
    """OAI formats rendered whenever an item changes."""
    resource_dumps: bool = True
    """Whether all open files are packed for mirrors, which takes their size once more."""
    testing: bool = field(default=False, metadata={"variable": None})
    """Set by the tests only."""

    @property
    def ocfl_root(self) -> Path:
        return Path(self.storage_url.removeprefix("file:")) if self.storage_url else self.data_dir / "ocfl"

    @property
    def staging_dir(self) -> Path:
        """Beside the OCFL root, on its filesystem, so that a version is put in place by a rename."""
        return self.ocfl_root.with_name(self.ocfl_root.name + "-staging")

    @property
    def uploads_dir(self) -> Path:
        """Beside the OCFL root, on its filesystem, so that a finished upload is linked, not copied."""
        return self.ocfl_root.with_name(self.ocfl_root.name + "-uploads")

    @property
    def loads_dir(self) -> Path:
        """Beside the OCFL root: bulk loads until they are done with."""
        return self.ocfl_root.with_name(self.ocfl_root.name + "-loads")

    @property
    def derivatives(self) -> Path:
        return self.derivatives_dir or self.data_dir / "derivatives"

    @property
    def index_dir(self) -> Path:
        return self.data_dir / "index"

    @property
    def queue_path(self) -> Path:
        return self.data_dir / "queue.sqlite"

    @property
    def exports_dir(self) -> Path:
        """Packages that librarians asked for, for a week."""
        return self.data_dir / "exports"

    @property
    def usage_dir(self) -> Path:
        """Where the web processes append what was viewed, before the worker counts it."""
        return self.data_dir / "usage"

    @property
    def mail_dir(self) -> Path:
        folder = self.mail_url.removeprefix("folder:")
        return Path(folder) if folder else self.data_dir / "mail"

    @property
    def database(self) -> str:
        """The address of the database, as SQLAlchemy takes it."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir.absolute() / 'muras.sqlite'}"
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def secure(self) -> bool:
        """Whether readers come by https."""
        return self.base_url.startswith("https:")


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings. Raises SettingsError with one clear line when a value cannot be used."""
    environ = os.environ if environ is None else environ
    values: dict[str, object] = {}
    known = {variable_of(name): name for name in setting_names()}
    for variable, text in environ.items():
        if not variable.startswith("MURAS_") or variable.startswith(("MURAS_TEST_", "MURAS_FAILPOINT")):
            continue
        if variable not in known:
            raise SettingsError(f"{variable} is not a setting of Muras; see docs/running.md")
        name = known[variable]
        try:
            values[name] = READERS.get(name, str.strip)(text)
        except ValueError as error:
            raise SettingsError(f"{variable}={text!r}: {error}") from None
    values.setdefault("base_url", f"http://127.0.0.1:{values.get('port', Settings.port)}")
    settings = Settings(**values)  # type: ignore[arg-type]
    check_settings(settings)
    return settings


def setting_names() -> list[str]:
    """The names of all settings that have a variable."""
    return [f.name for f in fields(Settings) if "variable" not in f.metadata]


def variable_of(name: str) -> str:
    return f"MURAS_{name.upper()}"


def check_settings(settings: Settings) -> None:
    """What no single value shows. Raises SettingsError."""
    schemes = {
        "database_url": ("sqlite:", "postgresql:"),
        "search_url": ("tantivy:", "http:", "https:"),
        "storage_url": ("file:",),
        "queue_url": ("sqlite:",),
        "mail_url": ("folder:", "smtp:", "smtps:"),
    }
    for name, allowed in schemes.items():
        value = getattr(settings, name)
        if value and not value.startswith(allowed):
            raise SettingsError(f"{variable_of(name)}={value!r}: must start with {' or '.join(allowed)}")
    if settings.secret_key and len(settings.secret_key) < 32:
        raise SettingsError("MURAS_SECRET_KEY: at least 32 characters, or leave it out and one is made")


def load_secret_key(settings: Settings) -> str:
    """Return the key that signs sessions and tokens; made and kept in the data directory on first use."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_dir / "secret.key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    key = secrets.token_urlsafe(48)
    draft = path.with_name(f"secret.{os.getpid()}.key")
    draft.touch(mode=0o600)
    draft.write_text(key + "\n")
    try:
        os.link(draft, path)  # fails when another process was first: its key is the one to use
    except FileExistsError:
        return path.read_text().strip()
    finally:
        draft.unlink()
    return key


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError(f"must lie between {low} and {high}")
        return number

    return read


def _size(text: str) -> int:
    digits = text.strip().lower().removesuffix("b")
    unit = digits[-1:] if digits[-1:].isalpha() else ""
    if unit not in UNITS:
        raise ValueError("a size like 500M or 20G")
    return int(float(digits.removesuffix(unit)) * UNITS[unit])


def _switch(text: str) -> bool:
    known = {"yes": True, "no": False}
    if text.strip().lower() not in known:
        raise ValueError("yes or no")
    return known[text.strip().lower()]


def _address(text: str) -> str:
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("an address like https://muras.example.kg")
    return text.strip().rstrip("/")


def _search(text: str) -> str:
    if text.strip().startswith("http"):
        read_cluster_address(text)
        if find_spec("elasticsearch") is None:
            raise ValueError("its client is not installed: pip install 'muras[elasticsearch]'")
    return text.strip()


def _email(text: str) -> str:
    if "@" not in text.strip(" @"):
        raise ValueError("an e-mail address")
    return text.strip()


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


READERS: dict[str, Callable[[str], object]] = {
    "data_dir": lambda text: Path(text).expanduser().absolute(),
    "derivatives_dir": lambda text: Path(text).expanduser().absolute(),
    "base_url": _address,
    "search_url": _search,
    "admin_email": _email,
    "port": _number(1, 65535),
    "web_processes": _number(1, 64),
    "max_upload": _size,
    "trusted_proxies": _networks,
    "stored_formats": _words,
    "resource_dumps": _switch,
}


def current_settings() -> Settings:
    """The settings of the running application."""
    return cast(Settings, current_app.extensions["muras.settings"])
