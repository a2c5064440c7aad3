"""Small records in every encoding; `python -m tests.ingest.loaders.marc_samples` makes the files of `tests/data/marc`.

The code pages of DOS and Windows have no ң ө ү: libraries drew them over other letters of the font (HACKED), or left
them out. MARC-8 writes them by their numbers.
"""

from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "data" / "marc"

HACKED = {
    "cp1251": {"њ": "ң", "ґ": "ө", "ў": "ү", "Њ": "Ң", "Ґ": "Ө", "Ў": "Ү"},
    "cp866": {"є": "ң", "ї": "ө", "ў": "ү", "Є": "Ң", "Ї": "Ө", "Ў": "Ү"},
}
"""What stands in the file for what readers saw."""
FOLDED = str.maketrans("ңөүҢӨҮ", "ноуНОУ")
"""KOI8-R has no letters to spare."""

Fields = Sequence[tuple[str, str]]
"""Tag and content: "0 $aМанас", "$" for the sign of a subfield."""

RUSSIAN: tuple[Fields, ...] = (
    [
        ("001", "ru-1"),
        ("010", "  $a5-655-00123-3"),
        ("100", "  $a19880516d1988    k  y0rusy0102    ca"),
        ("101", "0 $arus"),
        ("200", "1 $aИстория Киргизской ССР$eучебное пособие для вузов$fА. К. Карыпкулов"),
        ("210", "  $aФрунзе$cМектеп$d1988"),
        ("215", "  $a464 с."),
        ("610", "0 $aистория Киргизии"),
        ("700", " 1$aКарыпкулов$bА. К.$gАманбек Карыпкулович"),
        ("900", "  $aКыргызский фонд"),
    ],
    [
        ("001", "ru-2"),
        ("101", "0 $arus"),
        ("200", "1 $aБелый пароход$eповести$fЧингиз Айтматов"),
        ("210", "  $aМосква$cМолодая гвардия$d1980"),
        ("700", " 1$aАйтматов$bЧ.$gЧингиз Торекулович"),
    ],
)
KYRGYZ: tuple[Fields, ...] = (
    [
        ("001", "ky-1"),
        ("101", "0 $akir"),
        ("200", "1 $aКыргыз тилинин түшүндүрмө сөздүгү$eжаңы басылышы$fтүзүүчү К. Юдахин"),
        ("210", "  $aФрунзе$cМектеп$d1984"),
        ("610", "0 $aкыргыз тили"),
        ("700", " 1$aЮдахин$bК.$gКонстантин Кузьмич"),
    ],
    [
        ("001", "ky-2"),
        ("101", "0 $akir"),
        ("200", "1 $aӨмүр жөнүндө аңгемелер$fТ. Сыдыкбеков"),
        ("210", "  $aБишкек$cАдабият$d1991"),
        ("700", " 1$aСыдыкбеков$bТ."),
    ],
)
KYRGYZ_MARC21: tuple[Fields, ...] = (
    [
        ("001", "ky-3"),
        ("003", "KG-BiNB"),
        ("008", "910101s1991    kg            000 0 kir  "),
        ("100", "1 $aСыдыкбеков, Түгөлбай,$d1912-1997"),
        ("245", "10$aӨмүр жөнүндө аңгемелер /$cТ. Сыдыкбеков"),
        ("260", "  $aБишкек :$bАдабият,$c1991"),
    ],
)


def iso(fields: Fields, encoding: str = "utf-8", status: str = "nam0 ") -> bytes:
    """A record in ISO 2709; numbers that are too long for it lose their first digits. `status`: leader, 5 to 9."""
    contents = [write(content.replace("$", "\x1f"), encoding) + b"\x1e" for _, content in fields]
    directory, start = b"", 0
    for (tag, _), content in zip(fields, contents, strict=True):
        directory += b"%b%04d%05d" % (tag.encode(), len(content) % 10_000, start % 100_000)
        start += len(content)
    base = 24 + len(directory) + 1
    leader = b"%05d%b22%05d   450 " % (min(base + start + 1, 99_999), status.encode().ljust(5), base)
    return leader + directory + b"\x1e" + b"".join(contents) + b"\x1d"


def write(text: str, encoding: str) -> bytes:
    if encoding == "marc-8":
        return b"".join(_marc8(letter) for letter in text)
    for shown, meant in HACKED.get(encoding, {}).items():
        text = text.replace(meant, shown)
    return (text.translate(FOLDED) if encoding == "koi8-r" else text).encode(encoding)


def _marc8(letter: str) -> bytes:
    """Basic Cyrillic as G0 (ISO 5427, whose letters are those of KOI8 without the eighth bit), and back."""
    if letter.isascii():
        return letter.encode()
    try:
        return b"\x1b(N" + bytes([letter.encode("koi8-r")[0] & 0x7F]) + b"\x1b(B"
    except UnicodeEncodeError:
        return f"&#x{ord(letter):04X};".encode()


def irbis(fields: Fields, encoding: str = "utf-8") -> bytes:
    """The same record as IRBIS exports it."""
    lines = ["#920: PAZK"]
    for tag, content in fields:
        if tag in ("001", "100"):
            continue
        plain = content[2:] if tag > "009" else content
        plain = plain.removeprefix("$a") if tag in ("101", "610") else plain.replace("$", "^")
        lines.append(f"#{tag.lstrip('0')}: {plain}")
    lines.append(f"#903: {dict(fields)['001']}")
    return write("\r\n".join([*lines, "*****", ""]), encoding)


def samples() -> dict[str, bytes]:
    made = {
        f"russian.{encoding}.iso": b"".join(iso(record, encoding) for record in RUSSIAN)
        for encoding in ("cp866", "cp1251", "koi8-r", "utf-8")
    }
    for encoding in ("cp866", "cp1251", "koi8-r", "utf-8", "kz1048"):
        made[f"kyrgyz.{encoding}.iso"] = b"".join(iso(record, encoding) for record in KYRGYZ)
    made["kyrgyz.marc-8.mrc"] = b"".join(iso(record, "marc-8", "nam  ") for record in KYRGYZ_MARC21)
    made["mixed.iso"] = b"".join(made[f"russian.{encoding}.iso"] for encoding in ("cp1251", "utf-8", "cp866", "koi8-r"))
    for encoding in ("cp866", "cp1251", "utf-8"):
        made[f"russian.{encoding}.txt"] = b"".join(irbis(record, encoding) for record in RUSSIAN)
    made["kyrgyz.utf-16.txt"] = b"\xff\xfe" + b"".join(irbis(record, "utf-16-le") for record in KYRGYZ)
    return made


if __name__ == "__main__":
    for name, content in samples().items():
        (FOLDER / name).write_bytes(content)
