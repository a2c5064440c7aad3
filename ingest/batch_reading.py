"""Reading a bulk load: slice after slice from a child that may read the load's own folder and nothing else."""

from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingest import plain
from ingest.limits import Limits, RefusalKind, Refused
from ingest.loaders.profile import Profile
from ingest.loading import Slice, read_slice
from ingest.sandbox import Sandbox
from repo.db import now

LIMITS = Limits(wall=120, cpu=110, memory=1 << 30)
PRELOAD = ("ingest.loading", "ingest.loaders.registry")


class SourceError(Exception):
    """The source cannot be read, or not beyond `place`: `code` says how, for `load_messages`."""

    def __init__(self, code: str, **data: Any) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


@dataclass(frozen=True)
class Origin:
    """What is read and how."""

    path: Path
    format: str
    profile: Profile

    @property
    def root(self) -> Path:
        """The folder in which its files lie; nothing outside of it is touched."""
        return self.path if self.path.is_dir() else self.path.parent


def read_profile(stored: dict[str, Any]) -> Profile:
    """The profile of stored JSON, in which what is not said is as by default. Raises plain.WrongShapeError."""
    profile: Profile = plain.build(Profile, {**asdict(Profile()), **stored})
    return profile


def try_profile(stored: dict[str, Any]) -> Profile | None:
    """The profile of stored JSON, if it is one."""
    try:
        return read_profile(stored)
    except plain.WrongShapeError:
        return None


def write_profile(profile: Profile) -> dict[str, Any]:
    return asdict(profile)


@contextmanager
def open_origin(origin: Origin) -> Iterator[Sandbox]:
    with closing(Sandbox(1, LIMITS, PRELOAD, [origin.root])) as sandbox:
        yield sandbox


def read_slices(
    sandbox: Sandbox, origin: Origin, position: str, count: int, *, with_raw: bool = False
) -> Generator[Slice, None, None]:
    """Every slice after `position`, in order; while one is worked on, the next is read. Raises SourceError."""
    today = now().date().isoformat()

    def read(after: str) -> Slice:
        return _read(sandbox, origin, after, count, today, with_raw=with_raw)

    with ThreadPoolExecutor(1, "load") as pool:
        ahead: Future[Slice] = pool.submit(read, position)
        while True:
            found = ahead.result()
            if not found.last:
                ahead = pool.submit(read, found.records[-1].position)
            yield found
            if found.last:
                return


def _read(sandbox: Sandbox, origin: Origin, after: str, count: int, today: str, *, with_raw: bool) -> Slice:
    """One slice; where a child fails, record by record up to the one at which it does."""
    arguments = (origin.path, origin.format, origin.profile, after)
    try:
        found = sandbox.run(read_slice, *arguments, count, today, with_raw)
    except Refused as refused:
        if count == 1 or refused.kind is RefusalKind.ERROR:
            raise SourceError("unreadable", kind=refused.kind.value, after=after, detail=refused.detail) from refused
        found = _read(sandbox, origin, after, 1, today, with_raw=with_raw)
    if not found.last and (not found.records or found.records[-1].position == after):
        raise SourceError("endless", after=after)
    return found


def path_inside(root: Path, path: Path) -> Path | None:
    """Where a file of a package lies, if that is a regular file below `root` that no link leads to."""
    full = path if path.is_absolute() else root / path
    try:
        resolved = full.resolve(strict=True)
        inside = resolved.is_relative_to(root.resolve()) and resolved.is_file() and not full.is_symlink()
    except (OSError, RuntimeError, ValueError):
        return None
    return resolved if inside else None
