"""Forms of bulk loads and of how their records are read."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from ingest.batch_reading import try_profile
from ingest.load_messages import FORMATS
from ingest.loaders.profile import Profile
from ingest.models import LoadBatch
from repo.errors import InvalidError
from repo.members.forms import REQUIRED
from repo.members.models import Collection, Library
from repo.web.languages import current_language

ENCODINGS = ("", "utf-8", "cp1251", "cp866", "koi8-r", "marc-8")


class BatchForm(FlaskForm):
    """Where the works of a load go. Its file is chosen on the next page."""

    collection = SelectField(_l("Collection for the works"), validators=[REQUIRED])
    format = SelectField(
        _l("Format"),
        choices=lambda: [SelectChoice(name, said) for name, said in {"": _("Find out"), **FORMATS}.items()],
    )
    source = StringField(
        _l("Name of the source"),
        description=_l(
            "Optional: “catalogue”, “dspace”. A later load with the same name changes the works that this one brings, "
            "instead of adding them again."
        ),
    )

    def offer(self, trees: Iterable[tuple[Library, list[Collection]]]) -> None:
        lang = current_language()
        self.collection.choices = [
            SelectChoice(str(one.id), f"{library.name(lang)}: {'— ' * (len(one.ancestor_ids) - 1)}{one.name(lang)}")
            for library, tree in trees
            for one in tree
        ]


class ConfirmForm(FlaskForm):
    """Only a button."""


class ImportProfileForm(FlaskForm):
    library = SelectField(_l("Library"), validators=[REQUIRED])
    file = FileField(_l("File of a profile"), validators=[FileRequired(_l("Choose a file."))])

    def offer(self, libraries: Sequence[Library]) -> None:
        self.library.choices = [SelectChoice(one.code, one.name(current_language())) for one in libraries]


class ProfileForm(FlaskForm):
    """How records are read, a line for each rule: “what the source says = what it means here”."""

    name = StringField(_l("Name of the profile"))
    encoding = SelectField(
        _l("Encoding"), choices=lambda: [SelectChoice(name, name or _("Find out")) for name in ENCODINGS]
    )
    separator = StringField(_l("What parts several values in a cell"))
    fields = TextAreaField(
        _l("Fields"),
        description=_l("A line each: Автор = creators, 900$a = keywords. Nothing after the sign leaves a field out."),
    )
    constants = TextAreaField(_l("The same for all works"), description=_l("A line each: type = book, language = ky."))
    terms = TextAreaField(
        _l("Words of the library"), description=_l("A line each: type: монография = book, language: кирг. = ky.")
    )
    letters = TextAreaField(
        _l("Letters of a font that was drawn over"),
        description=_l("A line each: є = ө, ї = ү. Readers see the right one."),
    )

    def __init__(self, library: Library, batch: LoadBatch) -> None:
        profile = try_profile(batch.profile) or Profile()
        super().__init__(
            name=batch.profile_name.rpartition(" ")[0] or batch.filename,
            encoding=profile.encoding,
            separator=profile.separator,
            fields=_lines(profile.fields),
            constants=_lines(profile.constants),
            terms=_lines(
                {f"{path}: {word}": value for path, of in profile.terms.items() for word, value in of.items()}
            ),
            letters=_lines(profile.letters),
        )
        self.library = library

    def contents(self) -> dict[str, Any]:
        """The profile that was typed, as JSON. Raises InvalidError."""
        terms: dict[str, dict[str, str]] = {}
        for told, value in _rules(self.terms).items():
            path, colon, word = told.partition(":")
            if not colon:
                raise InvalidError(
                    {"terms": [_("A line needs the field, a colon and the word: type: монография = book.")]}
                )
            terms.setdefault(path.strip(), {})[word.strip()] = value
        return {
            "encoding": self.encoding.data or "",
            "separator": self.separator.data or ";",
            "fields": _rules(self.fields),
            "constants": _rules(self.constants),
            "terms": terms,
            "letters": _rules(self.letters),
        }


def _lines(rules: Mapping[str, str]) -> str:
    return "\n".join(f"{told} = {value}" for told, value in rules.items())


def _rules(field: TextAreaField) -> dict[str, str]:
    """What was typed, by what the source says. Raises InvalidError for a line without the sign."""
    rules = {}
    for line in (field.data or "").splitlines():
        told, sign, value = line.rpartition("=")
        if not line.strip():
            continue
        if not sign or not told.strip():
            raise InvalidError({field.name: [_("A line needs the sign “=”: %(line)s", line=line[:100])]})
        rules[told.strip()] = value.strip()
    return rules
