"""The embedder that comes with a dependency."""

import numpy as np
import pytest

from everword.weights.embedders import static_embedder

WORDS = ["hello", "Straße", "été", "kamilodre", "2011", "日本", "привет", "a"] * 9


def test_single_words_are_embedded_as_texts_are() -> None:
    """Many at once through the tokenizer, to the last bit what each alone gives."""
    embedder = static_embedder()
    assert (embedder.embed_words(WORDS) == embedder.embed(WORDS)).all()


@pytest.mark.parametrize("words", [[], ["", "x"], ["two words", "one"], ["▁mark", "plain"]])
def test_what_is_no_single_word_is_embedded_all_the_same(words: list[str]) -> None:
    """Nothing, emptiness, spaces and the tokenizer's own mark shift no vector to another word."""
    embedder = static_embedder()
    assert (embedder.embed_words(words) == embedder.embed(words)).all()


def test_a_text_is_the_sum_of_its_tokens() -> None:
    """Long and short texts in one batch, and one without words."""
    embedder = static_embedder()
    texts = ["", "hello there", "word " * 3_000]
    together, alone = embedder.embed(texts), np.vstack([embedder.embed([text]) for text in texts])
    assert (together == alone).all()
    assert np.allclose(np.linalg.norm(together, axis=1), [0, 1, 1], atol=1e-6)
