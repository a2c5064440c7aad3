"""Our fields as mappings, and rows as the bodies of documents: pure.

Terms are analysed by us, so Elasticsearch only parts them at spaces, or takes a value as one term: any build of it
will do, and both engines have the same terms.
"""

import json
from typing import Any

from repo.search.fields import INDEX_VERSION, ITEM_FIELDS, PASSAGE_FIELDS, FieldKind, FieldValues

ITEMS, PASSAGES = "items", "passages"
FIELDS: dict[str, dict[str, FieldKind]] = {ITEMS: ITEM_FIELDS, PASSAGES: PASSAGE_FIELDS}

WRITE = "write"
"""A field of this engine in both indices: which writing of an item a row or passage belongs to (`writing.py`)."""

VERSION = "muras"
"""In `_meta` of a mapping: the version of the fields."""

ANCHOR = "\x01"
"""A term that every row has in every field of words. Lucene weighs a word against the rows that have the field at
all, Tantivy against all rows: with it, both mean the same, and agree about fields that few items have."""

MAX_TERM = 8_000
"""Characters of a value that is one term: Lucene refuses a row with a term of more than 32,766 bytes."""

MAX_ROW = 30_000_000
"""Bytes of the largest row: a node takes requests of up to 100 MB."""

RETENTION = "1m"
"""How long what was written is kept as it was sent, which is three times the text, for a copy that was away: a merge
after that drops it. A copy that was away for longer is made anew."""

_POSITIONS_BETWEEN_VALUES = 100
_SIMILARITY = {"type": "BM25", "k1": 1.2, "b": 0.75}  # Tantivy's


INDEX_SETTINGS: dict[str, Any] = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "similarity": {"default": _SIMILARITY},
    "soft_deletes.retention_lease.period": RETENTION,
}
"""One shard, because frequencies are counted by shard, and a copy of it as soon as there are two nodes."""


def index_mapping(part: str) -> dict[str, Any]:
    """The mapping of an index. Of the rows nothing is kept but their terms, of passages where they stand."""
    fields = FIELDS[part]
    stored = [name for name, kind in fields.items() if kind is FieldKind.STORED]
    return {
        "dynamic": "strict",
        "_meta": {VERSION: INDEX_VERSION},
        "_source": {"includes": stored} if stored else {"enabled": False},
        "properties": {
            **{name: _field(kind) for name, kind in fields.items()},
            WRITE: {"type": "keyword", "index_options": "docs"},
        },
    }


def _field(kind: FieldKind) -> dict[str, Any]:
    match kind:
        case FieldKind.ID:
            return {"type": "keyword", "doc_values": False}
        case FieldKind.STAMP:
            return {"type": "long", "index": False}
        case FieldKind.WORDS:
            return _words("positions")
        case FieldKind.BAG:
            return _words("freqs")
        case FieldKind.SET:
            return _words("docs")
        case FieldKind.CODE:
            return {"type": "keyword", "doc_values": False, "norms": True, "ignore_above": MAX_TERM}
        case FieldKind.FACET:
            return {"type": "keyword", "eager_global_ordinals": True, "ignore_above": MAX_TERM}
        case FieldKind.SPELLING:
            # Asked for now and then, and counted at leisure: nobody's writing waits for its ordinals.
            return {"type": "keyword", "ignore_above": MAX_TERM}
        case FieldKind.YEAR:
            return {"type": "integer"}
        case FieldKind.ORDER:
            return {"type": "keyword", "index": False}
        case FieldKind.STORED:
            return {"type": "keyword", "index": False, "doc_values": False}


def _words(options: str) -> dict[str, Any]:
    gap = {"position_increment_gap": _POSITIONS_BETWEEN_VALUES} if options == "positions" else {}
    return {"type": "text", "analyzer": "whitespace", "index_options": options, **gap}


def row_body(part: str, values: FieldValues, write: str) -> bytes:
    """A row as JSON, in one line; of one larger than MAX_ROW the longest values end earlier."""
    fields = FIELDS[part]
    body: dict[str, Any] = {name: list(several) for name, several in values.items()}
    for name, kind in fields.items():
        if kind in (FieldKind.WORDS, FieldKind.BAG):
            body[name] = [ANCHOR, *body.get(name, ())]
    body[WRITE] = write
    row = _encode(body)
    while len(row) > MAX_ROW:
        _shorten(body)
        row = _encode(body)
    return row


def _encode(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _shorten(body: dict[str, Any]) -> None:
    """Halve the longest value."""
    places = [(values, at) for values in body.values() if isinstance(values, list) for at in range(len(values))]
    values, at = max(places, key=lambda place: len(str(place[0][place[1]])))
    values[at] = values[at][: len(values[at]) // 2]
