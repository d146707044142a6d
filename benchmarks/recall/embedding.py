"""Transformers for measuring: run as the product runs them, and what they embedded is kept for the next time.

Weights and vectors lie in the checkout's `.build`; embedding all sets takes a quarter of an hour the first time.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from everword.core.ids import SpaceId
from everword.memory.index.indexer import Indexer
from everword.memory.index.transforming import Transforming
from everword.storage.database import Database
from everword.weights import index
from everword.weights.fetch import Sources, fetch
from everword.weights.transformer_process import TransformerProcess, Transformers
from everword.weights.transformers import TRANSFORMERS, Transformer

HOME = Path(__file__).parents[2] / ".build"
_SAVED_EVERY = 1_000


class FetchedTransformers(Transformers):
    """Transformers whose weights are fetched when they are first wanted."""

    def __init__(self) -> None:
        super().__init__(HOME)

    def process(self, name: str) -> TransformerProcess | None:
        """See Transformers."""
        sources = Sources(indexes=index.index_urls(None, index.pip_config_files()))
        for part in TRANSFORMERS[name].parts:
            fetch(HOME, part, sources)
        return super().process(name)


class KeptTransformers(FetchedTransformers):
    """And which keep what they embedded."""

    def _started(self, transformer: Transformer, files: Sequence[Path]) -> TransformerProcess:
        return _KeptProcess(transformer, files)


class _KeptProcess(TransformerProcess):
    """Embeds only what it never did before."""

    def __init__(self, transformer: Transformer, files: Sequence[Path]) -> None:
        super().__init__(transformer, files)
        self._path = HOME / "embedded" / f"{transformer.name}.npz"
        self._known: dict[str, NDArray[np.float32]] = {}
        self._unsaved = 0
        self._at_once = 32
        if self._path.exists():
            with np.load(self._path) as stored:
                self._known = dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))

    def rest(self) -> None:
        """See TransformerProcess."""
        self._save()
        super().rest()

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        new = [place for place, key in enumerate(keys) if key not in self._known]
        if new:
            made = super()._embed([texts[place] for place in new])
            self._known |= {keys[place]: vector for place, vector in zip(new, made, strict=True)}
            self._unsaved += len(new)
        if self._unsaved >= _SAVED_EVERY:
            self._save()
        return np.stack([self._known[key] for key in keys])

    def _save(self) -> None:
        if self._unsaved:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            np.savez(self._path, keys=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))
            self._unsaved = 0


def embed(database: Database, indexer: Indexer, transformers: Transformers, space_id: SpaceId, name: str) -> None:
    """Embed all of a space by the transformer called `name`, as the background worker does."""
    choices = {space_id: name}
    Transforming(database, indexer, transformers, choices=lambda: choices, should_yield=lambda: 0.0).catch_up()
