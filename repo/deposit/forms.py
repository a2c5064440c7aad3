"""A step of the deposit as its page shows it: what is saved, what the file suggests, empty rows to type into; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from repo.deposit.fields import is_empty, keyword_lines
from repo.deposit.steps import Step, control_of, fields_shown
from repo.items.checks import THESES
from repo.items.metadata import Affiliation, Agent, Metadata, PersonName, Text

# Lists that always have a row to type into; the others get their first one by a button.
NEVER_EMPTY = (
    "titles",
    "abstracts",
    "creators",
    "host.titles",
    "thesis.institutions",
    "thesis.speciality_names",
    "publishers",
    "places",
    "identifiers",
)


@dataclass(frozen=True)
class StepForm:
    """`faults` are messages by the path of their field; `guessed` the fields that are filled from the file."""

    step: Step
    metadata: Metadata
    keywords: list[Text]
    fields: tuple[str, ...]
    guessed: frozenset[str] = frozenset()
    faults: Mapping[str, list[str]] = field(default_factory=dict)

    def said(self, path: str) -> list[str]:
        """The messages beside the field at `path`."""
        return self.faults.get(path, [])

    @property
    def summary(self) -> list[tuple[str, str]]:
        """(id of the control, message) of everything that is missing here."""
        return [(control_of(path), message) for path, messages in self.faults.items() for message in messages]


def build_form(
    step: Step,
    saved: Metadata,
    *,
    guesses: Mapping[str, Any] | None = None,
    faults: Mapping[str, list[str]] | None = None,
    more: str = "",
    lang: str = "ky",
) -> StepForm:
    """Make the form of a step. `guesses` are offered for fields that are empty; `more` is the path of a list that
    gets another row; `lang` is what a new text is probably written in when the languages of the work are not known."""
    fields = fields_shown(step, saved)
    guesses = {name: value for name, value in (guesses or {}).items() if name in fields and is_blank(saved, name)}
    metadata = saved.model_copy(update=guesses).model_copy(deep=True)
    languages = list(dict.fromkeys([*metadata.languages, lang, "ky", "ru", "en"]))
    keywords = keyword_lines(metadata)
    _open_row(keywords, Text, languages, wanted=more == "keywords")
    for path in NEVER_EMPTY:
        if path.split(".")[0] in fields:
            _open_rows(metadata, path, languages)
    for agent in (*metadata.creators, *metadata.contributors):
        _open_agent(agent, languages)
    if more.split(".")[0] in fields and more != "keywords":
        _open_rows(metadata, more, languages, wanted=True)
    for agent in metadata.contributors:
        if agent.role == "author":
            agent.role = "advisor" if metadata.type in THESES else "editor"
    return StepForm(step, metadata, keywords, fields, frozenset(guesses), faults or {})


def is_blank(metadata: Metadata, name: str) -> bool:
    """Whether nothing was typed into a field yet."""
    return getattr(metadata, name) == Metadata.model_fields[name].get_default(call_default_factory=True)


def _open_agent(agent: Agent, languages: list[str]) -> None:
    _open_row(agent.names, PersonName, languages)
    _open_row(agent.affiliations, Affiliation, languages)
    for affiliation in agent.affiliations:
        _open_row(affiliation.names, Text, languages)


def _open_rows(metadata: Metadata, path: str, languages: list[str], *, wanted: bool = False) -> None:
    found: Any = metadata
    kind: Any = Metadata
    for part in path.split("."):
        if get_origin(kind) is list:
            if not part.isdecimal() or int(part) >= len(found):
                return
            found, kind = found[int(part)], get_args(kind)[0]
        elif isinstance(kind, type) and issubclass(kind, BaseModel) and part in kind.model_fields:
            found, kind = getattr(found, part), kind.model_fields[part].annotation
        else:
            return
    if get_origin(kind) is list and issubclass(get_args(kind)[0], BaseModel):
        _open_row(found, get_args(kind)[0], languages, wanted=wanted)


def _open_row(rows: list[Any], kind: type[BaseModel], languages: list[str], *, wanted: bool = False) -> None:
    """Add an empty row to a list that has none, or that is wanted to have another; its language is a new one."""
    if rows and not (wanted and not is_empty(rows[-1])):
        return
    row = kind()
    if isinstance(row, (Text, PersonName)):
        used = {other.lang for other in rows}
        row.lang = next((lang for lang in languages if lang not in used), "")
    if isinstance(row, Agent):
        _open_agent(row, languages)
    if isinstance(row, Affiliation):
        _open_row(row.names, Text, languages)
    rows.append(row)
