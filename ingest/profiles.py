"""How a library's records are read: saved under a name, each time as a further version, and carried as a file.

Functions flush; the edge commits.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ingest.batch_reading import Origin, SourceError, open_origin, read_profile, write_profile
from ingest.limits import Refused
from ingest.loaders.profile import Profile
from ingest.loading import Record, read_slice
from ingest.models import LoadProfile
from ingest.plain import WrongShapeError
from repo.db import db, now
from repo.errors import InvalidError, NotFoundError
from repo.items.access import Action, Actor, Target
from repo.items.rights import require
from repo.items.states import VersionState
from repo.members.history import record_event
from repo.members.models import Library

SHOWN = 20
"""Records of a preview."""
LONGEST = 1_000_000  # bytes of a profile
VERSION = 1


def save_profile(actor: Actor, library: Library, name: str, contents: dict[str, Any], format: str = "") -> LoadProfile:
    """Keep a profile under a name, as its next version. Raises InvalidError for what is none."""
    _require(actor, library)
    name = name.strip()
    if not 1 <= len(name) <= 100:
        raise InvalidError({"name": [_("Give it a name of at most 100 characters.")]})
    check_contents(contents)
    newest = sa.select(sa.func.max(LoadProfile.number)).where(
        LoadProfile.library_id == library.id, LoadProfile.name == name
    )
    saved = LoadProfile(
        library_id=library.id,
        name=name,
        number=(db.session.scalar(newest) or 0) + 1,
        format=format,
        contents=contents,
        person_id=actor.person_id,
    )
    db.session.add(saved)
    db.session.flush()
    record_event(actor, "profile saved", subject=library, comment=f"{name} {saved.number}")
    return saved


def check_contents(contents: dict[str, Any]) -> Profile:
    """The profile of what was typed or brought. Raises InvalidError, with the paths that lead nowhere."""
    try:
        profile = read_profile(contents)
    except WrongShapeError as error:
        raise InvalidError({"contents": [_("This is no profile: %(why)s", why=str(error))]}) from error
    from ingest.loaders.entry import unknown_paths  # and with it all crosswalks

    if unknown := unknown_paths(profile):
        raise InvalidError(
            {"contents": [_("The description has no such place: %(paths)s", paths=", ".join(unknown[:20]))]}
        )
    return profile


def list_profiles(library: Library) -> Sequence[LoadProfile]:
    """The newest version of each profile, by name."""
    newest = (
        sa.select(LoadProfile.name, sa.func.max(LoadProfile.number).label("number"))
        .where(LoadProfile.library_id == library.id)
        .group_by(LoadProfile.name)
        .subquery()
    )
    query = sa.select(LoadProfile).join(
        newest, sa.and_(LoadProfile.name == newest.c.name, LoadProfile.number == newest.c.number)
    )
    return db.session.scalars(query.where(LoadProfile.library_id == library.id).order_by(LoadProfile.name)).all()


def find_profile(library: Library, name: str, number: int | None = None) -> LoadProfile:
    """A profile by its name, the newest version or the one of that number. Raises NotFoundError."""
    query = sa.select(LoadProfile).where(LoadProfile.library_id == library.id, LoadProfile.name == name)
    if number is not None:
        query = query.where(LoadProfile.number == number)
    found = db.session.scalar(query.order_by(LoadProfile.number.desc()).limit(1))
    if found is None:
        raise NotFoundError(_("There is no profile %(name)s.", name=name))
    return found


def load_profile(profile_id: int) -> LoadProfile:
    """Raises NotFoundError."""
    found = db.session.get(LoadProfile, profile_id)
    if found is None:
        raise NotFoundError(str(profile_id))
    return found


def list_versions(profile: LoadProfile) -> Sequence[LoadProfile]:
    """All versions of a profile, the newest first."""
    query = sa.select(LoadProfile).where(LoadProfile.library_id == profile.library_id, LoadProfile.name == profile.name)
    return db.session.scalars(query.order_by(LoadProfile.number.desc())).all()


def write_file(profile: LoadProfile) -> bytes:
    """A profile as a file that another house can read."""
    told = {
        "muras_profile": VERSION,
        "name": profile.name,
        "number": profile.number,
        "format": profile.format,
        "saved": (profile.created_at or now()).isoformat(timespec="seconds"),
        "contents": write_profile(read_profile(profile.contents)),
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"


def read_file(data: bytes) -> tuple[str, str, dict[str, Any]]:
    """Name, format and contents of a profile that was written by `write_file`. Raises InvalidError."""
    try:
        told = json.loads(data) if len(data) <= LONGEST else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or told.get("muras_profile") != VERSION or not isinstance(told.get("contents"), dict):
        raise InvalidError({"file": [_("This is no file of a profile.")]})
    check_contents(told["contents"])
    return str(told.get("name", "")), str(told.get("format", ""))[:20], told["contents"]


@dataclass(frozen=True)
class Preview:
    """The first records of a source as a profile reads them."""

    records: tuple[Record, ...]


def preview_profile(place: Path, format: str, profile: Profile) -> Preview:
    """Read the first records of a source with a profile, without keeping anything. Raises SourceError."""
    origin = Origin(place, format, profile)
    with open_origin(origin) as sandbox:
        try:
            found = sandbox.run(read_slice, place, format, profile, "", SHOWN, now().date().isoformat(), False)
        except Refused as refused:
            raise SourceError("unreadable", kind=refused.kind.value, after="", detail=refused.detail) from refused
    return Preview(found.records)


def _require(actor: Actor, library: Library) -> None:
    require(actor, Action.LOAD, Target(library_id=library.id, state=VersionState.PUBLISHED))
