"""What arrives when the form of a step is sent: the texts, and what was pressed; pure."""

from dataclasses import dataclass
from datetime import date

from repo.deposit.comparison import Choice, merge
from repo.deposit.fields import Edit, Form, clean_text, read_description
from repo.deposit.steps import FIELDS, Step
from repo.items.access import Access
from repo.items.metadata import Metadata


@dataclass(frozen=True)
class Typed:
    """`fields` stood on the form; `settled` are those of them whose guesses the person has seen, `asked` is what was
    pressed: "next", "skip", "later", "save", or what `edit` says; `autosave`: nothing was."""

    metadata: Metadata
    fields: tuple[str, ...]
    edition: int
    settled: tuple[str, ...]
    asked: str
    edit: Edit
    autosave: bool


def read_typed(form: Form, step: Step, before: Metadata) -> Typed:
    """Read the form of `step`. The script that saves meanwhile leaves fields alone that still hold a guess which
    nobody has looked at: they are `guessed` then, and `checked` once something was typed there."""
    autosave = "autosave" in form
    shown = set(form.get("fields", "").split())
    guessed = set(form.getlist("guessed"))
    fields = tuple(field for field in FIELDS.get(step, ()) if field in shown and not (autosave and field in guessed))
    edit = Edit.parse(form.get("do", ""))
    metadata = read_description(form, fields, before, edit)
    choices = {field: Choice(form[f"keep.{field}"]) for field in fields if form.get(f"keep.{field}") in set(Choice)}
    if choices:
        metadata = merge(metadata, before, choices)
    return Typed(
        metadata=metadata,
        fields=fields,
        edition=_number(form.get("edition", "")),
        settled=tuple(field for field in fields if field in guessed or field in form.getlist("checked")),
        asked=form.get("do", "save"),
        edit=edit,
        autosave=autosave,
    )


def typed_texts(form: Form) -> list[tuple[str, str]]:
    """What a page has to hold so that the form can be sent again: all but what was pressed."""
    return [
        (name, value)
        for name, value in form.items(multi=True)
        if name not in ("csrf_token", "edition", "do", "autosave") and not name.startswith("keep.")
    ]


@dataclass(frozen=True)
class FileRule:
    """Who may read one file, where that differs from the others: None is as the item's."""

    file_id: int
    access: Access | None
    until: date | None


def read_file_rules(form: Form) -> list[FileRule]:
    """Read the rules for single files. An embargo may lack its day, or have one that nobody understands: None."""
    rules = []
    for name in form:
        start, _, number = name.rpartition(".")
        if start != "file_access" or not number.isdecimal() or len(number) > 18:
            continue
        access = Access(form[name]) if form[name] in set(Access) else None
        until = read_day(form.get(f"file_until.{number}", "")) if access is Access.EMBARGOED else None
        rules.append(FileRule(int(number), access, until))
    return rules


def read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(clean_text(text))
    except ValueError:
        return None


def _number(text: str) -> int:
    """An edition; 0, which never was one, for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
