"""The full texts of harvested works: fetched with the same care as records, read like any file that is handed in."""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from ingest.crosswalks import Link
from ingest.fetching import FetchError
from ingest.oai_client import Provider, ProviderError
from ingest.oai_pages import Read
from ingest.services import describe_flag, describe_report, read_file
from repo.errors import StorageFullError, TooLargeError
from repo.items.access import Access
from repo.items.metadata import Metadata
from repo.items.services.importing import Brought
from repo.settings import current_settings
from repo.storage import uploads

MOST = 50
"""Files of one work that are fetched."""
LARGEST = 2 * 1000**3
"""Bytes of one file."""


@dataclass
class Files:
    """`files`: None leaves those that the work has; `links` tells the next harvest whether anything is different."""

    files: tuple[Brought, ...] | None = None
    links: str = ""
    report: list[dict[str, Any]] = field(default_factory=list)


class _Refused(Exception):  # noqa: N818 - one file is left out
    def __init__(self, code: str, **data: Any) -> None:
        super().__init__(code)
        self.said = {"code": code, "data": data}


def gather_files(provider: Provider, record: Read, metadata: Metadata, *, known: str) -> Files:
    """Fetch the files that a record names, or its resource map, unless they are those that are `known` already."""
    if metadata.access is not Access.OPEN:
        return Files(links=known)
    links = [link for link in record.files or _links_of_map(provider, record.identifier) if link.open][:MOST]
    told = _digest(links)
    if not links or told == known:
        return Files(links=told if links else known)
    found = Files(links=told)
    brought: list[Brought] = []
    for link in links:
        try:
            brought.append(_fetch(provider, link))
        except _Refused as refused:
            found.report.append(refused.said)
            found.links = ""  # asked for again when the record comes again
    if brought:
        found.files = tuple({file.digest: file for file in brought}.values())
    return found


def _links_of_map(provider: Provider, identifier: str) -> tuple[Link, ...]:
    try:
        found = provider.get_record(identifier, "ore")
    except ProviderError:
        return ()
    return found.files if found is not None else ()


def _digest(links: list[Link]) -> str:
    told = [[link.address, link.size, link.digest] for link in links]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest() if links else ""


def _fetch(provider: Provider, link: Link) -> Brought:
    """Store a file as it arrives, compare its digest, have it read. Raises _Refused."""
    upload_id, limit = uuid4().hex, min(LARGEST, current_settings().max_upload)
    try:
        with provider.fetcher.get(link.address, limit) as reply:
            if reply.status != 200:
                raise _Refused("file_status", name=link.name, status=reply.status)
            finished = uploads().store_stream(upload_id, reply, limit)
    except FetchError as error:
        raise _Refused("file_" + error.fault.value, name=link.name, **error.data) from error
    except (TooLargeError, StorageFullError) as error:
        raise _Refused("file_too_large", name=link.name) from error
    try:
        if link.digest and link.digest != finished.sha512:
            raise _Refused("file_changed", name=link.name)
        report = read_file(finished.sha512, finished.path, link.name)
        refusal = next((flag for flag in report.flags if flag.refuses), None)
        if refusal is not None:
            raise _Refused("file_refused", name=link.name, flag=describe_flag(refusal))
        if report.mime == "text/html" and link.mime not in ("", "text/html"):
            raise _Refused("file_is_a_page", name=link.name)
    except _Refused:
        with suppress(OSError):
            uploads().discard(upload_id)
        raise
    return Brought(link.name, finished.sha512, finished.size, upload_id=upload_id, report=describe_report(report))
