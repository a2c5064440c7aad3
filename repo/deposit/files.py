"""The files of a draft as its pages show and change them."""

import re
from dataclasses import dataclass

import sqlalchemy as sa

from repo.db import db
from repo.deposit.fields import Form
from repo.deposit.typed import FileRule
from repo.items.access import Access, Actor, FileRole
from repo.items.models import File, Upload, Version
from repo.items.services import drafts
from repo.items.states import UploadState


@dataclass(frozen=True)
class Received:
    """A file as the page of files shows it: on its way in, being read, read or refused. `file` is None for one that
    does not stand in the draft; `received` are the bytes that are there."""

    name: str
    size: int
    state: UploadState
    file: File | None
    upload: Upload | None


def list_files(version: Version, role: FileRole = FileRole.ORIGINAL) -> list[Received]:
    """Return the files of a draft in their order, then what is still on its way or was refused."""
    uploads = {
        upload.id: upload
        for upload in db.session.scalars(
            sa.select(Upload).where(Upload.version_id == version.id, Upload.role == role).order_by(Upload.created_at)
        )
    }
    listed = []
    for file in version.files:
        if file.role is role:
            upload = uploads.pop(file.upload_id, None) if file.upload_id else None
            state = upload.state if upload else UploadState.READ
            listed.append(Received(file.name, file.blob.size, state, file, upload))
    return listed + [Received(upload.name, upload.length, upload.state, None, upload) for upload in uploads.values()]


def change_files(actor: Actor, version: Version, form: Form) -> list[str]:
    """Do what a form asks for: new names (`name.12`), and one of `up:12`, `down:12`, `drop:12`, `drop:<upload>`.

    Returns the ids of uploads whose bytes the edge discards after the commit.
    """
    for file in version.files:
        name = form.get(f"name.{file.id}", "").strip()
        if name and name != file.name:
            drafts.rename_file(actor, version, file, name)
    verb, _, which = form.get("do", "").partition(":")
    chosen = next((file for file in version.files if str(file.id) == which), None)
    if verb == "drop" and chosen is not None:
        gone = drafts.remove_file(actor, version, chosen)
        return [gone] if gone else []
    if verb == "drop" and re.fullmatch("[0-9a-f]{32}", which):
        return _drop_upload(actor, version, which)
    if verb in ("up", "down") and chosen is not None:
        _move(actor, version, chosen, -1 if verb == "up" else 1)
    return []


def _drop_upload(actor: Actor, version: Version, upload_id: str) -> list[str]:
    upload = db.session.get(Upload, upload_id)
    if upload is None or upload.version_id != version.id:
        return []
    drafts.drop_upload(actor, version, upload)
    return [upload_id]


def _move(actor: Actor, version: Version, file: File, steps: int) -> None:
    order = [other.id for other in version.files if other.role is file.role]
    place = order.index(file.id)
    order.insert(max(0, place + steps), order.pop(place))
    drafts.order_files(actor, version, order)


def save_file_rules(actor: Actor, version: Version, rules: list[FileRule]) -> list[str]:
    """Give single files rules of their own, or take those away. Returns the names of files whose embargo lacks its day:
    their rules stay as they were."""
    files = {file.id: file for file in version.files}
    left_out = []
    for rule in rules:
        file = files.get(rule.file_id)
        if file is None or (file.access, file.until) == (rule.access, rule.until):
            continue
        if rule.access is Access.EMBARGOED and rule.until is None:
            left_out.append(file.name)
        else:
            drafts.set_file_access(actor, version, file, rule.access, rule.until)
    return left_out
