"""Formats in which works leave the house, each one module and one line here; pure.

A format turns a work into parts of a package (`ingest/exporting/works.py`): files of its own, files of the work, lines
of files that all works share.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingest.exporting import bagit, marc, mets, saf, tables
from ingest.exporting.works import Part, Work


@dataclass(frozen=True)
class ExportFormat:
    """`pack(work, with files)` gives the parts of one work. `heads` and `tails` stand around the lines of a shared
    file, by its path; `finish` makes what needs all lines, in the folder of the shared files; it may be called again.
    Shared files whose name begins with "_" stay out of the package.
    """

    name: str
    label: str
    pack: Callable[[Work, bool], Iterator[Part]]
    heads: Mapping[str, bytes] = field(default_factory=dict)
    tails: Mapping[str, bytes] = field(default_factory=dict)
    finish: Callable[[Path], None] | None = None


FORMATS: dict[str, ExportFormat] = {
    format_.name: format_
    for format_ in (
        ExportFormat("csv", "CSV", tables.pack, finish=tables.finish),
        ExportFormat("saf", "DSpace Simple Archive", saf.pack),
        ExportFormat("bagit", "BagIt 1.0", bagit.pack),
        ExportFormat("mets", "METS", mets.pack),
        ExportFormat("marcxml", "MARCXML", marc.pack_marcxml, {marc.XML: marc.XML_HEAD}, {marc.XML: marc.XML_TAIL}),
        ExportFormat("iso2709", "MARC 21 (ISO 2709)", marc.pack_iso2709),
        ExportFormat("unimarc", "UNIMARC, RUSMARC (ISO 2709)", marc.pack_unimarc),
    )
}
