"""Our fields and clauses in Tantivy's words."""

import re
from typing import TYPE_CHECKING

from repo.search.fields import YEAR_FIELD, FieldKind, FieldValues
from repo.search.ranking import (
    OTHER_PLACES,
    All,
    Best,
    Clause,
    Has,
    HasPhrase,
    HasPrefix,
    InYears,
    Nothing,
    Unscored,
)

if TYPE_CHECKING:
    from tantivy import Document, Query, Schema, Searcher

FREQUENT_WORDS = 100
"""How many words a beginning stands for where passages are chosen."""


def make_schema(fields: dict[str, FieldKind]) -> "Schema":
    """Terms are analysed by us: Tantivy only parts them at spaces, or takes a value as one term."""
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    for name, kind in fields.items():
        match kind:
            case FieldKind.ID:
                builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
            case FieldKind.STAMP:
                builder.add_integer_field(name, fast=True)
            case FieldKind.WORDS:
                builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
            case FieldKind.BAG:
                builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
            case FieldKind.SET:
                builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
            case FieldKind.CODE | FieldKind.SPELLING:
                builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
            case FieldKind.FACET | FieldKind.ORDER:
                builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
            case FieldKind.YEAR:
                builder.add_integer_field(name, indexed=True, fast=True)
            case FieldKind.STORED:
                # Bytes, because Tantivy would put a text field into its dictionary as well.
                builder.add_bytes_field(name, stored=True)
    return builder.build()


def make_document(values: FieldValues, fields: dict[str, FieldKind]) -> "Document":
    from tantivy import Document

    document = Document()
    for name, several in values.items():
        for value in several:
            if isinstance(value, int):
                document.add_integer(name, value)
            elif fields[name] is FieldKind.STORED:
                document.add_bytes(name, value.encode())
            else:
                document.add_text(name, value)
    return document


class Translator:
    """Translates clauses for one request on one index."""

    def __init__(self, schema: "Schema", fields: dict[str, FieldKind], searcher: "Searcher") -> None:
        self._schema = schema
        self._fields = fields
        self._searcher = searcher
        self._beginnings: dict[tuple[str, str], Query] = {}

    def translate(self, clause: Clause) -> "Query":
        from tantivy import Query

        match clause:
            case Has(field, term, weight):
                return Query.boost_query(self._term(field, term), weight)
            case HasPhrase(field, words, weight):
                return Query.boost_query(Query.phrase_query(self._schema, field, list(words)), weight)
            case HasPrefix(field, prefix, weight):
                return Query.boost_query(self._begins(field, prefix), weight)
            case InYears(first, last):
                return self._years(first, last)
            case Best(clauses):
                return Query.disjunction_max_query([self.translate(each) for each in clauses], OTHER_PLACES)
            case Unscored(inner):
                return Query.const_score_query(self.translate(inner), 0.0)
            case Nothing():
                return Query.empty_query()
            case All():
                return self._all(clause)

    def _term(self, field: str, term: str) -> "Query":
        from tantivy import Query

        option = {FieldKind.WORDS: "position", FieldKind.BAG: "freq"}.get(self._fields[field], "basic")
        return Query.term_query(self._schema, field, term, option)

    def _begins(self, field: str, prefix: str) -> "Query":
        from tantivy import Query

        if self._fields[field] is not FieldKind.SET:
            return Query.regex_query(self._schema, field, re.escape(prefix) + ".*")
        if (field, prefix) not in self._beginnings:
            # Asked once for each hit of a page, only to choose what to show: the frequent words will do.
            words = self._searcher.terms_with_prefix(field, prefix, limit=FREQUENT_WORDS)
            terms = [self._term(field, word) for word, _ in words]
            self._beginnings[field, prefix] = Query.disjunction_max_query(terms, 0.0)
        return self._beginnings[field, prefix]

    def _all(self, clause: All) -> "Query":
        from tantivy import Occur, Query

        parts = [(Occur.Must, self.translate(each)) for each in clause.must]
        parts += [(Occur.Should, self.translate(each)) for each in clause.should]
        if not parts:
            # Tantivy finds nothing for a boolean query that only excludes.
            parts.append((Occur.Must, Query.const_score_query(Query.all_query(), 0.0)))
        parts += [(Occur.MustNot, self.translate(each)) for each in clause.must_not]
        return Query.boolean_query(parts, clause.least or None)

    def _years(self, first: int | None, last: int | None) -> "Query":
        from tantivy import FieldType, Query

        return Query.range_query(self._schema, YEAR_FIELD, FieldType.Integer, first, last)
