"""A question put together from the fields of a form, and taken apart into them: pure."""

from collections.abc import Mapping

from repo.search.document import Area
from repo.search.parser import parse_query
from repo.search.query import Leaf, Query, Term, Words, Years

AREAS = {"title": Area.TITLE, "author": Area.AUTHOR, "subject": Area.SUBJECT}
TEXTS = ("all", "phrase", "any", "without", *AREAS)
"""The fields whose words make the question; years, types and the like are chosen beside it."""


def compose(fields: Mapping[str, str]) -> str:
    """The query (`search.parser`) that asks for what the fields say."""
    parts = [parse_query(fields.get("all", "")).understood]
    if phrase := " ".join(fields.get("phrase", "").replace('"', " ").split()):
        parts.append(f'"{phrase}"')
    if any_of := _terms(fields.get("any", "")):
        parts.append(" OR ".join(str(term) for term in any_of))
    for name, area in AREAS.items():
        parts += [f"{area}:{term}" if _is_plain(term) else str(term) for term in _terms(fields.get(name, ""))]
    parts += [f"-{term.leaf}" for term in _terms(fields.get("without", ""))]
    return " ".join(part for part in parts if part)


def decompose(query: Query) -> dict[str, str]:
    """The fields of a query; what none of them can say stands in "all", which takes any query."""
    found: dict[str, list[str]] = {name: [] for name in TEXTS}
    years: dict[str, str] = {}
    for group in query.groups:
        term = group[0]
        if len(group) > 1:
            fits = not found["any"] and all(map(_is_plain, group))
            found["any" if fits else "all"] += [str(one) for one in group] if fits else [" OR ".join(map(str, group))]
        elif term.negated:
            found["without"].append(str(term.leaf))
        elif isinstance(term.leaf, Years) and not years:
            years = {"from": str(term.leaf.first or ""), "to": str(term.leaf.last or "")}
        else:
            name, words = _place(term.leaf, found)
            found[name].append(words)
    return {name: " ".join(words) for name, words in found.items()} | years


def _place(leaf: Leaf, found: Mapping[str, list[str]]) -> tuple[str, str]:
    if isinstance(leaf, Words):
        for name, area in AREAS.items():
            if leaf.area is area:
                return name, str(leaf).partition(":")[2]
        if leaf.area is None and leaf.quoted and not found["phrase"]:
            return "phrase", leaf.text
    return "all", str(leaf)


def _terms(text: str) -> list[Term]:
    return [term for group in parse_query(text).groups for term in group]


def _is_plain(term: Term) -> bool:
    return isinstance(term.leaf, Words) and term.leaf.area is None and not term.negated
