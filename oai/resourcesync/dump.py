"""The dump: all resources in ZIP packages (ANSI/NISO Z39.99-2017, 11), for a first copy with few requests.

A package holds the resources of a range of ids, their bytes as they are, and `manifest.xml`. Once a day what is new
goes into the last package or into further ones, and packages that have lost a file are made anew.
"""

import hashlib
import logging
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from oai.resourcesync.contents import PIECE, Beat, open_resource, read_and_let_go
from oai.resourcesync.documents import Entry, Link, write_list
from oai.resourcesync.listing import CAPABILITY_LIST, describe_resource
from oai.resourcesync.models import Resource, ResourcePackage
from repo.db import db, now, transaction
from repo.errors import NotFoundError
from repo.settings import current_settings
from repo.storage import derivatives
from repo.storage.ports import ObjectMissing

logger = logging.getLogger(__name__)

MOST_FILES = 1000
MOST_BYTES = 1_000_000_000
"""Of one package; a larger file has one of its own."""

RECIPE = "resources.zip"
MANIFEST = "manifest.xml"
ZIP = "application/zip"


@dataclass(frozen=True)
class Span:
    """Resources with ids from `first` to `last`, which become one package in place of the package `instead`."""

    first: int
    last: int
    resources: Sequence[Resource]
    instead: ResourcePackage | None


def list_packages(site: str) -> bytes:
    """The resource dump: the packages that may be given out."""
    found = [package for package in _packages() if _path(package) and not package.stale]
    entries = [
        Entry(
            f"{site}/resourcesync/resourcedump/{package.id}.zip",
            {"hash": f"sha-256:{package.sha256}", "length": package.size, "type": ZIP, "at": package.made_at},
            package.made_at,
        )
        for package in found
    ]
    at = min((package.made_at for package in found), default=now())
    return write_list("resourcedump", entries, [Link("up", site + CAPABILITY_LIST)], at=at)


def open_package(package_id: int) -> tuple[ResourcePackage, BinaryIO]:
    """A package and its bytes. Raises NotFoundError for one that was replaced, or must not be given out."""
    package = db.session.get(ResourcePackage, package_id) if current_settings().resource_dumps else None
    path = _path(package) if package and not package.stale else None
    if package is None or path is None:
        raise NotFoundError()
    try:
        return package, path.open("rb")
    except FileNotFoundError as error:  # replaced just now
        raise NotFoundError() from error


def make_packages(beat: Beat) -> int:
    """Bring the dump up to date; returns how many packages were made. Outside of a transaction, can be interrupted."""
    made = 0
    for span in _spans():
        if not _has_room(span):
            logger.warning("the disk is too full for a package of open files: the dump stays as it is")
            break
        made += _make(span, beat)
    return made


def _has_room(span: Span) -> bool:
    """Whether a package leaves most of the room that there is to what cannot be made again."""
    return sum(resource.size for resource in span.resources) < derivatives().free_bytes() // 4


def discard_stale() -> int:
    """Remove the files of packages that must not be given out; returns how many."""
    stale = [package for package in _packages() if package.stale and _path(package)]
    for package in stale:
        derivatives().discard(package.sha256)
    return len(stale)


def remove_packages() -> None:
    """Remove the whole dump."""
    with transaction() as session:
        gone = list(session.scalars(sa.delete(ResourcePackage).returning(ResourcePackage.sha256)))
    for digest in gone:
        derivatives().discard(digest)


# ---------------------------------------------------------------- what is to be made


def _spans() -> Iterator[Span]:
    """Packages that are not what they should be any more, then the last one if it has room for what is new, then
    further ones."""
    packages = _packages()
    for package in packages[:-1]:
        if _is_lost(package):
            yield Span(package.first, package.last, _read(package.first, package.last), package)
    begin, instead = 1, None
    if packages:
        last = packages[-1]
        begin = last.last + 1
        if _is_lost(last) or len(_fitting(_read(last.first))) > last.files:
            begin, instead = last.first, last
    while resources := _fitting(_read(begin)):
        yield Span(begin, resources[-1].id, resources, instead)
        begin, instead = resources[-1].id + 1, None
    if instead is not None:
        yield Span(instead.first, instead.last, (), instead)


def _is_lost(package: ResourcePackage) -> bool:
    """Whether a package has a file that it should not have, lacks one, or is not there itself."""
    if package.stale or _path(package) is None:
        return True
    here = (Resource.id >= package.first, Resource.id <= package.last, Resource.opens_on.is_(None))
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Resource).where(*here))
    db.session.rollback()
    return count != package.files


def _packages() -> Sequence[ResourcePackage]:
    return read_and_let_go(sa.select(ResourcePackage).order_by(ResourcePackage.first))


def _read(first: int, last: int | None = None) -> Sequence[Resource]:
    """The open resources of a range of ids, as many as a package takes."""
    query = sa.select(Resource).where(Resource.id >= first, Resource.opens_on.is_(None)).order_by(Resource.id)
    if last is not None:
        query = query.where(Resource.id <= last)
    return read_and_let_go(query.limit(MOST_FILES))


def _fitting(resources: Sequence[Resource]) -> Sequence[Resource]:
    """As many of them as one package takes, at least one."""
    size = 0
    for number, resource in enumerate(resources):
        size += resource.size
        if number and size > MOST_BYTES:
            return resources[:number]
    return resources


# ---------------------------------------------------------------- making it


def _make(span: Span, beat: Beat) -> int:
    """Write a package and put it in place of the earlier one; returns 0 if its files are not all open any more."""
    package = None
    if span.resources:
        with derivatives().scratch() as home:
            path = home / RECIPE
            _write(path, span.resources, beat)
            package = _describe(span, path)
            derivatives().put(package.sha256, RECIPE, path)
    with transaction() as session:
        whole = _are_open(session, span.resources)
        if package is not None and whole:
            session.add(package)
        if span.instead is not None:
            session.execute(sa.delete(ResourcePackage).where(ResourcePackage.id == span.instead.id))
    if package is not None and not whole:
        derivatives().discard(package.sha256)
    if span.instead is not None and (package is None or package.sha256 != span.instead.sha256):
        derivatives().discard(span.instead.sha256)
    return int(whole and package is not None)


def _describe(span: Span, path: Path) -> ResourcePackage:
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return ResourcePackage(
        first=span.first,
        last=span.last,
        files=len(span.resources),
        size=path.stat().st_size,
        sha256=sha256,
        made_at=now().replace(microsecond=0),
    )


def _are_open(session: Session, resources: Sequence[Resource]) -> bool:
    """Whether all of them still are. What is closed from now on finds the package and marks it."""
    ids = [resource.id for resource in resources]
    # Locked, so that nobody closes one of them between this look and the commit.
    query = sa.select(Resource.id).where(Resource.id.in_(ids)).with_for_update()
    return len(session.scalars(query).all()) == len(ids)


def _write(path: Path, resources: Sequence[Resource], beat: Beat) -> None:
    site = current_settings().base_url
    entries = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:
        for resource in resources:
            inside = f"{resource.item_id}/v{resource.number}/{resource.name}"
            try:
                with open_resource(resource) as stream:
                    sha256 = _add(package, zipfile.ZipInfo(inside, resource.modified.timetuple()[:6]), stream, beat)
            except ObjectMissing:
                logger.warning("%s is not in the store: it is left out of the dump", inside)
                continue
            entries.append(describe_resource(site, resource, hash=f"sha-256:{sha256}", path=f"/{inside}"))
        manifest = write_list("resourcedump-manifest", entries, [Link("up", site + CAPABILITY_LIST)], at=now())
        package.writestr(zipfile.ZipInfo(MANIFEST, now().timetuple()[:6]), manifest)


def _add(package: zipfile.ZipFile, info: zipfile.ZipInfo, stream: BinaryIO, beat: Beat) -> str:
    """Write a file as it is and return its SHA-256."""
    hasher = hashlib.sha256()
    with package.open(info, "w", force_zip64=True) as target:
        while piece := stream.read(PIECE):
            target.write(piece)
            hasher.update(piece)
            beat()
    return hasher.hexdigest()


def _path(package: ResourcePackage) -> Path | None:
    return derivatives().get(package.sha256, RECIPE)
