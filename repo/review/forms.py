"""Forms of the review."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError


class DecisionForm(FlaskForm):
    decision = RadioField(
        _l("Decision"),
        choices=[SelectChoice("accept", _l("Accept and publish")), SelectChoice("return", _l("Return with a comment"))],
        validators=[InputRequired(_l("Choose what shall happen."))],
    )
    comment = TextAreaField(_l("Letter to the author"), validators=[Length(max=10_000)])

    def validate_comment(self, field: TextAreaField) -> None:
        if self.decision.data == "return" and not (field.data or "").strip():
            raise ValidationError(_l("Write what the author should change."))


class WithdrawForm(FlaskForm):
    reason = TextAreaField(
        _l("Reason, as readers will see it"), validators=[InputRequired(_l("Enter the reason.")), Length(max=2_000)]
    )
    replaced_by = StringField(_l("Id of the work that replaces it"), validators=[Length(max=9)])
