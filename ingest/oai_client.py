"""Asking a provider of OAI-PMH 2.0, politely: one request at a time, again after a while when it cannot answer now.

Whoever asks decides what waiting means (`wait`): a command sleeps, a job gives its thread back and returns later.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from ingest.fetching import Fetcher, FetchError, FetchFault
from ingest.limits import Refused
from ingest.oai_pages import NotOai, Page, Read, read_packed
from ingest.sandbox import Sandbox

PAGE_LIMIT = 24 << 20
"""Bytes of an answer, unpacked."""
TRIES = 8
FIRST_WAIT = 2.0
LONGEST_WAIT = 900.0
"""Seconds between two tries, when the server names none: 2, 4, 8 …"""

Wait = Callable[[float], None]


class Trouble(StrEnum):
    """Why a source could not be harvested, beside the faults of `fetching` and what came instead of an answer."""

    STATUS = "status"
    UNREADABLE_PAGE = "unreadable_page"
    PROTOCOL = "protocol"
    NO_RECORDS = "noRecordsMatch"
    BAD_TOKEN = "badResumptionToken"  # noqa: S105 - a code of the protocol
    NO_ANSWER = "no_answer"
    TOKEN_LOOP = "token_loop"  # noqa: S105 - the list leads in a circle
    ENDLESS = "endless"


class ProviderError(Exception):
    """`code` is of Trouble, NotOai or FetchFault; `data` is what a sentence about it needs."""

    def __init__(self, code: str, **data: str | int) -> None:
        super().__init__(f"{code} {data}" if data else code)
        self.code = code
        self.data = data


def sleepless(_seconds: float) -> None:
    """Do not wait: try once more at once, so that whoever looks at a form has an answer soon."""


@dataclass(frozen=True)
class Identity:
    """What a provider says of itself; `fine`: its datestamps have seconds."""

    name: str
    fine: bool
    deleted: str
    base_url: str


@dataclass
class Provider:
    """A provider at `base_url`. `tries` counts failures since its last answer, also those before this process."""

    base_url: str
    fetcher: Fetcher
    sandbox: Sandbox
    wait: Wait
    limit: int = PAGE_LIMIT
    most: int = TRIES
    tries: int = 0

    def identify(self) -> Identity:
        """Raises ProviderError."""
        page = self.ask(verb="Identify")
        if not page.about.get("repositoryName") and not page.about.get("baseURL"):
            raise ProviderError(NotOai.OTHER_XML)
        return Identity(
            name=page.about.get("repositoryName", ""),
            fine="T" in page.about.get("granularity", "").upper(),
            deleted=page.about.get("deletedRecord", "no"),
            base_url=page.about.get("baseURL", ""),
        )

    def formats(self) -> dict[str, str]:
        """Prefixes and their namespaces. Raises ProviderError."""
        return self.ask(verb="ListMetadataFormats").formats

    def list_records(
        self, prefix: str, *, set_spec: str = "", since: str = "", until: str = "", token: str = ""
    ) -> Page:
        """A page of records; with `token` nothing else counts (OAI-PMH 2.0, 3.5). Raises ProviderError."""
        if token:
            return self.ask(verb="ListRecords", resumptionToken=token)
        arguments = {"metadataPrefix": prefix, "set": set_spec, "from": since, "until": until}
        return self.ask(verb="ListRecords", **{name: value for name, value in arguments.items() if value})

    def get_record(self, identifier: str, prefix: str) -> Read | None:
        """One record; None when the provider has none of that format. Raises ProviderError."""
        try:
            page = self.ask(verb="GetRecord", identifier=identifier, metadataPrefix=prefix)
        except ProviderError as error:
            if error.code == Trouble.PROTOCOL:
                return None
            raise
        return page.records[0] if page.records else None

    def ask(self, **arguments: str) -> Page:
        """The answer to one request. Raises ProviderError, for an error of the protocol too."""
        joint = "&" if "?" in self.base_url else "?"
        address = f"{self.base_url}{joint}{urlencode(arguments)}"
        page = self._read(self._fetch(address))
        if page.nonsense is not None:
            raise ProviderError(page.nonsense)
        for error in page.errors:
            if error["code"] in (Trouble.NO_RECORDS, Trouble.BAD_TOKEN):
                raise ProviderError(error["code"])
            raise ProviderError(Trouble.PROTOCOL, error=error["code"][:40], text=error["text"])
        return page

    def _fetch(self, address: str) -> bytes:
        """The bytes of an answer, whatever type it claims to have; again and again while there is hope."""
        while True:
            try:
                with self.fetcher.get(address, self.limit, "text/xml, application/xml;q=0.9, */*;q=0.1") as reply:
                    content = reply.content()
                    if reply.status >= 400 and b"OAI-PMH" not in content[:2000]:
                        raise ProviderError(Trouble.STATUS, status=reply.status)
                    self.tries = 0
                    return content
            except FetchError as error:
                if not error.passing:
                    raise ProviderError(error.fault, **error.data) from error
                self._wait_after(error)

    def _wait_after(self, error: FetchError) -> None:
        self.tries += 1
        if self.tries >= self.most:
            code = Trouble.NO_ANSWER if error.fault is FetchFault.UNREACHABLE else error.fault
            raise ProviderError(code, **error.data) from error
        self.wait(error.retry_after or min(FIRST_WAIT * 2 ** (self.tries - 1), LONGEST_WAIT))

    def _read(self, content: bytes) -> Page:
        try:
            return self.sandbox.run(read_packed, base64.b64encode(content).decode())
        except Refused as refused:
            raise ProviderError(Trouble.UNREADABLE_PAGE, kind=refused.kind) from refused
