"""Lists to walk through.

/browse/                          ways to look around
/browse/new                       the newest
/browse/titles?letter=            by title, in Kyrgyz order
/browse/types/<code>              by type; also /years/<year>, /languages/<tag>
/browse/authors?letter=           names, and the works under each: /browse/authors/<fold>
/browse/subjects?letter=          subjects, the same
/libraries  /libraries/<code>     member libraries
/collections/<code>               collections
"""

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from repo.db import now
from repo.discovery import browse
from repo.discovery.cards import make_cards
from repo.errors import NotFoundError
from repo.items.models import Item
from repo.members.models import Collection
from repo.vocabularies import choices, label, language_label, types
from repo.web.collation import ALPHABET
from repo.web.languages import current_language, local_name
from repo.web.paging import Page

bp = Blueprint("browse", __name__)

LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
KINDS = {"authors": "author", "subjects": "subject"}


@bp.route("/browse/")
def index() -> str:
    lang = current_language()
    present = browse.types_with_items([code for code, _label in choices("types", lang)])
    return render_template(
        "browse/index.html",
        types=[(code, words) for code, words in choices("types", lang) if code in present],
        years=browse.years_with_items(),
        languages=[(row.fold, language_label(row.fold, lang)) for row in browse.list_headings("language").rows],
        letters=ALPHABET,
    )


@bp.route("/browse/new")
def new() -> str:
    return _list(browse.newest_items(_cursor()), _("Newest works"))


@bp.route("/browse/titles")
def titles() -> str:
    letter = _letter()
    return _list(browse.items_by_title(_cursor(), letter), _("Titles"), letter=letter, letters=True)


@bp.route("/browse/types/<code>")
def by_type(code: str) -> str:
    if code not in types():
        raise NotFoundError()
    return _list(browse.newest_items(_cursor(), Item.type == code), label("types", code, current_language()))


@bp.route("/browse/years/<int:year>")
def by_year(year: int) -> str:
    if year > 9999:
        raise NotFoundError()
    return _list(browse.newest_items(_cursor(), Item.year == year), str(year))


@bp.route("/browse/languages/<tag>")
def by_language(tag: str) -> str:
    _text, page = browse.items_of_heading("language", tag, _cursor())
    return _list(page, language_label(tag, current_language()))


@bp.route("/browse/<any(authors, subjects):kind>")
def headings(kind: str) -> str:
    letter = _letter()
    page = browse.list_headings(KINDS[kind], _cursor(), letter)
    heading = _("Authors") if kind == "authors" else _("Subjects")
    return render_template(
        "browse/headings.html", kind=kind, page=page, letter=letter, heading=heading, letters=ALPHABET + LATIN
    )


@bp.route("/browse/<any(authors, subjects):kind>/<path:fold>")
def heading(kind: str, fold: str) -> str:
    text, page = browse.items_of_heading(KINDS[kind], fold, _cursor())
    above = _("Authors") if kind == "authors" else _("Subjects")
    return _list(page, text, trail=[(above, url_for(".headings", kind=kind))])


@bp.route("/libraries")
def libraries() -> str:
    return render_template("browse/libraries.html", libraries=browse.libraries_by_name())


@bp.route("/libraries/<code>")
def library(code: str) -> str | Response:
    found = browse.find_library(code)
    if found.merged_into is not None:
        return redirect(url_for(".library", code=found.merged_into.code), 301)
    page = browse.newest_items(_cursor(), Item.library_id == found.id)
    return render_template(
        "browse/library.html",
        library=found,
        collections=browse.collections_below(found),
        page=page,
        cards=make_cards(page.rows, current_language(), now()),
    )


@bp.route("/collections/<code>")
def collection(code: str) -> str:
    found = browse.find_collection(code)
    page = browse.newest_items(_cursor(), browse.in_collection(found))
    return render_template(
        "browse/collection.html",
        collection=found,
        below=browse.collections_below(found.library, found),
        trail=_way_to(found),
        page=page,
        cards=make_cards(page.rows, current_language(), now()),
    )


def _list(
    page: Page[Item], heading: str, *, trail: Sequence[tuple[str, str]] = (), letter: str = "", letters: bool = False
) -> str:
    return render_template(
        "browse/list.html",
        heading=heading,
        page=page,
        cards=make_cards(page.rows, current_language(), now()),
        trail=[(_("Browse"), url_for(".index")), *trail],
        letter=letter,
        letters=ALPHABET + LATIN if letters else "",
    )


def _way_to(collection: Collection) -> list[tuple[str, str]]:
    """The places above a collection: its library, and the collections from the root of the tree down."""
    above: list[tuple[str, str]] = []
    parent = collection.parent
    while parent is not None:
        above.insert(0, (local_name(parent.names), url_for(".collection", code=parent.code)))
        parent = parent.parent
    library = collection.library
    first = [(_("Libraries"), url_for(".libraries"))]
    return [*first, (local_name(library.names), url_for(".library", code=library.code)), *above]


def _cursor() -> str:
    return request.args.get("page", "")


def _letter() -> str:
    """One letter of an alphabet, in capitals; whatever else was sent is no letter."""
    letter = request.args.get("letter", "")[:2].upper()
    return letter if letter and letter in ALPHABET + LATIN else ""
