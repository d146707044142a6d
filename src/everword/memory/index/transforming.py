"""Embedding by a transformer in the background: the newest first, for whoever chose one, whenever nobody waits."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from everword.core import clock
from everword.core.background import Background
from everword.core.ids import PersonId, SpaceId
from everword.core.types import Principal
from everword.memory import text_store
from everword.memory.index import feed_store
from everword.memory.index.indexer import Indexer
from everword.memory.index.rows import IS_OLD_VERSION
from everword.memory.index.transformer_index import FOLDER
from everword.storage.database import Database
from everword.weights.errors import EmbeddingFailed
from everword.weights.transformer_process import TransformerProcess, Transformers

if TYPE_CHECKING:
    from numpy.typing import NDArray

_log = logging.getLogger(__name__)
_BLOCK_S = 2.0  # so much work is put on the disk at once, and a crash may lose it
_LEAST, _MOST = 16, 1024  # passages of it
_POLL_S = 2.0  # for what was chosen, and weights that arrived
_SETTLE_S = 0.5  # what is said arrives in several commits
_AFTER_FAILURE_S = 60.0
_SYSTEM = Principal.system()

Chosen = Mapping[SpaceId, str]
"""Which transformer each space is embedded by; spaces without one are not in it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a space's passages have been embedded. `problem` is for a person."""

    transformer: str | None
    passages: int
    done: int
    per_s: float
    has_weights: bool
    problem: str | None


class Transforming(Background):
    """Embeds in a thread of its own. Its position is beside each index and survives a crash.

    `choices()` is asked again and again. `on_change` hears, on that thread, what is chosen now and what was before.
    While `should_yield()` gives more than zero, or the index has a backlog, it waits.
    """

    def __init__(
        self,
        database: Database,
        indexer: Indexer,
        transformers: Transformers,
        *,
        choices: Callable[[], Chosen],
        should_yield: Callable[[], float],
        on_change: Callable[[Chosen, Chosen], None] = lambda _now, _before: None,
    ) -> None:
        super().__init__("transforming", after_failure_s=_AFTER_FAILURE_S, gather_s=_SETTLE_S)
        self._database = database
        self._indexer = indexer
        self._transformers = transformers
        self._choices = choices
        self._should_yield = should_yield
        self._on_change = on_change
        self._chosen: Chosen | None = None
        self._pending: set[SpaceId] = set()
        self._position = 0
        self._per_s: dict[str, float] = {}
        self._problem: str | None = None

    def stop(self) -> None:
        """End; the passages at hand are embedded again next time."""
        super().stop()
        self._transformers.end()

    def catch_up(self) -> None:
        """Embed, in this thread, all that can be embedded now. Raises EmbeddingFailed."""
        while self._embed_some():
            pass

    def standing(self, space_id: SpaceId) -> Standing:
        """How far it is in a space."""
        name = (self._chosen or {}).get(space_id)
        index = self._indexer.shelf.of(space_id)
        transformer = index.transformer
        done = transformer.done if transformer is not None and transformer.name == name else 0
        has_weights = name is not None and self._transformers.process(name) is not None
        per_s = self._per_s.get(name or "", 0.0)
        return Standing(name, index.count, done, per_s, has_weights, self._problem if name else None)

    def _round(self) -> float:
        try:
            has_more = self._embed_some()
        except EmbeddingFailed as error:
            self._problem = error.message
            raise
        self._problem = None
        return 0.0 if has_more else _POLL_S

    def _embed_some(self) -> bool:
        """Do what was chosen anew, then embed a block of each space that has something left; whether any had."""
        chosen = dict(self._choices())
        self._settle(chosen)
        self._take_fresh(chosen)
        for name in set(chosen.values()):
            process = self._transformers.process(name)
            if process is not None and not process.is_warm:
                process.warm()
        worked = False
        for space_id in sorted(self._pending):
            process = self._transformers.process(chosen[space_id])
            if process is not None and not self._stopping.is_set():
                if self._embed_block(space_id, process):
                    worked = True
                else:
                    self._pending.discard(space_id)
        return worked

    def _settle(self, chosen: Chosen) -> None:
        """Make and remove the places for vectors, where something else is chosen than before."""
        if chosen == self._chosen:
            return
        before = self._chosen or {}
        on_disk = {SpaceId(path.parent.name) for path in self._indexer.shelf.folder.glob(f"*/{FOLDER}")}
        for space_id in on_disk - chosen.keys():
            self._indexer.transform(space_id, "", 0)
        self._transformers.end(keeping=set(chosen.values()))
        self._on_change(chosen, before)
        self._pending, self._position = set(chosen), self._indexer.position
        self._chosen = chosen

    def _take_fresh(self, chosen: Chosen) -> None:
        """Look again where something was indexed."""
        position = self._indexer.position
        if position < self._position:  # the index begins again
            self._position, self._pending = position, set(chosen)
        if position > self._position and chosen:
            with self._database.reading(_SYSTEM) as connection:
                fresh = feed_store.spaces_between(connection, _SYSTEM, self._position + 1, position)
            self._pending |= fresh & chosen.keys()
            self._position = position

    def _embed_block(self, space_id: SpaceId, process: TransformerProcess) -> bool:
        """Embed the newest passages of a space that are not embedded yet; whether there were any."""
        import numpy as np

        name, dimensions = process.transformer.name, process.transformer.dimensions
        self._indexer.transform(space_id, name, dimensions)
        with self._indexer.shelf.holding(space_id) as index:
            rows, transformer = index.rows(), index.transformer
            size = min(max(round(_BLOCK_S * self._per_s.get(name, 0.0)), _LEAST), _MOST)
            missing = None if transformer is None else transformer.missing(len(rows), size)
            if missing is None:
                return False
            first, end = missing
            texts = self._texts(space_id, rows[first:end])
            vectors = np.zeros((end - first, dimensions), dtype=np.float32)
            left = sorted((at for at, text in enumerate(texts) if text), key=lambda at: len(texts[at]))
            count, took_s = len(left), 0.0
            while left:
                if not self._give_way():
                    return True
                some, left = left[: process.batch], left[process.batch :]
                started = clock.monotonic()
                vectors[some] = process.passages([texts[at] for at in some])
                took_s += clock.monotonic() - started
            self._indexer.put_transformed(space_id, index, name, first, vectors)
            if count:
                self._per_s[name] = count / max(took_s, 1e-6)
        return True

    def _texts(self, space_id: SpaceId, rows: "NDArray[Any]") -> list[str]:
        """The text of each passage; empty of one that is not found any more."""
        owner = Principal(PersonId(""), space_id, frozenset({space_id}))
        with self._database.reading(owner) as connection:
            whole = text_store.texts(connection, owner, rows["position"].tolist())
        spans = zip(whole, rows["start"].tolist(), rows["end"].tolist(), rows["flags"].tolist(), strict=True)
        return ["" if flags & IS_OLD_VERSION else text[start:end] for text, start, end, flags in spans]

    def _give_way(self) -> bool:
        """Wait while a person does, or the index has something newer to do; whether to go on."""
        while not self._stopping.is_set():
            pause_s = self._should_yield()
            if pause_s <= 0 and not self._indexer.has_backlog:
                return True
            self._stopping.wait(pause_s or _POLL_S)
        return False
