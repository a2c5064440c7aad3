"""/search?q=&type=&library=&collection=&language=&script=&subject=&access=&from=&to=&sort=&page=   results with facets
/search/list/<format>?…     their descriptions as a file
/search/advanced            the same question by fields
/search/suggest?q=          what may be meant by its beginning (OpenSearch Suggestions 1.1)
/opensearch.xml             how browsers ask us (OpenSearch 1.1, draft 6)
"""

import json
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from repo.db import now
from repo.discovery.advanced import compose, decompose
from repo.discovery.cards import make_cards
from repo.discovery.lists import LIST_FORMATS, write_list
from repo.discovery.searching import PAGE, SORTS, read_search, show_chips, show_choices, show_facets
from repo.discovery.suggesting import Suggestion, suggest, suggest_headings
from repo.discovery.years import draw_years
from repo.errors import NotFoundError
from repo.members.current import current_actor, current_networks
from repo.search.document import Facet
from repo.search.parser import MAX_LENGTH
from repo.search.ports import WINDOW, SearchUnavailableError
from repo.search.services.advice import NO_ADVICE, advise
from repo.search.services.finding import find_ids, search_items
from repo.settings import current_settings
from repo.web.doors import Door, register_door
from repo.web.languages import current_language

bp = Blueprint("search", __name__)

BESIDE = ("from", "to", "type", "language", "script", "library", "access", "sort")
"""What the advanced form has beside the question itself."""

KINDS = {"author": _l("Author"), "subject": _l("Subject"), "title": _l("Work")}


@bp.record_once
def open_doors(state: BlueprintSetupState) -> None:
    assert isinstance(state.app, Flask)
    register_door(state.app, Door("search", "search.results"))
    register_door(state.app, Door("suggest", "search.suggest_more"))


@bp.get("/search")
def results() -> str:
    asked, actor = read_search(request.args), current_actor()
    networks = current_networks()
    found = search_items(asked.request, actor, networks)
    cards = make_cards([one.item for one in found.items], current_language(), now())
    page, last = asked.request.page, -(-found.result.reachable // PAGE)
    try:
        advice = advise(asked.request, found.wanted, actor, networks) if page == 1 else NO_ADVICE
        headings = suggest_headings(asked.q) if page == 1 and not asked.is_filtered else []
    except SearchUnavailableError:  # what was found is shown, even if nothing more can be said
        advice, headings = NO_ADVICE, []
    return render_template(
        "search/results.html",
        asked=asked,
        q=asked.q,
        found=found.result,
        widened=found.widened,
        rows=[(card, one.fragments) for card, one in zip(cards, found.items, strict=True)],
        facets=show_facets(asked, found.result),
        bars=draw_years(found.result.facets.get(Facet.YEAR, [])),
        chips=show_chips(asked),
        sorts=[(words, asked.href(sort=sort.value), sort is asked.request.order) for sort, words in SORTS.items()],
        lists=[(one.label, name) for name, one in LIST_FORMATS.items()],
        advice=advice,
        headings=headings,
        exports=actor.is_administrator or bool(actor.librarian_of),
        first=asked.request.offset + 1,
        before=asked.href() + f"&page={page - 1}" if page > 1 else "",
        after=asked.href() + f"&page={page + 1}" if page < last else "",
    )


@bp.get("/search/list/<name>")
def take_along(name: str) -> Response:
    """The first WINDOW works that the search finds."""
    if name not in LIST_FORMATS:
        raise NotFoundError()
    asked = read_search(request.args)
    ids, _total = find_ids(asked.request, current_actor(), current_networks(), WINDOW)
    format_ = LIST_FORMATS[name]
    response = Response(write_list(name, ids, current_language()), content_type=f"{format_.mime}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="muras.{format_.ending}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.get("/search/advanced")
def advanced() -> str | BaseResponse:
    """The form, filled with a question; what its fields say is asked at once."""
    if "all" in request.args:
        kept = [(name, value) for name, value in request.args.items(multi=True) if name in BESIDE and value]
        return redirect(url_for(".results") + "?" + urlencode([("q", compose(request.args)), *kept]))
    asked = read_search(request.args)
    fields = request.args.to_dict() | decompose(asked.request.query)
    return render_template("search/advanced.html", fields=fields, choices=show_choices())


@bp.get("/search/suggest")
def suggest_more() -> Response:
    """Always a list, if an empty one: nobody who is typing needs to hear of errors."""
    typed = request.args.get("q", "")[:MAX_LENGTH]
    try:
        found = suggest(typed)
    except SearchUnavailableError:
        found = []
    answer = [
        typed,
        [one.text for one in found],
        [str(KINDS[one.kind]) for one in found],
        [_place(one) for one in found],
    ]
    body = json.dumps(answer, ensure_ascii=False)
    response = Response(body, content_type="application/x-suggestions+json; charset=utf-8")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.get("/opensearch.xml")
def description() -> Response:
    body = render_template("search/opensearch.xml", base=current_settings().base_url)
    return Response(body, content_type="application/opensearchdescription+xml; charset=utf-8")


def _place(one: Suggestion) -> str:
    if one.kind == "title":
        return current_settings().base_url + url_for("records.landing_page", item_id=one.address)
    return current_settings().base_url + url_for("browse.heading", kind=f"{one.kind}s", fold=one.address)
