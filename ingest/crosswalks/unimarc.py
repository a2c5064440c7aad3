"""UNIMARC and RUSMARC, bibliographic format: `record -> Found`; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.crosswalks.found import Found
from ingest.crosswalks.marc_fields import Field, Record, embedded
from ingest.crosswalks.people import agents_of
from ingest.crosswalks.values import date_of, language_of, number_of, numbers_of, texts_of, titles_of
from repo.items.metadata import Agent, Host, Metadata, PersonName, RareBook, Subject, Text, TextKind

AUTHORS = {"070": "author", "340": "editor", "730": "translator", "440": "illustrator", "220": "compiler"}
AUTHORS |= {"727": "advisor", "205": "contributor", "570": "contributor", "080": "foreword"}
"""Codes of relators (UNIMARC, appendix C)."""
KINDS = {"a": "book", "b": "manuscript", "c": "musical-notation", "d": "musical-notation", "e": "map", "f": "map"}
KINDS |= {"g": "video", "i": "sound", "j": "sound", "k": "image", "l": "software"}


def read_unimarc(record: Record) -> Found:
    agents = agents_of(_agents(record))
    metadata = Metadata(
        type=_type(record),
        languages=list(dict.fromkeys(filter(None, (language_of(t) for f in record.fields("101") for t in f.all("a"))))),
        titles=titles_of(_titles(record)),
        creators=[agent for agent in agents if agent.role == "author"],
        contributors=[agent for agent in agents if agent.role != "author"],
        abstracts=_texts(record, "330", "a"),
        keywords=_texts(record, "610", "a") + _headings(record),
        subjects=_subjects(record),
        issued=_issued(record),
        publishers=_texts(record, "210", "c") or _texts(record, "214", "c"),
        places=_texts(record, "210", "a") or _texts(record, "214", "a"),
        edition=record.text("205", "a"),
        extent=record.text("215", "a"),
        identifiers=numbers_of(
            number_of(text, scheme)
            for tag, scheme in (("010", "isbn"), ("011", "issn"), ("017", ""))
            for field in record.fields(tag)
            for text in field.all("a")
        ),
        host=_host(record),
        rare=RareBook(
            provenance=_texts(record, "317", "a"),
            copy_notes=_texts(record, "316", "a"),
            shelf_mark=record.text("852", "h", "j") or record.text("899", "j"),
        ),
        notes=[*_texts(record, "300", "a"), *_texts(record, "327", "a")],
    )
    address = next((text for f in record.fields("856") if (text := f.first("u")).startswith("http")), "")
    return Found(metadata, address)


def _texts(record: Record, tag: str, *codes: str) -> list[Text]:
    return texts_of(Text(value=field.joined(*codes)) for field in record.fields(tag))


def _type(record: Record) -> str:
    part = "a" if record.fields("463") else "m"
    kind, level = record.leader[6:7] or "a", record.leader[7:8] or part  # some exports have no leader
    if record.fields("328"):
        return "doctoral-thesis"
    if kind == "a" and level in ("a", "s"):
        return {"a": "article", "s": "periodical-issue"}[level]
    return KINDS.get(kind, "other")


def _titles(record: Record) -> Iterator[Text]:
    whole = next((text for link in _links(record) if (text := link.title)), "") if record.leader[8:9] == "2" else ""
    for field in record.fields("200"):
        title = ": ".join(filter(None, [field.joined("a"), field.joined("e")]))
        # A volume (leader/08) is called by what it is a volume of: its own title may be no more than a number.
        parts = [whole.rstrip(" ."), title, field.joined("h").rstrip(" ."), field.joined("i")]
        yield Text(value=". ".join(filter(None, parts)))
        yield from (Text(value=text, kind=TextKind.TRANSLATED) for text in field.all("d"))
    for tag in ("510", "517"):
        yield from (Text(value=f.joined("a", "e"), kind=TextKind.ALTERNATIVE) for f in record.fields(tag))


def _agents(record: Record) -> Iterator[Agent | None]:
    for tag in ("700", "701", "702", "710", "711", "712"):
        for field in record.fields(tag):
            role = AUTHORS.get(field.first("4"), "contributor" if tag.endswith("2") else "author")
            yield _agent(field, role, organisation=tag[1] == "1")


def _agent(field: Field, role: str, *, organisation: bool) -> Agent | None:
    """Given names in $g in full, in $b as initials."""
    family, given = field.joined("a"), (field.first("g") or field.first("b")).strip(" ,")
    if not family:
        return None
    return Agent(names=[PersonName(family=family, given=given)], organisation=organisation, role=role)


def _headings(record: Record) -> list[Text]:
    fields = [field for tag in ("600", "601", "606", "607") for field in record.fields(tag)]
    return texts_of(Text(value=" — ".join(field.all("a", "x", "y", "z"))) for field in fields)


def _subjects(record: Record) -> list[Subject]:
    found = [Subject(scheme="udc", value=text) for field in record.fields("675") for text in field.all("a")]
    for field in record.fields("686"):
        scheme = {"rubbk": "bbk", "rugasnti": "grnti"}.get(field.first("2").lower())
        found += [Subject(scheme=scheme, value=text) for text in field.all("a")] if scheme else []
    return found


def _issued(record: Record) -> str:
    """The year of the record, else of the issue that the article stands in, else the coded one (100, 9-12)."""
    coded = record.text("100", "a")[9:13]
    told = [record.text("210", "d"), record.text("214", "d"), *(link.year for link in _links(record))]
    return next(filter(None, map(date_of, told)), coded if re.fullmatch(r"1[4-9]\d\d|20\d\d", coded) else "")


@dataclass(frozen=True)
class _Link:
    """What a field 461 to 463 says of the work that this one is a part of."""

    title: str
    part: str
    year: str
    issn: str


def _links(record: Record) -> list[_Link]:
    """From the highest level down. Embedded fields ($1) begin with their tag; others hold subfields."""
    return [_link(field) for tag in ("461", "462", "463") for field in record.fields(tag)]


def _link(field: Field) -> _Link:
    inner = Record(data=embedded(field))
    return _Link(
        title=inner.text("200", "a") or field.joined("t"),
        part=inner.text("200", "v") or field.joined("v"),
        year=inner.text("210", "d") or field.joined("d"),
        issn=inner.text("011", "a") or field.first("x"),
    )


def _host(record: Record) -> Host:
    """What the part stands in; the highest level has the title of a journal, the lower ones number and pages."""
    links = [link for link in _links(record) if link.title]
    if not links:
        return Host()
    said = ", ".join(dict.fromkeys(text for link in links for text in (link.part, link.title) if text))
    pages = re.search(r"(?<!\w)(?:[сСбБ]|[pP]{1,2})\.\s*(\d+(?:\s*[-–]\s*\d+)?)", said)  # noqa: RUF001
    issue = re.search(r"(?:№|\bвып\.|\bno\.)\s*(\d+)", said, re.I)
    volume = re.search(r"(?:\b[тТ]|\bvol)\.\s*(\d+)", said)  # noqa: RUF001
    plain = next((link.part for link in links if link.part), "")
    number = next((found for link in links if link.issn and (found := number_of(link.issn, "issn"))), None)
    return Host(
        titles=[Text(value=links[0].title)],
        volume=volume[1] if volume else "" if pages or issue else plain,
        issue=issue[1] if issue else "",
        pages=pages[1] if pages else "",
        issn=number.value if number and number.scheme == "issn" else "",
    )
