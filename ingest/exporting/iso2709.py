"""ISO 2709:2008, as MARC 21 and UNIMARC use it: a record of MARCXML or MarcXchange as bytes in UTF-8; pure.

The format gives a record five digits for its length and a field four. Fields of ours fit; a record that does not is
made shorter from its longest notes, and the caller is told.
"""

from lxml import etree

FIELD_END, SUBFIELD, RECORD_END = b"\x1e", b"\x1f", b"\x1d"
LONGEST_RECORD = 99_999
LONGEST_FIELD = 9_999
SEPARATORS = dict.fromkeys((0x1D, 0x1E, 0x1F), " ")

Fields = list[tuple[str, bytes]]


def write_record(record: etree._Element) -> tuple[bytes, int]:
    """The bytes of a `<record>`, and how many fields had to be left out of it."""
    leader = next(child.text or "" for child in record if _name(child) == "leader")
    fields = [(child.get("tag", ""), _field(child)) for child in record if _name(child) != "leader"]
    kept = [(tag, data) for tag, data in fields if len(data) <= LONGEST_FIELD]
    while _length(kept) > LONGEST_RECORD:
        kept.remove(max(kept, key=lambda field: len(field[1])))
    return _joined(leader, kept), len(fields) - len(kept)


def _field(element: etree._Element) -> bytes:
    if _name(element) == "controlfield":
        return _text(element) + FIELD_END
    indicators = element.get("ind1", " ") + element.get("ind2", " ")
    parts = (SUBFIELD + part.get("code", "").encode() + _text(part) for part in element)
    return indicators.encode() + b"".join(parts) + FIELD_END


def _name(element: etree._Element) -> str:
    """The name of an element in either namespace."""
    return etree.QName(element).localname


def _text(element: etree._Element) -> bytes:
    return (element.text or "").translate(SEPARATORS).encode()


def _length(fields: Fields) -> int:
    return 24 + 12 * len(fields) + 1 + sum(len(data) for _, data in fields) + 1


def _joined(leader: str, fields: Fields) -> bytes:
    """Leader, directory and fields (ISO 2709, 4); the leader says "UTF-8" as MARC 21 has it, where it does."""
    directory, start = b"", 0
    for tag, data in fields:
        directory += f"{tag}{len(data):04}{start:05}".encode()
        start += len(data)
    base = 24 + len(directory) + 1
    head = f"{_length(fields):05}{leader[5:12]}{base:05}{leader[17:24]}"
    return head.encode() + directory + FIELD_END + b"".join(data for _, data in fields) + RECORD_END
