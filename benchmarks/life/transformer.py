"""A transformer at a life's size: `python -m benchmarks.life.transformer --home FOLDER/1000000 --seconds 120`.

The folder is one that `benchmarks.life.measure --keep` has left, without a server on it. The newest passages are
embedded for so long, as the product does it; the others are given vectors by chance, which cost recall as much as
real ones. Then questions are asked with and without, in turns. All vectors are removed again.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from benchmarks.life import fill
from benchmarks.life.made_up import questions
from benchmarks.recall.embedding import FetchedTransformers
from everword.core import clock
from everword.core.ids import SpaceId
from everword.memory.index.indexer import Indexer
from everword.memory.index.transforming import Transforming
from everword.memory.recall import Recaller
from everword.weights.embedders import static_embedder
from everword.weights.embedding_process import EmbeddingProcess
from everword.weights.transformers import TRANSFORMERS

_WARMING = 20
_AT_ONCE = 16_384


def main() -> None:
    """Print how quickly it embeds, and how long recall takes with and without."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--home", type=Path, required=True)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--seconds", type=float, default=120)
    arguments.add_argument("--questions", type=int, default=200)
    arguments.add_argument("--transformer", default="minilm-l6-v2", choices=list(TRANSFORMERS))
    options = arguments.parse_args()
    database, who = fill.open_home(options.home, options.seed)
    indexer = Indexer(database, options.home / "index", EmbeddingProcess(static_embedder()))
    transformers = FetchedTransformers()
    choices = {who.own_space: options.transformer}
    try:
        rate = _embed_for(
            options.seconds,
            Transforming(database, indexer, transformers, choices=lambda: choices, should_yield=lambda: 0.0),
            who.own_space,
        )
        index = indexer.shelf.of(who.own_space)
        size = index.count
        print(f"{size:,} passages; {rate:.0f} a second, {size / rate / 3600:.1f} hours for all of them")
        _fill_by_chance(indexer, who.own_space, options.transformer)
        assert index.transformer is not None
        on_disk = sum(path.stat().st_size for path in index.transformer.folder.rglob("*"))
        print(f"{on_disk / size:.0f} bytes a passage on disk")
        process = transformers.process(options.transformer)
        assert process is not None
        process.warm()
        kinds = {
            "without": Recaller(database, indexer),
            "with": Recaller(database, indexer, transformers=transformers),
        }
        took: dict[str, list[float]] = {kind: [] for kind in kinds}
        used = 0
        for number, question in enumerate(questions(options.seed, size, 2 * (options.questions + _WARMING))):
            kind = list(kinds)[number % 2]
            recalled = kinds[kind].recall(who, question)
            took[kind].append(recalled.took_ms)
            used += any("transformer" in reason for hit in recalled.hits for reason in hit.reasons)
        for kind, those in took.items():
            p50, p95 = np.percentile(those[_WARMING:], [50, 95])
            print(f"recall {kind}: {p50:.0f} / {p95:.0f} ms (p50 / p95)")
        print(f"its vectors counted in {used} of {len(took['with'])} questions")
    finally:
        indexer.transform(who.own_space, "", 0)
        transformers.end()
        database.close()


def _embed_for(seconds: float, transforming: Transforming, space_id: SpaceId) -> float:
    """Embed for so long; how many passages a second."""
    transforming.start()
    while not (first := transforming.standing(space_id).done):
        time.sleep(0.2)
    started = clock.monotonic()
    time.sleep(seconds)
    rate = (transforming.standing(space_id).done - first) / (clock.monotonic() - started)
    transforming.stop()
    return rate


def _fill_by_chance(indexer: Indexer, space_id: SpaceId, name: str) -> None:
    """Vectors for all rows that have none."""
    dimensions = TRANSFORMERS[name].dimensions
    index = indexer.shelf.of(space_id)
    indexer.transform(space_id, name, dimensions)
    made = np.random.default_rng(1).standard_normal((_AT_ONCE, dimensions), dtype=np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    assert index.transformer is not None
    while (missing := index.transformer.missing(index.count, _AT_ONCE)) is not None:
        first, end = missing
        indexer.put_transformed(space_id, index, name, first, made[: end - first])


if __name__ == "__main__":
    main()
