"""MARC 21, bibliographic format: `record -> Found`; pure."""

import re
from collections.abc import Iterator

from ingest.crosswalks.elements import name_in_address
from ingest.crosswalks.found import Found, Link
from ingest.crosswalks.marc_fields import Record
from ingest.crosswalks.people import agent_of, agents_of, is_creator, role_of
from ingest.crosswalks.values import (
    access_of,
    date_of,
    language_of,
    licence_of,
    number_of,
    numbers_of,
    texts_of,
    titles_of,
    type_of,
)
from repo.items.access import Access
from repo.items.metadata import Agent, Host, Metadata, Number, RareBook, Relation, Subject, Text, TextKind, Thesis

KINDS = {"a": "book", "c": "musical-notation", "d": "musical-notation", "e": "map", "f": "map", "g": "video"}
KINDS |= {"i": "sound", "j": "sound", "k": "image", "m": "software", "t": "manuscript"}
RELATED = {"775": "IsVariantFormOf", "776": "IsVariantFormOf", "780": "Continues", "785": "IsContinuedBy"}
RELATED |= {"765": "IsTranslationOf", "767": "HasTranslation", "770": "IsSupplementedBy", "772": "IsSupplementTo"}


def read_marc21(record: Record) -> Found:
    rights = [text for tag in ("506", "540") for field in record.fields(tag) for text in field.all("a", "f", "u")]
    agents = agents_of(_agents(record))
    metadata = Metadata(
        type=_type(record),
        languages=_languages(record),
        titles=titles_of(_titles(record)),
        creators=[agent for agent in agents if is_creator(agent)],
        contributors=[agent for agent in agents if not is_creator(agent)],
        abstracts=_texts(record, "520", "a", "b"),
        keywords=_texts(record, "653", "a") + _subjects_in_words(record),
        subjects=_subjects(record),
        issued=_issued(record),
        publishers=_texts(record, ("260", "264"), "b"),
        places=_texts(record, ("260", "264"), "a"),
        edition=record.text("250", "a"),
        extent=record.text("300", "a"),
        identifiers=numbers_of(_numbers(record)),
        relations=list(_relations(record)),
        host=_host(record),
        thesis=Thesis(institutions=_texts(record, "502", "c")),
        rare=RareBook(provenance=_texts(record, "561", "a"), shelf_mark=record.text("852", "h", "j")),
        notes=[*_texts(record, "500", "a"), *_texts(record, "505", "a", "t"), *_texts(record, "502", "a")],
        licence=licence_of(rights),
        access=access_of(rights) or Access.OPEN,
    )
    links = tuple(_links(record))
    address = next((link.address for link in links if not link.mime), "")
    return Found(metadata, address, tuple(link for link in links if link.mime))


def _texts(record: Record, tags: str | tuple[str, ...], *codes: str) -> list[Text]:
    wanted = (tags,) if isinstance(tags, str) else tags
    return texts_of(Text(value=field.joined(*codes)) for tag in wanted for field in record.fields(tag))


def _type(record: Record) -> str:
    genres = [text for field in record.fields("655") for text in field.all("a")]
    known = type_of(genres)
    if known not in ("", "other"):
        return known
    if record.fields("502"):
        return type_of([record.text("502", "b"), "dissertation"])
    kind, level = record.leader[6:7], record.leader[7:8]
    if kind == "a":
        return {"s": "periodical-issue", "b": "article"}.get(level, "article" if record.fields("773") else "book")
    return KINDS.get(kind, "other")


def _languages(record: Record) -> list[str]:
    codes = [code for field in record.fields("041") for text in field.all("a") for code in re.findall("...", text)]
    codes.append(record.controls.get("008", "")[35:38])
    return list(dict.fromkeys(filter(None, map(language_of, codes))))


def _titles(record: Record) -> Iterator[Text]:
    fields = record.fields("245")
    romanised = any(field.linked for field in fields)  # 880 has the title as it stands in the work
    for field in fields:
        kind = TextKind.TRANSCRIBED if romanised and not field.linked else TextKind.MAIN
        title = ": ".join(filter(None, [field.joined("a"), field.joined("b")]))
        yield Text(value=". ".join(filter(None, [title, field.joined("n"), field.joined("p")])), kind=kind)
    for tag, kind in (("246", TextKind.ALTERNATIVE), ("240", TextKind.ALTERNATIVE), ("242", TextKind.TRANSLATED)):
        for field in record.fields(tag):
            yield Text(value=": ".join(filter(None, [field.joined("a"), field.joined("b")])), kind=kind)


def _agents(record: Record) -> Iterator[Agent | None]:
    for tag in ("100", "110", "111", "700", "710", "711"):
        for field in record.fields(tag):
            if field.linked or field.first("t"):  # the name in another script; a work, not a person
                continue
            name = field.joined("a") if tag[1:] == "00" else field.joined("a", "b")
            yield agent_of(name, "", role_of(field.all("4", "e")), organisation=tag[1:] != "00")


def _subjects_in_words(record: Record) -> list[Text]:
    fields = [field for tag in ("600", "610", "611", "630", "648", "650", "651") for field in record.fields(tag)]
    return texts_of(
        Text(value=" — ".join(part.rstrip(".") for part in field.all("a", "x", "y", "z"))) for field in fields
    )


def _subjects(record: Record) -> list[Subject]:
    found = [Subject(scheme="udc", value=text) for field in record.fields("080") for text in field.all("a")]
    schemes = {"rubbk": "bbk", "bbk": "bbk", "rugasnti": "grnti", "grnti": "grnti", "udc": "udc"}
    for field in record.fields("084"):
        if scheme := schemes.get(field.first("2").lower()):
            found += [Subject(scheme=scheme, value=text) for text in field.all("a")]
    return found


def _issued(record: Record) -> str:
    for tag in ("264", "260"):
        fields = sorted(record.fields(tag), key=lambda field: field.indicators[1] != "1")
        if day := next(filter(None, (date_of(text) for field in fields for text in field.all("c"))), ""):
            return day
    coded = record.controls.get("008", "")[7:11]
    return coded.replace("u", "X").replace("|", "X") if re.fullmatch(r"\d{2}[\du][\du]", coded) else ""


def _numbers(record: Record) -> Iterator[Number | None]:
    for tag, scheme in (("020", "isbn"), ("022", "issn")):
        for field in record.fields(tag):
            for text in field.all("a"):
                yield number_of(text, scheme)
    for field in record.fields("024"):
        scheme = field.first("2") or {"2": "ismn"}.get(field.indicators[0], "")
        yield number_of(field.first("a"), scheme) if field.first("a") else None


def _host(record: Record) -> Host:
    field = next(iter(record.fields("773")), None)
    if field is None:
        return Host()
    place = field.joined("g")
    volume = re.search(r"(?:vol|v|т|том|bd)\.?\s*(\d+)", place, re.I)
    issue = re.search(r"(?:no|nr|№|iss|вып|h)\.?\s*(\d+)", place, re.I)
    pages = re.search(r"(?:pp?|s|с|б)\.\s*([\d]+(?:\s*[-–]\s*\d+)?)", place, re.I)  # noqa: RUF001 - as books print it
    number = number_of(field.first("x"), "issn") if field.first("x") else None
    return Host(
        titles=[Text(value=field.joined("t"))] if field.first("t") else [],
        volume=volume[1] if volume else "",
        issue=issue[1] if issue else "",
        pages=pages[1] if pages else "",
        issn=number.value if number else "",
    )


def _relations(record: Record) -> Iterator[Relation]:
    for tag, kind in RELATED.items():
        for field in record.fields(tag):
            value = next((text for text in field.all("u", "o") if text.startswith("http")), "")
            if value or field.first("t"):
                yield Relation(kind=kind, value=value, note=field.joined("t"))


def _links(record: Record) -> Iterator[Link]:
    """856: the resource itself (second indicator 0) with a type of file is a file, else a page."""
    for field in record.fields("856"):
        address = field.first("u")
        if address.startswith("http") and field.indicators[1] in "0 1":
            mime = field.first("q") if "/" in field.first("q") else ""
            yield Link(name_in_address(address), address, mime)
