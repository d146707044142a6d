"""Queries of the word index: its fields, the tags that filters look for, and what a search asks of every shard."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from everword.memory.index.filters import Filters, conversation_key, microseconds


@cache
def schema() -> Any:
    """The fields of every shard. `entry` is the entry's own key, `root` that of its first version where it is a later
    one, `row` and `position` say where it stands."""
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("stem", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("word", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("tag", tokenizer_name="whitespace", index_option="basic")
    builder.add_integer_field("conversation", indexed=True)
    builder.add_integer_field("entry", indexed=True)
    builder.add_integer_field("root", indexed=True)
    builder.add_integer_field("said_at", fast=True)
    builder.add_integer_field("row", fast=True)
    builder.add_integer_field("position", fast=True)
    return builder.build()


def term(field: str, value: Any) -> Any:
    """Documents that have a value in a field."""
    import tantivy

    return tantivy.Query.term_query(schema(), field, value, "freq")


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many documents there are, and how many of them have each of the terms that a search asks for."""

    documents: int
    frequencies: dict[tuple[str, str], int]

    def idf(self, field: str, value: str) -> float:
        """The inverse document frequency as tantivy's BM25 has it."""
        found = self.frequencies[field, value]
        return math.log(1 + (self.documents - found + 0.5) / (found + 0.5))


def total(of_each: Sequence[Statistics]) -> Statistics:
    """The statistics of all shards together."""
    frequencies: dict[tuple[str, str], int] = {}
    for one in of_each:
        for key, found in one.frequencies.items():
            frequencies[key] = frequencies.get(key, 0) + found
    return Statistics(sum(one.documents for one in of_each), frequencies)


Groups = Sequence[Sequence[tuple[str, str]]]
"""Terms (field, value): a document has to have one of each group."""


def any_of(groups: Groups, here: Statistics, everywhere: Statistics) -> Any | None:
    """What to ask one shard, so that its scores are those of one index for all; None where nothing can match.

    A shard's BM25 weighs a term by how rare it is there: a boost makes up for the difference.
    """
    import tantivy

    parts = []
    for group in groups:
        either = [
            (tantivy.Occur.Should, _boosted(field, value, here, everywhere))
            for field, value in group
            if here.frequencies[field, value]
        ]
        if not either:
            return None
        parts.append(tantivy.Query.boolean_query(either))
    if len(parts) == 1:
        return parts[0]
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts])


def _boosted(field: str, value: str, here: Statistics, everywhere: Statistics) -> Any:
    import tantivy

    query = term(field, value)
    boost = everywhere.idf(field, value) / here.idf(field, value)
    return query if here is everywhere else tantivy.Query.boost_query(query, boost)


def limited(query: Any, filters: Filters) -> Any:
    """`query`, only where the filters fit; scores stay as they are."""
    import tantivy

    if filters.is_empty:
        return query
    limits = [term("tag", tag) for tag in filter_tags(filters)]
    if filters.conversation_id is not None:
        limits.append(term("conversation", conversation_key(filters.conversation_id)))
    if filters.since is not None or filters.until is not None:
        low = None if filters.since is None else microseconds(filters.since)
        high = None if filters.until is None else microseconds(filters.until)
        limits.append(
            tantivy.Query.range_query(schema(), "said_at", tantivy.FieldType.Integer, low, high, include_upper=False)
        )
    musts = [(tantivy.Occur.Must, tantivy.Query.const_score_query(limit, 0.0)) for limit in limits]
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *musts])


@lru_cache(4096)
def tags(kind: str, label: str, source: str, speaker: str) -> str:
    """The tags of an entry that filters look for, one word each."""
    names = [f"speaker:{word}" for word in speaker.casefold().split()]
    return " ".join([f"kind:{kind}", f"label:{label}", f"source:{'_'.join(source.split())}", *names])


def filter_tags(filters: Filters) -> list[str]:
    """The tags that an entry must have to fit."""
    wanted = [f"speaker:{word}" for word in (filters.speaker or "").casefold().split()]
    if filters.kind is not None:
        wanted.append(f"kind:{filters.kind.value}")
    if filters.label is not None:
        wanted.append(f"label:{filters.label.value}")
    if filters.source is not None:
        wanted.append(f"source:{'_'.join(filters.source.split())}")
    return wanted
