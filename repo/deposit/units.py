"""How sizes and times are written, told to the script of uploads: browsers do not know Kyrgyz."""

import json

from babel.numbers import format_decimal
from babel.units import format_unit
from flask_babel import get_locale

from repo.web.formats import UNITS
from repo.web.languages import DEFAULT

TIMES = ("second", "minute", "hour")


def unit_patterns() -> str:
    """Return JSON: the decimal sign, and a pattern for each unit, {"decimal": ",", "megabyte": "{n} МБ"}."""
    locale = get_locale() or DEFAULT
    # A number that no unit is written with, and whose plural is that of most numbers.
    patterns = {unit: format_unit(7, unit, "short", locale=locale).replace("7", "{n}") for unit in (*UNITS, *TIMES)}
    return json.dumps({"decimal": format_decimal(1.5, locale=locale)[1], **patterns}, ensure_ascii=False)
