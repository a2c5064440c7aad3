"""How a work is cited: three styles for people, two formats for reference managers; pure.

GOST R 7.0.5-2008 (the usual style of the region), APA (7th edition), Chicago (17th edition, author-date), BibTeX and
RIS. The work is cited in its own language and script.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from repo.items.metadata import Agent, Metadata
from repo.vocabularies import types

# «Pages» and «in: number of pages» in the language of the work (GOST R 7.0.5-2008, 5.2).
PAGE_WORDS = {"ky": "Б.", "ru": "С.", "en": "P."}
LEAF_WORDS = {"ky": "б.", "ru": "с.", "en": "p."}

BIBTEX = {"articles": "article", "books": "book", "theses": "phdthesis", "reports": "techreport"}
BIBTEX_OF_TYPE = {
    "conference-paper": "inproceedings",
    "book-part": "incollection",
    "master-thesis": "mastersthesis",
    "bachelor-thesis": "mastersthesis",
    "preprint": "unpublished",
}
RIS = {"articles": "JOUR", "books": "BOOK", "theses": "THES", "reports": "RPRT", "data": "DATA"}
RIS_OF_TYPE = {"conference-paper": "CPAPER", "book-part": "CHAP", "software": "COMP", "image": "FIGURE", "map": "MAP"}


@dataclass(frozen=True)
class Cited:
    """What is cited: a description and the address of the work."""

    metadata: Metadata
    address: str

    @property
    def lang(self) -> str:
        """The language in which the work is cited."""
        return (self.metadata.title().lang or next(iter(self.metadata.languages), "ky")).split("-")[0]

    @property
    def title(self) -> str:
        return self.metadata.title().value

    @property
    def host(self) -> str:
        titles = self.metadata.host.titles
        return titles[0].value if titles else ""

    @property
    def publisher(self) -> str:
        texts = self.metadata.publishers or self.metadata.thesis.institutions
        return texts[0].value if texts else ""

    @property
    def place(self) -> str:
        return self.metadata.places[0].value if self.metadata.places else ""

    @property
    def year(self) -> str:
        return str(self.metadata.year or "")

    @property
    def doi(self) -> str:
        return next((n.value for n in self.metadata.identifiers if n.scheme == "doi"), "")

    @property
    def link(self) -> str:
        return f"https://doi.org/{self.doi}" if self.doi else self.address


def cite_gost(cited: Cited) -> str:
    """GOST R 7.0.5-2008: «Автор А. А. Аталышы // Журнал. 2024. Т. 1, № 2. С. 3–10. URL: …»."""
    host = cited.metadata.host
    head = ", ".join(_initials_after(agent) for agent in cited.metadata.creators[:3])
    if len(cited.metadata.creators) > 3:
        head += " [и др.]" if cited.lang == "ru" else " [ж. б.]" if cited.lang == "ky" else " [et al.]"
    parts = [" ".join(part for part in (head, cited.title) if part)]
    if cited.host:
        parts[0] += f" // {cited.host}"
    elif cited.place or cited.publisher:
        parts.append(": ".join(part for part in (cited.place, cited.publisher) if part))
    if not cited.host and len(parts) > 1 and cited.year:
        parts[-1] += f", {cited.year}"
    elif cited.year:
        parts.append(cited.year)
    number = ", ".join(
        part for part in (f"Т. {host.volume}" if host.volume else "", f"№ {host.issue}" if host.issue else "") if part
    )
    pages = f"{PAGE_WORDS.get(cited.lang, 'P.')} {_range(host.pages)}" if host.pages else ""
    parts += [part for part in (number, pages, _extent(cited)) if part]
    return _sentence([*parts, f"URL: {cited.link}"])


def cite_apa(cited: Cited) -> str:
    """APA, 7th edition: «Author, A. A. (2024). Title. Journal, 1(2), 3–10. https://…»."""
    authors = _listed([_initials_comma(agent) for agent in cited.metadata.creators], last=", & ")
    host = cited.metadata.host
    volume = host.volume + (f"({host.issue})" if host.issue else "")
    source = ", ".join(part for part in (cited.host, volume, _range(host.pages)) if part) or cited.publisher
    year = f"({cited.year or 'n.d.'})"
    lead = [f"{authors} {year}"] if authors else []
    title = cited.title if authors else f"{cited.title} {year}"
    return _sentence([*lead, title, source, cited.link])


def cite_chicago(cited: Cited) -> str:
    """Chicago, 17th edition, author-date: «Author, Anna. 2024. “Title.” Journal 1 (2): 3–10. https://…»."""
    agents = [agent for agent in cited.metadata.creators if agent.name().direct]
    names = [agents[0].name().inverted] if agents else []
    names += [agent.name().direct for agent in agents[1:]]
    host = cited.metadata.host
    source = cited.host
    if source:
        source += (f" {host.volume}" if host.volume else "") + (f" ({host.issue})" if host.issue else "")
        source += f": {_range(host.pages)}" if host.pages else ""
    else:
        source = ": ".join(part for part in (cited.place, cited.publisher) if part)
    title = f"“{cited.title}.”" if cited.host else cited.title
    return _sentence([_listed(names, last=", and "), cited.year, title, source, cited.link])


STYLES: dict[str, tuple[str, Callable[[Cited], str]]] = {
    "gost": ("ГОСТ Р 7.0.5", cite_gost),
    "apa": ("APA", cite_apa),
    "chicago": ("Chicago", cite_chicago),
}


def write_bibtex(cited: Cited, key: str) -> str:
    """A BibTeX entry in UTF-8, as biber and all reference managers read it."""
    metadata, group = cited.metadata, _group(cited.metadata)
    kind = BIBTEX_OF_TYPE.get(metadata.type) or BIBTEX.get(group, "misc")
    fields = {
        "author": " and ".join(a.name().inverted for a in metadata.creators if a.name().inverted),
        "title": cited.title,
        "booktitle" if kind in ("inproceedings", "incollection") else "journal": cited.host,
        "year": cited.year,
        "volume": metadata.host.volume,
        "number": metadata.host.issue,
        "pages": _range(metadata.host.pages).replace("–", "--"),
        "school" if kind.endswith("thesis") else "publisher": cited.publisher,
        "address": cited.place,
        "edition": metadata.edition,
        "isbn": metadata.host.isbn or _number(metadata, "isbn"),
        "issn": metadata.host.issn or _number(metadata, "issn"),
        "doi": cited.doi,
        "url": cited.address,
        "language": ", ".join(metadata.languages),
        "abstract": metadata.abstract().value,
    }
    lines = [f"  {name} = {{{_brace(value)}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def write_ris(cited: Cited) -> str:
    """A RIS record (RIS format specification), a tag a line."""
    metadata = cited.metadata
    first, _, last = _range(metadata.host.pages).partition("–")
    fields: list[tuple[str, str]] = [("TY", RIS_OF_TYPE.get(metadata.type) or RIS.get(_group(metadata), "GEN"))]
    fields += [("AU", agent.name().inverted) for agent in metadata.creators]
    fields += [("TI", cited.title), ("T2", cited.host), ("PY", cited.year), ("VL", metadata.host.volume)]
    fields += [("IS", metadata.host.issue), ("SP", first), ("EP", last), ("PB", cited.publisher), ("CY", cited.place)]
    fields += [("SN", metadata.host.issn or _number(metadata, "isbn")), ("DO", cited.doi), ("UR", cited.address)]
    fields += [("KW", keyword.value) for keyword in metadata.keywords]
    fields += [("LA", lang) for lang in metadata.languages] + [("AB", metadata.abstract().value)]
    lines = [f"{tag}  - {' '.join(value.split())}" for tag, value in fields if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def _group(metadata: Metadata) -> str:
    known = types().get(metadata.type)
    return known.group if known else ""


def _number(metadata: Metadata, scheme: str) -> str:
    return next((n.value for n in metadata.identifiers if n.scheme == scheme), "")


def _initials(given: str) -> str:
    """«Чыңгыз Төрөкулович» → «Ч. Т.»; «Жан-Пол» → «Ж.-П.»; what is written small stays: «Асан кызы» → «А. кызы»."""
    words = given.replace(".", ". ").split()
    return " ".join(word if word.islower() else _initial(word) for word in words)


def _initial(word: str) -> str:
    return "-".join(f"{part[0]}." for part in word.split("-") if part)


def _initials_after(agent: Agent) -> str:
    name = agent.name()
    return " ".join(part for part in (name.family, _initials(name.given)) if part)


def _initials_comma(agent: Agent) -> str:
    name = agent.name()
    return ", ".join(part for part in (name.family, _initials(name.given)) if part)


def _listed(names: Sequence[str], last: str) -> str:
    named = [name for name in names if name]
    return named[0] if len(named) == 1 else ", ".join(named[:-1]) + last + named[-1] if named else ""


def _range(pages: str) -> str:
    return re.sub(r"\s*[-–—]+\s*", "–", pages.strip())


def _extent(cited: Cited) -> str:
    found = re.search(r"\d+", cited.metadata.extent)
    return f"{found[0]} {LEAF_WORDS.get(cited.lang, 'p.')}" if found and not cited.host else ""


def _sentence(parts: Sequence[str]) -> str:
    """Join parts with full stops, none doubled."""
    said = ""
    for part in (part.strip() for part in parts if part and part.strip()):
        if said:
            said += " " if said.endswith((".", "?", "!", ".”")) else ". "
        said += part
    return said


def _brace(value: str) -> str:
    return re.sub(r"([{}\\])", "", value).replace("%", r"\%").replace("&", r"\&").replace("#", r"\#")
