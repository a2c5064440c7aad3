"""The house itself.

/                      home
/about  /policies      what this is, and its rules
/contact               write to us
/report/<id>           report an item: to the library that looks after it
"""

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length

from repo.db import db, now, transaction
from repo.discovery import browse
from repo.discovery.cards import make_cards
from repo.discovery.letters import send_letter, send_report
from repo.errors import NotFoundError
from repo.items.models import Item
from repo.web.collation import ALPHABET
from repo.web.doors import Door, register_door
from repo.web.languages import current_language

bp = Blueprint("house", __name__)

NEWEST = 6


@bp.record_once
def open_doors(state: BlueprintSetupState) -> None:
    app = state.app
    assert isinstance(app, Flask)
    register_door(app, Door("home", "house.home"))
    register_door(app, Door("browse", "browse.index", _l("Browse"), "menu", 10))
    register_door(app, Door("libraries", "browse.libraries", _l("Libraries"), "menu", 20))
    register_door(app, Door("about", "house.about", _l("About the repository"), "foot", 10))
    register_door(app, Door("policies", "house.policies", _l("Policies"), "foot", 20))
    register_door(app, Door("contact", "house.contact", _l("Contact"), "foot", 30))
    register_door(app, Door("oai", "oai.guide", "OAI-PMH", "foot", 40))
    register_door(app, Door("feed", "feeds.new", _l("Feed of new works"), "foot", 50))


class LetterForm(FlaskForm):
    name = StringField(_l("Your name"), validators=[InputRequired(_l("Enter your name.")), Length(max=200)])
    email = EmailField(
        _l("Your e-mail address"),
        validators=[
            InputRequired(_l("Enter your e-mail address.")),
            Email(_l("Enter an address like name@example.org.")),
        ],
    )
    text = TextAreaField(_l("Your message"), validators=[InputRequired(_l("Write your message.")), Length(max=10_000)])
    website = StringField()  # people do not see it and leave it empty; robots fill in everything


@bp.get("/")
def home() -> str:
    page = browse.newest_items(size=NEWEST)
    return render_template(
        "house/home.html",
        cards=make_cards(page.rows, current_language(), now()),
        libraries=browse.libraries_by_name()[:12],
        letters=ALPHABET,
    )


@bp.get("/about")
def about() -> str:
    return render_template(f"house/about_{current_language()}.html", title=_("About the repository"))


@bp.get("/policies")
def policies() -> str:
    return render_template(f"house/policies_{current_language()}.html", title=_("Policies"))


@bp.route("/contact", methods=["GET", "POST"])
def contact() -> str | Response:
    form = LetterForm()
    if form.validate_on_submit():
        if not form.website.data:
            with transaction():
                send_letter(form.name.data or "", form.email.data or "", form.text.data or "")
        flash(_("Your message is on its way. We answer by e-mail."), "good")
        return redirect(url_for(".contact"))
    return render_template("house/contact.html", form=form, item=None)


@bp.route("/report/<item_id>", methods=["GET", "POST"])
def report(item_id: str) -> str | Response:
    item, form = db.session.get(Item, item_id), LetterForm()
    if item is None or item.current_id is None or item.withdrawn_at is not None:
        raise NotFoundError()
    if form.validate_on_submit():
        if not form.website.data:
            with transaction() as session:
                found = session.get_one(Item, item_id)
                send_report(found, form.name.data or "", form.email.data or "", form.text.data or "")
        flash(_("Thank you. The library will look at it and answer by e-mail."), "good")
        return redirect(url_for("records.landing_page", item_id=item_id))
    return render_template("house/contact.html", form=form, item=item)
