"""A search that finds nothing is asked once more, with all but one of its words: better than an empty page."""

from dataclasses import replace

from repo.search.ports import SearchEngine, SearchRequest, SearchResult
from repo.search.query import Filters


def search_widening(engine: SearchEngine, request: SearchRequest) -> tuple[SearchResult, bool]:
    """The answer to a request, and whether it is that to the relaxed query. What was chosen beside the question is no
    reason to relax it. Raises SearchUnavailableError."""
    result = engine.search(request)
    relaxed = request.query.relaxed
    if result.total or relaxed is None:
        return result, False
    if request.filters != Filters():
        bare = replace(request, filters=Filters(), page=1, limit=1, facets=(), passages=0)
        if engine.search(bare).total:
            return result, False
    wider = engine.search(replace(request, query=relaxed))
    return (wider, True) if wider.total else (result, False)
