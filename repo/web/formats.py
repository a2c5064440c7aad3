"""Dates, numbers, sizes and names of languages as the reader's language writes them; filters for templates.

{{ version.published_at | date }}      2027-ж., 5-март    5 марта 2027 г.    5 March 2027
{{ saved_at | time }}                  14:02
{{ retry_after | duration }}           5 мүнөт            5 минут            5 minutes
{{ file.size | size }}                 2,4 МБ             2,4 МБ             2.4 MB
{{ count | number }}                   41 208             41 208             41,208
{{ text.lang | language }}             кыргызча           кыргызский         Kyrgyz
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import format_skeleton, format_timedelta
from babel.numbers import format_decimal
from babel.units import format_unit
from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _

from repo.web.languages import DEFAULT

BISHKEK = timezone(timedelta(hours=6), "Asia/Bishkek")
"""Every library of the consortium lives by this clock, which has not been moved since 2005."""

UNITS = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")

# CLDR writes «киргизский»; in Kyrgyzstan it is «кыргызский».
LANGUAGE_NAMES = {"ru": {"ky": "кыргызский"}}


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        date=format_date,
        time=format_time,
        moment=format_moment,
        duration=format_duration,
        size=format_size,
        number=format_number,
        language=language_name,
    )


def format_date(value: date | datetime | str) -> str:
    """Return a date in words. Texts are read as EDTF: "2024", "2024-05", "2024-05-17", "1928/1930".

    A text that says less or more than that ("193X", "1934?") is shown as it stands. Moments are dates in
    Bishkek.
    """
    if isinstance(value, str):
        return _format_edtf(value)
    if isinstance(value, datetime):
        value = _local(value)
    # English pages are read from Tokyo to Toronto: the day first, the month as a word.
    return babel_date(value, "d MMMM y" if _locale().language == "en" else "long", _locale())


def _format_edtf(text: str) -> str:
    if text.count("/") == 1:
        return "–".join(_format_edtf(part) for part in text.split("/") if part not in ("", ".."))
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return format_date(date.fromisoformat(text))
        if re.fullmatch(r"\d{4}-\d\d", text):
            return str(format_skeleton("yMMMM", date.fromisoformat(f"{text}-01"), locale=_locale()))
    except ValueError:  # the 31st of February
        return text
    return text


def format_time(value: datetime) -> str:
    """Return the time in Bishkek, to the minute: "14:02"."""
    return _local(value).strftime("%H:%M")


def format_moment(value: datetime) -> str:
    """Return date and time in Bishkek."""
    return f"{format_date(value)}, {format_time(value)}"


def format_duration(seconds: int) -> str:
    """Return how long something takes, in its largest unit: "5 мүнөт"."""
    return format_timedelta(timedelta(seconds=seconds), threshold=1.5, locale=_locale())


def format_size(size: int) -> str:
    """Return `size` bytes in a unit of thousands that leaves one to three digits: "2,4 МБ", "640 МБ"."""
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    rounded = round(value, 1) if value < 9.95 and unit else round(value)
    return format_unit(rounded, UNITS[unit], "short", locale=_locale())


def format_number(value: int | float) -> str:
    return format_decimal(value, locale=_locale())


def language_name(tag: str) -> str:
    """Return the name of a language by its BCP 47 tag: "ky-Latn" gives "Kyrgyz, Latin script".

    An unknown tag is shown as it stands.
    """
    code, _dash, rest = tag.partition("-")
    try:
        locale = _locale()
        name = LANGUAGE_NAMES.get(locale.language, {}).get(code) or locale.languages[code.lower()]
    except KeyError:
        return tag
    script = {"Latn": _("Latin script"), "Arab": _("Arabic script"), "Cyrl": _("Cyrillic script")}.get(rest)
    return f"{name}, {script}" if script else name


def _locale() -> Locale:
    return get_locale() or Locale(DEFAULT)


def _local(value: datetime) -> datetime:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(BISHKEK)
