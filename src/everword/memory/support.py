"""Whether a question is about the owner's own past, and whether what was found bears an answer out: rules, no model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from everword.memory.question import Question

if TYPE_CHECKING:
    from everword.memory.recall import Hit


@dataclass(frozen=True, slots=True)
class Verdict:
    """`about_past`: it concerns the owner's own life. `is_supported`: something found bears it out, as far as
    `confidence` (0 to 1) says."""

    about_past: bool
    is_supported: bool
    confidence: float


def judge(question: Question, hits: "Sequence[Hit]") -> Verdict:
    """The verdict on a question and what was found for it, best first."""
    confidence = max((hit.features["coverage"] for hit in hits[:10]), default=0.0)
    return Verdict(question.is_first_person or bool(question.speakers), confidence >= 0.5, confidence)
