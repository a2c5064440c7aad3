"""A description as cells of a table, under the paths that the loader of tables reads (`ingest.loaders.targets`); pure.

A table cannot say everything: two descriptions in one language, names of a person that the people before lack.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ingest.loaders.targets import find_target, targets, value_of
from repo.items.access import Access
from repo.items.metadata import Agent, Metadata, Text, TextKind

Cells = dict[str, list[str]]

TEXTS = {
    "abstract": "abstracts",
    "keywords": "keywords",
    "publisher": "publishers",
    "place": "places",
    "notes": "notes",
    "host.title": "host.titles",
    "thesis.speciality_name": "thesis.speciality_names",
    "thesis.institution": "thesis.institutions",
    "rare.provenance": "rare.provenance",
    "rare.copy_notes": "rare.copy_notes",
}
PLAIN = {
    "type": "type",
    "date": "issued",
    "edition": "edition",
    "extent": "extent",
    **{f"host.{name}": f"host.{name}" for name in ("volume", "issue", "pages", "issn", "isbn")},
    **{f"thesis.{name}": f"thesis.{name}" for name in ("degree", "speciality", "council", "defended")},
    **{f"rare.{name}": f"rare.{name}" for name in ("script", "orthography", "shelf_mark")},
    "rights.licence": "licence",
}
MARK = "\ufeff"
"""By which spreadsheets know that a table is in UTF-8."""
DANGEROUS = ("=", "+", "-", "@", "\t")
"""What a spreadsheet takes for the beginning of a formula."""


def cells_of(metadata: Metadata) -> Cells:
    """The values of a description by their paths, in the order in which they stand there."""
    cells: Cells = {}
    for path, value in _values(metadata):
        place = find_target(path)
        if place is not None and (value.strip() or place[0].parallel):
            cells.setdefault(path, []).append(value)
    return cells


def columns_of(paths: Iterable[str], often: Mapping[str, int] | None = None) -> list[str]:
    """Paths in the order of the places; of the languages of one place the most frequent first, if that is told."""
    order = {path: number for number, path in enumerate(targets())}
    counted = often or {}
    return sorted(paths, key=lambda path: (order[path.partition("[")[0]], -counted.get(path, 0), path))


def write_cell(path: str, found: Sequence[str]) -> str:
    """The values on lines of their own. A space keeps spreadsheets from running what looks like a formula."""
    place = find_target(path)
    if len(found) > 1 or (place is not None and place[0].several):
        found = [" ".join(value.split()) for value in found]
    cell = "\n".join(found)
    if path.startswith("keywords") and len(found) == 1 and "," in cell:
        cell += "\n"  # else its comma would part it
    return f" {cell}" if cell.startswith(DANGEROUS) else cell


def _values(metadata: Metadata) -> Iterator[tuple[str, str]]:
    yield from ((path, str(value_of(metadata, field))) for path, field in PLAIN.items())
    yield from _titles(metadata.titles)
    yield from _people("creators", metadata.creators, "author")
    yield from _people("contributors", metadata.contributors, "contributor")
    yield from (("language", tag) for tag in metadata.languages)
    for path, field in TEXTS.items():
        yield from ((_with_language(path, text.lang), text.value) for text in value_of(metadata, field))
    yield from ((f"subjects.{subject.scheme}", subject.value) for subject in metadata.subjects)
    yield from ((f"identifiers.{number.scheme}".rstrip("."), number.value) for number in metadata.identifiers)
    yield from ((f"relations.{one.kind}", one.value or one.note) for one in metadata.relations)
    if metadata.access is not Access.OPEN:
        yield "rights.access", metadata.access.value
    yield "embargo", metadata.embargo_until


def _with_language(path: str, lang: str) -> str:
    return f"{path}[{lang}]" if lang else path


def _titles(titles: Iterable[Text]) -> Iterator[tuple[str, str]]:
    for text in titles:
        path = "title" if text.kind is TextKind.MAIN else f"title.{text.kind.value}"
        yield _with_language(path, text.lang), text.value


def _people(field: str, agents: Sequence[Agent], usual: str) -> Iterator[tuple[str, str]]:
    """People by the column of their role. ORCID iDs and places of work are told of those in the first column."""
    groups: dict[str, list[Agent]] = {}
    for agent in agents:
        plain = f"{field}.organisation" if agent.organisation else field
        path = plain if agent.role == usual else f"{field}.{agent.role}"
        groups.setdefault(path, []).append(agent)
    for path, people in groups.items():
        yield from _names(path, people)
    yield from _parallel(f"{field}.orcid", [agent.orcid for agent in groups.get(field, [])])
    yield from _affiliations(field, groups.get(field, []))


def _names(path: str, people: Sequence[Agent]) -> Iterator[tuple[str, str]]:
    """A column for the language that all have a name in, then one for each that the first of them have."""
    known = [{name.lang: name.inverted for name in reversed(agent.names)} for agent in people]
    common = next((name.lang for name in people[0].names if all(name.lang in names for names in known)), None)
    if common is None:
        yield from ((path, agent.name().inverted) for agent in people)
        return
    yield from ((_with_language(path, common), names[common]) for names in known)
    others = dict.fromkeys(name.lang for agent in people for name in agent.names if name.lang not in ("", common))
    for lang in others:
        having = [lang in names for names in known]
        if having == sorted(having, reverse=True):
            yield from ((_with_language(path, lang), names[lang]) for names in known if lang in names)


def _affiliations(field: str, people: Sequence[Agent]) -> Iterator[tuple[str, str]]:
    """The first place of work of each."""
    firsts = [agent.affiliations[0].names if agent.affiliations else [] for agent in people]
    for lang in dict.fromkeys(text.lang for names in firsts for text in names):
        texts = [next((text.value for text in names if text.lang == lang), "") for names in firsts]
        yield from _parallel(_with_language(f"{field}.affiliation", lang), texts)


def _parallel(path: str, found: Sequence[str]) -> Iterator[tuple[str, str]]:
    """One value for each of the people, empty for whoever has none; no column when nobody has one."""
    if any(found):
        yield from ((path, value) for value in found)
