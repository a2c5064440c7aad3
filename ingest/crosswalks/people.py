"""People and organisations as records name them, and what they did; pure."""

import re
from collections.abc import Iterable
from functools import cache

from ingest.crosswalks.values import MOST, clean_text
from repo.items.metadata import Agent, PersonName
from repo.vocabularies import roles
from repo.vocabularies.numbers import is_orcid

ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
RELATORS = {
    "cre": "author",
    "creator": "author",
    "dis": "author",
    "dissertant": "author",
    "dgs": "advisor",
    "supervisor": "advisor",
    "thesis advisor": "advisor",
    "degree supervisor": "advisor",
}
"""Codes and words of MARC's relators that are not among our roles."""


def agent_of(name: str, lang: str = "", role: str = "author", *, organisation: bool = False) -> Agent | None:
    """A person or an organisation by a name like "Айтматов, Чыңгыз, 1928-2008"; None of an empty one.

    Without a comma nobody can tell which word is the family name: it stays in one piece.
    """
    orcid = next((number for number in ORCID.findall(name) if is_orcid(number)), "")
    name = re.sub(r"[\s:;(\[]*(https?://orcid\.org/)?" + ORCID.pattern + r"[)\]]?", "", name)
    parts = [part.strip() for part in clean_text(name).rstrip(" ,;/").split(",")]
    parts = [part for part in parts if part and not re.match(r"\D{0,6}\d{4}", part)]
    if not parts:
        return None
    if organisation or len(parts) > 3:
        family, given = ", ".join(parts), ""
    else:
        family, given = parts[0], ", ".join(parts[1:])
    names = [PersonName(family=family, given=given, lang=lang)]
    return Agent(names=names, organisation=organisation, orcid=orcid, role=role)


def agents_of(agents: Iterable[Agent | None]) -> list[Agent]:
    """Those that have a name, each once."""
    found: dict[str, Agent] = {}
    for agent in agents:
        if agent is not None and agent.name().inverted:
            found.setdefault(agent.model_dump_json(), agent)
        if len(found) == MOST:
            break
    return list(found.values())


@cache
def _relators() -> dict[str, str]:
    known = dict(RELATORS)
    for code, term in roles().items():
        for name in (code, term.marc, term.labels["en"].lower()):
            known.setdefault(name, code)
    return known


def role_of(terms: Iterable[str], otherwise: str = "author") -> str:
    """Our role for MARC's relators, as codes, addresses or words; `otherwise` where a record tells none."""
    told = [re.sub(r"[.,]+$", "", term.strip()).lower().rpartition("/")[2] for term in terms if term.strip()]
    return next((_relators()[term] for term in told if term in _relators()), "contributor" if told else otherwise)


def is_creator(agent: Agent) -> bool:
    """Whether the agent made the work: editors and compilers are named among the contributors of imported works."""
    known = roles().get(agent.role)
    return known is not None and known.creator and agent.role not in ("editor", "compiler")
