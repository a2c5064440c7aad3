"""What may be meant by the beginning of a question: names, subjects and titles that everybody may see."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from repo.db import db
from repo.items.access import ANYBODY
from repo.items.models import Heading
from repo.search import engine
from repo.search.analysis import exact, fold
from repo.search.document import Area
from repo.search.fields import NAME, TOPIC
from repo.search.parser import parse_query
from repo.search.ports import SearchRequest
from repo.search.services.finding import search_items
from repo.web.folding import fold_text

LEAST = 2
"""Letters from which on something is suggested."""

MOST_HEADINGS, MOST_TITLES = 4, 5
FIELDS = {"author": NAME, "subject": TOPIC}


@dataclass(frozen=True)
class Suggestion:
    """`kind` is "author" or "subject", and `address` the fold of a heading; or "title", and the id of a work."""

    kind: str
    text: str
    address: str


def suggest(typed: str) -> list[Suggestion]:
    """Suggestions for what was typed so far, some of each kind. Raises SearchUnavailableError."""
    return [*suggest_headings(typed), *_titles(typed)]


def suggest_headings(typed: str) -> list[Suggestion]:
    """Names and subjects one of whose words begins so. Raises SearchUnavailableError."""
    begun = fold(typed)
    return [one for kind in FIELDS for one in _headings(kind, begun)] if len(begun) >= LEAST else []


def _headings(kind: str, begun: str) -> list[Suggestion]:
    """The most frequent headings, if they still have a list of their own: the index may be a moment behind."""
    spelt = engine().spellings(FIELDS[kind], begun, 2 * MOST_HEADINGS)
    texts = {fold_text(text): text for text in reversed([term.partition("|")[2] for term, _count in spelt])}
    query = sa.select(Heading.fold).where(Heading.kind == kind, Heading.fold.in_(list(texts))).distinct()
    present = set(db.session.scalars(query)) if texts else set()
    return [Suggestion(kind, texts[at], at) for at in reversed(texts) if at in present][:MOST_HEADINGS]


def _titles(typed: str) -> Sequence[Suggestion]:
    words = exact(typed).split()
    if len("".join(words)) < LEAST:
        return []
    query = parse_query(" ".join(f"{Area.TITLE}:{word}" for word in words) + "*")
    request = SearchRequest(query, limit=MOST_TITLES, facets=(), passages=0)
    items = [found.item for found in search_items(request, ANYBODY, frozenset()).items]
    return [Suggestion("title", item.title or "", item.id) for item in items]
