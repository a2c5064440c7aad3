"""Downloads of public files, and which of them count as one."""

from flask import Response, request

from repo.discovery.records import FileFacts, Record
from repo.items.identifiers import ocfl_id
from repo.items.preservation import FOLDERS
from repo.storage import store
from repo.web.files import send_stream


def send_file(record: Record, file: FileFacts, *, saved: bool = False, public: bool = False) -> Response:
    """Return the response with a file of a public version."""
    path = f"{FOLDERS[file.role]}/{file.name}"
    stream = store().open(ocfl_id(record.item_id), path, record.ocfl_version)
    return send_stream(stream, file.name, file.mime, file.size, file.digest, saved=saved, public=public)


def counts_as_download(response: Response) -> bool:
    """Whether this answer is a download: its first byte was sent, to somebody who asked for content."""
    if request.method == "HEAD" or response.status_code not in (200, 206):
        return False
    content_range = response.headers.get("Content-Range", "bytes 0-")
    return content_range.startswith("bytes 0-")
