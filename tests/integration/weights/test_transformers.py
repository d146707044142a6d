"""Transformers in their process: what they find alike, and that a question never waits long."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from everword.core import clock
from everword.weights.errors import EmbeddingFailed
from everword.weights.transformer_process import Transformers
from everword.weights.transformers import E5, MINILM

pytestmark = [pytest.mark.model, pytest.mark.slow]


def test_what_means_the_same_is_near(minilm: Transformers) -> None:
    """MiniLM puts a paraphrase before what shares a word, alone and among others."""
    process = minilm.process(MINILM.name)
    assert process is not None
    texts = ["The physician examined my knee", "The doctor of philosophy wrote a book", "Rain again", ""]
    vectors = process.passages(texts)
    question = process.question("Who looked at my leg, a doctor?", 60.0)
    assert question is not None
    assert int(np.argmax(vectors @ question)) == 0
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert vectors[0] @ process.passages(texts[:1])[0] > 0.98


def test_one_language_finds_another(e5: Transformers) -> None:
    """Multilingual E5, run from its four bits, puts what means the same in other languages before anything else."""
    process = e5.process(E5.name)
    assert process is not None
    said = ["Der Arzt hat mein Knie untersucht", "我们卖掉了旧自行车", "La receta lleva cuatro huevos"]
    vectors = process.passages(said)
    for place, asked in enumerate(("who examined my knee?", "what did we sell?", "how many eggs?")):
        question = process.question(asked, 60.0)
        assert question is not None
        assert int(np.argmax(vectors @ question)) == place


def test_a_question_does_not_wait_for_a_batch(minilm: Transformers) -> None:
    """While the child is busy a question gets nothing after its patience; before it is ready, nothing at once."""
    process = minilm.process(MINILM.name)
    assert process is not None
    process.warm()
    with process._lock:  # a batch that takes its time
        assert process.question("Where is the key?", 0.01) is None
    assert process.question("Where is the key?", 60.0) is not None
    process.rest()
    assert process.question("Where is the key?", 60.0) is None


def test_a_crash_costs_what_was_being_embedded(minilm: Transformers) -> None:
    """A child that dies fails the passages at hand, a question gets nothing, and the next passages start it anew."""
    process = minilm.process(MINILM.name)
    assert process is not None
    process.warm()
    child = process._child.process
    assert child is not None
    child.kill()
    child.wait()
    assert process.question("Where is the key?", 60.0) is None
    process.warm()
    child = process._child.process
    assert child is not None
    child.kill()
    child.wait()
    with pytest.raises(EmbeddingFailed):
        process.passages(["one"])
    assert process.passages(["one"]).shape == (1, 384)


def test_questions_go_before_passages(minilm: Transformers) -> None:
    """Passages that are asked for while a question waits come after it."""
    process = minilm.process(MINILM.name)
    assert process is not None
    process.warm()
    order: list[str] = []

    def ask() -> None:
        process.question("first", 60.0)
        order.append("question")

    def embed() -> None:
        process.passages(["then"])
        order.append("passages")

    asking, embedding = threading.Thread(target=ask), threading.Thread(target=embed)
    with process._lock:
        asking.start()
        while not process._waiting:
            clock.sleep(0.001)
        embedding.start()
    asking.join()
    embedding.join()
    assert order == ["question", "passages"]
