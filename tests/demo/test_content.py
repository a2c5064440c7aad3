"""What is written for the demonstration: whole, right by the house's own rules, and what its files really say."""

import re
from datetime import date
from pathlib import Path

import pytest

from ingest.stages.context import Context
from ingest.stages.extract_text import extract_text
from ingest.stages.kinds import Kind
from repo.demo.content import Stage, Work, load_house, load_works
from repo.items.access import Access
from repo.items.checks import check_metadata
from repo.items.metadata import Metadata
from repo.vocabularies import licences, types
from repo.vocabularies.numbers import is_orcid, is_ror
from tests.demo.making import DRAWN, FILES, load_texts

SCANNED = {name for name, document in load_texts().items() if document.properties.get("scan")}
WITH_TEXT = sorted(load_texts().keys() - SCANNED)
WITHOUT = {"video", "patent"}
"""Types of which the demonstration has nothing."""


def published() -> list[Work]:
    return [work for work in load_works() if work.stage is Stage.PUBLISHED]


def all_descriptions() -> list[Metadata]:
    changes = [(work, change) for work in load_works() for change in (work.second, work.correction) if change]
    return [work.metadata for work in load_works()] + [work.described(change) for work, change in changes]


def test_it_shows_every_type_language_script_and_way_of_access() -> None:
    described = [work.metadata for work in published()]
    assert {one.type for one in described} == set(types()) - WITHOUT
    assert {tag for one in described for tag in one.languages} >= {"ky", "ru", "en", "uz", "ky-Latn", "ky-Arab"}
    access = {one.access for one in described} | {Access.EMBARGOED for work in published() if work.embargo_months}
    assert access == set(Access)
    assert {work.stage for work in load_works()} == set(Stage)
    assert any(work.second for work in published()) and any(work.correction for work in published())
    assert any(work.withdrawn and work.withdrawn.replaced_by for work in published())
    assert any(len(one.creators) >= 8 and all(agent.affiliations for agent in one.creators) for one in described)
    assert any({text.lang for text in one.keywords} == {"ky", "ru", "en"} for one in described)
    whole = [one.thesis for one in described if all(one.thesis.model_dump().values())]
    assert {thesis.degree for thesis in whole} >= {"phd", "candidate-philol"}


def test_every_description_could_be_submitted() -> None:
    collections = {plan.code: plan for plan in load_house().collections}
    for work in load_works():
        if work.stage is Stage.DRAFT:
            continue
        collection = collections[work.collection]
        described = work.metadata.model_copy(update={"licence": work.metadata.licence or collection.licence})
        assert check_metadata(described, date(2026, 1, 1)) == [], work.key
        assert described.licence in licences(), work.key
        assert not collection.types or described.type in collection.types, work.key


def test_numbers_have_their_form_and_are_nobodys() -> None:
    """ORCID gives out 0000-0001-5 to 0000-0003-5 and 0009-0000 to 0009-0010; 10.5555 is a prefix for examples."""
    for described in all_descriptions():
        for agent in (*described.creators, *described.contributors):
            assert not agent.orcid or (is_orcid(agent.orcid) and agent.orcid.startswith("0009-9"))
            assert all(not place.ror or is_ror(place.ror) for place in agent.affiliations)
        assert all(n.value.startswith("10.5555/") for n in described.identifiers if n.scheme == "doi")


def test_every_file_is_used_and_there_are_few_bytes() -> None:
    used = {file.source for work in load_works() for file in work.files}
    used |= {file.source for work in load_works() if work.second for file in work.second.files}
    assert used == {path.name for path in FILES.iterdir()}
    assert set(load_texts()) | set(DRAWN) <= used, "made, but of no work: run scripts/make-demo-files"
    assert sum(path.stat().st_size for path in FILES.iterdir()) < 3_000_000


def test_every_record_says_that_it_is_invented() -> None:
    for described in all_descriptions():
        said = {note.lang: note.value for note in described.notes}
        assert load_house().note.items() <= said.items()


@pytest.mark.parametrize("name", WITH_TEXT)
def test_a_file_says_what_its_text_says(name: str) -> None:
    """Whoever mends a text without making the file again is told so."""
    pages = extract_text(Context(FILES / name, name, kind=Kind(name.rpartition(".")[2]))).pages
    # Each page begins with its number.
    said = letters_of(" ".join(page.lstrip().removeprefix(str(number)) for number, page in enumerate(pages, start=1)))
    for block in load_texts()[name].blocks:
        assert letters_of(block.text) in said


@pytest.mark.parametrize("name", sorted(SCANNED))
def test_a_scan_has_no_letter_of_text(name: str) -> None:
    assert not "".join(extract_text(Context(FILES / name, name, kind=Kind.PDF)).pages).strip()


def test_texts_mix_no_scripts_within_a_word() -> None:
    """A Latin letter that looks like a Cyrillic one makes a word that nobody finds."""
    folder = Path(__file__).parents[2] / "repo" / "demo"
    sources = [*folder.glob("items/*.toml"), folder / "house.toml", *(Path(__file__).parent / "making").rglob("*.txt")]
    for path in sources:
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8")):
            mixed = re.search(r"[a-zA-Z]", word) and re.search(r"[а-яёөүң]", word, re.IGNORECASE)
            # The Latin alphabet of 1928 has a letter that looks like ь, and is written with it.
            assert not mixed or re.fullmatch(r"[A-Za-zьçşŋɵƣ]+", word), f"{path.name}: {word}"


def letters_of(text: str) -> str:
    """The letters and digits alone: lines are broken and words hyphenated differently everywhere."""
    return "".join(character for character in text if character.isalnum())
