"""Whether a question is about the owner's own past: a rule, no model."""

from datetime import UTC, datetime

import pytest

from everword.memory.question import parse
from everword.memory.support import is_about_past, judge

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SPEAKERS = ["Priya Shah", "Tomek"]
FAMILIAR = frozenset({"lisbon", "nelli"})


def is_past(text: str) -> bool:
    return is_about_past(parse(text, SPEAKERS, NOW, "UTC"), [], FAMILIAR)


@pytest.mark.parametrize(
    "text",
    [
        "What did Priya say about the flat?",
        "what did i tell you about my back?",
        "When did we go to Lisbon?",
        "Remind me what the doctor recommended",
        "What's Nelli's surname?",
        "Which day was my operation?",
        "whats tomeks new address",
        "How did Mum get home last week?",
        "When is my wedding?",
        "Which program do I write with?",
        "Who is Nelli?",
        "Summarise how my garden went so far",
    ],
)
def test_questions_about_ones_own_life(text: str) -> None:
    """People who speak here, familiar names, my and our, the past and times make a question the owner's own."""
    assert is_past(text)


@pytest.mark.parametrize(
    "text",
    [
        "What is the capital of Peru?",
        "How do I sharpen a knife?",
        "Write a poem about my garden",
        "Translate this into French: where were we?",
        "Thanks, that was kind",
        "hello there",
        "Who wrote Moby Dick?",
        "Should I buy a bike?",
        "What is the best way to clean my oven?",
        "What do I need for a passport photo?",
        "My laptop gets hot when I play games, why is that?",
        "Summarise the rules of chess",
        "",
    ],
)
def test_questions_that_need_no_memory(text: str) -> None:
    """Tasks, advice, small talk and common knowledge are not about the past."""
    assert not is_past(text)


def test_nothing_found_supports_nothing() -> None:
    """Without a find there is no support and no confidence."""
    verdict = judge(parse("What did Priya say?", SPEAKERS, NOW, "UTC"), [])
    assert verdict.about_past
    assert not verdict.is_supported
    assert verdict.confidence == 0.0
