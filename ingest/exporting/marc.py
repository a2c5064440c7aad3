"""Catalogue records: MARC 21 as MARCXML or in ISO 2709, UNIMARC (which RUSMARC readers take) in ISO 2709.

All records stand in one file, as catalogues load them; the files of the works lie beside it, by the record's number.
"""

from collections.abc import Iterator

from lxml import etree

from ingest.exporting.iso2709 import write_record
from ingest.exporting.works import Line, Part, Stored, Work, remark
from oai.formats import marcxml, unimarc
from oai.formats.elements import PARSER
from oai.formats.source import BASE

XML, ISO = "records.xml", "records.mrc"
XML_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n'
XML_TAIL = b"</collection>\n"


def pack_marcxml(work: Work, with_files: bool) -> Iterator[Part]:
    yield Line(XML, _with_site(marcxml.write(work.source), work).encode() + b"\n")
    yield from _files(work, with_files)


def pack_iso2709(work: Work, with_files: bool) -> Iterator[Part]:
    yield from _record(marcxml.write(work.source), work)
    yield from _files(work, with_files)


def pack_unimarc(work: Work, with_files: bool) -> Iterator[Part]:
    yield from _record(unimarc.write(work.source), work)
    yield from _files(work, with_files)


def _record(text: str, work: Work) -> Iterator[Part]:
    data, left_out = write_record(etree.fromstring(_with_site(text, work), PARSER))
    yield Line(ISO, data)
    if left_out:
        yield remark(work.id, "fields left out, the record is longer than the format allows", str(left_out))


def _files(work: Work, with_files: bool) -> Iterator[Part]:
    if with_files:
        yield from (Stored(f"{work.id}/{file.path}", file) for file in work.files)


def _with_site(text: str, work: Work) -> str:
    return text.replace(BASE, work.site)
