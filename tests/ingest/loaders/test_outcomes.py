"""Every real package is loaded or refused as the documentation says."""

from pathlib import Path

import pytest

from ingest.loaders.packages import Note
from tests.ingest.loaders.outcomes import DOCUMENT, Outcome, count_loaded, describe, page_with, run_all


@pytest.fixture(scope="module")
def outcomes(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    return run_all(real_data, tmp_path_factory.mktemp("unpacked"))


def test_the_table_in_the_documentation_is_true(outcomes: list[Outcome]) -> None:
    assert DOCUMENT.read_text() == page_with(describe(outcomes)), "write it: python -m tests.ingest.loaders.outcomes"


def test_what_brings_its_files_is_loaded_with_them(outcomes: list[Outcome]) -> None:
    complete = {one.name.rpartition("/")[2]: one for one in outcomes if one.name.endswith(".zip") and one.format}
    files = {name: [file.name for file in one.packages[0].files] for name, one in complete.items()}
    assert files["saf-bitstreams.zip"] == ["file1.txt", "metadata_dcterms.xml"]
    assert files["example.zip"] == ["pdf1.pdf", "pdf2.pdf", "pdf3.pdf"]
    assert [file.until for file in complete["example-embargo.zip"].packages[0].files] == ["2025-02-15"]


def test_what_came_without_files_is_refused_for_that_alone(outcomes: list[Outcome]) -> None:
    exports = [one for one in outcomes if one.format == "eprints"]
    assert len(exports) == 13
    for one in exports:
        assert {remark.note for remark in one.packages[0].remarks} == {Note.FILE_MISSING}
        assert count_loaded(one.alone) == 1


def test_descriptions_say_what_the_records_say(outcomes: list[Outcome]) -> None:
    by_name = {one.name.rpartition("/")[2]: one.alone[0].metadata or {} for one in outcomes if one.alone}
    tale = by_name["saf-bitstreams.zip"]
    assert [title["value"] for title in tale["titles"]] == ["A Tale of Two Cities", "J'aime les Printemps"]
    assert tale["issued"] == "1990"
    book = by_name["lemurprints-92759.xml"]
    assert (book["type"], book["issued"]) == ("book", "2020-04")
    assert book["creators"][0]["orcid"] == "0000-0002-6364-8782"
    assert by_name["lemurprints-8599.xml"]["thesis"] == {
        "institutions": [{"value": "California Institute of Technology"}]
    }
    assert by_name["example.zip"]["creators"][1]["names"] == [{"family": "Monckton", "given": "D.G."}]


def test_bags_without_their_pictures_are_refused(outcomes: list[Outcome]) -> None:
    bags = [one for one in outcomes if one.format == "bagit"]
    assert len(bags) == 3
    assert all(Note.FILE_MISSING in {remark.note for remark in one.packages[0].remarks} for one in bags)


def test_objects_of_a_store_are_no_packages(outcomes: list[Outcome]) -> None:
    assert {one.format for one in outcomes if "ocfl" in one.name} == {""}
