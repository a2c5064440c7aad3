"""What a description lacks; pure.

Three levels: a *draft* always saves, so it is never checked; a *submission* is checked by its type; an *import*
gets the same faults as warnings. `items/messages.py` says each fault in the depositor's language.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from repo.items.access import Access
from repo.items.metadata import Agent, Metadata, Number
from repo.vocabularies.numbers import is_orcid, normalise_number

THESES = frozenset({"bachelor-thesis", "master-thesis", "candidate-thesis", "doctoral-thesis", "autoreferat"})
WITH_ABSTRACT = THESES | {"article", "conference-paper"}


class FaultCode(enum.StrEnum):
    TYPE_MISSING = "type_missing"
    COLLECTION_MISSING = "collection_missing"
    TYPE_NOT_TAKEN = "type_not_taken"
    TITLE_MISSING = "title_missing"
    TITLE_LANGUAGE_MISSING = "title_language_missing"
    CREATOR_MISSING = "creator_missing"
    CREATOR_NAME_MISSING = "creator_name_missing"
    ORCID_WRONG = "orcid_wrong"
    LANGUAGE_MISSING = "language_missing"
    DATE_MISSING = "date_missing"
    DATE_WRONG = "date_wrong"
    ABSTRACT_MISSING = "abstract_missing"
    DEGREE_MISSING = "degree_missing"
    INSTITUTION_MISSING = "institution_missing"
    LICENCE_MISSING = "licence_missing"
    EMBARGO_DATE_MISSING = "embargo_date_missing"
    EMBARGO_DATE_WRONG = "embargo_date_wrong"
    IDENTIFIER_WRONG = "identifier_wrong"
    FILE_MISSING = "file_missing"
    FILE_REFUSED = "file_refused"
    FILE_WAITING = "file_waiting"
    TOO_MANY_FILES = "too_many_files"
    AGREEMENT_MISSING = "agreement_missing"


@dataclass(frozen=True)
class Fault:
    """`field` is the path of the field as the forms name it: "titles", "creators.0.orcid"."""

    field: str
    code: FaultCode


def check_metadata(metadata: Metadata, today: date) -> list[Fault]:
    """Return what keeps the description from being submitted, in the order of the form."""
    return [
        *_check_type(metadata),
        *_check_titles(metadata),
        *_check_people(metadata),
        *_check_description(metadata),
        *_check_thesis(metadata),
        *_check_identifiers(metadata),
        *_check_rights(metadata, today),
    ]


@lru_cache(maxsize=4096)  # a grammar that takes milliseconds, for the same few hundred years again and again
def is_edtf(text: str) -> bool:
    """Whether `text` is an Extended Date (EDTF, Library of Congress 2019), "2024", "1926~", "192X", "2024-05-17"."""
    from edtf import parse_edtf
    from edtf.parser.edtf_exceptions import EDTFParseException

    try:
        parse_edtf(text)
    except (EDTFParseException, ValueError):
        return False
    return True


def _check_type(metadata: Metadata) -> Iterator[Fault]:
    if not metadata.type:
        yield Fault("type", FaultCode.TYPE_MISSING)


def _check_titles(metadata: Metadata) -> Iterator[Fault]:
    if not metadata.title().value:
        yield Fault("titles", FaultCode.TITLE_MISSING)
    for number, title in enumerate(metadata.titles):
        if title.value and not title.lang:
            yield Fault(f"titles.{number}.lang", FaultCode.TITLE_LANGUAGE_MISSING)


def _check_people(metadata: Metadata) -> Iterator[Fault]:
    if not any(creator.name().inverted for creator in metadata.creators):
        yield Fault("creators", FaultCode.CREATOR_MISSING)
    for kind, agents in (("creators", metadata.creators), ("contributors", metadata.contributors)):
        for number, agent in enumerate(agents):
            yield from _check_agent(f"{kind}.{number}", agent)


def _check_agent(field: str, agent: Agent) -> Iterator[Fault]:
    if not agent.name().inverted and (agent.orcid or agent.affiliations):
        yield Fault(f"{field}.names", FaultCode.CREATOR_NAME_MISSING)
    if agent.orcid and not is_orcid(agent.orcid):
        yield Fault(f"{field}.orcid", FaultCode.ORCID_WRONG)


def _check_description(metadata: Metadata) -> Iterator[Fault]:
    if not metadata.languages:
        yield Fault("languages", FaultCode.LANGUAGE_MISSING)
    if not metadata.issued:
        yield Fault("issued", FaultCode.DATE_MISSING)
    elif not is_edtf(metadata.issued):
        yield Fault("issued", FaultCode.DATE_WRONG)
    if metadata.type in WITH_ABSTRACT and not metadata.abstract().value:
        yield Fault("abstracts", FaultCode.ABSTRACT_MISSING)


def _check_thesis(metadata: Metadata) -> Iterator[Fault]:
    if metadata.type not in THESES:
        return
    if not metadata.thesis.degree:
        yield Fault("thesis.degree", FaultCode.DEGREE_MISSING)
    if not any(text.value for text in metadata.thesis.institutions):
        yield Fault("thesis.institutions", FaultCode.INSTITUTION_MISSING)
    if metadata.thesis.defended and not is_edtf(metadata.thesis.defended):
        yield Fault("thesis.defended", FaultCode.DATE_WRONG)


def _check_identifiers(metadata: Metadata) -> Iterator[Fault]:
    numbers = [(f"identifiers.{n}", number) for n, number in enumerate(metadata.identifiers)]
    numbers += [("host.issn", Number(scheme="issn", value=metadata.host.issn))]
    numbers += [("host.isbn", Number(scheme="isbn", value=metadata.host.isbn))]
    for field, number in numbers:
        if number.value and normalise_number(number.scheme, number.value) is None:
            yield Fault(field, FaultCode.IDENTIFIER_WRONG)


def _check_rights(metadata: Metadata, today: date) -> Iterator[Fault]:
    if not metadata.licence:
        yield Fault("licence", FaultCode.LICENCE_MISSING)
    if metadata.access is not Access.EMBARGOED:
        return
    if not metadata.embargo_until:
        yield Fault("embargo_until", FaultCode.EMBARGO_DATE_MISSING)
        return
    try:
        until = date.fromisoformat(metadata.embargo_until)
    except ValueError:
        yield Fault("embargo_until", FaultCode.EMBARGO_DATE_WRONG)
        return
    if until <= today:
        yield Fault("embargo_until", FaultCode.EMBARGO_DATE_WRONG)
