"""What to tell a reader whose search found little: another spelling, or which of the words are found alone."""

from dataclasses import dataclass, replace

from repo.items.access import Actor
from repo.search import engine
from repo.search.analysis import Kind, analyse
from repo.search.fields import WORD, may_be_mistyped
from repo.search.ports import SearchRequest
from repo.search.query import Query, Term, Words
from repo.search.services.finding import reader_of
from repo.search.spelling import meant_word, near_words

LITTLE = 2
"""A search that finds more needs no advice."""

MOST_WORDS = 6
"""Words of a query that are looked at: each is a search of its own."""

MOST_TERMS = 20_000
"""Words with the same first letter, the most frequent of them, among which the one that was meant is looked for."""


@dataclass(frozen=True)
class Advice:
    """`meant` is a query that finds more, "" if there is none; `alone` the words that are found without the others,
    with the number of works."""

    meant: str = ""
    alone: tuple[tuple[str, int], ...] = ()


NO_ADVICE = Advice()


def advise(request: SearchRequest, total: int, actor: Actor, networks: frozenset[int]) -> Advice:
    """The advice on a search of the actor's that found `total` works. Raises SearchUnavailableError."""
    words = [leaf for leaf in request.query.wanted_words if not leaf.is_grammar][:MOST_WORDS]
    if total > LITTLE or not words:
        return NO_ADVICE
    request = replace(request, reader=reader_of(actor, networks))
    counts = {leaf: _count(request, _query_of(leaf)) for leaf in words}
    meant = {leaf: word for leaf, count in counts.items() if not count and (word := _meant(leaf))}
    if meant:
        query = Query(tuple(tuple(_with(meant, term) for term in group) for group in request.query.groups))
        if _count(request, query) > total:
            return Advice(query.understood)
    alone = tuple((str(leaf), count) for leaf, count in counts.items() if count)
    return Advice(alone=alone) if not total and len(words) > 1 else NO_ADVICE


def _query_of(leaf: Words) -> Query:
    return Query(((Term(leaf),),))


def _count(request: SearchRequest, query: Query) -> int:
    return engine().search(replace(request, query=query, page=1, limit=1, facets=(), passages=0)).total


def _meant(leaf: Words) -> str:
    folded = leaf.at(0, Kind.FOLD)
    if leaf.length > 1 or leaf.prefix or not may_be_mistyped(folded):
        return ""
    return meant_word(folded, near_words(folded, engine().spellings(WORD, folded[0], MOST_TERMS)))


def _with(meant: dict[Words, str], term: Term) -> Term:
    """The term with the word that was meant."""
    if not isinstance(term.leaf, Words) or term.leaf not in meant:
        return term
    word = meant[term.leaf]
    return replace(term, leaf=replace(term.leaf, text=word, tokens=tuple(analyse(word)), quoted=False))
