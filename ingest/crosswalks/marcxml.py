"""MARC 21, UNIMARC/RUSMARC and IRBIS in MARCXML (slim): `element -> Found`; pure."""

from lxml.etree import _Element

from ingest.crosswalks.elements import children, local_name, text_of
from ingest.crosswalks.found import Found
from ingest.crosswalks.marc_fields import Field, Record, by_own_tag
from ingest.crosswalks.marc_flavours import read_marc

NAMESPACE = "http://www.loc.gov/MARC21/slim"


def read(element: _Element) -> Found:
    """The description in a `<record>`, or in the first of a `<collection>`."""
    first = next(children(element, "record"), element) if local_name(element) == "collection" else element
    return read_marc(read_record(first))


def read_record(element: _Element) -> Record:
    """A record as tags and subfields."""
    # Blanks count in the leader and in control fields.
    record = Record(leader=next((_exact(one) for one in children(element, "leader")), ""))
    for one in children(element, "controlfield"):
        record.controls[one.get("tag") or ""] = _exact(one)
    for one in children(element, "datafield"):
        field = Field(
            one.get("tag") or "",
            (one.get("ind1") or " ", one.get("ind2") or " "),
            [(sub.get("code") or "", text_of(sub)) for sub in children(one, "subfield")],
        )
        record.data.append(by_own_tag(field))
    return record


def _exact(element: _Element) -> str:
    return "".join(map(str, element.itertext()))
