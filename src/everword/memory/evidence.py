"""How well what was found bears an answer out: signs of each find, weighed by a small file, pooled over the best."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from everword.memory.answer_kind import AnswerKind, asked_for, gives
from everword.memory.question import Question
from everword.memory.words import stems

if TYPE_CHECKING:
    from everword.memory.recall import Hit

_SAYING = re.compile(r"\b(?:say|said|tell|told|think|thought|recommend|suggest|promise|mention)", re.IGNORECASE)
_SHARPNESS = 3.0  # of the soft maximum over the finds
_MANY_NEW_WORDS = 30
#: Features of the ranker that are signs of an answer too.
_OF_THE_RANKER = (
    "content_coverage", "content_missing", "named_near", "soft_coverage", "rarest", "pairs", "answers", "is_question",
    "coverage", "context_coverage", "meaning", "is_speaker_named", "names",
)  # fmt: skip
SIGNS = (
    *_OF_THE_RANKER, "not_said_by_named", "no_number", "no_time", "score", "asked_content", "above_others",
    "gives_kind", "has_content", "has_names", "new_words", "has_both", "asks_anything",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SupportWeights:
    """One weight a sign, and what they start from."""

    weights: dict[str, float]
    bias: float


@cache
def shipped_weights() -> SupportWeights:
    """The weights in `support.json`; how they came about is in benchmarks/recall."""
    text = resources.files("everword.memory").joinpath("support.json").read_text(encoding="utf-8")
    stored = json.loads(text)
    return SupportWeights(stored["weights"], stored["bias"])


def signs(question: Question, hits: "Sequence[Hit]") -> list[dict[str, float]]:
    """The signs of each find, by `SIGNS`."""
    average = sum(hit.plain_score for hit in hits) / max(len(hits), 1)
    return [_signs(question, hit, average) for hit in hits]


def _signs(question: Question, hit: "Hit", average: float) -> dict[str, float]:
    values = hit.features
    text = hit.text
    said = set(stems(text))
    given = said | set(stems(hit.entry.speaker))
    asked = {word.stem for word in question.words} | set(question.names)
    is_saying = bool(question.speakers) and bool(_SAYING.search(question.text))
    has_content = sum(stem in given for stem in question.content) / max(len(question.content), 1)
    has_names = sum(stem in given for stem in question.names) / len(question.names) if question.names else 1.0
    kind = asked_for(question.text)
    is_open = kind is AnswerKind.ANYTHING
    return {name: values[name] for name in _OF_THE_RANKER} | {
        "not_said_by_named": is_saying * (1 - values["is_speaker_named"]),
        "no_number": question.asks_how_many * (1 - values["gives_number"]),
        "no_time": question.asks_when * (1 - values["gives_time"]),
        "score": hit.plain_score / 10,
        "asked_content": len(question.content) / 5,  # the more is asked, the less of it any one find has
        "above_others": (hit.plain_score - average) / 5,
        "gives_kind": 0.6 if is_open else float(gives(kind, text, asked)),
        "has_content": has_content,
        "has_names": has_names,
        "new_words": min(len(said - set(question.search_stems)), _MANY_NEW_WORDS) / _MANY_NEW_WORDS,
        "has_both": has_content * has_names,
        "asks_anything": float(is_open),
    }


def confidence(found: Sequence[dict[str, float]], given: SupportWeights | None = None) -> float:
    """How sure it is that one of the finds answers, 0 to 1, from their signs: the best counts most."""
    if not found:
        return 0.0
    weights = given or shipped_weights()
    points = [sum(weights.weights.get(name, 0.0) * value for name, value in of_it.items()) for of_it in found]
    best = max(points)
    shares = [math.exp(_SHARPNESS * (point - best)) for point in points]
    pooled = sum(share * point for share, point in zip(shares, points, strict=True)) / sum(shares)
    return 1 / (1 + math.exp(-(pooled + weights.bias)))
