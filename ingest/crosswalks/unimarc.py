"""UNIMARC and RUSMARC, bibliographic format: `record -> Found`; pure."""

import re
from collections.abc import Iterator

from ingest.crosswalks.found import Found
from ingest.crosswalks.marc_fields import Field, Record
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
        issued=date_of(record.text("210", "d") or record.text("214", "d")),
        publishers=_texts(record, "210", "c"),
        places=_texts(record, "210", "a"),
        edition=record.text("205", "a"),
        extent=record.text("215", "a"),
        identifiers=numbers_of(
            number_of(text, scheme)
            for tag, scheme in (("010", "isbn"), ("011", "issn"), ("017", ""))
            for field in record.fields(tag)
            for text in field.all("a")
        ),
        host=_host(record),
        rare=RareBook(shelf_mark=record.text("899", "j")),
        notes=[*_texts(record, "300", "a"), *_texts(record, "327", "a")],
    )
    address = next((text for f in record.fields("856") if (text := f.first("u")).startswith("http")), "")
    return Found(metadata, address)


def _texts(record: Record, tag: str, *codes: str) -> list[Text]:
    return texts_of(Text(value=field.joined(*codes)) for field in record.fields(tag))


def _type(record: Record) -> str:
    kind, level = record.leader[6:7], record.leader[7:8]
    if record.fields("328"):
        return "doctoral-thesis"
    if kind == "a" and level in ("a", "s"):
        return {"a": "article", "s": "periodical-issue"}[level]
    return KINDS.get(kind, "other")


def _titles(record: Record) -> Iterator[Text]:
    for field in record.fields("200"):
        title = ": ".join(filter(None, [field.joined("a"), field.joined("e")]))
        yield Text(value=". ".join(filter(None, [title, field.joined("h"), field.joined("i")])))
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
    family, given = field.joined("a"), field.first("g") or field.first("b")
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


def _host(record: Record) -> Host:
    """461 to 463: what the part stands in. Embedded fields ($1) begin with their tag; others hold subfields."""
    for tag in ("461", "463", "462"):
        for field in record.fields(tag):
            inner = re.search(r"^200..(.+)", field.first("1"))
            title = field.joined("t") or (inner[1] if inner else "") or _embedded(field)
            if title:
                issn = number_of(field.first("x"), "issn") if field.first("x") else None
                return Host(titles=[Text(value=title)], volume=field.joined("v"), issn=issn.value if issn else "")
    return Host()


def _embedded(field: Field) -> str:
    """The $a that follows an embedded 200."""
    within = False
    for code, text in field.subfields:
        if code == "1":
            within = text.startswith("200")
        elif code == "a" and within:
            return text
    return ""
