"""The life of a version and of an upload; pure.

draft ──submit──▶ submitted ──accept──▶ accepted ──publish──▶ published
  ▲                   │
  └──────return───────┘            ("returned" is a draft with a comment)
"""

import enum


class VersionState(enum.StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    PUBLISHED = "published"


class UploadState(enum.StrEnum):
    RECEIVING = "receiving"
    WAITING = "waiting"  # complete, the pipeline has not read it yet
    READ = "read"
    REFUSED = "refused"


class Step(enum.StrEnum):
    """What moves a version on."""

    SUBMIT = "submit"
    RETURN = "return"
    ACCEPT = "accept"
    PUBLISH = "publish"


STEPS: dict[tuple[VersionState, Step], VersionState] = {
    (VersionState.DRAFT, Step.SUBMIT): VersionState.SUBMITTED,
    (VersionState.SUBMITTED, Step.RETURN): VersionState.DRAFT,
    (VersionState.SUBMITTED, Step.ACCEPT): VersionState.ACCEPTED,
    (VersionState.ACCEPTED, Step.PUBLISH): VersionState.PUBLISHED,
}


def next_state(state: VersionState, step: Step) -> VersionState | None:
    """Return the state that `step` leads to, or None when it is not possible from `state`."""
    return STEPS.get((state, step))
