"""Files that can be made again from an original: thumbnails, previews, page images.

    <root>/3c/0f/<digest of the original>/<recipe>

A recipe names what was made and how ("thumbnail-320.webp", "pages-2.tif"); a new way of making it gets a new name.
Everything here may be deleted at any time.
"""

import re
import shutil
from contextlib import AbstractContextManager
from pathlib import Path

from repo.failpoints import failpoint
from repo.storage.disk import is_older, link_or_copy, scratch_directory, storage_errors, sync_tree, write_new

_DIGEST = re.compile(r"[0-9a-f]{64,128}")
_RECIPE = re.compile(r"[a-z0-9][a-z0-9._-]{0,100}")
_SCRATCH = "scratch"


class Derivatives:
    """The derivatives below `root`, which is made if it is missing."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._scratch = root / _SCRATCH
        with storage_errors():
            root.mkdir(mode=0o750, parents=True, exist_ok=True)
            self._scratch.mkdir(exist_ok=True)

    def get(self, digest: str, recipe: str) -> Path | None:
        """The file made from the original `digest` by `recipe`; None if it has to be made."""
        path = self._directory(digest) / _checked(_RECIPE, recipe)
        return path if path.is_file() else None

    def put(self, digest: str, recipe: str, source: bytes | Path) -> Path:
        """Keep a derivative, whole or not at all, in place of an earlier one; a `Path` is linked, or copied.

        Raises StorageFullError.
        """
        path = self._directory(digest) / _checked(_RECIPE, recipe)
        with storage_errors(), scratch_directory(self._scratch, "put-") as home:
            made = home / recipe
            if isinstance(source, Path):
                link_or_copy(source, made)
            else:
                write_new(made, source)
            # The bytes, not the name: a file that a power cut emptied would be served for ever, one that is not
            # there is made again.
            sync_tree(home)
            failpoint("derivative:before-rename")
            self._move(made, path)
            failpoint("derivative:after-rename")
        return path

    def free_bytes(self) -> int:
        """The room on the disk of the derivatives."""
        return shutil.disk_usage(self.root).free

    def scratch(self) -> AbstractContextManager[Path]:
        """A new folder for what is being made, gone when the block ends, or by `discard_scratch` after a crash."""
        return scratch_directory(self._scratch, "make-")

    def _move(self, made: Path, path: Path) -> None:
        while True:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                made.replace(path)
            except FileNotFoundError:
                if not made.exists():
                    raise
                continue  # discarded just now by another process
            return

    def discard(self, digest: str) -> None:
        """Remove all that was made from an original; nothing happens if there is nothing."""
        with storage_errors(), scratch_directory(self._scratch, "discard-") as home:
            try:
                # Moved first: what another process adds meanwhile does not get in the way.
                self._directory(digest).rename(home / digest)
            except FileNotFoundError:
                return
            failpoint("derivative:after-discard")

    def discard_scratch(self, older_than: float) -> int:
        """Remove what a crash left more than `older_than` seconds ago; return how many."""
        left = [home for home in self._scratch.iterdir() if is_older(home, older_than)]
        for home in left:
            shutil.rmtree(home)
        return len(left)

    def _directory(self, digest: str) -> Path:
        _checked(_DIGEST, digest)
        return self.root / digest[:2] / digest[2:4] / digest


def _checked(pattern: re.Pattern[str], text: str) -> str:
    """A part of a path: ValueError instead of a way out of the store."""
    if pattern.fullmatch(text) is None:
        raise ValueError(text)
    return text
