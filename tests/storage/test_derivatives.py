"""Files that can be made again: whole or not there."""

from pathlib import Path

import pytest

from repo.errors import StorageFullError
from repo.failpoints import armed
from repo.storage.derivatives import Derivatives

DIGEST = "0f" * 64


@pytest.fixture
def derivatives(tmp_path: Path) -> Derivatives:
    return Derivatives(tmp_path / "derivatives")


def test_kept_by_digest_and_recipe(derivatives: Derivatives, tmp_path: Path) -> None:
    assert derivatives.get(DIGEST, "thumbnail-320.webp") is None
    (tmp_path / "made.tif").write_bytes(b"pyramid")
    put = {
        "thumbnail-320.webp": derivatives.put(DIGEST, "thumbnail-320.webp", b"small"),
        "pages-2.tif": derivatives.put(DIGEST, "pages-2.tif", tmp_path / "made.tif"),
    }
    assert {recipe: derivatives.get(DIGEST, recipe) for recipe in put} == put
    assert put["pages-2.tif"].read_bytes() == b"pyramid"
    assert derivatives.get("f0" * 64, "pages-2.tif") is None
    derivatives.put(DIGEST, "thumbnail-320.webp", b"better")
    assert put["thumbnail-320.webp"].read_bytes() == b"better"


def test_discarded_with_the_original(derivatives: Derivatives) -> None:
    derivatives.put(DIGEST, "a", b"a")
    derivatives.put("0f" * 32, "a", b"b")
    derivatives.discard(DIGEST)
    derivatives.discard(DIGEST)
    assert derivatives.get(DIGEST, "a") is None
    assert derivatives.get("0f" * 32, "a") is not None
    assert derivatives.put(DIGEST, "a", b"again").read_bytes() == b"again"


def test_what_a_crash_left_is_swept(derivatives: Derivatives) -> None:
    (derivatives.root / "scratch" / "put-left").mkdir()
    assert derivatives.discard_scratch(3600) == 0
    assert derivatives.discard_scratch(0) == 1
    assert derivatives.discard_scratch(0) == 0


def test_a_full_disk_leaves_the_earlier_one(derivatives: Derivatives) -> None:
    derivatives.put(DIGEST, "a", b"old")
    with armed("derivative:before-rename=raise:ENOSPC"), pytest.raises(StorageFullError):
        derivatives.put(DIGEST, "a", b"new")
    path = derivatives.get(DIGEST, "a")
    assert path is not None and path.read_bytes() == b"old"
    assert list((derivatives.root / "scratch").iterdir()) == []


def test_a_link_is_not_followed(derivatives: Derivatives, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="symbolic"):
        derivatives.put(DIGEST, "a", tmp_path / "link")


@pytest.mark.parametrize("recipe", ["", "..", "../a", "a/b", ".hidden", "Upper", "a\n"])
def test_a_recipe_is_no_path(derivatives: Derivatives, recipe: str) -> None:
    with pytest.raises(ValueError):
        derivatives.put(DIGEST, recipe, b"")
    with pytest.raises(ValueError):
        derivatives.get("../" + DIGEST, "a")
