"""What a description says to the index: the fields of `IndexSource` that are filled from metadata alone; pure."""

import re
from collections.abc import Iterable, Iterator
from typing import TypedDict

from repo.items.metadata import Agent, Metadata, Text
from repo.search.document import LangText
from repo.vocabularies import script_of


class Described(TypedDict):
    """Fields of `IndexSource`."""

    lang: str
    titles: tuple[LangText, ...]
    type: str
    creators: tuple[LangText, ...]
    subjects: tuple[LangText, ...]
    abstracts: tuple[LangText, ...]
    details: tuple[LangText, ...]
    codes: tuple[tuple[str, str], ...]
    year: int | None
    languages: tuple[str, ...]
    scripts: tuple[str, ...]


def describe(metadata: Metadata) -> Described:
    return Described(
        lang=metadata.title().lang,
        titles=texts_of(metadata.titles),
        type=metadata.type,
        creators=tuple(_names(metadata.creators)),
        subjects=texts_of(metadata.keywords),
        abstracts=texts_of(metadata.abstracts),
        details=tuple(_details(metadata)),
        codes=tuple(_codes(metadata)),
        year=metadata.year,
        languages=tuple(metadata.languages),
        scripts=tuple(_scripts(metadata)),
    )


def texts_of(texts: Iterable[Text]) -> tuple[LangText, ...]:
    return tuple(LangText(text.value, text.lang) for text in texts)


def _names(agents: Iterable[Agent]) -> Iterator[LangText]:
    """Every name of each person: whoever is asked for by one of them is found."""
    for agent in agents:
        for name in agent.names:
            yield LangText(name.inverted, name.lang)


def _details(metadata: Metadata) -> Iterator[LangText]:
    yield from _names(metadata.contributors)
    for agent in (*metadata.creators, *metadata.contributors):
        for affiliation in agent.affiliations:
            yield from texts_of(affiliation.names)
    thesis, rare = metadata.thesis, metadata.rare
    for texts in (
        *(metadata.host.titles, metadata.publishers, metadata.places, metadata.notes),
        *(thesis.institutions, thesis.speciality_names, rare.provenance, rare.copy_notes),
    ):
        yield from texts_of(texts)
    for plain in (metadata.edition, thesis.speciality, thesis.council, rare.shelf_mark):
        yield LangText(plain)


def _scripts(metadata: Metadata) -> Iterator[str]:
    """The script that a rare book is described to be in, else those of its languages."""
    if metadata.rare.script:
        yield metadata.rare.script
    else:
        yield from map(script_of, metadata.languages)


def _codes(metadata: Metadata) -> Iterator[tuple[str, str]]:
    for number in metadata.identifiers:
        yield number.scheme, number.value
    for subject in metadata.subjects:
        # «УДК 821.512.154; 94(575.2)»: several numbers, or their name, are often written into one field.
        for part in re.split(r"[;,]\s*", subject.value):
            yield subject.scheme, re.sub(r"^\s*(УДК|UDC|ББК|BBK|ГРНТИ)\b[:\s]*", "", part, flags=re.IGNORECASE)
    yield "issn", metadata.host.issn
    yield "isbn", metadata.host.isbn
