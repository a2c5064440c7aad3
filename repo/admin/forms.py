"""Forms of the office. What is right is decided by the services of `members`; see `members.forms.tell_faults`."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import HiddenInput

from ingest import export_messages
from repo import vocabularies
from repo.items.identifiers import is_id
from repo.members import words
from repo.members.actors import Actor
from repo.members.forms import OWN_NAMES, REQUIRED
from repo.members.models import Collection, DepositPolicy, Library, ReviewPolicy, RoleName
from repo.members.services.roles import SCOPES, Scope, may_grant
from repo.web.languages import current_language

CODE_HELP = _l("Stands in the address and never changes: small Latin letters, digits and hyphens.")


class TextsForm(Form):
    """A line in each language; at least one is filled, the others fall back to it."""

    ky = StringField(_l("In Kyrgyz"))
    ru = StringField(_l("In Russian"))
    en = StringField(_l("In English"))


class LongTextsForm(Form):
    ky = TextAreaField(_l("In Kyrgyz"))
    ru = TextAreaField(_l("In Russian"))
    en = TextAreaField(_l("In English"))


class LibraryForm(FlaskForm):
    edition = IntegerField(widget=HiddenInput())
    names = FormField(TextsForm, _l("Name of the library"))
    city = FormField(TextsForm, _l("City"))
    about = FormField(LongTextsForm, _l("About the library"))
    website = StringField(_l("Web site"), render_kw={"inputmode": "url"})
    ror = StringField("ROR", description=_l("The number of the organization, from ror.org."))
    isil = StringField("ISIL", description=_l("The international number of the library, like KG-0001."))
    networks = TextAreaField(
        _l("Networks"),
        description=_l(
            "One a line: 192.0.2.0/24 or 192.0.2.1-192.0.2.20. From there, works for the library's readers "
            "open without signing in."
        ),
    )

    def described(self) -> dict[str, Any]:
        """What the services take."""
        return {
            "names": self.names.data,
            "city": self.city.data,
            "about": self.about.data,
            "website": self.website.data or "",
            "ror": self.ror.data or "",
            "isil": self.isil.data or "",
            "networks": (self.networks.data or "").splitlines(),
        }


class NewLibraryForm(LibraryForm):
    code = StringField(_l("Code"), validators=[REQUIRED], description=CODE_HELP)


class MergeForm(FlaskForm):
    target = SelectField(_l("Merge into"), validators=[InputRequired(_l("Choose another library."))])

    def offer(self, libraries: Iterable[Library], source: Library) -> None:
        lang = current_language()
        others = [SelectChoice(library.code, library.name(lang)) for library in libraries if library.id != source.id]
        self.target.choices = [SelectChoice("", _("Choose another library.")), *others]


class CollectionForm(FlaskForm):
    edition = IntegerField(widget=HiddenInput())
    names = FormField(TextsForm, _l("Name of the collection"))
    about = FormField(LongTextsForm, _l("About the collection"))
    deposit_policy = RadioField(
        _l("Who may deposit"),
        choices=[SelectChoice(policy.value, words.DEPOSIT_POLICIES[policy]) for policy in DepositPolicy],
        default=DepositPolicy.MEMBERS.value,
    )
    review_policy = RadioField(
        _l("What happens to a deposit"),
        choices=[SelectChoice(policy.value, words.REVIEW_POLICIES[policy]) for policy in ReviewPolicy],
        default=ReviewPolicy.REVIEW.value,
    )
    licence = SelectField(
        _l("Licence offered first"),
        choices=lambda: [
            SelectChoice("", _("None")),
            *(SelectChoice(code, words) for code, words in vocabularies.choices("licences", current_language())),
        ],
    )
    types = SelectMultipleField(
        _l("Kinds of works"),
        description=_l("Nothing ticked: every kind is taken."),
        choices=lambda: [
            SelectChoice(code, words) for code, words in vocabularies.choices("types", current_language())
        ],
    )

    def described(self) -> dict[str, Any]:
        """What the services take."""
        return {
            "names": self.names.data,
            "about": self.about.data,
            "deposit_policy": DepositPolicy(self.deposit_policy.data),
            "review_policy": ReviewPolicy(self.review_policy.data),
            "licence": self.licence.data or "",
            "types": self.types.data or [],
        }


class NewCollectionForm(CollectionForm):
    code = StringField(_l("Code"), validators=[REQUIRED], description=CODE_HELP)


class MoveForm(FlaskForm):
    """`parent` is "collection:<code>" or, for the top of a library, "library:<code>"."""

    parent = SelectField(_l("New place"), validators=[REQUIRED])

    def offer(self, trees: Iterable[tuple[Library, list[Collection]]], moved: Collection) -> None:
        lang = current_language()
        self.parent.choices = [
            choice
            for library, tree in trees
            for choice in (
                SelectChoice(f"library:{library.code}", library.name(lang)),
                *(
                    SelectChoice(f"collection:{other.code}", f"{'— ' * len(other.ancestor_ids)}{other.name(lang)}")
                    for other in tree
                    if moved.id not in other.ancestor_ids
                ),
            )
        ]


class GrantForm(FlaskForm):
    """A role in a library, or the administrator's, which has none."""

    role = RadioField(_l("Role"), validators=[InputRequired(_l("Choose a role."))])
    library = SelectField(_l("Library"))

    def offer(self, actor: Actor, libraries: Iterable[Library]) -> None:
        lang = current_language()
        offered = [SelectChoice(library.code, library.name(lang)) for library in libraries]
        self.library.choices = [SelectChoice("", _("The whole house")), *offered] if actor.is_administrator else offered
        anywhere = next(iter(actor.librarian_of), None)
        self.role.choices = [
            SelectChoice(name.value, words.ROLES[name], {"title": words.DUTIES[name]})
            for name in RoleName
            if may_grant(actor, name, anywhere) and SCOPES[name] & {Scope.HOUSE, Scope.LIBRARY}
        ]


class _Invited(FlaskForm):
    email = EmailField(_l("E-mail"), validators=[REQUIRED])
    name = StringField(_l("Name"), description=_l("Not needed for somebody who has an account already."))
    language = SelectField(_l("Language of letters"), choices=OWN_NAMES)


class InviteForm(_Invited, GrantForm):
    pass


class CollectionInviteForm(_Invited):
    role = RadioField(
        _l("Role"),
        validators=[InputRequired(_l("Choose a role."))],
        choices=[
            SelectChoice(name.value, words.ROLES[name], {"title": words.DUTIES[name]})
            for name in (RoleName.REVIEWER, RoleName.DEPOSITOR)
        ],
    )


class SearchPeopleForm(FlaskForm):
    """Read from the address, so without a token."""

    class Meta:
        csrf = False

    q = StringField(_l("Name or e-mail"))


class DisableForm(FlaskForm):
    reason = StringField(_l("Reason"), description=_l("Kept in the history; not sent to the person."))


EVERY = {6: _l("Every 6 hours"), 24: _l("Every day"), 168: _l("Every week"), 720: _l("Every 30 days")}


class SourceForm(FlaskForm):
    """A repository to be harvested. `format` is a metadataPrefix of OAI-PMH (`prefix` is a word of WTForms)."""

    edition = IntegerField(widget=HiddenInput())
    base_url = StringField(
        _l("Address of the OAI-PMH interface"),
        validators=[REQUIRED],
        description=_l("The base address, without questions: https://example.org/oai"),
        render_kw={"inputmode": "url"},
    )
    collection = SelectField(_l("Collection for its works"), validators=[REQUIRED])
    format = StringField(
        _l("Format"),
        validators=[REQUIRED],
        default="oai_dc",
        description=_l(
            "Every repository has oai_dc. If it offers one of these, take it, it tells more: oai_openaire, "
            "mods, marcxml, oai_datacite, mets, qdc."
        ),
    )
    set_spec = StringField(_l("Set"), description=_l("Only this part of the repository. Empty: all of it."))
    full_texts = BooleanField(
        _l("Fetch the files too"),
        description=_l("Only files that everybody may read, and only if the repository allows that."),
    )
    hours = SelectField(_l("How often"), coerce=int, default=24)

    def offer(self, trees: Iterable[tuple[Library, list[Collection]]], hours: int = 24) -> None:
        """Set the choices; a time that was chosen elsewhere stays one."""
        lang = current_language()
        self.collection.choices = [
            SelectChoice(one.code, f"{library.name(lang)}: {'— ' * (len(one.ancestor_ids) - 1)}{one.name(lang)}")
            for library, tree in trees
            for one in tree
        ]
        offered = EVERY if hours in EVERY else {hours: _("Every %(hours)s hours", hours=hours), **EVERY}
        self.hours.choices = [SelectChoice(str(number), words) for number, words in sorted(offered.items())]


MOST_WORKS = 1000
"""Works that can be named for one export."""


class ExportForm(FlaskForm):
    """What leaves as a package, and in which format."""

    place = SelectField(_l("What to export"), validators=[REQUIRED])
    format = SelectField(
        _l("Format"),
        validators=[REQUIRED],
        choices=[SelectChoice(name, words) for name, words in export_messages.FORMATS.items()],
        default="bagit",
    )
    works = TextAreaField(
        _l("Only these works"),
        description=_l("Optional. The addresses or numbers of works, one a line; else all that you chose above leave."),
        render_kw={"rows": 5},
    )
    files = BooleanField(
        _l("With the files"),
        description=_l("Closed and private files come along. Keep the package where only the library gets at it."),
        default=True,
    )

    def validate_works(self, field: TextAreaField) -> None:
        wrong = [line for line in self._named() if not is_id(line)]
        if wrong:
            raise ValidationError(_("This is no address or number of a work: %(line)s", line=wrong[0][:100]))
        if len(self.items) > MOST_WORKS:
            raise ValidationError(_("At most %(count)s works can be named.", count=MOST_WORKS))

    @property
    def items(self) -> tuple[str, ...]:
        """The ids of the works that are named."""
        return tuple(dict.fromkeys(self._named()))

    def _named(self) -> list[str]:
        """What the lines end in: an address of a landing page ends in the number of its work."""
        lines = (line.strip().partition("?")[0].rstrip("/") for line in (self.works.data or "").splitlines())
        return [line.rpartition("/")[2] for line in lines if line]

    def offer(self, trees: Iterable[tuple[Library, list[Collection]]]) -> None:
        lang = current_language()
        choices = []
        for library, tree in trees:
            choices.append(SelectChoice(f"library:{library.code}", library.name(lang)))
            choices += [
                SelectChoice(f"collection:{one.code}", "— " * len(one.ancestor_ids) + one.name(lang)) for one in tree
            ]
        self.place.choices = choices


class RemoveSourceForm(FlaskForm):
    works = RadioField(
        _l("What becomes of its works"),
        validators=[InputRequired(_l("Choose what becomes of the works."))],
        choices=[
            SelectChoice("stay", _l("They stay, as they are now")),
            SelectChoice("go", _l("They are withdrawn; a note stays at their addresses")),
        ],
    )
