"""Where the index lies: generations of two indices, and two aliases that name the one in use.

    <prefix>.items                        alias of the items of the generation in use
    <prefix>.passages                     alias of their passages: an index apart, so that it does not change the
                                          items' ranking
    <prefix>.items.g-<generation>         an index; every release's mapping says in `_meta` which fields it has
    <prefix>.items.g-<generation>.rows    alias of that index alone, through which it is written: a bulk to an index
                                          that is gone would make it anew, a bulk to an alias that is gone fails
    <prefix>.lock                         who makes the next generation (`lease.py`)

A rebuild fills a new pair and moves both aliases to it in one change of the cluster's state: readers see the old
pair or the new one. A crash leaves the old one and a pair that the next rebuild removes.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from repo.search.elasticsearch.connection import Connection, translated_errors
from repo.search.elasticsearch.lease import Lease
from repo.search.elasticsearch.mapping import FIELDS, INDEX_SETTINGS, ITEMS, PASSAGES, VERSION, index_mapping
from repo.search.fields import INDEX_VERSION
from repo.search.ports import IndexBusyError, IndexState, SearchUnavailableError

PASSING = (401, 403, 429)
"""Answers that say nothing about the index: we may not ask, or not now."""


@dataclass(frozen=True)
class Generation:
    """One pair of indices."""

    prefix: str
    name: str

    @property
    def items(self) -> str:
        return f"{self.prefix}.{ITEMS}.{self.name}"

    @property
    def passages(self) -> str:
        return f"{self.prefix}.{PASSAGES}.{self.name}"

    @property
    def indices(self) -> list[str]:
        return [self.items, self.passages]


def rows_of(index: str) -> str:
    """The alias through which an index is written."""
    return f"{index}.rows"


class Generations:
    """All generations of one house in a cluster."""

    def __init__(self, connection: Connection, prefix: str, lease: float) -> None:
        self._connection = connection
        self._prefix = prefix
        self._lease = lease
        self._aliases = {part: f"{prefix}.{part}" for part in FIELDS}

    @property
    def items(self) -> str:
        return self._aliases[ITEMS]

    def current(self) -> Generation | None:
        """The generation in use; None before the first rebuild. Raises SearchUnavailableError, also when the two
        aliases do not name one pair."""
        named = sorted(self._named())
        if not named:
            return None
        generation = self._generation_of(named[0])
        if generation is None or named != sorted(generation.indices):
            raise DisorderError(f"the aliases name {', '.join(named)}")
        return generation

    def _named(self) -> list[str]:
        """The indices that the aliases name."""
        from elasticsearch import NotFoundError

        with translated_errors():
            indices = self._connection.reading().indices
            try:
                said = indices.get_alias(name=list(self._aliases.values()), expand_wildcards="all").body
            except NotFoundError as error:
                if not isinstance(error.body, dict):
                    raise
                said = error.body  # one or both are missing
        return [index for index, what in said.items() if isinstance(what, dict) and "aliases" in what]

    def state(self) -> IndexState:
        """Asks both indices for a row, which meets those that are closed, damaged or half gone."""
        try:
            generation = self.current()
            if generation is None:
                return IndexState.MISSING
            return IndexState.READY if self._versions(generation) == {INDEX_VERSION} else IndexState.OUTDATED
        except DisorderError:
            return IndexState.BROKEN

    @contextmanager
    def next(self) -> Iterator[tuple[Generation, Lease]]:
        """A new, empty generation, which becomes the current one when the block ends without an error.

        The block renews the lease now and then. Raises IndexBusyError when somebody else is making one.
        """
        with Lease.taken(self._connection, f"{self._prefix}.lock", self._lease) as lease:
            before = self._current_or_none()
            self._sweep()
            generation = Generation(self._prefix, f"g-{token_hex(6)}")
            try:
                self._create(generation)
                yield generation, lease
                lease.renew()
                self._switch(before, generation)
            except BaseException:
                with suppress(SearchUnavailableError):
                    self._sweep()  # not by its name: the aliases may have moved, and only the answer been lost
                raise
            self._sweep()

    def _current_or_none(self) -> Generation | None:
        try:
            return self.current()
        except DisorderError:
            return None

    def _versions(self, generation: Generation) -> set[object]:
        """The versions of the fields of both indices, if both answer."""
        with translated_errors():
            indices = self._connection.reading().indices
            mappings = indices.get_mapping(index=generation.indices, expand_wildcards="all").body
            self._look_into(generation)
        return {what["mappings"].get("_meta", {}).get(VERSION) for what in mappings.values()}

    def _look_into(self, generation: Generation) -> None:
        """Raises DisorderError for what a rebuild mends, ApiError for what time does: a node that is starting."""
        from elasticsearch import ApiError

        client = self._connection.reading()
        try:
            client.search(index=generation.indices, size=1, allow_partial_search_results=False)
        except ApiError as error:
            if error.status_code in PASSING:
                raise
            health = client.cluster.health(index=generation.indices, expand_wildcards="all", timeout="1s").body
            if health["initializing_shards"] or health["number_of_in_flight_fetch"]:
                raise
            raise DisorderError(str(error)) from error

    def _create(self, generation: Generation) -> None:
        client = self._connection.writing()
        with translated_errors():
            for part, index in zip(FIELDS, generation.indices, strict=True):
                client.indices.create(
                    index=index,
                    settings=INDEX_SETTINGS,
                    mappings=index_mapping(part),
                    aliases={rows_of(index): {}},
                )

    def _switch(self, before: Generation | None, generation: Generation) -> None:
        """Refused by the cluster when it is not `before` that is in use, or `generation` was swept away. Whatever
        disorder the aliases were in ends here."""
        client = self._connection.writing()
        actions: list[dict[str, Any]] = []
        with translated_errors():
            client.indices.refresh(index=generation.indices)
            for part, index in zip(FIELDS, generation.indices, strict=True):
                alias = self._aliases[part]
                old = f"{alias}.g-*" if before is None else f"{alias}.{before.name}"
                actions.append({"remove": {"index": old, "alias": alias, "must_exist": before is not None}})
                actions.append({"add": {"index": index, "alias": alias}})
            client.indices.update_aliases(actions=actions)

    def _sweep(self) -> None:
        """Remove every generation that no alias names."""
        aliases = set(self._aliases.values())
        with translated_errors():
            patterns = [f"{alias}.g-*" for alias in self._aliases.values()]
            found = self._connection.reading().indices.get_alias(index=patterns, expand_wildcards="all").body
            if unused := [index for index, what in found.items() if not aliases & what["aliases"].keys()]:
                self._connection.writing().indices.delete(index=unused, ignore_unavailable=True)

    def _generation_of(self, index: str) -> Generation | None:
        for alias in self._aliases.values():
            if index.startswith(f"{alias}.g-"):
                return Generation(self._prefix, index.removeprefix(f"{alias}."))
        return None


class DisorderError(SearchUnavailableError):
    """The index cannot be used until it is made anew."""


def still_current(generations: Generations, generation: Generation) -> None:
    """Raises IndexBusyError when another generation is in use by now."""
    if generations.current() != generation:
        raise IndexBusyError("the index was rebuilt meanwhile")
