"""Files that last, files on their way in, and files that can be made again.

    ports.py          what is asked of a store of objects, and its errors
    ocfl/             that store on a disk
    uploads.py        resumable uploads
    derivatives.py    thumbnails, previews, page images
    fixity.py         are the bytes still those that were given to us?
    disk.py           what makes files survive a crash

The modules know neither Flask nor a database. The three functions here give the stores of the running application,
which `repo.backends` builds from the settings. Two bear the names of modules: those are imported above them, so
that the name is the function's from then on, and `from repo.storage.uploads import …` still finds the module.
"""

from collections.abc import Callable
from typing import cast

from repo.storage.derivatives import Derivatives
from repo.storage.ports import ObjectStore
from repo.storage.uploads import Uploads


def store() -> ObjectStore:
    """The objects: what is published, for ever."""
    return cast(ObjectStore, _part("store"))


def uploads() -> Uploads:
    """The files of drafts."""
    return cast(Uploads, _part("uploads"))


def derivatives() -> Derivatives:
    """What was made from files and can be made again."""
    return cast(Derivatives, _part("derivatives"))


def _part(name: str) -> object:
    from flask import current_app  # here, so that the modules can be used without it

    return cast(Callable[[], object], current_app.extensions[f"muras.{name}"])()
