"""Submit, return, accept: what passes between an author and a reviewer."""

from datetime import timedelta

import sqlalchemy as sa

from repo.db import db, now
from repo.errors import InvalidError, StateError
from repo.items import notices
from repo.items.access import Action, Actor, FileRole
from repo.items.checks import Fault, FaultCode, check_metadata
from repo.items.history import record_change
from repo.items.messages import say_faults
from repo.items.metadata import read_metadata
from repo.items.models import Upload, Version
from repo.items.rights import decide, require, version_target
from repo.items.services.drafts import require_editable
from repo.items.states import Step, UploadState, next_state
from repo.jobs.services import enqueue_job
from repo.members.models import ReviewPolicy

AGREEMENT_VERSION = "2026-1"
"""The text of the deposit agreement that is in force; a changed text gets a new one."""


def check_version(version: Version) -> list[Fault]:
    """Return what keeps a draft from being submitted: description, files, agreement."""
    metadata = read_metadata(version.meta)
    faults = check_metadata(metadata, now().date())
    taken = version.item.collection.types
    if taken and metadata.type and metadata.type not in taken:
        faults.append(Fault("type", FaultCode.TYPE_NOT_TAKEN))
    return faults + _check_files(version) + _check_agreement(version)


def _check_files(version: Version) -> list[Fault]:
    if version.revision:  # a correction keeps the files of its version, which may have none: a bare description
        return []
    uploads = db.session.scalars(sa.select(Upload).where(Upload.version_id == version.id)).all()
    faults = []
    if not any(file.role is FileRole.ORIGINAL for file in version.files):
        faults.append(Fault("files", FaultCode.FILE_MISSING))
    if any(upload.state is UploadState.REFUSED for upload in uploads):
        faults.append(Fault("files", FaultCode.FILE_REFUSED))
    if any(upload.state in (UploadState.RECEIVING, UploadState.WAITING) for upload in uploads):
        faults.append(Fault("files", FaultCode.FILE_WAITING))
    return faults


def _check_agreement(version: Version) -> list[Fault]:
    """A correction stays under the agreement of its version; a new version needs the text that is in force."""
    in_force = version.agreement is not None and version.agreement["version"] == AGREEMENT_VERSION
    return [] if version.revision or in_force else [Fault("agreement", FaultCode.AGREEMENT_MISSING)]


def accept_agreement(actor: Actor, version: Version, language: str, on_behalf: str = "") -> None:
    """Keep with the version that the deposit agreement was accepted: which text, in which language, when, by whom.

    `on_behalf` names the author whose signed contract a librarian attaches.
    """
    require_editable(actor, version)
    if on_behalf:
        require(actor, Action.REVIEW, version_target(version))
    version.agreement = {
        "version": AGREEMENT_VERSION,
        "language": language,
        "at": now().isoformat(timespec="seconds"),
        "person": actor.person_id,
        "on_behalf": on_behalf,
    }
    db.session.flush()


def submit_version(actor: Actor, version: Version) -> Version:
    """Hand a draft to the reviewers of its collection; where none review, it is accepted at once.

    Raises InvalidError with the messages by field.
    """
    require(actor, Action.EDIT, version_target(version))
    faults = check_version(version)
    if faults:
        raise InvalidError(say_faults(faults))
    _move(version, Step.SUBMIT)
    version.submitted_at = now()
    record_change(actor, "submitted", version)
    if _needs_review(actor, version):
        notices.tell_reviewers(version)
    else:
        _accept(actor, version)
    db.session.flush()
    return version


def return_version(actor: Actor, version: Version, comment: str) -> None:
    """Give a submission back to its author, with a comment that says what to mend."""
    require(actor, Action.REVIEW, version_target(version))
    if not comment.strip():
        raise InvalidError({"comment": []})
    _move(version, Step.RETURN)
    version.reviewer_id = actor.person_id
    record_change(actor, "returned", version, comment=comment.strip())
    notices.tell_author_returned(version, comment.strip())
    db.session.flush()


def take_back_version(actor: Actor, version: Version) -> None:
    """The author takes a submission back to go on writing."""
    require(actor, Action.EDIT, version_target(version))
    _move(version, Step.RETURN)
    record_change(actor, "taken back", version)
    db.session.flush()


def accept_version(actor: Actor, version: Version, comment: str = "", *, together: bool = False) -> None:
    """Decide that a submission is published; the job `publish` does it. Of those that are accepted `together` nobody
    gets a letter for each: whoever decides tells of all."""
    require(actor, Action.REVIEW, version_target(version))
    _accept(actor, version, comment, notices.TOGETHER if together else "accepted")
    db.session.flush()


def _accept(actor: Actor, version: Version, comment: str = "", verb: str = "accepted") -> None:
    _move(version, Step.ACCEPT)
    version.reviewer_id = actor.person_id
    record_change(actor, verb, version, comment=comment or None)
    enqueue_job("publish", str(version.id), {"version_id": version.id}, person_id=actor.person_id)


def _needs_review(actor: Actor, version: Version) -> bool:
    """Corrections and deposits by staff of the collection need nobody else's eyes."""
    if version.item.collection.review_policy is ReviewPolicy.DIRECT:
        return False
    is_correction = version.revision > 0
    return not (is_correction and decide(actor, Action.CORRECT, version_target(version)).allowed)


def _move(version: Version, step: Step) -> None:
    state = next_state(version.state, step)
    if state is None:
        raise StateError(version.state, step)
    version.state = state
    version.edition += 1
    version.saved_at = now()


def waiting_time(version: Version) -> timedelta:
    """How long a submission has waited for its reviewer."""
    return now() - (version.submitted_at or now())
