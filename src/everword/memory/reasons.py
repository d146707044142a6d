"""Why an entry was found, in a person's terms: the ranker's features gathered under eight reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_WITH_ASSISTANT = "_with_assistant"
_LEAST = 0.15


class Reason(StrEnum):
    """What spoke for an entry, or against it."""

    WORDS = "words"  # it has the question's words
    MEANING = "meaning"  # it means something like the question
    AROUND = "around"  # what was said beside it fits
    PEOPLE = "people"  # whom the question names
    TIME = "time"  # when the question asks about, and how long ago it was
    ANSWER = "answer"  # it has the form of an answer
    SPEAKER = "speaker"  # whose words they are
    FORM = "form"  # how long it is, and whether it is of this conversation


_FEATURES = {
    Reason.WORDS: (
        "words_z", "words_share", "coverage", "coverage_z", "soft_coverage", "content_coverage", "content_missing",
        "rarest", "pairs",
    ),
    Reason.MEANING: ("meaning_z", "meaning", "transformer_z", "transformer"),
    Reason.AROUND: (
        "words_1_away", "words_2_away", "meaning_1_away", "session_words", "session_meaning", "context_coverage",
        "transformer_1_away", "session_transformer",
    ),
    Reason.PEOPLE: ("is_speaker_named", "is_other_than_named", "is_with_named", "named_near", "names"),
    Reason.TIME: ("in_time", "near_time", "log_age"),
    Reason.ANSWER: ("answers", "is_question", "is_first_person", "gives_time", "gives_number"),
    Reason.SPEAKER: ("is_asker", "is_assistant", "is_document", "is_with_assistant"),
    Reason.FORM: ("log_length", "is_short", "log_cost", "is_long", "is_here"),
}  # fmt: skip
_OF = {feature: reason for reason, features in _FEATURES.items() for feature in features}


@dataclass(frozen=True, slots=True)
class Weighed:
    """How many points of a score a reason gave; negative where it spoke against the entry."""

    reason: Reason
    points: float


def weighed(points: Mapping[str, float]) -> list[Weighed]:
    """What each feature added to a score, gathered by reason: what counted most first. What hardly counted is left out.

    A feature that is of no reason, as of a ranker since, is left out too.
    """
    sums: dict[Reason, float] = {}
    for feature, added in points.items():
        reason = reason_of(feature)
        if reason is not None:
            sums[reason] = sums.get(reason, 0.0) + added
    found = [Weighed(reason, round(added, 2)) for reason, added in sums.items() if abs(added) >= _LEAST]
    return sorted(found, key=lambda each: -abs(each.points))


def reason_of(feature: str) -> Reason | None:
    """The reason that a feature is of."""
    return _OF.get(feature) or _OF.get(feature.removesuffix(_WITH_ASSISTANT))
