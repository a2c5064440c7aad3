"""/search?q=&type=&library=&collection=&language=&script=&subject=&access=&from=&to=&sort=&page=   results with facets
/search/list/<format>?…                                                                  their descriptions as a file
"""

from flask import Blueprint, Flask, Response, render_template, request
from flask.blueprints import BlueprintSetupState

from repo.db import now
from repo.discovery.cards import load_cards
from repo.discovery.lists import LIST_FORMATS, write_list
from repo.discovery.searching import PAGE, SORTS, read_search, show_chips, show_facets
from repo.errors import NotFoundError
from repo.members.current import current_actor, current_networks
from repo.search.ports import WINDOW
from repo.search.services.finding import find_ids, search_items
from repo.web.doors import Door, register_door
from repo.web.languages import current_language

bp = Blueprint("search", __name__)


@bp.record_once
def open_doors(state: BlueprintSetupState) -> None:
    assert isinstance(state.app, Flask)
    register_door(state.app, Door("search", "search.results"))


@bp.get("/search")
def results() -> str:
    asked, actor = read_search(request.args), current_actor()
    found = search_items(asked.request, actor, current_networks())
    cards = load_cards([item.item_id for item in found.items], current_language(), now())
    page, last = asked.request.page, -(-found.result.reachable // PAGE)
    return render_template(
        "search/results.html",
        asked=asked,
        q=asked.q,
        found=found.result,
        rows=[(card, item.fragments) for card in cards for item in found.items if item.item_id == card.item_id],
        facets=show_facets(asked, found.result),
        chips=show_chips(asked),
        sorts=[(words, asked.href(sort=sort.value), sort is asked.request.order) for sort, words in SORTS.items()],
        lists=[(one.label, name) for name, one in LIST_FORMATS.items()],
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
