"""What Today shows of an answer."""

from __future__ import annotations

import pytest

from everword.agents.today import Delivered
from tests.unit.agents.test_context import said


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("## A plan\n\nFirst **call** the roofer:\n\n- order `lead`\n", "A plan First call the roofer: order lead"),
        ("```python\nprint(1)\n```\nThat is all.", "print(1) That is all."),
        ("See [the survey](https://example.org/a).", "See the survey."),
        ("2 * 3 * 4 and snake_case_names stay", "2 * 3 * 4 and snake_case_names stay"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "| a | b | | 1 | 2 |"),
    ],
)
def test_an_excerpt_is_words(answer: str, shown: str) -> None:
    """The beginning of an answer is shown without the signs of its Markdown, and nothing that was said is lost."""
    delivered = Delivered(run=None, conversation=None, entry=said(1, answer))  # type: ignore[arg-type]
    assert delivered.excerpt == shown
