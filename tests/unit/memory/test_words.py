"""Words as recall sees them."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from everword.memory.passages import LONGEST, passages, sentences
from everword.memory.words import fold, stems, terms, words


@given(st.text())
def test_words_stand_where_they_say(text: str) -> None:
    """Every word's place is in the text, in order, and folding what stands there gives the word."""
    last = -1
    for word in words(text):
        assert last <= word.start < word.end <= len(text)
        last = word.start
        assert fold(text[word.start : word.end]) == word.folded or len(word.folded) <= 2


@given(st.text())
def test_terms_are_the_words(text: str) -> None:
    """The quick way through a text finds the same words as the one that keeps places."""
    assert [term.stem for term in terms(text)] == [word.stem for word in words(text)]


def test_forms_of_a_word_are_one() -> None:
    """Case, accents, possessives and English endings do not keep words apart."""
    assert stems("Running RUNS run") == ["run", "run", "run"]
    assert stems("Zoë's café") == stems("zoe cafe")
    assert stems("Marek’s map") == stems("marek maps")


def test_chinese_and_japanese_come_in_pairs() -> None:
    """Where there are no spaces, overlapping pairs of characters stand for words."""
    assert stems("我喜欢绿茶 tea") == ["我喜", "喜欢", "欢绿", "绿茶", "tea"]


@given(st.text(max_size=5000))
def test_passages_cover_the_text(text: str) -> None:
    """Passages follow each other without a gap and none is much longer than the most it may be."""
    spans = passages(text)
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert all(left[1] == right[0] for left, right in itertools.pairwise(spans))
    assert all(end - start <= 2 * LONGEST for start, end in spans)


@given(st.text())
def test_sentences_are_never_empty(text: str) -> None:
    """No sentence is empty or begins or ends with space."""
    assert all(text[start:end] and text[start:end] == text[start:end].strip() for start, end in sentences(text))
