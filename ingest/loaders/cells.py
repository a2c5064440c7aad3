"""What a number in a spreadsheet looks like to the person who typed it (ECMA-376 part 1, 18.8.30 and 18.17.4); pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ingest.readers.archives import local_name

MOST_COLUMNS = 16384
BUILT_IN = {14: "ymd", 15: "ymd", 16: "md", 17: "ym", 22: "ymd", **dict.fromkeys((18, 19, 20, 21, 45, 46, 47), "time")}
"""Formats that every program knows by number; 27 to 36 and 50 to 58 are dates of East Asia."""
ASIDE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h|m|s)[^\]]*\]', re.I)
"""What a format shows as it is: quoted, escaped, colours, locales."""
NAMES_OF_GENERAL = re.compile(r"general|основной|standard", re.I)

LETTERS = {"y": "yг", "m": "mм", "d": "dд"}


@dataclass(frozen=True)
class Style:
    """How a number is shown: `date` names the parts of a date ("ymd", "ym", "y", "md", "time"), `zeros` its length."""

    date: str = ""
    zeros: int = 0


def column_number(reference: str, otherwise: int) -> int:
    """0 of "A7", 27 of "AB7"; `otherwise` without a reference. Raises ValueError beyond the last column."""
    letters = re.match(r"[A-Z]{1,3}(?=\d)", reference)
    number = 0
    for letter in letters[0] if letters else "":
        number = number * 26 + ord(letter) - 64
    number = number - 1 if letters else otherwise
    if not 0 <= number < MOST_COLUMNS:
        raise ValueError(reference)
    return number


def read_styles(root: Any) -> list[Style]:
    """The styles of cells, by their number."""
    formats = {one.get("numFmtId"): one.get("formatCode") or "" for one in root.iter() if local_name(one) == "numFmt"}
    styles: Any = next((one for one in root if local_name(one) == "cellXfs"), [])
    return [_style(one.get("numFmtId") or "0", formats) for one in styles if local_name(one) == "xf"]


def _style(number: str, formats: dict[str, str]) -> Style:
    if number in formats:
        return read_format(formats[number])
    known = int(number) if number.isdecimal() else 0
    return Style(BUILT_IN.get(known, "ymd" if 27 <= known <= 36 or 50 <= known <= 58 else ""))


def read_format(code: str) -> Style:
    """The style that a format code means: "dd.mm.yyyy", "00000"."""
    plain = NAMES_OF_GENERAL.sub("", ASIDE.sub("", code.partition(";")[0])).lower()
    if re.fullmatch(r"0{2,}", plain):
        return Style(zeros=len(plain))
    if set(plain) & set("#?") or re.search(r"0(?!0*$)|^0", plain):
        return Style()
    # Russian Excel writes Г, М, Д into some formats; an m beside h or s is a minute.
    parts = "".join(part for part, letters in LETTERS.items() if set(letters) & set(plain))
    return Style("time" if set("hs") & set(plain) and not set("yd") & set(parts) else parts)


def show_number(value: str, style: Style, from_1904: bool = False) -> str:
    """The number as its style shows it; dates as ISO 8601; never with an exponent."""
    try:
        number = float(value)
    except ValueError:
        return value
    if style.date and (shown := _show_date(number, style.date, from_1904)):
        return shown
    if not abs(number) < 1e21:
        return value
    text = str(int(number)) if number.is_integer() else format(Decimal(repr(number)), "f")
    return text.zfill(style.zeros) if number >= 0 else text


def _show_date(serial: float, parts: str, from_1904: bool) -> str:
    """Days since the end of 1899, with a 29 February 1900 that never was, or since 1904."""
    if not 0 <= serial < 2_958_466:
        return ""
    begin = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30 if serial >= 60 else 31)
    moment = begin + timedelta(seconds=round(serial * 86400))
    if parts == "time" or (not from_1904 and serial < 1):
        return moment.time().isoformat() if serial < 1 else moment.isoformat()
    if moment.time().replace(microsecond=0) != datetime.min.time() and "d" in parts:
        return moment.isoformat()
    return moment.strftime({"y": "%Y", "ym": "%Y-%m"}.get(parts, "%Y-%m-%d"))
