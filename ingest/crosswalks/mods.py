"""MODS 3.0 to 3.8 (Library of Congress): `element -> Found`; pure."""

from collections.abc import Iterator

from lxml.etree import _Element

from ingest.crosswalks.elements import (
    XLINK,
    below,
    children,
    first_text,
    lang_of,
    local_name,
    name_in_address,
    text_of,
)
from ingest.crosswalks.found import Found, Link
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
from repo.items.metadata import (
    Affiliation,
    Agent,
    Host,
    Metadata,
    Number,
    PersonName,
    RareBook,
    Relation,
    Subject,
    Text,
    TextKind,
)
from repo.vocabularies.numbers import is_orcid, strip_prefix

NAMESPACE = "http://www.loc.gov/mods/v3"
TITLE_KINDS = {
    "alternative": TextKind.ALTERNATIVE,
    "abbreviated": TextKind.ALTERNATIVE,
    "uniform": TextKind.ALTERNATIVE,
    "translated": TextKind.TRANSLATED,
}
CLASSED = {"udc": "udc", "bbk": "bbk", "rubbk": "bbk", "grnti": "grnti", "rugasnti": "grnti"}
RELATED = {
    "series": "IsPartOf",
    "constituent": "HasPart",
    "preceding": "Continues",
    "succeeding": "IsContinuedBy",
    "original": "IsVariantFormOf",
    "otherVersion": "IsVariantFormOf",
    "otherFormat": "IsVariantFormOf",
    "reviewOf": "Reviews",
    "references": "References",
    "isReferencedBy": "IsReferencedBy",
}


def read(element: _Element) -> Found:
    """The description in a `<mods>`, or in the first of a `<modsCollection>`."""
    mods = next(children(element, "mods"), element) if local_name(element) == "modsCollection" else element
    agents = agents_of(_agent(one) for one in children(mods, "name"))
    rights = [
        t for one in children(mods, "accessCondition") for t in (one.get(XLINK + "href") or "", text_of(one)) if t
    ]
    metadata = Metadata(
        type=type_of(map(text_of, [*children(mods, "genre"), *children(mods, "typeOfResource")])),
        languages=_languages(mods),
        titles=titles_of(_title(one) for one in children(mods, "titleInfo")),
        creators=[agent for agent in agents if is_creator(agent)],
        contributors=[agent for agent in agents if not is_creator(agent)],
        abstracts=_texts(mods, "abstract"),
        keywords=texts_of(_words(mods)),
        subjects=_subjects(mods),
        issued=_issued(mods),
        publishers=texts_of(_said(*below(mods, "originInfo", "publisher"))),
        places=texts_of(_said(*(one for one in below(mods, "originInfo", "place", "placeTerm") if _in_words(one)))),
        edition=first_text(mods, "originInfo", "edition"),
        extent=first_text(mods, "physicalDescription", "extent"),
        identifiers=numbers_of(number_of(text_of(one), one.get("type") or "") for one in children(mods, "identifier")),
        relations=list(_relations(mods)),
        host=_host(mods),
        rare=RareBook(shelf_mark=first_text(mods, "location", "shelfLocator")),
        notes=[*_texts(mods, "note"), *_texts(mods, "tableOfContents")],
        licence=licence_of(rights),
        access=access_of(rights) or Access.OPEN,
    )
    return Found(metadata, _address(mods, metadata.identifiers), tuple(_links(mods)))


def _said(*elements: _Element) -> Iterator[Text]:
    return (Text(value=text_of(one), lang=lang_of(one)) for one in elements)


def _texts(mods: _Element, name: str) -> list[Text]:
    return texts_of(_said(*children(mods, name)))


def _in_words(term: _Element) -> bool:
    return term.get("type") != "code"


def _title(info: _Element) -> Text:
    """ "The " + title, subtitle after a colon, part after a full stop."""
    title = " ".join(filter(None, [first_text(info, "nonSort"), first_text(info, "title")]))
    title = ": ".join(filter(None, [title, first_text(info, "subTitle")]))
    title = ". ".join(filter(None, [title, first_text(info, "partNumber"), first_text(info, "partName")]))
    kind = (
        TextKind.TRANSCRIBED if info.get("transliteration") else TITLE_KINDS.get(info.get("type") or "", TextKind.MAIN)
    )
    return Text(value=title, lang=lang_of(info), kind=kind)


def _agent(name: _Element) -> Agent | None:
    parts = {one.get("type") or "": text_of(one) for one in children(name, "namePart")}
    organisation = name.get("type") in ("corporate", "conference")
    whole = parts.get("") or first_text(name, "displayForm")
    agent = agent_of(
        parts.get("family") or whole,
        lang_of(name),
        role_of(map(text_of, below(name, "role", "roleTerm"))),
        organisation=organisation,
    )
    if agent is None:
        return None
    if parts.get("family"):
        agent.names = [PersonName(family=parts["family"], given=parts.get("given", ""), lang=lang_of(name))]
    numbers = [name.get("valueURI") or "", *map(text_of, children(name, "nameIdentifier"))]
    agent.orcid = next((n for n in (strip_prefix("orcid", number) for number in numbers) if is_orcid(n)), "")
    agent.affiliations = [Affiliation(names=[text]) for text in _texts(name, "affiliation")]
    return agent


def _languages(mods: _Element) -> list[str]:
    terms = list(below(mods, "language", "languageTerm"))
    tags = [language_of(text_of(one)) for one in sorted(terms, key=lambda one: one.get("type") != "code")]
    return list(dict.fromkeys(filter(None, tags)))


def _words(mods: _Element) -> Iterator[Text]:
    for subject in children(mods, "subject"):
        parts = [text_of(one) for one in children(subject, "topic", "geographic", "temporal", "genre")]
        parts += [first_text(one, "namePart") for one in children(subject, "name")]
        parts += [_title(one).value for one in children(subject, "titleInfo")]
        lang = lang_of(subject) or next((lang_of(one) for one in children(subject) if lang_of(one)), "")
        if text := " — ".join(filter(None, parts)):
            yield Text(value=text, lang=lang)


def _subjects(mods: _Element) -> list[Subject]:
    found = [((one.get("authority") or "").lower(), text_of(one)) for one in children(mods, "classification")]
    return [Subject(scheme=CLASSED[scheme], value=value) for scheme, value in found if scheme in CLASSED and value]


def _issued(mods: _Element) -> str:
    """The key date, else that of publication, making or copyright; two ends make an interval."""
    infos = sorted(
        children(mods, "originInfo"), key=lambda one: (one.get("eventType") or "publication") != "publication"
    )
    for name in ("dateIssued", "dateCreated", "copyrightDate", "dateOther"):
        dates = [one for info in infos for one in children(info, name)]
        dates.sort(key=lambda one: one.get("keyDate") != "yes")
        ends = {one.get("point"): date_of(text_of(one)) for one in dates if one.get("point")}
        if ends.get("start") and ends.get("end"):
            return f"{ends['start']}/{ends['end']}"
        if day := next(filter(None, (date_of(text_of(one)) for one in dates)), ""):
            return day
    return ""


def _relations(mods: _Element) -> Iterator[Relation]:
    for one in children(mods, "relatedItem"):
        kind = RELATED.get(one.get("type") or "")
        numbers = [number_of(text_of(n), n.get("type") or "") for n in children(one, "identifier")]
        value = next((n.value for n in numbers if n is not None and n.scheme in ("doi", "url")), "")
        value = value or first_text(one, "location", "url")
        note = next((text for text in (_title(t).value for t in children(one, "titleInfo")) if text), "")
        if kind and (value or note):
            yield Relation(kind=kind, value=value, note=note)


def _host(mods: _Element) -> Host:
    """The related item of type host; the place in it stands there or beside it."""
    found = next((one for one in children(mods, "relatedItem") if one.get("type") == "host"), None)
    if found is None:
        return Host()
    host = Host(titles=titles_of(_title(one) for one in children(found, "titleInfo")))
    for number in (number_of(text_of(n), n.get("type") or "") for n in children(found, "identifier")):
        if number is not None and number.scheme in ("issn", "isbn"):
            setattr(host, number.scheme, getattr(host, number.scheme) or number.value)
    for part in (*children(found, "part"), *children(mods, "part")):
        for detail in children(part, "detail"):
            if (kind := detail.get("type")) in ("volume", "issue"):
                setattr(host, kind, getattr(host, kind) or first_text(detail, "number"))
        for extent in children(part, "extent"):
            pages = [first_text(extent, "start"), first_text(extent, "end")]
            host.pages = host.pages or "-".join(filter(None, pages)) or first_text(extent, "list")
    return host


def _address(mods: _Element, numbers: list[Number]) -> str:
    urls = [one for one in below(mods, "location", "url") if one.get("access") != "raw object"]
    urls.sort(key=lambda one: one.get("usage") not in ("primary", "primary display"))
    told = next((text_of(one) for one in urls if text_of(one).startswith("http")), "")
    return told or next((number.value for number in numbers if number.scheme == "url"), "")


def _links(mods: _Element) -> Iterator[Link]:
    for one in below(mods, "location", "url"):
        address = text_of(one)
        if one.get("access") == "raw object" and address.startswith("http"):
            yield Link(one.get("displayLabel") or name_in_address(address), address)
