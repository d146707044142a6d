"""What a model gets to read."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from everword.agents.context import ahead, assemble, estimate_tokens, quote_line, recall_budget
from everword.core.ids import ConversationId, EntryId, SpaceId, new_id
from everword.core.types import Label
from everword.memory.types import Entry, EntryKind, EntryState, Quote

AT = datetime(2026, 3, 9, 12, tzinfo=UTC)


def said(position: int, text: str, label: Label = Label.OWNER, kind: EntryKind = EntryKind.MESSAGE) -> Entry:
    return Entry(
        position=position,
        id=EntryId(new_id()),
        space_id=SpaceId("s"),
        conversation_id=ConversationId("c"),
        parent_id=None,
        version_of=None,
        kind=kind,
        label=label,
        speaker="",
        source="chat",
        external_id=None,
        state=EntryState.COMPLETE,
        run_id=None,
        model=None,
        basis=None,
        said_at=AT,
        recorded_at=AT,
        text=text,
        details=None,
    )


def talk(turns: int, words: int = 30) -> list[Entry]:
    """A conversation of `turns` questions and answers, and one more question."""
    entries = []
    for turn in range(turns):
        entries.append(said(2 * turn, f"question {turn} " + "word " * words))
        entries.append(said(2 * turn + 1, f"answer {turn} " + "word " * words, Label.ASSISTANT))
    return [*entries, said(2 * turns, "And now?")]


def read(entries: list[Entry], context_tokens: int = 6000, quotes: tuple[Quote, ...] = ()) -> str:
    """The prompt as one text, in the order it is read."""
    prompt = assemble(entries, entries[-1], quotes, own_instructions="", context_tokens=context_tokens)
    return "\n".join([prompt.instructions, *(text for _, text in prompt.history), prompt.question])


def test_the_question_comes_last_and_quotes_just_before_it() -> None:
    """What changes from turn to turn stands at the end: quotes, then the question."""
    quote = Quote(entry=replace(said(1, "The flat is painted."), speaker="Anna"), start=0, end=20, rank=1, score=1.0)
    text = read(talk(3), quotes=(quote,))
    assert text.endswith("9 March 2026, Anna: The flat is painted.\n\nAnd now?")
    assert text.index("question 0") < text.index("answer 2") < text.index("Quotes from memory")


def test_a_quote_has_the_day_on_which_its_owner_said_it() -> None:
    """Shortly after midnight in Tokyo it is still yesterday in UTC."""
    late = replace(said(1, "I saw it yesterday."), speaker="Anna", said_at=datetime(2026, 3, 9, 16, tzinfo=UTC))
    quote = Quote(entry=late, start=0, end=19, rank=1, score=1.0)
    assert quote_line(quote, "Asia/Tokyo") == "10 March 2026, Anna: I saw it yesterday (9 March 2026)."


def test_the_next_prompt_begins_with_what_was_read_ahead() -> None:
    """What a model reads at idle is exactly the beginning of its next prompt, quotes or not."""
    entries = talk(5)
    said_so_far = [*entries, said(11, "Now.", Label.ASSISTANT)]
    read_ahead = ahead(said_so_far, own_instructions="Be brief.", context_tokens=6000)
    following = [*said_so_far, said(12, "And then?")]
    following_prompt = assemble(following, following[-1], (), own_instructions="Be brief.", context_tokens=6000)
    assert following_prompt.instructions == read_ahead.instructions
    assert following_prompt.history == read_ahead.history


@given(turns=st.integers(0, 80), words=st.integers(1, 120), context=st.integers(1200, 9000))
def test_a_prompt_fits(turns: int, words: int, context: int) -> None:
    """However long the talk, the prompt leaves room for an answer, keeps the question and begins with the person."""
    entries = talk(turns, words)
    prompt = assemble(entries, entries[-1], (), own_instructions="", context_tokens=context)
    used = estimate_tokens(prompt.instructions) + estimate_tokens(prompt.question)
    used += sum(estimate_tokens(text) for _, text in prompt.history)
    assert used <= context
    assert prompt.question == "And now?"
    assert not prompt.history or not prompt.history[0][0]


def test_the_beginning_stays_the_same_over_many_turns() -> None:
    """When old turns are dropped, many go at once: over 60 turns the beginning changes a few times, not every time."""
    beginnings = []
    for turns in range(1, 61):
        entries = talk(turns)
        prompt = assemble(entries, entries[-1], (), own_instructions="", context_tokens=3000)
        beginnings.append(prompt.history[0][1])
    changes = sum(before != now for before, now in itertools.pairwise(beginnings))
    assert 1 <= changes <= 6


def test_a_long_attachment_is_cut_and_says_so() -> None:
    """A document larger than the context goes in as far as it fits, and the model is told that it was cut."""
    question = said(1, "What does it say?")
    document = replace(said(2, "x" * 90_000, Label.STRANGER, EntryKind.DOCUMENT), speaker="report.pdf")
    prompt = assemble([question, document], question, (), own_instructions="", context_tokens=4000)
    assert "report.pdf (its first" in prompt.question
    assert estimate_tokens(prompt.question) < 4000
    assert prompt.question.endswith("What does it say?")


def test_slow_models_are_given_less_to_read() -> None:
    """The recall budget follows the reading speed, has a floor for the slowest and a ceiling for the quickest."""
    speeds = [5.0, 28.0, 72.0, 300.0, 5000.0]
    budgets = [recall_budget(speed, "What did Anna say?") for speed in speeds]
    assert budgets == sorted(budgets)
    assert budgets[0] == 80
    assert budgets[-1] == recall_budget(None, "What did Anna say?") == 2400


@given(speed=st.floats(1, 1000))
def test_a_little_quicker_changes_little(speed: float) -> None:
    """The budget has no jump: a speed measured one part in a thousand higher moves it by a few tokens at most."""
    question = "What did Anna say?"
    assert abs(recall_budget(speed * 1.001, question) - recall_budget(speed, question)) <= 1 + speed * 0.01
