"""What the fields of a description are called, what a fault in one means and what to do about it, in the reader's
language."""

from collections.abc import Iterable, Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from repo.items.checks import Fault, FaultCode

MESSAGES: dict[FaultCode, LazyString] = {
    FaultCode.TYPE_MISSING: _l("Choose what kind of work this is."),
    FaultCode.COLLECTION_MISSING: _l("Choose the collection that the work goes into."),
    FaultCode.TYPE_NOT_TAKEN: _l("The collection does not take this kind of work: choose another collection."),
    FaultCode.TITLE_MISSING: _l("Enter the title as it stands in the work."),
    FaultCode.TITLE_LANGUAGE_MISSING: _l("Choose the language of this title."),
    FaultCode.CREATOR_MISSING: _l("Name at least one author."),
    FaultCode.CREATOR_NAME_MISSING: _l("Enter the name of this person."),
    FaultCode.ORCID_WRONG: _l("Check the ORCID iD: it has four groups of four digits, like 0000-0002-1825-0097."),
    FaultCode.LANGUAGE_MISSING: _l("Choose the language of the work."),
    FaultCode.DATE_MISSING: _l("Enter the year of publication."),
    FaultCode.DATE_WRONG: _l("Enter a date like 2024, 2024-05 or 2024-05-17."),
    FaultCode.ABSTRACT_MISSING: _l("Enter an abstract in at least one language."),
    FaultCode.DEGREE_MISSING: _l("Choose the degree."),
    FaultCode.INSTITUTION_MISSING: _l("Enter the institution where the work was defended."),
    FaultCode.LICENCE_MISSING: _l("Choose a licence: it tells readers what they may do."),
    FaultCode.EMBARGO_DATE_MISSING: _l("Enter the first day on which everybody may read the files."),
    FaultCode.EMBARGO_DATE_WRONG: _l("Enter a day in the future, like 2027-09-01."),
    FaultCode.IDENTIFIER_WRONG: _l("Check this number: it is not complete or a digit is wrong."),
    FaultCode.FILE_MISSING: _l("Add at least one file."),
    FaultCode.FILE_REFUSED: _l("Remove the file that was refused, or replace it."),
    FaultCode.FILE_WAITING: _l("Wait until all files are uploaded and read, then submit."),
    FaultCode.TOO_MANY_FILES: _l("A draft has room for 1,000 files. Put the others into a ZIP archive."),
    FaultCode.AGREEMENT_MISSING: _l("Read and accept the deposit agreement."),
}


FIELD_TITLES: Mapping[str, LazyString] = {
    "type": _l("Kind of work"),
    "titles": _l("Title"),
    "languages": _l("Language of the work"),
    "abstracts": _l("Abstract"),
    "keywords": _l("Keywords"),
    "issued": _l("Year of publication"),
    "creators": _l("Authors"),
    "contributors": _l("Others who took part"),
    "host": _l("Published in"),
    "thesis": _l("Defence"),
    "publishers": _l("Publisher"),
    "places": _l("Place of publication"),
    "edition": _l("Edition"),
    "extent": _l("Extent"),
    "rare": _l("Copy"),
    "subjects": _l("Subject"),
    "identifiers": _l("Identifiers"),
    "relations": _l("Related works"),
    "notes": _l("Notes"),
    "licence": _l("Licence"),
    "access": _l("Access"),
    "embargo_until": _l("The files open on this day"),
}


def say_faults(faults: Iterable[Fault]) -> dict[str, list[str]]:
    """Return the messages by field, in the language of the request."""
    said: dict[str, list[str]] = {}
    for fault in faults:
        said.setdefault(fault.field, []).append(str(MESSAGES[fault.code]))
    return said
