"""A catalogue record, whatever it came in, as a package: key, description by the profile, remarks; pure.

The key is control field 001; MARC 21 puts the organisation whose number it is before it, "(DLC)5637241" (003). IRBIS
has the record's cipher in 903, or its GUID in 1119. A record without any of them is known by what it says (all but the
date of the last change): loaded twice it is found again, changed at its source it is a new work.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

from ingest.crosswalks.found import Found
from ingest.crosswalks.marc_fields import Field, Record
from ingest.crosswalks.marc_flavours import READERS, Flavour, flavour_of
from ingest.crosswalks.values import number_of
from ingest.loaders.entry import Entry, Rules, split_cell
from ingest.loaders.folders import Folder, MisplacedError
from ingest.loaders.own import with_own_record
from ingest.loaders.packages import Note, Package, PackageFile, Remark
from ingest.loaders.values import UNSEEN, clean
from repo.items.metadata import Metadata

NAME = re.compile(r"([0-9A-Za-z]{1,4})(?:\$(.))?")
"""What a profile calls a field: "900$a", "610", "920"."""
LONGEST_NAME = 20
"""Characters of a tag that are told: XML may hold any."""
FOREIGN = re.compile("[\u0400-\u052f](?<![А-яЁёҢңӨөҮү])")
EMBEDDED = "953"
"""IRBIS: a file within the record."""
OWN_FIELDS = {
    Flavour.IRBIS: re.compile("90[0235689]|907|91[019]|92[0256]|93[3456]|94[01]|95[013]|96[134]|999"),
}
"""Fields 9-- that a flavour gives a meaning: those of IRBIS are copies, orders, dates of work, counters."""


@dataclass(frozen=True)
class Reading:
    """A record as its loader found it. Without `record` it could not be read, and `remarks` say why."""

    place: str
    position: str
    raw: bytes = b""
    record: Record | None = None
    encoding: str = ""
    remarks: tuple[Remark, ...] = ()
    flavour: Flavour | None = None
    """By which rules it was made, where the loader knows better than the record shows."""


def make_packages(
    readings: Iterable[Reading], rules: Rules, name: str, folder: Folder | None = None
) -> Iterator[Package]:
    """`name` is what the file of the record's bytes is called ("record.mrc"), `folder` where the works' files lie."""
    for reading in readings:
        raw = b64encode(reading.raw).decode("ascii")
        if reading.record is None:
            yield Package("", reading.place, reading.position, None, raw, name, remarks=reading.remarks)
        else:
            package = replace(_make_package(reading, reading.record, rules, folder), raw=raw, raw_name=name)
            yield _as_known(package, reading, reading.record, rules, folder)


def _make_package(reading: Reading, record: Record, rules: Rules, folder: Folder | None) -> Package:
    flavour = reading.flavour or flavour_of(record)
    entry = _describe(record, flavour, rules)
    metadata, parts = entry.finish(), entry.parts
    if not metadata.get("titles"):
        entry.remark(Note.NO_METADATA, "title")
    if flavour is not Flavour.IRBIS:
        entry.remarks += _of_no_work(record)
    key = clean(parts.key or _key(record, flavour))
    if not key:
        key = _content_key(record)
        entry.remark(Note.MENDED, "001")
    files = tuple(PackageFile(path.name, path) for path in entry.find_files(folder))
    return Package(
        key,
        reading.place,
        reading.position,
        metadata,
        files=files,
        collection=parts.collection,
        addresses=tuple(parts.addresses),
        remarks=(*reading.remarks, *entry.remarks),
    )


def _as_known(package: Package, reading: Reading, record: Record, rules: Rules, folder: Folder | None) -> Package:
    """The package as the record of another Muras tells it, which lies in the folder that the number names."""
    number = record.controls.get("001", "").strip()
    if folder is None or not number:
        return package
    try:
        beside = folder.place(number)
    except MisplacedError:
        return package
    return with_own_record(package, beside, rules.without_files, reading.raw)


def _of_no_work(record: Record) -> Iterator[Remark]:
    """Deleted records (leader/05), and those of names, holdings and classes (leader/06 of MARC 21 and UNIMARC)."""
    status, kind = record.leader[5:6], record.leader[6:7]
    if status == "d":
        yield Remark(Note.WRONG_VALUE, "leader/05", {"value": status})
    if kind and kind in "quvwxyz":
        yield Remark(Note.WRONG_VALUE, "leader/06", {"value": kind})


def _describe(record: Record, flavour: Flavour, rules: Rules) -> Entry:
    """What a record says by the rules of its flavour, where the profile does not say otherwise."""
    rest, local = _take_mapped(record, rules.profile.fields, any_case=flavour is Flavour.IRBIS)
    mended = _mend(rest, rules)
    found = READERS[flavour](mended)
    entry = Entry(rules, _with_links(found))
    entry.remarks += _not_mapped(rest, flavour)
    if found.metadata.languages == ["ky"]:
        entry.remarks += _foreign_letters(mended)
    for about, path, values in local:
        entry.put(path, [part for value in values for part in split_cell(path, value, rules.profile.separator)], about)
    entry.put_constants()
    return entry


def _key(record: Record, flavour: Flavour) -> str:
    if flavour is Flavour.IRBIS:
        told = (record.text(tag, "", "a", "A") for tag in ("903", "1119"))
        return next(filter(None, told), record.controls.get("001", "").strip())
    number, owner = (record.controls.get(tag, "").strip() for tag in ("001", "003"))
    return f"({owner}){number}" if number and owner and flavour is Flavour.MARC21 else number


def _content_key(record: Record) -> str:
    """By tags and texts, so that neither encoding nor container matter."""
    controls = [tag + text for tag, text in sorted(record.controls.items()) if tag != "005"]
    data = [one.tag + "".join(one.indicators) + repr(one.subfields) for one in record.data]
    return "sha256:" + sha256("\n".join(controls + data).encode("utf-8", "surrogatepass")).hexdigest()[:40]


# ---------------------------------------------------------------- fields that the profile gives a meaning


def _take_mapped(
    record: Record, fields: dict[str, str], *, any_case: bool
) -> tuple[Record, list[tuple[str, str, list[str]]]]:
    """The record without the subfields that the profile maps, and those: (what they are called, path, values).

    `any_case`: codes are letters of either case.
    """
    rest, taken = Record(record.leader, dict(record.controls), list(record.data)), []
    for name, path in fields.items():
        if found := NAME.fullmatch(name.strip()):
            values = _take(rest, found[1].zfill(3), found[2], any_case=any_case)
            if path and values:
                taken.append((name, path, values))
    return rest, taken


def _take(record: Record, tag: str, code: str | None, *, any_case: bool) -> list[str]:
    """Take the subfields of one code out of the fields of a tag; without a code all, a value a field."""

    def meant(sub: str) -> bool:
        return code is None or sub == code or (any_case and sub.lower() == code.lower())

    values = [record.controls.pop(tag)] if code is None and tag in record.controls else []
    kept: list[Field] = []
    for one in record.data:
        if one.tag != tag:
            kept.append(one)
            continue
        here = [text for sub, text in one.subfields if meant(sub)]
        values += [" ".join(here)] if here and code is None else here
        if left := [(sub, text) for sub, text in one.subfields if not meant(sub)]:
            kept.append(Field(tag, one.indicators, left, one.linked))
    record.data = kept
    return values


def _not_mapped(record: Record, flavour: Flavour) -> Iterator[Remark]:
    """Local fields mean what their library says; a file within the record is not taken out of it."""
    known = OWN_FIELDS.get(flavour)
    for tag in dict.fromkeys(one.tag for one in record.data):
        if tag == EMBEDDED and flavour is Flavour.IRBIS:
            yield Remark(Note.LEFT_OUT, tag)
        elif tag.startswith("9") and not (known and known.fullmatch(tag)):
            yield Remark(Note.NOT_MAPPED, tag[:LONGEST_NAME])


def _foreign_letters(record: Record) -> Iterator[Remark]:
    """Cyrillic letters of other languages in a Kyrgyz record: drawn over by a font, or of another encoding."""
    found: dict[str, set[str]] = {}
    for one in record.data:
        for _, text in one.subfields:
            if strange := FOREIGN.findall(text):
                found.setdefault(one.tag, set()).update(strange)
    for tag, letters in found.items():
        yield Remark(Note.GARBLED, tag[:LONGEST_NAME], {"letters": "".join(sorted(letters))})


def _mend(record: Record, rules: Rules) -> Record:
    """Letters by the profile's table; without what no text may hold."""
    letters = rules.letters

    def mended(text: str) -> str:
        return clean(text.translate(letters) if letters else text)

    controls = {tag: UNSEEN.sub("", text) for tag, text in record.controls.items()}
    data = [
        Field(one.tag, one.indicators, [(code, mended(text)) for code, text in one.subfields], one.linked)
        for one in record.data
    ]
    return Record(UNSEEN.sub("", record.leader), controls, data)


def _with_links(found: Found) -> Metadata:
    """The addresses under which the work lies elsewhere are identifiers of it."""
    metadata = found.metadata
    for address in dict.fromkeys([found.address, *(link.address for link in found.files)]):
        number = number_of(address) if address else None
        if number is not None and number not in metadata.identifiers:
            metadata.identifiers.append(number)
    return metadata
