"""Reasons: every feature of the ranker is told in a person's terms, and nothing that counted is dropped."""

from everword.memory.features import TRANSFORMED_FEATURES
from everword.memory.reasons import Reason, reason_of, weighed


def test_every_feature_has_its_reason() -> None:
    """Whatever the ranker weighs, a transformer's features and those for talks with an assistant too."""
    assert [feature for feature in TRANSFORMED_FEATURES if reason_of(feature) is None] == []


def test_what_counted_most_comes_first() -> None:
    """Points of one reason add up, also against it; what hardly counted and what is unknown is left out."""
    found = weighed({"words_z": 1.0, "pairs": 0.5, "meaning": 0.2, "is_long": -2.0, "in_time": 0.01, "new": 9.0})
    assert [(each.reason, each.points) for each in found] == [
        (Reason.FORM, -2.0),
        (Reason.WORDS, 1.5),
        (Reason.MEANING, 0.2),
    ]
