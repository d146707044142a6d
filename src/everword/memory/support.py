"""Whether a question is about the owner's own past, and whether what was found bears an answer out: rules, no model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from everword.memory import evidence
from everword.memory.languages import asking
from everword.memory.languages.detect import Language
from everword.memory.question import Question
from everword.memory.telling import is_told

if TYPE_CHECKING:
    from everword.memory.recall import Hit

#: Asking for something to be made, explained or advised, which needs no memory whatever else the question names.
_TASK = re.compile(
    r"^(?:(?:please|hey|ok|so|and|can you|could you|would you|will you|i'd like you to|i want you to|"
    r"help me(?: to)?)[,\s]+)*"
    r"(?:write|draft|compose|phrase|rewrite|rephrase|translate|convert|calculate|compute|solve|fix|correct|proofread|"
    r"summari[sz]e|explain|define|describe|outline|suggest|recommend|invent|create|generate|design|brainstorm|plan|"
    r"compare|pros and cons|name (?:a|an|two|three|four|five|some)|list (?:a|an|two|three|four|five|some|the)|"
    r"tell me (?:a|an) |give me (?:a|an|two|three|four|five|some)|make me|teach|sing|play|code|implement|"
    r"how (?:do|can|should|would|could) (?:i|you|we|one)|how (?:long|much|many|often) should|how to|"
    r"what (?:should|can|could) (?:i|we)|should i|is it (?:safe|ok|okay|normal|bad|good|possible|true)|"
    r"what does .{1,40} (?:mean|stand for)|what is the best|what(?:'s|’s| is) a good|"
    r"what is the difference|what(?:'s|’s| is) [\d(])",
    re.IGNORECASE,
)
_SMALL_TALK = re.compile(
    r"^\W*(?:(?:hi|hello|hey|thanks?|thank you|cheers|good (?:morning|afternoon|evening|night)|bye|goodbye|ok|okay|"
    r"great|nice|cool)\b[^?]*$|how are you|how's it going|what's up|who are you|what can you do|what are you\b)",
    re.IGNORECASE,
)
_REMEMBERING = re.compile(
    r"\b(?:remind me|remember|recall|did (?:i|we)|have (?:i|we)|had (?:i|we)|was i|were we|"
    r"(?:i|we) (?:said|told|mentioned|wrote|asked|decided|agreed|planned|bought|paid|went|did|had|was|were|saw|met|"
    r"used|got|took|made|gave|chose|hold)|when (?:i|we) (?:was|were|had|did|went|got|met|came|left|\w+ed)\b|"
    r"told (?:me|us|you)|said to me|say to me|"
    r"tell me about (?:my|our|how|what|when|who)|(?:last|again) time|"
    r"did you (?:say|suggest|tell|recommend|advise|mention)|you (?:said|suggested|told|recommended))\b",
    re.IGNORECASE,
)
#: How things stand with me: "when is my wedding", "which program do I write with"; but not what one does in general.
_OF_MINE = re.compile(
    r"^(?:and |so )?(?:at |in |on |for |to |until |since )?(?:what|which|when|where|who|whose|"
    r"how (?:much|many|often|long|well|good|far|old))\b(?:.*\b(?:my|our|mine|ours)\b|"
    r".*\b(?:do|am|are) (?:i|we)\b(?! (?:need|have|get|go|fix|make|"
    r"use|call|say|put|cook|wear|start|plant|tell|do (?:about|if|when)|supposed)))",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\b(?:best|better|good|should|could|can|might|would|ways? to|cause|normal|wrong|help|prevent|improve)\b",
    re.IGNORECASE,
)
_RETOLD = re.compile(
    r"^(?:please |can you |could you )*(?:summari[sz]e|list|give me|walk me through|tell me)\b.*\b(?:my|our|i|we)\b",
    re.IGNORECASE,
)
#: "the manuscript", "the ridge": something both sides know, where nothing else says which.
_THE_KNOWN = re.compile(
    r"\bthe (?!first|last|same|best|most|only|main|average|capital)[a-z]{3,}\b(?! (?:of|in|come)\b)"
)
_OWN = re.compile(r"\b(?:my|mine|our|ours)\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:did|was|were|had|went|got|ended up|used to|came|took|gave|said|told|paid|bought|made|ate|sold|left|met|saw|"
    r"found|lost|won|began|broke|wrote|sent|brought|thought|kept|held|ran|chose)\b|\b\w{3,}ed\b",
    re.IGNORECASE,
)
_OF_A_PERSON = re.compile(
    r"\b(?:code|password|number|address|birthday|surname|name|size|rent|price|salary|allerg\w+)\b", re.IGNORECASE
)
_OF_THE_WORLD = re.compile(
    r"\b(?:who (?:wrote|painted|invented|discovered|directed|composed|founded)|(?:capital|population|currency|plot) of|"
    r"what year (?:did|was) the|in what year|world war|meaning of)\b",
    re.IGNORECASE,
)
_KIN = re.compile(
    r"\b(?:mum|mom|mummy|dad|daddy|mother|father|granny|grandma|grandpa|grandad|nan|uncle|aunt|auntie|sister|brother|"
    r"wife|husband|partner|girlfriend|boyfriend|daughter|son|cousin|niece|nephew|boss|colleague|neighbou?r|landlord|"
    r"flatmate|roommate|in-laws?)(?:'s|’s|s)?\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"\b(?:does|did|do|is|was|has|had|will|would|can|who|whose)\s+$", re.IGNORECASE)
_KIN_NAME = re.compile(r"\b(?:Mum|Mom|Dad|Granny|Grandma|Grandpa|Grandad|Nan|Uncle|Aunt|Auntie)\b")

_ABOUT_PAST = 1.0
_SUPPORTED = 0.5
_SUPPORTED_UNASKED = 0.7  # of a question that does not ask for the past
_SAID_OF_IT_UNASKED = 0.75  # of its content words, in one find
_LOOKED_AT = 10
_SAID_TOGETHER = 0.4  # of `_known`, in a language other than English


@dataclass(frozen=True, slots=True)
class Verdict:
    """`about_past`: it concerns the owner's own life. `is_supported`: something found bears it out; `confidence`, from
    0 to 1, is how sure that is."""

    about_past: bool
    is_supported: bool
    confidence: float


def judge(question: Question, hits: "Sequence[Hit]", familiar: frozenset[str] = frozenset()) -> Verdict:
    """The verdict on a question and what was found for it, best first.

    `familiar` are the stems of the question's names that the spaces searched know.
    """
    about_past = is_about_past(question, hits, familiar)
    found = evidence.signs(question, hits[:_LOOKED_AT])
    confidence = evidence.confidence(found)
    is_supported = confidence >= _SUPPORTED if about_past else _is_answered_unasked(question, found, confidence)
    is_idle = bool(_SMALL_TALK.search(question.text.strip())) or not question.search_stems
    return Verdict(about_past, is_supported and not is_idle, round(confidence, 3))


def _is_answered_unasked(question: Question, found: list[dict[str, float]], confidence: float) -> bool:
    """Whether a question that does not ask for the past is answered from it all the same: most of it is said there."""
    is_english = question.language is Language.ENGLISH
    if _TASK.search(question.text.strip()) if is_english else asking.sets_a_task(question.text, question.language):
        return False
    most = max((signs["has_content"] for signs in found), default=0.0)
    return confidence >= _SUPPORTED_UNASKED and most >= _SAID_OF_IT_UNASKED


def is_about_past(question: Question, hits: "Sequence[Hit]", familiar: frozenset[str] = frozenset()) -> bool:
    """Whether it asks about the owner's own life: points for what such questions say, none where a task is set."""
    text = question.text.strip()
    if _SMALL_TALK.search(text) or not question.words or is_told(text):
        return False
    if question.language is not Language.ENGLISH:
        return _is_of_own_life(question, hits, familiar)
    points = 1.0 if _REMEMBERING.search(text) else 0.0
    if _RETOLD.search(text) and _PAST.search(text) and (points or _OWN.search(text)):
        return True
    if _TASK.search(text):
        return points >= 1.0 and bool(_OWN.search(text) or question.speakers) and bool(_PAST.search(text))
    points += 1.0 if question.speakers else 0.0
    points += 0.8 if _OF_MINE.search(text) and not _ADVICE.search(text) else 0.0
    points += 0.4 if _THE_KNOWN.search(text) else 0.0
    points += 1.0 if _KIN_NAME.search(text) else 0.5 if _KIN.search(text) else 0.0
    points += 0.6 if _OWN.search(text) else 0.3 if question.is_first_person else 0.0
    points += 0.4 if _PAST.search(text) else 0.0
    points += 0.4 if question.spans else 0.0
    points += _of_familiar(question, familiar)
    points -= 0.6 if _OF_THE_WORLD.search(text) else 0.0
    return points + _known(question, hits) >= _ABOUT_PAST


def _is_of_own_life(question: Question, hits: "Sequence[Hit]", familiar: frozenset[str]) -> bool:
    """The same for other languages, by fewer signs: the asker, somebody known, or words that were said together."""
    if asking.sets_a_task(question.text, question.language):
        return False
    is_of_somebody = bool(question.speakers) or any(word.stem in familiar for word in question.words)
    is_own = asking.asks_of_own_life(question.text, question.language)
    return is_own or is_of_somebody or _known(question, hits) >= _SAID_TOGETHER


def _of_familiar(question: Question, familiar: frozenset[str]) -> float:
    """Up to 1 for a name that is known here: more where something is theirs, or what only people have is asked."""
    known = [word for word in question.words if word.stem in familiar]
    if not known:
        return 0.0
    written = [question.text[word.start : word.end] for word in known]
    is_theirs = any(name.endswith(("'s", "’s", "'", "’")) for name in written)
    is_subject = any(_SUBJECT.search(question.text[: word.start]) for word in known)
    return 0.7 + (0.3 if is_theirs or is_subject or _OF_A_PERSON.search(question.text) else 0.0)


def _known(question: Question, hits: "Sequence[Hit]") -> float:
    """Up to 0.8 for words of the question that stand together in one find: what strangers ask rarely does."""
    asked = [word for word in question.words if not word.is_stop]
    if len(asked) < 2:
        return 0.0
    together = max((hit.features["coverage"] for hit in hits[:_LOOKED_AT]), default=0.0)
    return 0.8 * max(0.0, min(1.0, (together - 0.3) / 0.4))
