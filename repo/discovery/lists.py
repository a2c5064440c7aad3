"""Lists that readers take along: descriptions of works as a table or for reference managers."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from ingest.loaders.cell_writing import MARK, cells_of, columns_of, write_cell
from ingest.loaders.template import column_title
from repo.db import db
from repo.discovery.citations import Cited, write_bibtex, write_ris
from repo.items.metadata import Metadata, read_metadata
from repo.items.models import Item, Version
from repo.items.rights import is_public
from repo.settings import current_settings


@dataclass(frozen=True)
class ListFormat:
    label: str
    mime: str
    ending: str


LIST_FORMATS: Mapping[str, ListFormat] = {
    "csv": ListFormat("CSV", "text/csv", "csv"),
    "ris": ListFormat("RIS", "application/x-research-info-systems", "ris"),
    "bibtex": ListFormat("BibTeX", "application/x-bibtex", "bib"),
}


def write_list(name: str, item_ids: Sequence[str], lang: str) -> str:
    """The descriptions of those of the works that are public at this moment, in their order, in one of LIST_FORMATS."""
    query = sa.select(Item.id, Version.meta).join(Version, Version.id == Item.current_id)
    rows = db.session.execute(query.where(Item.id.in_(item_ids), is_public()))
    found = {row.id: read_metadata(row.meta) for row in rows}
    described = {item_id: found[item_id] for item_id in item_ids if item_id in found}
    if name == "csv":
        return _write_csv(described, lang)
    cited = {item_id: Cited(metadata, _address(item_id)) for item_id, metadata in described.items()}
    if name == "ris":
        return "\r\n".join(write_ris(one) for one in cited.values())
    return "\n".join(write_bibtex(one, item_id) for item_id, one in cited.items())


def _write_csv(described: Mapping[str, Metadata], lang: str) -> str:
    """The columns of bulk loads (`ingest.loaders.columns`), so that a library can load what it found elsewhere."""
    rows = [
        {"key": item_id, "addresses": _address(item_id)}
        | {path: write_cell(path, found) for path, found in cells_of(metadata).items()}
        for item_id, metadata in described.items()
    ]
    columns = columns_of({path for row in rows for path in row})
    out = io.StringIO()
    out.write(MARK)
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow([column_title(path, lang) for path in columns])
    writer.writerows([row.get(path, "") for path in columns] for row in rows)
    return out.getvalue()


def _address(item_id: str) -> str:
    return f"{current_settings().base_url}/records/{item_id}"
