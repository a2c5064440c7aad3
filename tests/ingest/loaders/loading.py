"""Loading in tests: everything at once, and gone on with after every package."""

from collections.abc import Mapping
from pathlib import Path

from ingest import plain
from ingest.loaders.packages import Note, Package
from ingest.loaders.profile import Profile
from ingest.loaders.registry import LOADERS, detect_format


def load(path: Path, profile: Profile | None = None) -> list[Package]:
    """All packages by the format that is detected; they resume anywhere, and cross the sandbox's pipe as they are."""
    loader, profile = LOADERS[detect_format(path)], profile or Profile()
    packages = list(loader(path, profile, ""))
    for number, package in enumerate(packages, 1):
        assert list(loader(path, profile, package.position)) == packages[number:]
    assert plain.build(list[Package], plain.parse(plain.dump(packages))) == packages
    return packages


def load_one(path: Path, profile: Profile | None = None) -> Package:
    (package,) = load(path, profile)
    return package


def notes(package: Package) -> list[tuple[Note, str]]:
    return [(remark.note, remark.about) for remark in package.remarks]


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder
