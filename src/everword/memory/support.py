"""Whether a question is about the owner's own past, and whether what was found bears an answer out: rules, no model."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from everword.memory.question import Question
from everword.memory.words import is_stop_word

if TYPE_CHECKING:
    from everword.memory.recall import Hit

#: Asking for something to be made, explained or advised, which needs no memory whatever else the question names.
_TASK = re.compile(
    r"^(?:(?:please|hey|ok|so|and|can you|could you|would you|will you|i'd like you to|i want you to|help me(?: to)?)[,\s]+)*"
    r"(?:write|draft|compose|phrase|rewrite|rephrase|translate|convert|calculate|compute|solve|fix|correct|proofread|"
    r"summari[sz]e|explain|define|describe|outline|suggest|recommend|invent|create|generate|design|brainstorm|plan|"
    r"compare|pros and cons|name (?:a|an|two|three|four|five|some)|list (?:a|an|two|three|four|five|some|the)|"
    r"tell me (?:a|an) |give me (?:a|an|two|three|four|five|some)|make me|teach|sing|play|code|implement|"
    r"how (?:do|can|should|would|could) (?:i|you|we|one)|how to|what (?:should|can|could) (?:i|we)|"
    r"should i|is it (?:safe|ok|okay|normal|bad|good|possible|true)|what does|what is the difference)\b",
    re.IGNORECASE,
)
_SMALL_TALK = re.compile(
    r"^\W*(?:hi|hello|hey|thanks?|thank you|cheers|good (?:morning|afternoon|evening|night)|bye|goodbye|ok|okay|great|"
    r"nice|cool|how are you|how's it going|what's up|who are you|what can you do|what are you)\b(?!.*\b(?:my|did|was|were)\b)",
    re.IGNORECASE,
)
_REMEMBERING = re.compile(
    r"\b(?:remind me|remember|recall|did (?:i|we)|have (?:i|we)|had (?:i|we)|was i|were we|(?:i|we) (?:said|told|mentioned|"
    r"wrote|asked|decided|agreed|planned|bought|paid|went|did|had|was|were|saw|met|used|got|took|made|gave|chose|hold)|"
    r"when (?:i|we) |told (?:me|us|you)|said to me|say to me|tell me about (?:my|our|how|what|when|who)|"
    r"(?:last|again) time|did you (?:say|suggest|tell|recommend|advise|mention)|you (?:said|suggested|told|recommended))\b",
    re.IGNORECASE,
)
_OWN = re.compile(r"\b(?:my|mine|our|ours)\b", re.IGNORECASE)
_PAST = re.compile(r"\b(?:did|was|were|had|went|got|ended up|used to)\b|\b\w{3,}ed\b", re.IGNORECASE)
_KIN = re.compile(
    r"\b(?:mum|mom|mummy|dad|daddy|mother|father|granny|grandma|grandpa|grandad|nan|uncle|aunt|auntie|sister|brother|"
    r"wife|husband|partner|girlfriend|boyfriend|daughter|son|cousin|niece|nephew|boss|colleague|neighbou?r|landlord|"
    r"flatmate|roommate|in-laws?)(?:'s|’s|s)?\b",
    re.IGNORECASE,
)
_KIN_NAME = re.compile(r"\b(?:Mum|Mom|Dad|Granny|Grandma|Grandpa|Grandad|Nan|Uncle|Aunt|Auntie)\b")
_ABOUT_PAST = 1.0
_LOOKED_AT = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """`about_past`: it concerns the owner's own life. `is_supported`: something found bears it out; `confidence`, from
    0 to 1, is how much of what was asked it has."""

    about_past: bool
    is_supported: bool
    confidence: float


def judge(question: Question, hits: "Sequence[Hit]") -> Verdict:
    """The verdict on a question and what was found for it, best first."""
    confidence = max((support(question, hit) for hit in hits[:_LOOKED_AT]), default=0.0)
    return Verdict(is_about_past(question, hits), confidence >= 0.5, round(confidence, 3))


def is_about_past(question: Question, hits: "Sequence[Hit]") -> bool:
    """Whether it asks about the owner's own life: points for what such questions say, none where a task is set."""
    text = question.text.strip()
    if _SMALL_TALK.search(text) or not question.words:
        return False
    points = 1.0 if _REMEMBERING.search(text) else 0.0
    if _TASK.search(text):
        return points >= 1.0 and bool(_OWN.search(text) or question.speakers) and bool(_PAST.search(text))
    points += 1.0 if question.speakers else 0.0
    points += 1.0 if _KIN_NAME.search(text) else 0.5 if _KIN.search(text) else 0.0
    points += 0.6 if _OWN.search(text) else 0.3 if question.is_first_person else 0.0
    points += 0.4 if _PAST.search(text) else 0.0
    points += 0.4 if question.spans else 0.0
    points += _known(question, hits)
    return points >= _ABOUT_PAST


def _known(question: Question, hits: "Sequence[Hit]") -> float:
    """Up to 0.8 for words of the question that stand together in one find: what strangers ask rarely does."""
    asked = [word for word in question.words if not is_stop_word(word.folded)]
    if len(asked) < 2:
        return 0.0
    together = max((hit.features["coverage"] for hit in hits[:_LOOKED_AT]), default=0.0)
    return 0.8 * max(0.0, min(1.0, (together - 0.3) / 0.4))


def support(question: Question, hit: "Hit") -> float:
    """How much of what was asked one find has, 0 to 1."""
    values = hit.features
    wanted = (
        2.2 * values["soft_coverage"] + 1.4 * values["context_coverage"] + 1.0 * values["meaning"] + values["pairs"]
    )
    missing_name = bool(question.names) and values["names"] == 0 and values["is_speaker_named"] == 0
    return 1 / (1 + math.exp(-3 * (wanted - 2.0 - 0.5 * missing_name)))
