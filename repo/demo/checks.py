"""What `muras doctor` says of the demonstration."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from repo.checkup import Finding, Level, check
from repo.demo.house import read_mark
from repo.mail.delivery import is_local
from repo.settings import current_settings


@check("demonstration")
def check_demonstration() -> Iterator[Finding]:
    """Invented works are no harm on one's own machine; elsewhere readers and harvesters would take them for real."""
    if read_mark() is None:
        yield Finding(Level.GOOD, "not loaded")
    elif is_local(urlsplit(current_settings().base_url).hostname or ""):
        yield Finding(Level.GOOD, "loaded")
    else:
        advice = "before readers come, run: muras demo --remove"
        yield Finding(Level.WARNING, "loaded: readers and harvesters find invented works", advice)
