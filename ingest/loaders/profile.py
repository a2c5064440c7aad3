"""How a library's records are to be read: what its fields mean, its own words, its encoding, its fonts; pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Profile:
    """Every table is empty by default: then a field means what its format says.

    `encoding` "" is detected. `fields` maps what a source calls a field (a column, "900$a", "dc.title[ru]") to a
    path in our description (`ingest.loaders.targets`), or to "" to leave it out. `constants` maps paths to values.
    `terms` maps, by path, words of the source to values of ours. `letters` maps characters of a font drawn over
    another alphabet to what readers saw (ң ө ү). `separator` parts several values in one cell.
    """

    encoding: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    terms: dict[str, dict[str, str]] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    separator: str = ";"
