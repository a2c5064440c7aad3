"""Two texts of one draft, by two people at once: where they differ, and how to make one of them; pure."""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from repo.items.facts import Words
from repo.items.metadata import Agent, Metadata, PersonName, Text


class Choice(enum.StrEnum):
    MINE = "mine"
    SAVED = "saved"
    BOTH = "both"


@dataclass(frozen=True)
class Difference:
    """A field that was typed in two ways. `can_join`: it is a list, which may take the rows of both."""

    field: str
    mine: tuple[Words, ...]
    saved: tuple[Words, ...]
    can_join: bool


def compare(mine: Metadata, saved: Metadata, fields: Iterable[str]) -> list[Difference]:
    """Return the fields in which the two differ, each as lines to read."""
    return [
        Difference(
            field=field,
            mine=tuple(_lines(getattr(mine, field))),
            saved=tuple(_lines(getattr(saved, field))),
            can_join=isinstance(getattr(mine, field), list),
        )
        for field in fields
        if getattr(mine, field) != getattr(saved, field)
    ]


def merge(mine: Metadata, saved: Metadata, choices: Mapping[str, Choice]) -> Metadata:
    """Return `saved` with the fields of `mine` that were chosen."""
    merged = {}
    for field, choice in choices.items():
        if choice is Choice.MINE:
            merged[field] = getattr(mine, field)
        elif choice is Choice.BOTH and isinstance(getattr(mine, field), list):
            rows = [*getattr(saved, field), *getattr(mine, field)]
            merged[field] = [row for number, row in enumerate(rows) if row not in rows[:number]]
    return saved.model_copy(update=merged)


def _lines(value: Any) -> Iterable[Words]:
    """What a reader sees of a value: a line for each text in it."""
    match value:
        case list():
            for row in value:
                yield from _lines(row)
        case Text():
            yield Words(value.value, value.lang)
        case PersonName():
            yield Words(value.inverted, value.lang)
        case Agent():
            parts = [*value.names, *value.affiliations]
            words = [line.value for part in parts for line in _lines(part)]
            yield Words(" · ".join([*words, value.orcid] if value.orcid else words))
        case BaseModel():
            for name in type(value).model_fields:
                yield from _lines(getattr(value, name))
        case str() if value:
            yield Words(str(value))
