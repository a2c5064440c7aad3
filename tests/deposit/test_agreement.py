"""The deposit agreement: who accepted which text has to be known for ever."""

import hashlib

import pytest

from repo.items.services.submission import AGREEMENT_VERSION
from repo.resources import resource_dir
from tests.conftest import VisitorClient

TEXTS = {
    "2026-1": {
        "ky": "7be1e42a5dee8138dbfd9f38778cef06f3a715f84c9c5a67146036936ba2a780",
        "ru": "f8b332dc9229ec31324936369051c7cd8c725b9f999444a15725790833f91696",
        "en": "47cafd846c48b28a55d4b466c04fb4c58c74a7b0569524547c7b6b1d50a47e43",
    }
}
"""What the text of each version was, by its SHA-256. A text that is changed gets a new version here and in
`repo.items.services.submission`; the old one stays in the history of the sources."""


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_a_changed_text_gets_a_new_version(language: str) -> None:
    text = (resource_dir("templates") / "deposit" / f"agreement_{language}.html").read_bytes()
    assert hashlib.sha256(text).hexdigest() == TEXTS[AGREEMENT_VERSION][language]


@pytest.mark.parametrize(("language", "words"), [("ky", "№ 42 Мыйзам"), ("ru", "Закону № 42"), ("en", "Law No 42")])
def test_anybody_may_read_it(client: VisitorClient, language: str, words: str) -> None:
    page = client.get(f"/deposit/agreement?lang={language}").text
    assert words in page and AGREEMENT_VERSION in page
