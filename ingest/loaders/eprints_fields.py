"""Fields of EPrints 3 read into a description, as its usual installations use them; pure."""

import re
from collections.abc import Iterable, Iterator

from lxml.etree import _Element

from ingest.crosswalks.elements import below, children, first_text, text_of
from ingest.crosswalks.people import agents_of, is_creator, role_of
from ingest.crosswalks.values import date_of, language_of, licence_of, number_of, numbers_of, texts_of, type_of
from repo.items.metadata import Agent, Host, Metadata, Number, PersonName, Relation, Text, Thesis
from repo.vocabularies.numbers import is_orcid, strip_prefix

TYPES = {
    "conference_item": "conference-paper",
    "book_section": "book-part",
    "monograph": "report",
    "teaching_resource": "training-material",
    "audio": "sound",
    "composition": "musical-notation",
}
MONOGRAPHS = {"working_paper": "working-paper", "discussion_paper": "working-paper", "manual": "training-material"}
THESES = {
    "masters": "master-thesis",
    "master": "master-thesis",
    "bachelors": "bachelor-thesis",
    "senior": "bachelor-thesis",
}
PEOPLE = {
    "creators": "author",
    "editors": "editor",
    "thesis_advisor": "advisor",
    "supervisors": "advisor",
    "translators": "translator",
    "contributors": "contributor",
}
DIVIDED = re.compile(r"\s*[;,\n]\s*")


def read_eprint(eprint: _Element) -> Metadata:
    """The description in an `<eprint>`."""
    agents = agents_of([*_people(eprint), *_bodies(eprint)])
    kind = _type(eprint)
    return Metadata(
        type=kind,
        titles=_texts(eprint, "title")[:1],
        creators=[agent for agent in agents if is_creator(agent)],
        contributors=[agent for agent in agents if not is_creator(agent)],
        abstracts=_texts(eprint, "abstract"),
        keywords=texts_of(Text(value=word) for word in DIVIDED.split(first_text(eprint, "keywords"))),
        languages=_languages(eprint),
        issued=date_of(first_text(eprint, "date")),
        publishers=_texts(eprint, "publisher"),
        places=_texts(eprint, "place_of_pub"),
        extent=first_text(eprint, "pages"),
        identifiers=numbers_of(_numbers(eprint, kind)),
        relations=list(_relations(eprint)),
        host=_host(eprint),
        thesis=Thesis(institutions=_institution(eprint)) if kind.endswith("thesis") else Thesis(),
        notes=[*_texts(eprint, "note"), *_texts(eprint, "event_title"), *_texts(eprint, "copyright_holders")],
        licence=licence_of(_licences(eprint)),
    )


def _texts(eprint: _Element, name: str) -> list[Text]:
    """The texts of a field, be it one or a list, which some installations give in several languages."""
    return texts_of(_said(eprint, name))


def _said(eprint: _Element, name: str) -> Iterator[Text]:
    for one in children(eprint, name):
        items = list(children(one, "item")) or [one]
        for item in items:
            lang = language_of(first_text(item, "lang"))
            yield Text(value=first_text(item, "text") or first_text(item, "name") or text_of(item), lang=lang)


def _type(eprint: _Element) -> str:
    told = first_text(eprint, "type")
    if told == "thesis":
        return THESES.get(first_text(eprint, "thesis_type"), "doctoral-thesis")
    if told == "monograph" and (kind := MONOGRAPHS.get(first_text(eprint, "monograph_type"))):
        return kind
    return TYPES.get(told) or type_of([told])


def _people(eprint: _Element) -> Iterator[Agent]:
    for field, usual in PEOPLE.items():
        for item in below(eprint, field, "item"):
            name = next(children(item, "name"), item)
            family, given = first_text(name, "family"), first_text(name, "given")
            known = [first_text(item, "orcid"), first_text(item, "id")]
            orcid = next((n for n in (strip_prefix("orcid", number) for number in known) if is_orcid(n)), "")
            role = role_of([first_text(item, "type")], usual) if field == "contributors" else usual
            if family or given:
                names = [PersonName(family=family or given, given=given if family else "")]
                yield Agent(names=names, orcid=orcid, role=role)


def _bodies(eprint: _Element) -> Iterator[Agent]:
    for text in _said(eprint, "corp_creators"):
        yield Agent(names=[PersonName(family=text.value, lang=text.lang)], organisation=True)


def _languages(eprint: _Element) -> list[str]:
    """Those that the record tells of the work, else those of its documents."""
    told = [text_of(one) for one in children(eprint, "language")]
    told = told or [text_of(one) for one in below(eprint, "documents", "document", "language")]
    return list(dict.fromkeys(filter(None, map(language_of, told))))


def _numbers(eprint: _Element, kind: str) -> Iterator[Number | None]:
    for scheme in ("doi", "isbn", "id_number", "official_url"):
        told = first_text(eprint, scheme)
        of_host = scheme == "isbn" and kind in ("book-part", "conference-paper")
        if told and not of_host:
            yield number_of(told, scheme if scheme in ("doi", "isbn") else "")


def _relations(eprint: _Element) -> Iterator[Relation]:
    for name in map(text_of, children(eprint, "series")):
        yield Relation(kind="IsPartOf", note=name)
    for item in below(eprint, "related_url", "item"):
        url = first_text(item, "url")
        if url.startswith(("http://", "https://")):
            yield Relation(kind="References", value=url, note=first_text(item, "description"))


def _host(eprint: _Element) -> Host:
    numbers = (number_of(first_text(eprint, scheme), scheme) for scheme in ("issn",))
    return Host(
        titles=_texts(eprint, "publication") or _texts(eprint, "book_title"),
        volume=first_text(eprint, "volume"),
        issue=first_text(eprint, "number"),
        pages=first_text(eprint, "pagerange"),
        issn=next((number.value for number in numbers if number and number.scheme == "issn"), ""),
    )


def _institution(eprint: _Element) -> list[Text]:
    return texts_of(_said(eprint, "institution"))


def _licences(eprint: _Element) -> Iterable[str]:
    """Licences of the documents: EPrints writes "cc_by_nc_4" and the like."""
    told = [text_of(one) for one in below(eprint, "documents", "document", "license")]
    spelt = (re.sub(r"_(\d)$", r" \1.0", name).replace("_", "-") for name in told)
    return [{"cc-public-domain": "public-domain"}.get(name, name) for name in spelt]
