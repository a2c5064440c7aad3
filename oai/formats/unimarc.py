"""UNIMARC as the libraries of Russia and Kyrgyzstan keep it (RUSMARC), in MarcXchange (ISO 25577).

Schema: http://www.loc.gov/standards/iso25577/marcxchange-1-1.xsd, from which RUSMARC's own UNISlim was made: MARC 21's
schema forbids the label of UNIMARC. Fields: UNIMARC Manual, Bibliographic Format, 3rd edition; 686 $2, 899 and the
embedded fields of 461 and 463 as RUSMARC has them. Russian is the language of cataloguing (100 $a 22-24).
"""

from collections.abc import Iterable, Iterator

from lxml import etree

from oai.formats.elements import PARSER
from oai.formats.marc import (
    Coded,
    Field,
    MarcDate,
    base_of,
    country_of_places,
    date_of,
    field,
    has_other_script,
    is_number,
    is_other_form,
    language_codes,
    listed_files,
    numbering,
    orcid_address,
    pieces,
    record,
    split_title,
    stamp,
    tidy,
)
from oai.formats.source import Source
from repo.items.metadata import Agent, Host, Metadata, Number, PersonName, Relation, Subject, Text, TextKind, main_text
from repo.vocabularies import access_rights, degrees, languages, licences, script_of, scripts
from repo.vocabularies.marc import TypeCodes, relation_codes, type_codes, unimarc_role

NAMESPACE = "info:lc/xmlns/marcxchange-v1"
SCHEMA = "http://www.loc.gov/standards/iso25577/marcxchange-1-1.xsd"

DATE_KINDS = {"s": "d", "e": "j", "m": "g", "n": "u"}  # 100 $a 8 by MARC 21's 008/06
SCRIPT_CODES = {  # 100 $a 34-35, $7
    "Latn": "ba",
    "Cyrl": "ca",
    "Jpan": "da",
    "Hani": "ea",
    "Arab": "fa",
    "Grek": "ga",
    "Hebr": "ha",
    "Deva": "ja",
    "Kore": "ka",
    "Geor": "ma",
    "Armn": "mb",
}
OTHER_SCRIPT = "zz"
SCHEMES = {"bbk": "rubbk", "grnti": "rugasnti"}
NUMBERS = {"isbn": "010", "issn": "011", "ismn": "013"}
SHARING = frozenset({"author", "storyteller", "composer", "artist", "photographer", "cartographer", "programmer"})
"""Roles that share the responsibility for a work (701, 711); all others assist in it (702, 712)."""


def render(source: Source) -> etree._Element:
    """Return the `<record>` element of an item."""
    return etree.fromstring(write(source), PARSER)


def write(source: Source) -> str:
    """Return the `<record>` as text: a third of the time that 150 elements take one by one."""
    codes = type_codes(source.metadata.type)
    date = date_of(source.metadata.issued)
    label = f"00000n{codes.unimarc}0 2200000 i 450 "
    controls = (("001", source.item_id), ("003", source.address), ("005", f"{stamp(source.changed)}.0"))
    attributes = 'format="UNIMARC" type="Bibliographic"'
    return record(NAMESPACE, SCHEMA, attributes, label, controls, _fields(source, codes, date))


def _fields(source: Source, codes: TypeCodes, date: MarcDate) -> Iterator[Field | None]:
    metadata = source.metadata
    numbers = numbering()
    yield from map(_number, metadata.identifiers)
    yield field("100", "  ", "a", Coded(_general(source, date)))
    yield _languages(metadata)
    country = country_of_places(metadata.places)
    yield field("102", "  ", "a", country.iso if country else "")
    yield from _coded(source, codes)
    yield from _titles(metadata, numbers)
    yield field("205", "  ", "a", metadata.edition)
    yield _publication(metadata, date)
    yield field("215", "  ", "a", metadata.extent)
    yield from _notes(source, date)
    yield from _host(metadata.host, date)
    yield from map(_relation, metadata.relations)
    yield from (field("610", "0 ", "a", keyword.value) for keyword in metadata.keywords)
    yield from map(_subject, metadata.subjects)
    yield from _names(metadata, numbers)
    yield from _locations(source)


def _number(number: Number) -> Field | None:
    if tag := NUMBERS.get(number.scheme):
        return field(tag, "  ", "a", number.value)
    return field("017", "70" if number.scheme else "80", "a", number.value, "2", number.scheme)


def _general(source: Source, date: MarcDate) -> str:
    """100 $a: thirty-six characters."""
    first, second = (part.replace("u", " ") if date.kind == "n" else part for part in (date.first, date.second))
    kind = DATE_KINDS[date.kind]
    if "u" in first:  # a decade or century: uncertain, from and to
        kind, first, second = "f", first.replace("u", "0"), first.replace("u", "9")
    titles = source.metadata.titles
    script = SCRIPT_CODES.get(script_of(main_text(titles).lang), OTHER_SCRIPT)
    return f"{stamp(source.published)[:8]}{kind}{first}{second}|||y0rusy50      {script}"


def _languages(metadata: Metadata) -> Field | None:
    """101: languages of the text and of the summaries; the first indicator says that it is a translation."""
    translated = any(relation.kind == "IsTranslationOf" for relation in metadata.relations) or any(
        agent.role == "translator" for agent in metadata.contributors
    )
    texts = language_codes(metadata.languages) or ["und"]
    summaries = language_codes(text.lang for text in metadata.abstracts)
    parts = [part for code in texts for part in ("a", code)] + [part for code in summaries for part in ("d", code)]
    return field("101", f"{int(translated)} ", *parts)


def _coded(source: Source, codes: TypeCodes) -> Iterator[Field | None]:
    """105 for texts: contents and conference; 106: the form, electronic when there are files."""
    if codes.unimarc[0] not in "ab":
        return
    yield field("105", "  ", "a", f"||||{codes.contents_unimarc or '|'}|||{int(codes.conference)}||||")
    yield field("106", "  ", "a", "s" if source.files else "|")


def _titles(metadata: Metadata, numbers: Iterator[str]) -> Iterator[Field | None]:
    """200 for the title and again for it in other scripts; 510 for parallel titles, 517 for the others."""
    main = main_text(metadata.titles)
    others = [text for text in metadata.titles if text is not main and tidy(text.value)]
    forms = [text for text in others if is_other_form(text, main)]
    parallel = [text for text in others if text.kind is TextKind.TRANSLATED]
    beside = [part for text in parallel for part in ("d", text.value)]
    by = ", ".join(direct for agent in metadata.creators if (direct := agent.name().direct))
    yield from _linked("200", "1 ", main.lang, [*_title_parts(main), *beside, "f", by], numbers, _title_forms(forms))
    for text in others:
        if not any(text is form for form in forms):
            tag = "510" if text.kind is TextKind.TRANSLATED else "517"
            codes = language_codes([text.lang])
            yield field(tag, "1 ", *_title_parts(text), "z", codes[0] if codes else "")


def _title_parts(text: Text) -> list[str]:
    title, rest = split_title(text.value)
    return ["a", title, "e", rest]


def _title_forms(forms: Iterable[Text]) -> list[tuple[str, list[str]]]:
    return [(text.lang, _title_parts(text)) for text in forms]


def _linked(
    tag: str,
    indicators: str,
    lang: str,
    parts: list[str],
    numbers: Iterator[str],
    forms: list[tuple[str, list[str]]],
) -> Iterator[Field | None]:
    """A field and the same field in each other script: $6 links them ("a": another script), $7 names the script."""
    if not forms:
        yield field(tag, indicators, *parts)
        return
    number = f"a{next(numbers)}"
    for other, subfields in [(lang, parts), *forms]:
        script = SCRIPT_CODES.get(script_of(other), OTHER_SCRIPT)
        yield field(tag, indicators, "6", number, "7", script, *subfields)


def _publication(metadata: Metadata, date: MarcDate) -> Field | None:
    parts = [part for text in metadata.places for part in ("a", text.value)]
    names = metadata.publishers or metadata.thesis.institutions
    parts += [part for text in names for part in ("c", text.value)]
    return field("210", "  ", *parts, "d", date.shown)


def _notes(source: Source, date: MarcDate) -> Iterator[Field | None]:
    metadata, rare, isil = source.metadata, source.metadata.rare, source.library.isil
    yield from (field("300", "  ", "a", piece) for note in metadata.notes for piece in pieces(note.value))
    yield from _writing(metadata)
    if licence := licences().get(metadata.licence):
        yield field("300", "  ", "a", f"{licence.label('ru')} {licence.url}")
    yield from (field("316", "  ", "a", note.value, "5", isil) for note in rare.copy_notes)
    yield from (field("317", "  ", "a", text.value, "5", isil) for text in rare.provenance)
    yield _thesis(metadata, date)
    yield from (field("330", "  ", "a", piece) for text in metadata.abstracts for piece in pieces(text.value))


def _writing(metadata: Metadata) -> Iterator[Field | None]:
    """300: languages that are not written in their usual script here, the script of a rare book, its orthography."""
    written = {tag: script_of(tag) for tag in metadata.languages if "-" in tag}
    if metadata.rare.script and metadata.rare.script not in written.values():
        written[metadata.languages[0] if metadata.languages else ""] = metadata.rare.script
    for tag, code in written.items():
        language, script = languages().get(base_of(tag)), scripts().get(code)
        parts = (language.label("ru") if language else tag, script.label("ru") if script else code)
        yield field("300", "  ", "a", ": ".join(filter(None, parts)))
    if metadata.rare.orthography:
        yield field("300", "  ", "a", f"Орфография: {metadata.rare.orthography}")


def _thesis(metadata: Metadata, date: MarcDate) -> Field | None:
    """328: degree, speciality, body, year; the council as a note."""
    thesis = metadata.thesis
    degree = degrees().get(thesis.degree)
    speciality = " ".join([thesis.speciality, main_text(thesis.speciality_names).value])
    if not (tidy(thesis.degree) or thesis.institutions or tidy(speciality)):
        return None
    label = degree.label("ru") if degree else thesis.degree
    institution = main_text(thesis.institutions).value
    year = date_of(thesis.defended).shown or date.shown
    return field("328", " 0", "b", label, "c", speciality, "e", institution, "d", year, "a", thesis.council)


def _host(host: Host, date: MarcDate) -> Iterator[Field | None]:
    """461 for the journal or book, 463 for its issue and the pages; the fields of both are embedded after $1."""
    title = tidy(main_text(host.titles).value)
    volume, issue, pages = tidy(host.volume), tidy(host.issue), tidy(host.pages)
    issued = ", ".join(filter(None, (volume and f"Т. {volume}", issue and f"№ {issue}")))
    pages = pages and f"С. {pages}"
    numbers = [*_embedded("011  ", "a", host.issn), *_embedded("010  ", "a", host.isbn)]
    year = _embedded("210  ", "d", date.first if date.first.isdigit() else "")
    if issued:
        yield field("461", " 0", *numbers, *_embedded("2001 ", "a", title))
        yield field("463", " 0", *_embedded("2001 ", "a", issued, "v", pages), *year)
    elif title or numbers:
        yield field("463", " 0", *numbers, *_embedded("2001 ", "a", title, "v", pages), *year)


def _embedded(head: str, *parts: str) -> list[str]:
    """The subfields of a field inside another: $1 with its tag and indicators goes before them."""
    pairs = zip(parts[::2], parts[1::2], strict=True)
    filled = [part for code, value in pairs if tidy(value) for part in (code, value)]
    return ["1", Coded(head), *filled] if filled else []


def _relation(relation: Relation) -> Field | None:
    """410-488: other works, with their title or address embedded; 225 for a series that is named."""
    if relation.kind == "IsPartOf" and not is_number(relation):
        return field("225", "1 ", "a", relation.value)
    if not tidy(relation.value):
        return None  # a kind of relation, but to nothing
    tag = relation_codes(relation.kind).unimarc
    head = ("8564 ", "u") if is_number(relation) else ("2001 ", "a")
    return field(tag, " 0", *_embedded(*head, relation.value), *_embedded("300  ", "a", relation.note))


def _subject(subject: Subject) -> Field | None:
    if subject.scheme == "udc":
        return field("675", "  ", "a", subject.value)
    if scheme := SCHEMES.get(subject.scheme):
        return field("686", "  ", "a", subject.value, "2", scheme)
    return field("610", "0 ", "a", subject.value)


def _names(metadata: Metadata, numbers: Iterator[str]) -> Iterator[Field | None]:
    """700 or 710 for the first creator, 701 and 711 for who shares the work, 702 and 712 for who assisted in it."""
    for place, agent in enumerate([*metadata.creators, *metadata.contributors]):
        names = [name for name in agent.names if tidy(name.inverted)]
        if not names:
            continue
        creator = place < len(metadata.creators)
        rank = "0" if creator and place == 0 else "1" if creator or agent.role in SHARING else "2"
        tag = ("71" if agent.organisation else "70") + rank
        indicators = "02" if agent.organisation else f" {int(bool(tidy(names[0].given)))}"
        forms = [(name.lang, _name_parts(agent, name)) for name in names[1:] if has_other_script(name, names[0])]
        yield from _linked(tag, indicators, names[0].lang, _name_parts(agent, names[0]), numbers, forms)


def _name_parts(agent: Agent, name: PersonName) -> list[str]:
    """$a surname, $b initials, $g the given names in full; $o the ORCID, $p the affiliation, $4 the role."""
    given = tidy(name.given)
    initials = " ".join(f"{word[0]}." for word in given.split())
    affiliation = [part for one in agent.affiliations for part in ("p", main_text(one.names).value)]
    full = given if given != initials else ""
    own = [] if agent.organisation else ["b", initials, "g", full, "o", orcid_address(agent.orcid), *affiliation]
    return ["a", name.family or given, *own, "4", unimarc_role(agent.role)]


def _locations(source: Source) -> Iterator[Field | None]:
    """801: who catalogued it; 856: landing page and the files that anybody may read; 899: library and shelf mark."""
    library = source.library
    agency = library.isil or library.names.get("ru", "") or library.code
    country = library.isil.partition("-")[0] if "-" in library.isil else ""
    yield field("801", " 0", "a", country, "b", agency, "c", stamp(source.published)[:8])
    yield field("856", "4 ", "u", source.address, "z", access_rights()[source.access.value].label("ru"))
    for file in listed_files(source):
        yield field("856", "4 ", "f", file.name, "q", file.mime, "s", str(file.size), "u", file.address)
    yield field("899", "  ", "a", agency, "j", source.metadata.rare.shelf_mark)
