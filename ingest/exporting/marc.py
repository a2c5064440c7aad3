"""Catalogue records: MARC 21 as MARCXML or in ISO 2709, UNIMARC (which RUSMARC readers take) in ISO 2709.

All records stand in one file, as catalogues load them. Beside it lie, by the record's number, the files of each work
and its record, which says what MARC cannot.
"""

from collections.abc import Iterator

from lxml import etree

from ingest.exporting.iso2709 import write_record
from ingest.exporting.works import Data, Line, Part, Stored, Work, remark
from ingest.loaders.own import RECORD
from oai.formats import marcxml, unimarc
from oai.formats.elements import PARSER
from oai.formats.source import BASE

XML, ISO = "records.xml", "records.mrc"
XML_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n'
XML_TAIL = b"</collection>\n"


def pack_marcxml(work: Work, with_files: bool) -> Iterator[Part]:
    described = _with_site(marcxml.write(work.source), work).encode()
    yield Line(XML, described + b"\n")
    yield from _beside(work, described, with_files)


def pack_iso2709(work: Work, with_files: bool) -> Iterator[Part]:
    yield from _pack_iso2709(marcxml.write(work.source), work, with_files)


def pack_unimarc(work: Work, with_files: bool) -> Iterator[Part]:
    yield from _pack_iso2709(unimarc.write(work.source), work, with_files)


def _pack_iso2709(text: str, work: Work, with_files: bool) -> Iterator[Part]:
    data, left_out = write_record(etree.fromstring(_with_site(text, work), PARSER))
    yield Line(ISO, data)
    if left_out:
        yield remark(work.id, "fields left out, the record is longer than the format allows", str(left_out))
    yield from _beside(work, data, with_files)


def _beside(work: Work, described: bytes, with_files: bool) -> Iterator[Part]:
    files = work.files if with_files else ()
    yield Data(f"{work.id}/{RECORD}", work.packed_record({file.path: file.path for file in files}, described))
    yield from (Stored(f"{work.id}/{file.path}", file) for file in files)


def _with_site(text: str, work: Work) -> str:
    return text.replace(BASE, work.site)
