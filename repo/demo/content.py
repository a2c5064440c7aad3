"""What the demonstration consists of, read from `house.toml` and `items/*.toml`; pure."""

import enum
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from repo.items.access import FileRole
from repo.items.metadata import Metadata, Text

ROOT = files("repo.demo")


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(Part):
    """A role, and where it is held."""

    name: str
    library: str = ""
    collection: str = ""


class LibraryPlan(Part):
    code: str
    names: dict[str, str]
    city: dict[str, str]
    about: dict[str, str]
    ror: str = ""
    networks: list[str] = Field(default_factory=list)


class CollectionPlan(Part):
    code: str
    library: str
    parent: str = ""
    names: dict[str, str]
    about: dict[str, str] = Field(default_factory=dict)
    licence: str = ""
    deposit_policy: str = "members"
    review_policy: str = "review"
    types: list[str] = Field(default_factory=list)


class PersonPlan(Part):
    key: str
    name: str
    language: str
    roles: list[Place]

    @property
    def email(self) -> str:
        """An address that nobody can have (RFC 2606)."""
        return f"{self.key}@muras.example"


class Institution(Part):
    ror: str
    names: dict[str, str]

    def affiliation(self) -> dict[str, Any]:
        return {"ror": self.ror, "names": [{"value": name, "lang": lang} for lang, name in self.names.items()]}


class House(Part):
    """Libraries, collections (parents first), people; `note` is what each record says of itself."""

    libraries: list[LibraryPlan]
    collections: list[CollectionPlan]
    people: list[PersonPlan]
    institutions: dict[str, Institution]
    note: dict[str, str]


class Stage(enum.StrEnum):
    """How far a work has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    PUBLISHED = "published"


class FilePlan(Part):
    """A file of `files/`, and what its depositor called it."""

    source: str
    name: str = ""
    role: FileRole = FileRole.ORIGINAL

    @property
    def shown_name(self) -> str:
        return self.name or self.source


class Withdrawal(Part):
    """`replaced_by` is the key of another work."""

    reason: str
    replaced_by: str = ""


class Change(Part):
    """A second version (with `files`) or a correction: fields of the description that become others."""

    metadata: dict[str, Any]
    files: list[FilePlan] = Field(default_factory=list)


class Work(Part):
    """One work. In `relations` an address "demo:<key>" stands for that of another work of the demonstration."""

    key: str
    collection: str
    metadata: Metadata
    files: list[FilePlan]
    depositor: str = "librarian"
    on_behalf: str = ""
    stage: Stage = Stage.PUBLISHED
    comment: str = ""
    embargo_months: int = 0
    shown_in: list[str] = Field(default_factory=list)
    second: Change | None = None
    correction: Change | None = None
    withdrawn: Withdrawal | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Work":
        if (self.stage is Stage.RETURNED) != bool(self.comment):
            raise ValueError("what is returned has a comment, and nothing else has one")
        return self

    def described(self, change: Change | None = None) -> Metadata:
        """The description as it becomes with a change."""
        return self.metadata.model_copy(update=_typed(change.metadata)) if change else self.metadata


@cache
def load_house() -> House:
    return House.model_validate(tomllib.loads(ROOT.joinpath("house.toml").read_text(encoding="utf-8")))


@cache
def load_works() -> tuple[Work, ...]:
    """All works in the order in which they are published: that of the names of their files."""
    paths = sorted((path for path in ROOT.joinpath("items").iterdir() if path.name.endswith(".toml")), key=_name)
    return tuple(_work(_name(path), path.read_text(encoding="utf-8")) for path in paths)


def file_bytes(source: str) -> bytes:
    return ROOT.joinpath("files", source).read_bytes()


def _name(path: Any) -> str:
    return str(path.name)


def _work(name: str, text: str) -> Work:
    """A work's key is the name of its file without number and ending."""
    stored = tomllib.loads(text)
    for described in (stored, stored.get("second", {}), stored.get("correction", {})):
        _write_affiliations(described.get("metadata", {}))
    work = Work(key=name.partition("-")[2].removesuffix(".toml"), **stored)
    notes = [Text(value=value, lang=lang) for lang, value in load_house().note.items()]
    metadata = work.metadata.model_copy(update={"notes": [*work.metadata.notes, *notes]})
    return work.model_copy(update={"metadata": metadata})


def _write_affiliations(metadata: dict[str, Any]) -> None:
    """Put the institutions where their keys stand."""
    for agent in (*metadata.get("creators", []), *metadata.get("contributors", [])):
        keys = agent.get("affiliations", [])
        agent["affiliations"] = [load_house().institutions[key].affiliation() for key in keys]


def _typed(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields of a description as the model has them."""
    read = Metadata.model_validate(fields)
    return {field: getattr(read, field) for field in fields}
