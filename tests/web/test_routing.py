"""Addresses are made as werkzeug makes them, though what makes one is compiled when it is first asked for."""

import pytest
from flask import Flask, url_for
from werkzeug.routing import BuildError, Map, Rule

from repo.web.routing import LateRule


def test_every_rule_of_the_application_waits(app: Flask) -> None:
    assert {type(rule) for rule in app.url_map.iter_rules()} == {LateRule}


def test_addresses_are_those_of_an_ordinary_rule() -> None:
    given = {"name": "а б/в", "number": 3, "also": "x&y"}
    made = []
    for kind in (Rule, LateRule):
        rules = [kind("/<name>/v<int:number>", endpoint="one"), kind("/plain", endpoint="plain", defaults={"page": 1})]
        addresses = Map(rules).bind("muras.example.org")
        made.append([addresses.build("one", given), addresses.build("one", given, append_unknown=False)])
        made[-1] += [addresses.build("one", given), addresses.build("plain"), addresses.build("plain", {"q": "ө"})]
    assert made[0] == made[1]


def test_a_missing_value_is_told(app: Flask) -> None:
    with app.test_request_context("/"), pytest.raises(BuildError):
        url_for("records.version_file", item_id="0123456789")
