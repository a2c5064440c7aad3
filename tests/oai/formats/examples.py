"""Items of every type as formats see them: with all that a description may hold, with the least, with hostile text."""

from datetime import UTC, date, datetime

from oai.formats.source import BASE, Source, SourceFile, SourceLibrary, SourcePage
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
    Thesis,
)
from repo.items.origin import Origin
from repo.vocabularies import types

NAMESPACE = "muras.example.org"
HOSTILE = "]]> <b>&amp; \u0001\u0008 emoji 😀 RTL שלום \ufffe\uffff"
MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LIBRARY = SourceLibrary(
    "knu",
    {"ky": "КУУ китепканасы", "ru": "Библиотека КНУ", "en": "KNU Library"},
    ror="https://ror.org/04t0e1f58",
    isil="KG-BiKNU",
)


def make_file(name: str = "макала 1.pdf", mime: str = "application/pdf", access: Access = Access.OPEN) -> SourceFile:
    until = date(2031, 1, 1) if access is Access.EMBARGOED else None
    address = f"{BASE}/records/0123b4c5x/v2/files/file-{len(name)}.pdf"
    return SourceFile(name, address, mime, 123_456, "ab" * 64, access, until, pages=12)


def make_source(metadata: Metadata, files: tuple[SourceFile, ...] = (), pages: tuple[SourcePage, ...] = ()) -> Source:
    access = metadata.access
    return Source(
        item_id="0123b4c5x",
        version=2,
        metadata=metadata,
        files=files,
        access=access,
        embargo_until=date(2031, 1, 1) if access is Access.EMBARGOED else None,
        published=MOMENT,
        changed=MOMENT,
        library=LIBRARY,
        collection_names={"ky": "Илимий эмгектер", "ru": "Научные труды", "en": "Research"},
        namespace=NAMESPACE,
        pages=pages,
    )


def full_metadata(type_: str) -> Metadata:
    """A description with every field filled, whether the form of this type asks for it or not."""
    return Metadata(
        type=type_,
        languages=["ky", "ru", "ky-Arab"],
        titles=[
            Text(value="Көл жана тоо: биринчи китеп", lang="ky"),
            Text(value="Озеро и гора: книга первая", lang="ru", kind=TextKind.TRANSLATED),
            Text(value="Köl jana too", lang="ky-Latn", kind=TextKind.TRANSCRIBED),
            Text(value="كول جانا توو", lang="ky-Arab", kind=TextKind.ALTERNATIVE),
        ],
        creators=[
            Agent(
                names=[
                    PersonName(family="Токтосунова", given="Айгүл", lang="ky"),
                    PersonName(family="Toktosunova", given="Aigul", lang="en"),
                ],
                orcid="0000-0002-1825-0097",
                affiliations=[
                    Affiliation(
                        names=[Text(value="Кыргыз улуттук университети", lang="ky")], ror="https://ror.org/04t0e1f58"
                    )
                ],
            ),
            Agent(names=[PersonName(family="Илимдер академиясы", lang="ky")], organisation=True),
        ],
        contributors=[
            Agent(names=[PersonName(family="Осмонов", given="Бакыт", lang="ky")], role="advisor"),
            Agent(names=[PersonName(family="Иванова", given="Анна", lang="ru")], role="editor"),
            Agent(names=[PersonName(family="Жумабаев", given="Эрлан", lang="ky")], role="translator"),
        ],
        abstracts=[
            Text(value="Кыскача мазмуну.\n\nЭкинчи абзац.", lang="ky"),
            Text(value="Short summary.", lang="en", kind=TextKind.TRANSLATED),
        ],
        keywords=[Text(value="көл", lang="ky"), Text(value="озеро", lang="ru"), Text(value="lake", lang="en")],
        subjects=[
            Subject(scheme="udc", value="551.481"),
            Subject(scheme="bbk", value="26.22"),
            Subject(scheme="grnti", value="37.27"),
        ],
        issued="1926-05~",
        publishers=[Text(value="Кыргызмамбас", lang="ky")],
        places=[Text(value="Фрунзе", lang="ru")],
        edition="2-басылышы",
        extent="214 б.",
        identifiers=[
            Number(scheme="doi", value="10.5555/muras.1"),
            Number(scheme="isbn", value="9789967000001"),
            Number(scheme="url", value="https://example.org/a?b=1&c=2"),
        ],
        relations=[
            Relation(kind="IsPartOf", value="https://example.org/serial", note="Серия"),
            Relation(kind="IsSupplementTo", value="10.5555/muras.2"),
        ],
        host=Host(
            titles=[Text(value="Жарчы", lang="ky")], volume="12", issue="3", pages="10-20", issn="1694-7517", isbn=""
        ),
        thesis=Thesis(
            degree="candidate",
            speciality="10.02.01",
            speciality_names=[Text(value="Кыргыз тили", lang="ky"), Text(value="Кыргызский язык", lang="ru")],
            institutions=[Text(value="Кыргыз улуттук университети", lang="ky")],
            council="Д 10.23.668",
            defended="2024-11-08",
        ),
        rare=RareBook(
            script="Arab",
            orthography="1924",
            provenance=[Text(value="К. Тыныстановдун китепканасы", lang="ky")],
            copy_notes=[Text(value="Мукабасы жок", lang="ky")],
            shelf_mark="С 5/12",
        ),
        notes=[Text(value="Эскертүү", lang="ky")],
        licence="cc-by-4.0",
    )


def hostile_metadata(type_: str) -> Metadata:
    """The same with hostile text in every field that people type."""

    def spoil(value: object) -> object:
        if isinstance(value, list):
            return [spoil(part) for part in value]
        if isinstance(value, dict):
            kept = ("lang", "kind", "role", "scheme", "script", "degree")
            return {key: part if key in kept else spoil(part) for key, part in value.items()}
        return value + HOSTILE if isinstance(value, str) else value

    whole = full_metadata(type_).model_dump(mode="json")
    kept = ("type", "languages", "licence", "access", "schema_version", "embargo_until")
    return Metadata.model_validate({key: value if key in kept else spoil(value) for key, value in whole.items()})


def least_metadata(type_: str) -> Metadata:
    """What an import lets pass at the least: a title."""
    return Metadata(type=type_, titles=[Text(value="Аталышы")])


def examples() -> dict[str, Source]:
    """By name: for every type full, least and hostile; for every access; a scanned book; a harvested item."""
    found: dict[str, Source] = {}
    files = (
        make_file(),
        make_file("таблица.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )
    for code in types():
        found[f"{code}-full"] = make_source(full_metadata(code), files)
        found[f"{code}-least"] = make_source(least_metadata(code))
        found[f"{code}-hostile"] = make_source(hostile_metadata(code), (make_file(HOSTILE.replace("/", "")),))
    for access in Access:
        metadata = full_metadata("article").model_copy(update={"access": access})
        found[f"access-{access.value}"] = make_source(metadata, (make_file(access=access),))
    scans = tuple(make_file(f"{number:04}.tif", "image/tiff") for number in range(1, 4))
    pages = tuple(
        SourcePage(f"p{n}", label, scan.name)
        for n, (label, scan) in enumerate(zip(["i", "[2]", "3r"], scans, strict=True), 1)
    )
    found["scanned-book"] = make_source(full_metadata("rare-book"), scans, pages)
    found["unknown-type"] = make_source(least_metadata("no-such-type"))
    return found


ORIGIN = Origin(
    base_url="https://elsewhere.example.org/oai",
    identifier="oai:elsewhere.example.org:1",
    datestamp="2025-01-02T03:04:05Z",
    namespace="http://www.openarchives.org/OAI/2.0/oai_dc/",
    harvested_at="2026-03-01T00:00:00Z",
    repository="Elsewhere",
    address="https://elsewhere.example.org/1",
)
