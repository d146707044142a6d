"""Recall: from a question to the entries that answer it, best first, with why. No model is called."""

import math
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from everword.core import clock
from everword.core.ids import ConversationId, EntryId
from everword.core.types import Label, Principal
from everword.memory import budget, candidates, features, ranking, store, text_store, word_features
from everword.memory.index.filters import NO_FILTERS, Filters
from everword.memory.index.indexer import Indexer
from everword.memory.index.space_index import SpaceIndex
from everword.memory.index.threads import ask
from everword.memory.question import Question, beginnings, parse
from everword.memory.search import Matches, search
from everword.memory.support import Verdict, judge
from everword.memory.types import Entry
from everword.memory.vocabulary import Vocabulary
from everword.memory.words import Term
from everword.storage.database import Database
from everword.weights.transformer_process import Transformers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_READ_CLOSELY = 60
_CONTEXT_STEPS = 3
_FAMILIAR = 3
_JUDGED = 10  # finds that the verdict looks at
_PATIENCE_S = 0.03  # with a transformer that is busy
_COVERED = 0.5  # of the candidates: from there on its weights count, and what lacks a vector is average


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found. `entry.text[start:end]` is its best passage; `reasons` what each feature added."""

    entry: Entry
    start: int
    end: int
    score: float
    plain_score: float
    """Without a transformer: what the verdict is measured by, whichever embedder ranks."""
    reasons: dict[str, float]
    features: dict[str, float]

    @property
    def text(self) -> str:
        """The best passage."""
        return self.entry.text[self.start : self.end]

    @property
    def cost_tokens(self) -> int:
        """What quoting it costs in a prompt."""
        return budget.tokens(self.entry.said_at, self.entry.speaker, self.text)


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was found for a question, best first, and whether it can be relied on.

    `about_past`: the question is about the owner's own past, people or things. `is_supported`: something found bears
    it out; `confidence` is how sure that is, 0 to 1. `index_position` is how far the ledger had been indexed.
    """

    question: Question
    hits: list[Hit]
    took_ms: float
    index_position: int
    about_past: bool
    is_supported: bool
    confidence: float


class Recaller:
    """Asks the indexes of the spaces that a person may see, each by itself, and reads what they point to."""

    def __init__(
        self,
        database: Database,
        indexer: Indexer,
        weights: ranking.Weights | None = None,
        transformers: Transformers | None = None,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self.database = database
        self.indexer = indexer
        self._weights = weights
        self._transformers = transformers
        self._patience_s = patience_s
        self._vocabulary = Vocabulary(indexer.embedder)

    def warm(self) -> None:
        """Load what the first question would wait for: tokenizer, stemmers, parts of numpy, the indexes used last."""
        asked = parse("When did we first meet?", [], clock.now(), "UTC")
        self._vocabulary.read(["We met at last."], [Term(*word[2:]) for word in asked.words])
        self.indexer.shelf.open_latest()

    def recall(
        self,
        who: Principal,
        question: str,
        *,
        now: datetime | None = None,
        timezone: str = "UTC",
        k: int = 10,
        budget_tokens: int | None = None,
        filters: Filters = NO_FILTERS,
        conversation_id: ConversationId | None = None,
        exclude_entry_ids: Collection[EntryId] = (),
    ) -> Recalled:
        """The `k` entries that answer `question` best, fewer where `budget_tokens` is reached before.

        `now` and `timezone` (IANA) are the asker's: "yesterday" is seen from there. `conversation_id` is where it is
        asked: what was said there counts a little more. `exclude_entry_ids` leaves out what is in the prompt already.
        """
        started = clock.monotonic()
        now = now or clock.now()
        self.indexer.catch_up_with(who)
        indexes = [self.indexer.shelf.of(space_id) for space_id in sorted(who.spaces)]
        asked = self._ask_transformers(question, indexes)
        named = beginnings(question)
        known = [name for index in indexes for name in index.names.beginning_with(named)]
        parsed = parse(question, known, now, timezone)
        static = self.indexer.embedder.embed([question])[0]
        sought = candidates.Sought(static, {name: vector for name, wait in asked if (vector := wait()) is not None})
        ranked: list[Hit] = []
        exclude = set(exclude_entry_ids)
        most = max(k, _JUDGED) + len(exclude)
        for index in indexes:
            ranked += self._rank(who, index, parsed, sought, filters, now, conversation_id, exclude, most)
        ranked.sort(key=lambda hit: (-hit.score, hit.entry.position))
        verdict: Verdict = judge(parsed, ranked, _familiar(parsed, indexes, is_said=bool(exclude)))
        hits = ranked[:k] if budget_tokens is None else budget.within(ranked[:k], budget_tokens)
        return Recalled(
            question=parsed,
            hits=hits,
            took_ms=(clock.monotonic() - started) * 1000,
            index_position=self.indexer.position,
            about_past=verdict.about_past,
            is_supported=verdict.is_supported,
            confidence=verdict.confidence,
        )

    def _ask_transformers(
        self, question: str, indexes: list[SpaceIndex]
    ) -> "list[tuple[str, Callable[[], NDArray[np.float32] | None]]]":
        """Begin to embed the question by each transformer that those spaces have; each is waited for a moment only."""
        transformers = self._transformers
        if transformers is None:
            return []
        have = {index.transformer.name for index in indexes if index.transformer is not None and index.transformer.done}
        until = clock.monotonic() + 2 * self._patience_s
        embed = partial(transformers.question, text=question, patience_s=self._patience_s)
        asked = [(name, ask(partial(embed, name))) for name in sorted(have)]
        return [(name, partial(_within, future, until)) for name, future in asked]

    def search(
        self, who: Principal, query: str, *, filters: Filters = NO_FILTERS, limit: int = 30, cursor: str | None = None
    ) -> Matches:
        """Entries that have every word of `query`, for a screen that searches as one types (see `memory.search`)."""
        return search(self.database, self.indexer, who, query, filters, limit, cursor)

    def _rank(
        self,
        who: Principal,
        index: SpaceIndex,
        question: Question,
        sought: candidates.Sought,
        filters: Filters,
        now: datetime,
        here: ConversationId | None,
        exclude: set[EntryId],
        most: int,
    ) -> list[Hit]:
        """The candidates of one space, read and scored, best first."""
        import numpy as np

        fits = index.fits(index.rows(), filters)
        pool = candidates.find(index, question, sought, filters, fits)
        if not len(pool):
            return []
        has_vectors = bool((~np.isnan(pool.transformed)).mean() >= _COVERED)
        name = index.transformer.name if has_vectors and index.transformer is not None else ""
        weights = self._weights or ranking.shipped_weights(name)
        rare = features.rarity(pool, question)
        by_rows = features.row_features(pool, question, rare, now, here)
        if name:
            by_rows = np.hstack([by_rows, features.transformer_features(pool)])
        first = ranking.score(by_rows, weights.first)
        closest = np.argsort(-first, kind="stable")[:_READ_CLOSELY]
        found = pool.with_context(closest, _CONTEXT_STEPS, sought, fits)
        by_rows = features.row_features(found, question, rare, now, here)
        by_words = self._read(who, found, question, rare)
        plain = everything = features.together(by_rows, by_words)
        if name:
            everything = features.together(by_rows, by_words, features.transformer_features(found))
        scores = ranking.score(everything, weights.final)
        plain_scores = ranking.score(plain, ranking.shipped_weights().final) if name else scores.copy()
        scores[~found.is_eligible] = -np.inf
        best = np.argsort(-scores, kind="stable")[:most]
        with self.database.reading(who) as connection:
            by_position = {
                entry.position: entry for entry in store.by_positions(connection, who, found.take(best).positions)
            }
        return [
            _hit(
                found,
                place,
                entry,
                everything[[place]],
                (float(scores[place]), float(plain_scores[place])),
                weights.final,
            )
            for place in best.tolist()
            if found.is_eligible[place]
            and (entry := by_position.get(int(found.rows["position"][found.heads[place]]))) is not None
            and entry.id not in exclude
            and not _is_by_rule(entry)
        ]

    def _read(
        self, who: Principal, found: candidates.Candidates, question: Question, rare: features.Rarity
    ) -> "NDArray[np.float64]":
        """What the candidates' words say of them."""
        with self.database.reading(who) as connection:
            texts = text_store.texts(connection, who, found.positions)
        return word_features.text_features(found, texts, question, rare, self._vocabulary)


def _within(future: "Future[NDArray[np.float32] | None]", until: float) -> "NDArray[np.float32] | None":
    try:
        return future.result(max(until - clock.monotonic(), 0))
    except TimeoutError:
        return None


def _is_by_rule(entry: Entry) -> bool:
    """Whether it is a set phrase of ours ("I have nothing on that."), which says nothing of anybody's life."""
    return entry.label is Label.ASSISTANT and entry.run_id is not None and entry.model is None


def _familiar(question: Question, indexes: list[SpaceIndex], *, is_said: bool) -> frozenset[str]:
    """The names in the question that have been said a few times in the spaces searched; once, where little has been.

    `is_said`: the question is an entry itself, and says them once.
    """
    said = sum(index.count for index in indexes)
    fewest = min(_FAMILIAR, max(1, round(math.log10(max(said, 1)))) + is_said)
    return frozenset(name for name in question.names if sum(index.words.frequency(name) for index in indexes) >= fewest)


def _hit(
    found: candidates.Candidates,
    place: int,
    entry: Entry,
    values: "NDArray[np.float64]",
    scores: tuple[float, float],
    weights: dict[str, float],
) -> Hit:
    row = found.rows[found.best[place]]
    named = dict(zip(ranking.names_of(values), values[0].tolist(), strict=True))
    reasons = {
        name: round(value * weights.get(name, 0.0), 3)
        for name, value in named.items()
        if abs(value * weights.get(name, 0.0)) >= 0.05
    }
    score, plain_score = (round(each, 4) for each in scores)
    return Hit(entry, int(row["start"]), int(row["end"]), score, plain_score, reasons, named)
