"""The domain in our OAI identifiers: chosen once, since harvesters know a record by its identifier for ever."""

import re
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from repo.db import db
from repo.errors import SettingsError
from repo.jobs.services import enqueue_job
from repo.members.models import Fact
from repo.settings import Settings

FALLBACK = "muras.example.org"

# oai-identifier.xsd, repositoryIdentifierType: labels begin with a letter, so neither an IP address nor 3d.lib.kg
# nor a name without a dot will do.
_LEGAL = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*(\.[a-zA-Z][a-zA-Z0-9-]*)+")


def is_legal_namespace(domain: str) -> bool:
    return _LEGAL.fullmatch(domain) is not None


def choose_namespace(settings: Settings) -> str:
    """Return what the settings ask for, else the host of the base address, else FALLBACK. Raises SettingsError."""
    wish = settings.oai_namespace
    if wish and not is_legal_namespace(wish):
        raise SettingsError(
            f"MURAS_OAI_NAMESPACE={wish!r}: a domain like muras.example.kg, each part begins with a letter"
        )
    host = urlsplit(settings.base_url).hostname or ""
    return wish or (host if is_legal_namespace(host) else FALLBACK)


def write_namespace(settings: Settings) -> None:
    """Write the namespace down if there is none yet, and have it preserved beside the libraries."""
    if db.session.get(Fact, "oai_namespace") is None:
        db.session.add(Fact(name="oai_namespace", value=choose_namespace(settings)))
        db.session.flush()
        enqueue_job("registry", "")


def read_namespace(session: Session) -> str:
    """Return the domain that was written down; FALLBACK before `muras init`."""
    fact = session.get(Fact, "oai_namespace")
    return fact.value if fact else FALLBACK
