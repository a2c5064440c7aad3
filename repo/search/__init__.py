"""Finding: one analysis for Kyrgyz, Russian and English, one port, and the engines behind it."""

from typing import cast

from repo.search.ports import SearchEngine


def engine() -> SearchEngine:
    """The search engine that `MURAS_SEARCH_URL` names."""
    from flask import current_app  # here, so that the pure modules can be used without it

    return cast(SearchEngine, current_app.extensions["muras.search"]())
