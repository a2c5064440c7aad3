"""The bytes of a file, wherever they lie: with its upload while it is new in a draft, else in the OCFL object."""

from typing import BinaryIO

from repo.errors import NotFoundError
from repo.items.identifiers import ocfl_id
from repo.items.models import File, Version
from repo.storage import store, uploads


def open_original(version: Version, file: File) -> BinaryIO:
    """Open the bytes of a file of `version` for reading. Raises NotFoundError when they are nowhere.

    They are found by their digest: a draft may give another name to a file that is published already.
    """
    if file.upload_id:
        return uploads().path(file.upload_id).open("rb")
    object_id = ocfl_id(version.item_id)
    paths = store().inventory(object_id).manifest.get(file.digest)
    if not paths:
        raise NotFoundError()
    return store().open_content(object_id, paths[0])
