"""Names of files as people send them, made safe to store and to give out; pure."""

import re
import unicodedata
from collections.abc import Container
from pathlib import PurePosixPath

LONGEST = 200  # bytes: file systems take 255, and a number may be added

# Controls, and what overrides the direction of text: "exe.fdp" could be made to look like "pdf.exe" reversed.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def clean_name(name: str) -> str:
    """Return the last part of `name` in NFC, without control characters, at most 200 bytes long, ending kept.

    Folders of any system are taken off. What is left empty becomes "file".
    """
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    name = UNSEEN.sub("", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = re.sub(r'[<>:"|?*]', "_", name).strip(" .")
    if not name:
        return "file"
    ending = PurePosixPath(name).suffix
    if len(ending.encode()) > 20:
        ending = ""
    return _cut(name.removesuffix(ending), LONGEST - len(ending.encode())) + ending


def free_name(name: str, taken: Container[str]) -> str:
    """Return `name`, or "name (2)" and so on when it is taken; names that differ in case only count as equal."""
    stem, ending = PurePosixPath(name).stem, PurePosixPath(name).suffix
    number, candidate = 1, name
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{stem} ({number}){ending}"
    return candidate


def _cut(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore").rstrip()
