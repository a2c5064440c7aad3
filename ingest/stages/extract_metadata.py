"""What a document says of itself: properties, page count, size of a picture."""

from ingest.readers.documents import Metadata
from ingest.stages.context import Context
from ingest.stages.extract_text import reader_of


def extract_metadata(context: Context) -> Metadata:
    """Read the properties of `context.path`; empty where the kind has none or they are broken."""
    reader = reader_of(context.kind)
    if reader is None:
        return Metadata()
    metadata: Metadata = reader.read_metadata(context)
    return metadata
