"""Texts of files: what is written is read, whole and in pieces, by others too, and damage is no crash."""

import gzip
import json
import subprocess
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from repo.storage import derivatives
from repo.storage.texts import (
    FORMER_RECIPE,
    PIECE,
    RECIPE,
    has_text,
    pack,
    read_pages,
    read_piece,
    read_pieces,
    write_text,
)

DIGEST = "ab" * 64
PAGES = ["Биринчи бет", "", "Көл " * 20_000, "тоо" * 20_000, "Акыркы\nбет"]


def test_pages_and_pieces(context: Flask) -> None:
    assert not has_text(DIGEST)
    write_text(DIGEST, PAGES)
    assert has_text(DIGEST)
    assert read_pages(DIGEST) == PAGES
    pieces = read_pieces(DIGEST)
    assert [read_piece(DIGEST, number) for number in range(len(pieces))] == [piece.text for piece in pieces]
    assert max(len(piece.text) for piece in pieces) <= PIECE
    assert [piece.page for piece in pieces if piece.page != 3][:3] == [1, 2, 4]
    assert read_piece(DIGEST, len(pieces)) == read_piece(DIGEST, -1) == ""


def test_others_read_it_as_gzip(context: Flask, tmp_path: Path) -> None:
    write_text(DIGEST, PAGES)
    path = derivatives().get(DIGEST, RECIPE)
    assert path is not None
    said = subprocess.run(["gzip", "-dc", path], check=True, capture_output=True).stdout.decode()
    assert said == gzip.decompress(path.read_bytes()).decode()
    assert "".join(PAGES[2:4]) in "".join(
        text for _page, text in map(json.loads, said.replace("][", "]\n[").split("\n"))
    )


def test_what_earlier_releases_kept_is_read(context: Flask) -> None:
    derivatives().put(DIGEST, FORMER_RECIPE, gzip.compress(json.dumps(PAGES).encode()))
    assert has_text(DIGEST) and read_pages(DIGEST) == PAGES
    assert read_piece(DIGEST, 2) == PAGES[2] and read_piece(DIGEST, 9) == ""


def read_pieces_of(whole: bytes) -> list[str]:
    """The texts in a file that is not damaged, as gzip and JSON say it."""
    said = json.loads("[" + gzip.decompress(whole).decode().replace("][", "],[") + "]")
    return said[0] if isinstance(said[0][0], str) else [text for _page, text in said]


@pytest.mark.parametrize("length", [0, 5, 15, 40, 200, 1000])
@pytest.mark.parametrize("recipe", [RECIPE, FORMER_RECIPE])
def test_what_is_damaged_is_as_if_it_were_gone(context: Flask, recipe: str, length: int) -> None:
    whole = pack(PAGES) if recipe == RECIPE else gzip.compress(json.dumps(PAGES).encode())
    for damaged in (whole[:length], whole[:length] + bytes(len(whole) - length)):
        derivatives().put(DIGEST, recipe, damaged)
        assert read_pages(DIGEST) == []
        assert read_piece(DIGEST, 3) in ("", read_pieces_of(whole)[3])


def test_many_pages_are_no_more_than_the_table_holds(context: Flask) -> None:
    write_text(DIGEST, pages := [f"{number}" for number in range(16_000)])
    assert read_pages(DIGEST) == pages
    write_text("cd" * 64, pages := [f"{number}" for number in range(17_000)])
    assert read_pages("cd" * 64) == pages and read_piece("cd" * 64, 16_999) == "16999"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), max_size=5))
def test_any_text_survives(pages: list[str]) -> None:
    content = pack(pages)
    assert gzip.decompress(content).decode().count("[") >= len(pages)
