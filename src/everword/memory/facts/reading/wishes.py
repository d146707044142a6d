"""Standing wishes: "never book me a middle seat", "text me, don't call", "window seat, always"."""

import re

from everword.memory.facts.grammar.wording import is_telling, trimmed
from everword.memory.facts.reading.said import Said
from everword.memory.facts.types import YES

_DEEDS = (
    r"(?:book|call|schedule|remind|send|use|suggest|recommend|put|write|order|add|text|wake|address|ask|include|give|"
    r"reply|message|"
    r"ring|phone|email|mention|invite|seat|serve|cook|plan|buy|quote|answer|speak|talk|explain|show|read|offer|propose|"
    r"set|ping|disturb|bother|assume|warn|tell|check)"
)
_STANDING = re.compile(
    rf"(?i)^(?:please |pls |so |and |but |just )*(?P<how>always|never|don['’]t ever|do not ever|"
    rf"never ever) (?P<what>{_DEEDS}\b .+)$"
)
_OF_SPEAKER = re.compile(
    rf"(?i)^(?:please |pls |so |and |but |just )*(?P<how>don['’]t|do not|only) (?P<what>{_DEEDS}\b .*\b(?:me|for me|"
    rf"with me|to me)\b.*)$"
)
_PREFERRED = re.compile(
    r"(?i)^(?P<what>(?:an? |the |only |no |full |short )?[\w’'-]+(?: [\w’'-]+){0,3}),? (?:always|every time|"
    r"whenever possible)"
    r"(?:,? (?:please|pls))?(?:,? and (?P<never>never .+))?$"
)
_CONFIDENCE = 0.75
_MOST_WORDS = 12
_VERBAL = re.compile(
    r"(?i)\b(?:is|are|was|were|am|has|have|had|will|would|can|i|he|she|they|we|you|it|there|thanks|love)\b|['’](?:s|"
    r"re|m|ll)\b"
)
_OF_TALK = re.compile(
    r"(?i)\b(?:again|today|tonight|tomorrow|now|yet|this (?:time|week)|code|function|output|error|format|step|"
    r"following)\b"
)


def wish(clause: str) -> Said | None:
    """What the speaker always or never wants done, told to whoever listens."""
    match = _STANDING.match(clause) or _OF_SPEAKER.match(clause)
    if match is not None:
        what = trimmed(match["what"])
        how = match["how"].casefold().replace("’", "'").replace("don't", "do not")
        return _wanted(f"{how} {what}", what) if len(what.split()) > 1 else None
    match = _PREFERRED.match(clause)
    if match is None or _VERBAL.search(match["what"]):
        return None
    never = f", {match['never'].strip(' .!')}" if match["never"] else ""
    return _wanted(f"always {match['what']}{never}", match["what"])


def _wanted(told: str, what: str) -> Said | None:
    without_me = re.sub(r"(?i)\b(?:it|that|this|them|her|him)\b", "", what)
    if len(what.split()) > _MOST_WORDS or _OF_TALK.search(what) or not is_telling(without_me):
        return None
    return Said(f"wants {told}".casefold(), YES, "want:", "wants:", "wanted:", told, confidence=_CONFIDENCE)
