"""PRONOM identifiers by signature, from the signature file that the package opf-fido carries.

The file is read as data and its patterns are compiled once in each child; fido's own program reads it again
for each run, reports to standard output and imports a web client.

Source: The National Archives, PRONOM, https://www.nationalarchives.gov.uk/PRONOM; the positions of patterns
(BOF, EOF, VAR, IFB) and the priorities as in fido's formats-vNNN.xml.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

WINDOW = 128 * 1024
"""Bytes from the beginning and from the end of a file that patterns are matched against, as in fido."""


@dataclass(frozen=True)
class Signature:
    """All of its patterns match: each a position and a pattern."""

    patterns: tuple[tuple[str, re.Pattern[bytes]], ...]

    def matches(self, head: bytes, tail: bytes) -> bool:
        return all(
            pattern.match(head) if position == "BOF" else pattern.search(tail if position == "EOF" else head)
            for position, pattern in self.patterns
        )


@dataclass(frozen=True)
class Known:
    """A format of the registry."""

    puid: str
    name: str
    extensions: frozenset[str]
    overrides: frozenset[str]
    expressions: tuple[tuple[tuple[str, str], ...], ...]

    @property
    @cache  # noqa: B019 - the registry is loaded once and lives as long as the process
    def signatures(self) -> tuple[Signature, ...]:
        """Compiled when first needed: a child sees few of the 2,300 formats."""
        return tuple(
            Signature(tuple((position, re.compile(source.encode())) for position, source in patterns))
            for patterns in self.expressions
        )


@cache
def load_registry() -> dict[str, Known]:
    """All formats by PUID; about 70 ms."""
    spec = find_spec("fido")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("opf-fido")
    folder = Path(spec.origin).parent / "conf"
    versions = ElementTree.parse(folder / "versions.xml")  # noqa: S314 - installed with the package
    registry = ElementTree.parse(folder / str(versions.findtext("pronomSignature")))  # noqa: S314
    return {known.puid: known for known in map(_read, registry.iterfind("format"))}


def _read(element: ElementTree.Element) -> Known:
    version = element.findtext("version")
    return Known(
        puid=str(element.findtext("puid")),
        name=" ".join(filter(None, (element.findtext("name"), version if version != "None" else None))),
        extensions=frozenset(extension.text or "" for extension in element.iterfind("extension")),
        overrides=frozenset(other.text or "" for other in element.iterfind("has_priority_over")),
        expressions=tuple(map(_read_patterns, element.iterfind("signature"))),
    )


def _read_patterns(signature: ElementTree.Element) -> tuple[tuple[str, str], ...]:
    return tuple(
        (str(pattern.findtext("position")), str(pattern.findtext("regex"))) for pattern in signature.iterfind("pattern")
    )


def match(head: bytes, tail: bytes, extensions: Iterable[str] = ()) -> list[Known]:
    """The formats whose signature matches, without those that a better match overrides.

    `extensions` narrows the search to formats that use one of them: the caller knows the kind already.
    """
    wanted = frozenset(extensions)
    found = [
        known
        for known in load_registry().values()
        if known.expressions
        and (not wanted or known.extensions & wanted)
        and any(signature.matches(head, tail) for signature in known.signatures)
    ]
    overridden = frozenset().union(*(known.overrides for known in found))
    return [known for known in found if known.puid not in overridden]
