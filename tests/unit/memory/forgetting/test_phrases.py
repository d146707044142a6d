"""What repeats what is forgotten, and the text without it."""

from hypothesis import given
from hypothesis import strategies as st

from everword.memory.forgetting.phrases import (
    BLACKED_OUT,
    Phrases,
    excerpts,
    moved,
    names_in,
    redacted,
    runs_of,
)

TEXT = st.text(alphabet="abc ÄÖ. 日本語7\n", max_size=60)


def test_a_run_of_words_is_a_repetition_and_single_ones_are_not() -> None:
    """Four words in a row are found in any case and with any punctuation; the same words apart are not."""
    phrases = Phrases(runs_of(["The cellar door opens with a penny"]))
    text = "He said: the CELLAR door, opens - with a penny. A door opens."
    assert redacted(text, phrases.spans(text)) == f"He said: {BLACKED_OUT}. A door opens."
    apart = "a penny for the cellar; it opens with the door"
    assert phrases.spans(apart) == []


def test_small_words_in_a_row_are_no_repetition() -> None:
    """A run that tells nothing gives nothing away."""
    assert runs_of(["and it was the"]) == frozenset()


def test_a_short_text_is_one_run() -> None:
    """Two telling words said again together are found."""
    phrases = Phrases(runs_of(["Blue heron"]))
    text = "a blue heron, a blue boat"
    assert [text[start:end] for start, end in phrases.spans(text)] == ["blue heron"]


def test_weak_words_count_only_where_one_looks_closely() -> None:
    """In a text known to have come of what is forgotten, words count that elsewhere say nothing."""
    phrases = Phrases(strong=frozenset({"4711"}), weak=frozenset({"cellar"}))
    text = "cellar 4711"
    assert phrases.spans(text) == [(7, 11)]
    assert phrases.spans(text, closely=True) == [(0, 11)]


def test_words_without_spaces_between_them() -> None:
    """In Japanese, pairs of characters overlap; a repetition is one span of whole characters."""
    phrases = Phrases(runs_of(["地下室の鍵は赤い"]))
    text = "あの地下室の鍵は赤いです"
    assert "地下室の鍵は赤い" not in redacted(text, phrases.spans(text))


def test_names_are_capitals_where_no_sentence_begins() -> None:
    """A capital after a full stop makes no name."""
    assert names_in("Yesterday Anna met Ben. Then they left") == {"anna", "ben"}


def test_excerpts_stand_around_telling_words_as_they_were_written() -> None:
    """Each has the word and is a part of the text."""
    text = "We hid the Marzipan under the stairs, near the coal"
    cut = excerpts(text, {"marzipan", "coal"}, 5)
    assert cut == ["hid the Marzipan under the", "near the coal"]


@given(said=TEXT, other=TEXT)
def test_spans_are_ordered_apart_and_whole(said: str, other: str) -> None:
    """Whatever is compared: spans are in order, do not touch, lie in the text, and blacking out removes each run."""
    phrases = Phrases(runs_of([said]), strong=frozenset({"7"}))
    spans = phrases.spans(other)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(set(edges))
    assert not edges or edges[-1] <= len(other)
    left = redacted(other, spans)
    assert len(left) == len(other) + sum(len(BLACKED_OUT) - (end - start) for start, end in spans)
    assert moved(len(other), spans) == len(left)
