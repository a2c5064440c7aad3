"""OcflStore: the port `repo.storage.ports.ObjectStore` on a local disk."""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from repo.failpoints import failpoint
from repo.storage.disk import (
    Filesystem,
    is_older,
    lock_file,
    prune_empty,
    storage_errors,
    sync_directory,
    sync_tree,
)
from repo.storage.ocfl import inventory as inventories
from repo.storage.ocfl.layout import object_directories, object_id_of, object_path, prepare_root
from repo.storage.ocfl.recovery import ObjectRoot, read_root, replace_root, settle
from repo.storage.ocfl.staging import write_content, write_records
from repo.storage.ports import (
    Inventory,
    ObjectConflict,
    ObjectDamaged,
    ObjectMissing,
    Source,
    Staged,
    Survey,
    Version,
)

_LOCKS = "locks"


class OcflStore:
    """Objects below `root`; versions are written in `staging`, on the same file system but outside of the root.

    Any number of processes may use the same two directories. Both are made if they are missing; SettingsError if
    they cannot be used.
    """

    def __init__(self, root: Path, staging: Path) -> None:
        self.root = root
        self.staging = staging
        with storage_errors():
            prepare_root(root, staging)
            (staging / _LOCKS).mkdir(exist_ok=True)
        self._filesystem = Filesystem(root)

    # Reading

    def head(self, object_id: str) -> int | None:
        root = read_root(self._directory(object_id), object_id)
        return root.inventory.head if root else None

    def inventory(self, object_id: str) -> Inventory:
        root = read_root(self._directory(object_id), object_id)
        if root is None:
            raise ObjectMissing(object_id)
        return root.inventory

    def path(self, object_id: str, logical_path: str, version: int | None = None) -> Path:
        content_path = self.inventory(object_id).content_path(logical_path, version)
        if content_path is None:
            raise ObjectMissing(object_id, logical_path)
        return self._directory(object_id) / content_path

    def open(self, object_id: str, logical_path: str, version: int | None = None) -> BinaryIO:
        try:
            return self.path(object_id, logical_path, version).open("rb")
        except FileNotFoundError:
            raise ObjectMissing(object_id, logical_path) from None

    def objects(self, after: str | None = None) -> Iterator[str]:
        for directory in object_directories(self.root, after):
            object_id = object_id_of(directory.name) or inventories.read_id(directory / inventories.FILE_NAME)
            if object_id is None:
                raise ObjectDamaged(directory.name, "no readable inventory")
            yield object_id

    def survey(self, object_id: str) -> Survey | None:
        directory = self._directory(object_id)
        with self._lock(object_id):
            if not directory.is_dir():
                return None
            files = (path for path in directory.rglob("*") if not path.is_dir() or path.is_symlink())
            return Survey(frozenset(path.relative_to(directory).as_posix() for path in files))

    def open_content(self, object_id: str, content_path: str) -> BinaryIO:
        try:
            return (self._directory(object_id) / content_path).open("rb")
        except FileNotFoundError:
            raise ObjectMissing(object_id, content_path) from None

    # Writing

    def stage(
        self,
        object_id: str,
        files: Mapping[str, Source],
        *,
        message: str,
        person: str,
        address: str | None,
        created: datetime,
        follows: int | None = None,
        durable: bool = True,
    ) -> Staged:
        inventories.check_logical_paths(files)
        root = read_root(self._directory(object_id), object_id)
        base = root.inventory if root else None
        if follows is not None and follows != (base.head if base else 0):
            raise ObjectConflict(object_id, base.head if base else None)
        failpoint("stage:before-content")
        home = self._new_home("version")
        try:
            with storage_errors():
                home.mkdir()
                state, added = write_content(home, object_id, files, base)
                version = Version(created, message, person, address, state)
                inventory = inventories.follow(base, object_id, version, added)
                write_records(home, inventory)
                failpoint("stage:before-sync")
                if durable:
                    sync_tree(home)
                failpoint("stage:after-sync")
        except BaseException:
            shutil.rmtree(home, ignore_errors=True)
            raise
        return Staged(object_id, inventory.head, root.digest if root else None, str(home), durable)

    def place(self, staged: Staged) -> int:
        def sync(touched: Iterable[Path]) -> None:
            for directory in dict.fromkeys(touched):
                sync_directory(directory)

        return self._place([staged], sync)[0]

    def place_many(self, batch: Sequence[Staged]) -> list[int]:
        return self._place(batch, lambda touched: self._filesystem.sync())

    def _place(self, batch: Sequence[Staged], sync: Callable[[Iterable[Path]], None]) -> list[int]:
        """Place versions of different objects; `sync` makes the names in directories durable."""
        if len({staged.object_id for staged in batch}) < len(batch):
            raise ValueError("one object twice in " + " ".join(staged.object_id for staged in batch))
        with storage_errors(), self._lock(*(staged.object_id for staged in batch)):
            if not all(staged.durable for staged in batch):
                failpoint("place:before-bulk-sync")
                self._filesystem.sync()
                failpoint("place:after-bulk-sync")
            for staged in batch:
                self._refuse_if_moved(staged)
            failpoint("place:before-version")
            touched = [directory for staged in batch for directory in self._move_version(staged)]
            failpoint("place:after-version")
            # The inventory may never be on the disk before the version that it names.
            sync(touched)
            failpoint("place:after-version-sync")
            followers = [staged for staged in batch if staged.base is not None]
            for staged in followers:
                replace_root(self._directory(staged.object_id), Path(staged.location))
            if followers:
                sync([self._directory(staged.object_id) for staged in followers])
            failpoint("place:after-sync")
        for staged in followers:
            shutil.rmtree(staged.location, ignore_errors=True)
        return [staged.version for staged in batch]

    def _refuse_if_moved(self, staged: Staged) -> None:
        # Empty parents are not looked for, as `recover` does: the object is about to need them.
        root = settle(self._directory(staged.object_id), staged.object_id, self.staging)
        if staged.base != (root.digest if root else None):
            shutil.rmtree(staged.location, ignore_errors=True)
            raise ObjectConflict(staged.object_id, root.inventory.head if root else None)

    def _move_version(self, staged: Staged) -> list[Path]:
        """Move a version into its object, or a new object into the root; return the directories to sync."""
        directory = self._directory(staged.object_id)
        prepared = Path(staged.location)
        if staged.base is not None:
            (prepared / f"v{staged.version}").rename(directory / f"v{staged.version}")
            return [directory]
        while True:
            try:
                directory.parent.mkdir(parents=True, exist_ok=True)
                failpoint("place:after-parents")
                prepared.rename(directory)
            except FileNotFoundError:
                if not prepared.exists():
                    raise
                continue  # an expunged neighbour took the empty parents away just now
            return [directory.parent, directory.parent.parent, self.root]

    def purge(self, object_id: str) -> None:
        directory = self._directory(object_id)
        with storage_errors(), self._lock(object_id):
            failpoint("purge:before-move")
            if directory.is_dir():
                home = self._new_home("purged")
                # Moved whole, so that no reader or crash meets a part of it.
                directory.rename(home)
                failpoint("purge:after-move")
                sync_directory(directory.parent)
                shutil.rmtree(home)
                failpoint("purge:after-removal")
            prune_empty(directory.parent, self.root)

    # After a crash

    def recover(self, object_id: str) -> int | None:
        with storage_errors(), self._lock(object_id):
            root = self._settle(object_id)
            return root.inventory.head if root else None

    def _settle(self, object_id: str) -> ObjectRoot | None:
        root = settle(self._directory(object_id), object_id, self.staging)
        if root is None:
            # OCFL 1.1, section 4.3 (E073): no empty directories in a storage root.
            prune_empty(self._directory(object_id).parent, self.root)
        return root

    def discard_staging(self, older_than: float) -> int:
        """Remove what was staged more than `older_than` seconds ago, recover its objects; return how many.

        `older_than` must be longer than the longest staging, say a day. A version that a crash left half-placed
        still has its inventory here: so its object is found without a walk through the root.
        """
        discarded = 0
        for home in sorted(self.staging.iterdir()):
            if home.name == _LOCKS or not is_older(home, older_than):
                continue
            object_id = inventories.read_id(home / inventories.FILE_NAME)
            try:
                if object_id is not None:
                    self.recover(object_id)
            except ObjectDamaged:
                continue  # kept for whoever repairs the object
            shutil.rmtree(home)
            discarded += 1
        return discarded

    def _directory(self, object_id: str) -> Path:
        return self.root / object_path(object_id)

    def _new_home(self, kind: str) -> Path:
        """Where nothing is yet in the staging directory."""
        return self.staging / f"{kind}-{token_hex(8)}"

    @contextmanager
    def _lock(self, *object_ids: str) -> Iterator[None]:
        """Keep every other writer away from these objects.

        One of 256 lock files each, not one an object: those could never be removed. Always taken in the same order.
        """
        names = {hashlib.sha256(object_id.encode()).hexdigest()[:2] for object_id in object_ids}
        with ExitStack() as stack:
            for name in sorted(names):
                stack.enter_context(lock_file(self.staging / _LOCKS / name))
            yield
