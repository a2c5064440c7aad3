"""Our clauses in Elasticsearch's words: pure."""

from collections.abc import Iterable, Iterator
from typing import Any

from repo.search.fields import YEAR_FIELD
from repo.search.ranking import (
    OTHER_PLACES,
    All,
    Best,
    Clause,
    Has,
    HasPhrase,
    HasPrefix,
    InYears,
    Nothing,
    Unscored,
)

Dsl = dict[str, Any]

NOTHING: Dsl = {"match_none": {}}
ANYTHING: Dsl = {"match_all": {"boost": 0}}

MOST_APART = 8
"""Forms of one word are fewer. Somebody who reads for sixty libraries asks for each word once for each, and a cluster
takes some thousand terms in a query, the fewer the smaller it is."""


def translate(clause: Clause) -> Dsl:
    """The query that finds and scores what `clause` does."""
    match clause:
        case Has(field, term, weight):
            return {"term": {field: {"value": term, "boost": weight}}}
        case HasPhrase(field, words, weight):
            # The analyzer parts them where we joined them, as it did with the text.
            return {"match_phrase": {field: {"query": " ".join(words), "boost": weight}}}
        case HasPrefix(field, prefix, weight):
            # All words that begin so weigh the same, however many there are.
            rewritten = {"value": prefix, "rewrite": "constant_score", "boost": weight}
            return {"prefix": {field: rewritten}}
        case InYears(first, last):
            ends = {"gte": first, "lte": last}
            return {"range": {YEAR_FIELD: {name: year for name, year in ends.items() if year is not None}}}
        case Best(clauses):
            queries = list(_alternatives(clauses))
            return {"dis_max": {"queries": queries, "tie_breaker": OTHER_PLACES}} if queries else NOTHING
        case Unscored(inner):
            return {"constant_score": {"filter": translate(inner), "boost": 0}}
        case Nothing():
            return NOTHING
        case All():
            return _all(clause)


def _alternatives(clauses: Iterable[Clause]) -> Iterator[Dsl]:
    """Each clause; but of very many terms that weigh the same, one query for all of them, which scores none higher."""
    alike: dict[tuple[str, float], list[str]] = {}
    for clause in clauses:
        if isinstance(clause, Has):
            alike.setdefault((clause.field, clause.weight), []).append(clause.term)
        else:
            yield translate(clause)
    for (field, weight), terms in alike.items():
        if len(terms) > MOST_APART:
            yield {"terms": {field: terms, "boost": weight}}
        else:
            yield from (translate(Has(field, term, weight)) for term in terms)


def _all(clause: All) -> Dsl:
    must = [translate(each) for each in clause.must]
    should = [translate(each) for each in clause.should]
    if not must and not should:
        must.append(ANYTHING)
    parts = {"must": must, "should": should, "must_not": [translate(each) for each in clause.must_not]}
    least = {"minimum_should_match": clause.least} if clause.least else {}
    return {"bool": {**{name: queries for name, queries in parts.items() if queries}, **least}}
