"""From the fields of a form to the description of an item; pure.

A control is named by the path of its value in `items.metadata.Metadata`, as faults are: `titles.0.value`,
`creators.1.names.0.family`. Three fields are written more shortly: keywords (a line for each language, parted by
commas), subjects (a line for each scheme, parted by semicolons), languages (boxes to tick).

Whatever arrives is taken as text and fits the model afterwards: a half-filled form always saves.
"""

import enum
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from werkzeug.datastructures import MultiDict

from repo.items.metadata import (
    Affiliation,
    Agent,
    Metadata,
    Number,
    PersonName,
    RareBook,
    Relation,
    Subject,
    Text,
    TextKind,
    Thesis,
)
from repo.vocabularies import terms
from repo.vocabularies.numbers import strip_prefix

Form = MultiDict[str, str]

SUBJECT_SCHEMES = ("udc", "bbk", "grnti")
DEPTH_LIMIT = 8  # the deepest path is creators.0.affiliations.0.names.0.value
ROWS_LIMIT = 300  # of one list: no work has more authors than a large experiment's first page
TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")  # of a language, BCP 47
# What no text holds: controls, and halves of characters, which PostgreSQL refuses in JSON.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Edit:
    """A change of the rows of a list, asked for by a button: `up:creators.2`, `remove:titles.1`, `add:abstracts`.

    Rows are counted as the form showed them.
    """

    verb: str = ""
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> "Edit":
        verb, _, path = text.partition(":")
        list_path = r"[a-z_]+(\.([a-z_]+|[0-9]{1,4}))*"
        wanted = list_path if verb == "add" else list_path + r"\.[0-9]{1,4}"
        known = verb in ("add", "remove", "up", "down") and re.fullmatch(wanted, path)
        return cls(verb, path) if known else cls()


def read_description(form: Form, fields: Iterable[str], before: Metadata, edit: Edit = Edit()) -> Metadata:
    """Return `before` with the given fields as the form has them, and with the change of rows done."""
    typed = _grow(form)
    read = {field: _read_field(form, typed.parts.get(field, _Typed()), field, before, edit) for field in fields}
    return before.model_copy(update=read)


@dataclass
class _Typed:
    """What was typed at one path, and what below it: made once, so that reading takes as long as the form is long."""

    text: str | None = None
    parts: dict[str, "_Typed"] = field(default_factory=dict)

    def at(self, part: str) -> "_Typed":
        return self.parts.setdefault(part, _Typed())


def _grow(form: Form) -> _Typed:
    root = _Typed()
    for name, value in form.items():
        node = root
        for part in name.split(".", DEPTH_LIMIT):
            node = node.at(part)
        node.text = clean_text(value)
    return root


def _read_field(form: Form, typed: _Typed, field: str, before: Metadata, edit: Edit) -> Any:
    match field:
        case "languages":
            chosen = [clean_text(tag) for tag in form.getlist("languages")]
            return [tag for tag in dict.fromkeys(chosen) if TAG.fullmatch(tag)]
        case "type" | "licence":
            return _known(f"{field}s", typed.text or "")
        case "keywords":
            return _split_keywords(_read_rows(typed, field, Text, edit))
        case "subjects":
            return _read_subjects(typed, before)
        case "titles":
            return _rank_titles(_read_rows(typed, field, Text, edit))
    return _read(typed, field, Metadata.model_fields[field].annotation, edit)


def _split_keywords(lines: Iterable[Text]) -> list[Text]:
    words = [
        Text(value=word, lang=line.lang) for line in lines for word in re.split(r"\s*[,;\n]\s*", line.value) if word
    ]
    return list({(word.value, word.lang): word for word in words}.values())


def _read_subjects(typed: _Typed, before: Metadata) -> list[Subject]:
    """Numbers of the schemes that the form asks for; a number of another scheme (from an import) stays."""
    read = [
        Subject(scheme=scheme, value=value)
        for scheme in SUBJECT_SCHEMES
        for value in split_numbers(typed.at(scheme).text or "")
    ]
    return read + [subject for subject in before.subjects if subject.scheme not in SUBJECT_SCHEMES]


def split_numbers(line: str) -> list[str]:
    """The numbers of a line. They are parted by semicolons: a comma may stand within (УДК 811.512.154'36,1)."""
    return [value for part in re.split(r"[;\n]", line) if (value := part.strip())]


def _rank_titles(titles: Sequence[Text]) -> list[Text]:
    """The first title is the main one; those after it are translations, unless they are something else already."""
    ranked = []
    for number, title in enumerate(titles):
        kind = TextKind.MAIN if number == 0 else title.kind
        if number and kind is TextKind.MAIN:
            kind = TextKind.TRANSLATED
        ranked.append(title.model_copy(update={"kind": kind}))
    return ranked


def _read(typed: _Typed, path: str, kind: Any, edit: Edit) -> Any:
    """Read a value of the type `kind` that stands at `path`."""
    if get_origin(kind) is list:
        return _read_rows(typed, path, get_args(kind)[0], edit)
    if kind is bool:
        return typed.text is not None
    if issubclass(kind, enum.Enum):
        values = {member.value: member for member in kind}
        return values.get(typed.text or "", next(iter(kind)))
    if issubclass(kind, BaseModel):
        fields = kind.model_fields.items()
        return _tidy(kind(**{name: _read(typed.at(name), f"{path}.{name}", f.annotation, edit) for name, f in fields}))
    return typed.text or ""


def _read_rows(typed: _Typed, path: str, kind: Any, edit: Edit) -> list[Any]:
    numbers = sorted(int(name) for name in typed.parts if re.fullmatch("[0-9]{1,4}", name))[:ROWS_LIMIT]
    rows = {number: _read(typed.at(str(number)), f"{path}.{number}", kind, edit) for number in numbers}
    kept = [number for number, row in rows.items() if not is_empty(row)]
    return [rows[number] for number in _reorder(kept, path, edit)]


def _reorder(order: list[int], path: str, edit: Edit) -> list[int]:
    parent, _, row = edit.path.rpartition(".")
    if parent != path or edit.verb == "add" or int(row) not in order:
        return order
    place = order.index(int(row))
    number = order.pop(place)
    if edit.verb != "remove":
        order.insert(max(0, place - 1) if edit.verb == "up" else place + 1, number)
    return order


def _tidy(part: BaseModel) -> BaseModel:
    """Take off what people copy along with a number; what no list of the form offers becomes what it begins with."""
    cleaned: dict[str, str] = {}
    match part:
        case Text() | PersonName():
            cleaned["lang"] = part.lang if TAG.fullmatch(part.lang) else ""
        case Agent():
            cleaned["orcid"] = strip_prefix("orcid", part.orcid)
            cleaned["role"] = part.role if part.role in terms.roles() else "author"
        case Affiliation():
            cleaned["ror"] = strip_prefix("ror", part.ror)
        case Number():
            cleaned["scheme"] = _known("identifiers", part.scheme)
        case Relation():
            cleaned["kind"] = _known("relations", part.kind)
        case Thesis():
            cleaned["degree"] = _known("degrees", part.degree)
        case RareBook():
            cleaned["script"] = _known("scripts", part.script)
    return part.model_copy(update=cleaned)


def _known(vocabulary: str, code: str) -> str:
    return code if code in terms.VOCABULARIES[vocabulary]() else ""


def is_empty(row: object) -> bool:
    """Whether nothing was typed into a row: a language chosen beside an empty text is nothing."""
    match row:
        case Text() | Subject() | Number():
            return not row.value
        case PersonName():
            return not row.inverted
        case Affiliation():
            return not row.names and not row.ror
        case Agent():
            return not (row.names or row.orcid or row.affiliations)
        case Relation():
            return not (row.value or row.note)
    return not row


def clean_text(text: str) -> str:
    """Return what was typed in NFC, without control characters; lines end with a line feed."""
    text = UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", text).strip()


# ---------------------------------------------------------------- and back: what the form shows


def keyword_lines(metadata: Metadata) -> list[Text]:
    """The keywords as the form shows them: one line for each language."""
    lines: dict[str, list[str]] = {}
    for word in metadata.keywords:
        lines.setdefault(word.lang, []).append(word.value)
    return [Text(value=", ".join(words), lang=lang) for lang, words in lines.items()]


def subject_line(metadata: Metadata, scheme: str) -> str:
    """The numbers of one scheme as the form shows them."""
    return "; ".join(subject.value for subject in metadata.subjects if subject.scheme == scheme)


def language_boxes(metadata: Metadata) -> list[str]:
    """The languages that have a box of their own: the three of the country, and those already chosen."""
    return list(dict.fromkeys([*terms.LANGS, *metadata.languages]))
