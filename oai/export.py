"""One item in one format, as a document of its own."""

from sqlalchemy.orm import Session

from oai.formats import FORMATS, Format
from oai.formats.elements import write_document
from oai.ledger import has_format
from oai.sets import set_specs
from oai.sources import read_entry
from repo.db import now


def formats_of_item(session: Session, item_id: str) -> list[Format]:
    """The formats that a public item has."""
    entry = read_entry(session, item_id, now())
    specs = set_specs(entry) if entry else []
    return [format_ for format_ in FORMATS.values() if entry and has_format(format_, specs)]


def export_item(session: Session, item_id: str, prefix: str, site: str) -> bytes | None:
    """Return a public item as an XML document with the addresses of `site`; None when it does not have the format."""
    format_ = FORMATS.get(prefix)
    entry = read_entry(session, item_id, now()) if format_ else None
    if format_ is None or entry is None or not has_format(format_, set_specs(entry)):
        return None
    return write_document(format_.render(entry.source), site)
