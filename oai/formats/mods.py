"""MODS 3.8: the description in full, with language and script of every text.

Schema: http://www.loc.gov/standards/mods/v3/mods-3-8.xsd. Forms of one title or name in several scripts share an
`altRepGroup` (MODS User Guidelines, "Attributes used throughout").
"""

import re
from collections.abc import Iterable, Iterator
from itertools import count

from lxml import etree

from oai.formats.elements import XML_LANG, clean, root_element, xml_lang
from oai.formats.marc import (
    country_of_places,
    date_of,
    has_other_script,
    is_number,
    is_other_form,
    language_code,
    listed_files,
    nonfiling,
    split_title,
)
from oai.formats.source import Source
from repo.items.access import Access
from repo.items.metadata import Agent, Host, Metadata, PersonName, RareBook, Relation, Text, TextKind, main_text
from repo.vocabularies import access_rights, degrees, licences, roles, script_of, types
from repo.vocabularies.marc import relation_codes, type_codes
from repo.vocabularies.numbers import is_orcid

NAMESPACE = "http://www.loc.gov/mods/v3"
SCHEMA = "http://www.loc.gov/standards/mods/v3/mods-3-8.xsd"
XLINK = "http://www.w3.org/1999/xlink"
HREF = f"{{{XLINK}}}href"

AUTHORITIES = {"udc": "udc", "bbk": "rubbk", "grnti": "rugasnti"}  # MARC Classification Scheme Source Codes
IDENTIFIERS = {"handle": "hdl", "url": "uri"}  # MODS identifier types that are not our codes
TITLE_TYPES = {TextKind.TRANSLATED: "translated", TextKind.ALTERNATIVE: "alternative"}
PAGES = re.compile(r"(\w+)\s*[-–—]\s*(\w+)")
QUALIFIERS = {"~": "approximate", "?": "questionable", "%": "questionable"}


def render(source: Source) -> etree._Element:
    """Return the `<mods>` element of an item."""
    root = root_element(f"{{{NAMESPACE}}}mods", {None: NAMESPACE, "xlink": XLINK}, NAMESPACE, SCHEMA)
    root.set("version", "3.8")
    metadata = source.metadata
    groups = count(1)
    _add_titles(root, metadata.titles, groups)
    _add_names(root, metadata, groups)
    _add_kind(root, metadata)
    _add_origin(root, source)
    _add_languages(root, metadata)
    _add_physical(root, source)
    for text in metadata.abstracts:
        _put(root, "abstract", text.value, _writing(text))
    _add_notes(root, metadata)
    _add_subjects(root, metadata)
    _add_host(root, metadata)
    for relation in metadata.relations:
        _add_relation(root, relation)
    for number in metadata.identifiers:
        _put(root, "identifier", number.value, {"type": IDENTIFIERS.get(number.scheme, number.scheme)})
    _add_location(root, source)
    _add_terms(root, source)
    _add_record(root, source)
    return root


def _add(parent: etree._Element, name: str, attributes: dict[str, str] | None = None) -> etree._Element:
    """Append an element; attributes without a value are left out."""
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    for key, value in (attributes or {}).items():
        if value := clean(value):
            element.set(key, value)
    return element


def _put(parent: etree._Element, name: str, text: str, attributes: dict[str, str] | None = None) -> None:
    """Append an element with a text, unless the text is missing."""
    if text := clean(text):
        _add(parent, name, attributes).text = text


def _writing(text: Text | PersonName) -> dict[str, str]:
    """The attributes of a text: MARC code of its language, script, BCP 47 tag."""
    if not text.lang:
        return {}
    code = language_code(text.lang)
    return {"lang": "" if code == "und" else code, "script": script_of(text.lang), XML_LANG: xml_lang(text.lang)}


def _add_titles(root: etree._Element, titles: list[Text], groups: Iterator[int]) -> None:
    main = main_text(titles)
    others = [text for text in titles if text is not main and clean(text.value)]
    forms = [text for text in others if is_other_form(text, main)]
    group = {"altRepGroup": f"{next(groups):02}"} if forms else {}
    _add_title(root, main, {"usage": "primary", **group})
    for text in others:
        is_form = any(text is form for form in forms)
        _add_title(root, text, group if is_form else {"type": TITLE_TYPES.get(text.kind, "alternative")})


def _add_title(parent: etree._Element, text: Text, attributes: dict[str, str]) -> None:
    if not clean(text.value):
        return
    info = _add(parent, "titleInfo", {**attributes, **_writing(text)})
    title, rest = split_title(clean(text.value))
    skipped = nonfiling(text)
    _put(info, "nonSort", title[:skipped])
    _put(info, "title", title[skipped:])
    _put(info, "subTitle", rest)


def _add_names(root: etree._Element, metadata: Metadata, groups: Iterator[int]) -> None:
    """Everybody with all names: a name in another script is a form of the first, another spelling an alternative."""
    for place, agent in enumerate([*metadata.creators, *metadata.contributors]):
        names = [name for name in agent.names if clean(name.inverted)]
        if not names:
            continue
        forms = [name for name in names[1:] if has_other_script(name, names[0])]
        group = {"altRepGroup": f"{next(groups):02}"} if forms else {}
        usage = {"usage": "primary"} if place == 0 and metadata.creators else {}
        element = _add_name(root, agent, names[0], {**usage, **group})
        for name in names[1:]:
            if name in forms:
                _add_name(root, agent, name, group)
            else:
                _add_name_parts(_add(element, "alternativeName", _writing(name)), agent, name)
    for institution in metadata.thesis.institutions:
        if clean(institution.value):
            element = _add(root, "name", {"type": "corporate", **_writing(institution)})
            _put(element, "namePart", institution.value)
            _add_role(element, "dgg", "degree granting institution")


def _add_name(root: etree._Element, agent: Agent, name: PersonName, attributes: dict[str, str]) -> etree._Element:
    kind = "corporate" if agent.organisation else "personal"
    element = _add(root, "name", {"type": kind, **attributes, **_writing(name)})
    _add_name_parts(element, agent, name)
    _put(element, "displayForm", name.inverted)
    for affiliation in agent.affiliations:
        text = main_text(affiliation.names)
        _put(element, "affiliation", text.value, _writing(text))
    known = roles().get(agent.role)
    _add_role(element, known.marc if known else "", known.label("en") if known else agent.role)
    if is_orcid(agent.orcid):
        _put(element, "nameIdentifier", agent.orcid, {"type": "orcid", "typeURI": "https://orcid.org"})
    return element


def _add_name_parts(element: etree._Element, agent: Agent, name: PersonName) -> None:
    _put(element, "namePart", name.family, {} if agent.organisation else {"type": "family"})
    _put(element, "namePart", name.given, {} if agent.organisation else {"type": "given"})


def _add_role(element: etree._Element, code: str, label: str) -> None:
    if not clean(code + label):
        return
    role = _add(element, "role")
    _put(role, "roleTerm", code, {"type": "code", "authority": "marcrelator"})
    _put(role, "roleTerm", label, {"type": "text", "authority": "marcrelator" if code else ""})


def _add_kind(root: etree._Element, metadata: Metadata) -> None:
    manuscript = {"manuscript": "yes"} if metadata.type == "manuscript" else None
    _put(root, "typeOfResource", type_codes(metadata.type).mods, manuscript)
    known = types().get(metadata.type)
    if known is None:
        _put(root, "genre", metadata.type)
        return
    _put(root, "genre", known.label("en"), {"authority": "coar", "valueURI": known.coar, XML_LANG: "en"})


def _add_origin(root: etree._Element, source: Source) -> None:
    """Place, publisher, date (EDTF), edition; when it was defended; when an embargo ends."""
    metadata = source.metadata
    origin = _add(root, "originInfo", {"eventType": "publication"})
    country = country_of_places(metadata.places)
    if country:
        _put(_add(origin, "place"), "placeTerm", country.marc, {"type": "code", "authority": "marccountry"})
    for place in metadata.places:
        if clean(place.value):
            _put(_add(origin, "place"), "placeTerm", place.value, {"type": "text", **_writing(place)})
    for publisher in metadata.publishers:
        _put(origin, "publisher", publisher.value, _writing(publisher))
    qualifier = QUALIFIERS.get(metadata.issued.strip()[-1:], "")
    issued = {**_encoding(metadata.issued), "keyDate": "yes", "qualifier": qualifier}
    _put(origin, "dateIssued", metadata.issued, issued)
    defended = metadata.thesis.defended
    _put(origin, "dateOther", defended, {"type": "defended", **_encoding(defended)})
    if source.embargo_until and source.access is Access.EMBARGOED:
        until = source.embargo_until.isoformat()
        _put(origin, "dateOther", until, {"type": "available", "encoding": "w3cdtf"})
    _put(origin, "edition", metadata.edition)
    if len(origin) == 0:
        root.remove(origin)  # the schema wants something in it


def _encoding(date: str) -> dict[str, str]:
    """Dates that were imported may be anything: only what can be read is called EDTF."""
    return {"encoding": "edtf"} if date_of(date).shown else {}


def _add_languages(root: etree._Element, metadata: Metadata) -> None:
    """Script is said where it is not the usual one; that of a rare book with its first language."""
    named = {script_of(tag) for tag in metadata.languages if "-" in tag}
    rare = "" if metadata.rare.script in named else metadata.rare.script
    for place, tag in enumerate(metadata.languages):
        own = script_of(tag) if "-" in tag else ""
        language = _add(root, "language")
        _put(language, "languageTerm", language_code(tag), {"type": "code", "authority": "iso639-2b"})
        script = own or (rare if place == 0 else "")
        _put(language, "scriptTerm", script, {"type": "code", "authority": "iso15924"})


def _add_physical(root: etree._Element, source: Source) -> None:
    physical = _add(root, "physicalDescription")
    if source.files:
        _put(physical, "form", "electronic", {"authority": "marcform"})
    for mime in dict.fromkeys(file.mime for file in source.files):
        _put(physical, "internetMediaType", mime)
    _put(physical, "extent", source.metadata.extent)
    if source.pages:
        _put(physical, "digitalOrigin", "reformatted digital")
    if len(physical) == 0:
        root.remove(physical)


def _add_notes(root: etree._Element, metadata: Metadata) -> None:
    for note in metadata.notes:
        _put(root, "note", note.value, _writing(note))
    thesis, rare = metadata.thesis, metadata.rare
    degree = degrees().get(thesis.degree)
    label = degree.label("en") if degree else thesis.degree
    speciality = " ".join([thesis.speciality, main_text(thesis.speciality_names).value])
    _put(root, "note", "; ".join(filter(None, map(clean, (label, speciality, thesis.council)))), {"type": "thesis"})
    _add_rare_notes(root, rare)


def _add_rare_notes(root: etree._Element, rare: RareBook) -> None:
    _put(root, "note", rare.orthography, {"type": "orthography"})
    for text in rare.provenance:
        _put(root, "note", text.value, {"type": "ownership", **_writing(text)})
    for text in rare.copy_notes:
        _put(root, "note", text.value, {"type": "condition", **_writing(text)})


def _add_subjects(root: etree._Element, metadata: Metadata) -> None:
    for keyword in metadata.keywords:
        if clean(keyword.value):
            _put(_add(root, "subject", _writing(keyword)), "topic", keyword.value)
    for subject in metadata.subjects:
        if authority := AUTHORITIES.get(subject.scheme):
            _put(root, "classification", subject.value, {"authority": authority})
        elif clean(subject.value):
            _put(_add(root, "subject"), "topic", subject.value)


def _add_host(root: etree._Element, metadata: Metadata) -> None:
    """The journal or book that it stands in, and where in it."""
    host = metadata.host
    if not any(map(clean, (main_text(host.titles).value, host.volume, host.issue, host.pages, host.issn, host.isbn))):
        return
    item = _add(root, "relatedItem", {"type": "host"})
    for text in host.titles:
        main = text is main_text(host.titles)
        _add_title(item, text, {} if main else {"type": TITLE_TYPES.get(text.kind, "alternative")})
    _put(item, "identifier", host.issn, {"type": "issn"})
    _put(item, "identifier", host.isbn, {"type": "isbn"})
    _add_part(item, host, metadata.issued)


def _add_part(item: etree._Element, host: Host, issued: str) -> None:
    part = _add(item, "part")
    for kind, number in (("volume", host.volume), ("issue", host.issue)):
        if clean(number):
            _put(_add(part, "detail", {"type": kind}), "number", number)
    if pages := clean(host.pages):
        extent = _add(part, "extent", {"unit": "pages"})
        if found := PAGES.fullmatch(pages):
            _put(extent, "start", found[1])
            _put(extent, "end", found[2])
        else:
            _put(extent, "list", pages)
    _put(part, "date", issued, _encoding(issued))
    if len(part) == 0:
        item.remove(part)


def _add_relation(root: etree._Element, relation: Relation) -> None:
    if not clean(relation.value):
        return
    kind = relation_codes(relation.kind).mods
    item = _add(root, "relatedItem", {"type": kind} if kind else {"otherType": relation.kind})
    if is_number(relation):
        _put(item, "identifier", relation.value, {"type": "uri" if "://" in relation.value else "doi"})
    else:
        _put(_add(item, "titleInfo"), "title", relation.value)
    _put(item, "note", relation.note)


def _add_location(root: etree._Element, source: Source) -> None:
    """The library and its shelf mark; the landing page and the files that anybody may read."""
    location = _add(root, "location")
    for lang, name in source.library.names.items():
        _put(location, "physicalLocation", name, {XML_LANG: lang})
    _put(location, "physicalLocation", source.library.isil, {"type": "code", "authority": "isil"})
    _put(location, "shelfLocator", source.metadata.rare.shelf_mark)
    _put(location, "url", source.address, {"usage": "primary", "access": "object in context"})
    for file in listed_files(source):
        _put(location, "url", file.address, {"access": "raw object", "displayLabel": file.name})


def _add_terms(root: etree._Element, source: Source) -> None:
    right = access_rights()[source.access.value]
    access = {"type": "restriction on access", HREF: right.coar, XML_LANG: "en"}
    _put(root, "accessCondition", right.label("en"), access)
    if licence := licences().get(source.metadata.licence):
        use = {"type": "use and reproduction", HREF: licence.url, XML_LANG: "en"}
        _put(root, "accessCondition", licence.label("en"), use)


def _add_record(root: etree._Element, source: Source) -> None:
    info = _add(root, "recordInfo")
    _put(info, "recordContentSource", source.library.isil or _first(source.library.names.values()))
    _put(info, "recordCreationDate", source.published.date().isoformat(), {"encoding": "w3cdtf"})
    changed = f"{source.changed.isoformat(timespec='seconds')[:19]}Z"
    _put(info, "recordChangeDate", changed, {"encoding": "w3cdtf"})
    _put(info, "recordIdentifier", source.item_id, {"source": source.namespace})


def _first(names: Iterable[str]) -> str:
    return next(iter(names), "")
