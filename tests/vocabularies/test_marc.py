"""Every code has its name in the catalogue formats."""

import re

from repo.vocabularies import relations, roles, types
from repo.vocabularies.marc import (
    UNKNOWN_RELATION,
    UNKNOWN_TYPE,
    country_of,
    relation_codes,
    type_codes,
    unimarc_role,
)


def test_every_type_has_codes() -> None:
    for code in types():
        found = type_codes(code)
        assert found is not UNKNOWN_TYPE, code
        assert re.fullmatch("[a-z]{2}", found.marc) and re.fullmatch("[a-z]{2}", found.unimarc)
        assert len(found.content) == 3 and found.mods
    assert type_codes("no-such-type") is UNKNOWN_TYPE


def test_every_relation_has_fields() -> None:
    for code in relations():
        found = relation_codes(code)
        assert re.fullmatch(r"7[678]\d", found.marc) and re.fullmatch(r"4\d\d", found.unimarc), code
    assert relation_codes("no-such-relation") is UNKNOWN_RELATION


def test_every_role_has_a_relator_of_unimarc() -> None:
    assert all(re.fullmatch(r"\d{3}", unimarc_role(code)) for code in roles())
    assert (unimarc_role("author"), unimarc_role("no-such-role")) == ("070", "570")


def test_towns_lie_in_countries() -> None:
    frunze = country_of("[Фрунзе]")
    assert frunze and (frunze.iso, frunze.marc) == ("KG", "kg")
    tashkent = country_of("ТАШКЕНТ :")
    assert tashkent is not None and tashkent == country_of("Toshkent")
    assert country_of("") is None and country_of("Атлантида") is None
