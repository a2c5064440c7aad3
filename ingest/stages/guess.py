from dataclasses import dataclass

from ingest.readers.documents import Metadata, Text


@dataclass(frozen=True)
class Guesses:
    language: None = None


def guess(text: Text, metadata: Metadata) -> Guesses:
    return Guesses()
