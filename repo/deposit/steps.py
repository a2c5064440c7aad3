"""The steps of a deposit: what each asks for, and what is still missing in it; pure."""

import enum
from collections.abc import Iterable, Mapping, Sequence

from repo.items.checks import Fault
from repo.items.metadata import Metadata
from repo.vocabularies import terms


class Step(enum.StrEnum):
    """A page of the deposit, and the last part of its address."""

    FILES = "files"
    DESCRIPTION = "description"
    PEOPLE = "people"
    DETAILS = "details"
    RIGHTS = "rights"
    AGREEMENT = "agreement"
    CHECK = "check"


FIELDS: Mapping[Step, tuple[str, ...]] = {
    Step.DESCRIPTION: ("type", "titles", "languages", "abstracts", "keywords", "issued"),
    Step.PEOPLE: ("creators", "contributors"),
    Step.DETAILS: (
        "host",
        "thesis",
        "publishers",
        "places",
        "edition",
        "extent",
        "rare",
        "subjects",
        "identifiers",
        "relations",
        "notes",
    ),
    Step.RIGHTS: ("licence", "access", "embargo_until"),
}
"""The fields of `items.metadata.Metadata` by the step that asks for them."""

ONLY_SOME_TYPES = frozenset({"host", "thesis", "publishers", "places", "edition", "extent", "rare"})
"""Fields that are asked for by `sections` of the resource type."""

STEP_OF: Mapping[str, Step] = {
    **{field: step for step, fields in FIELDS.items() for field in fields},
    "files": Step.FILES,
    "agreement": Step.AGREEMENT,
}

# Where the message of a list leads: to the control that is empty.
FIRST_CONTROL = {
    "titles": "titles.0.value",
    "abstracts": "abstracts.0.value",
    "creators": "creators.0.names.0.family",
    "thesis.institutions": "thesis.institutions.0.value",
    "agreement": "accept",
}


def steps_of(revision: int) -> tuple[Step, ...]:
    """The steps of a draft. A correction keeps the files and the agreement of the version that it corrects."""
    if revision:
        return tuple(step for step in Step if step not in (Step.FILES, Step.AGREEMENT))
    return tuple(Step)


def next_step(step: Step, steps: Sequence[Step]) -> Step:
    """The step after `step`; the last one is followed by itself."""
    return steps[min(steps.index(step) + 1, len(steps) - 1)]


def fields_shown(step: Step, metadata: Metadata) -> tuple[str, ...]:
    """The fields that `step` asks for: those of the type, and those that hold something already."""
    kind = terms.types().get(metadata.type)
    sections = kind.sections if kind else ()
    empty = Metadata()
    return tuple(
        field
        for field in FIELDS.get(step, ())
        if field not in ONLY_SOME_TYPES or field in sections or getattr(metadata, field) != getattr(empty, field)
    )


def faults_of(step: Step, faults: Iterable[Fault]) -> list[Fault]:
    """Those of `faults` that are mended in `step`."""
    return [fault for fault in faults if step_of(fault.field) is step]


def step_of(field: str) -> Step:
    """The step in which the field with this path is asked for."""
    return STEP_OF[field.split(".")[0]]


def control_of(field: str) -> str:
    """The id of the control that a message about `field` leads to."""
    if field in FIRST_CONTROL:
        return FIRST_CONTROL[field]
    if field.endswith(".names"):
        return f"{field}.0.family"
    return f"{field}.value" if field.startswith("identifiers.") else field
