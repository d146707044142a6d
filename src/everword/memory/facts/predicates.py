"""What a clause says in its own words, where no frame knows its verb: habits, states, and what happened for good."""

import re

from everword.memory.facts.lexicon import turning_points, words
from everword.memory.facts.said import HABIT, Said, is_habit, is_telling, trimmed
from everword.memory.facts.types import NO, YES, Precision
from everword.memory.facts.verbs import Verb, denied, past_of, third_of
from everword.memory.facts.when import Change, Tense, Times

_CONFIDENCE = 0.7
_COMPLETE = frozenset({"die", "divorce", "graduate", "separate", "emigrate", "resign"})
"""Verbs that say enough alone."""
_LEADS_ON = re.compile(
    r"(?i)^(?:a lot|a few|lots|many|some|to(?! (?:\w+ ){0,3}[A-Z])|that|like|as if|up|out|about|back)\b"
)
_COUNTED = re.compile(
    r"(?i)(?P<count>no|an?|my own|two|three|four|five|six|seven|eight|nine|ten|\d+) "
    r"(?P<what>[\w’'-]+(?: [\w’'-]+){0,4})"
)
_PRONOUN = re.compile(r"(?i)\b(?:i|we|he|she|they)\b")
_LINKS = re.compile(
    r"(?i)\s(?:coming|left|over|going|about|regarding|in|at|for|from|with|of|on|to|near|by|called|named|who|since)\b.*"
)


def own_words(verb: Verb, times: Times) -> Said | None:
    """The clause kept as it was said, where its verb and its times show that it says something lasting."""
    is_possible_only = verb.is_able and not verb.is_denied
    if verb.lemma == "be" or is_possible_only or verb.lemma in words("never_lasting"):
        return None
    rest = "" if not verb.rest and verb.lemma in _COMPLETE else _complement(verb.rest)
    if rest is None or not _is_lasting(verb, times, rest):
        return None
    you, third, past = verb.lemma, third_of(verb.lemma), past_of(verb.lemma)
    if verb.is_on:
        you, third, past = (f"{be} {verb.form}" for be in ("are", "is", "was"))
    is_event = _is_event(verb, times)
    if is_event and verb.tense in {Tense.PAST, Tense.PERFECT}:
        you = third = past
    if verb.tense is Tense.FUTURE:
        you = third = f"will {verb.lemma}"
    value, change = YES, Change.IS
    if verb.is_over:
        change = Change.ENDS
    elif verb.is_denied:
        value, you, third, past = NO, denied(you), denied(third), denied(past)
    slot = f"{third_of(verb.lemma)} {rest}".casefold()
    return Said(slot, value, you, third, past, rest, change, _CONFIDENCE, is_event)


def _is_event(verb: Verb, times: Times) -> bool:
    """Whether it is told as happening once, with or without its day."""
    if verb.is_denied or verb.is_over:
        return False
    if verb.tense in {Tense.PAST, Tense.PERFECT}:
        return (times.first or times.lasted) is None and verb.lemma in words("life_events")
    return times.at is not None and (verb.lemma in words("scheduled") or verb.lemma == "have")


def _complement(rest: str) -> str | None:
    """What belongs to the verb, up to the first comma that begins something else; None where it says nothing alone."""
    pieces = trimmed(rest).split(", ")
    kept = pieces[0]
    for piece in pieces[1:]:
        if not (is_habit(piece) or re.match(r"(?i)(?:and|or|in|at|near|with|from|not)\b|\d", piece)):
            break
        kept = f"{kept}, {piece}"
    return kept if is_telling(kept) else None


def _is_lasting(verb: Verb, times: Times, rest: str) -> bool:
    """Whether a verb in its tense tells of more than one occasion, or of one that changes somebody's life."""
    has_stretch = (times.first or times.last or times.lasted) is not None
    if verb.lemma in {"go", "come", "do", "meet"} and not HABIT.sub("", rest).strip(" ,"):
        return False
    is_frail = verb.lemma in words("frail") and not (is_habit(rest) or verb.is_usual)
    if verb.tense is Tense.USED_TO or verb.is_over:
        return not is_frail
    if verb.lemma == "have":
        return verb.tense is Tense.PRESENT and (
            _is_dated(rest, times) or _is_possession(rest, is_denied=verb.is_denied)
        )
    if verb.tense is Tense.PAST:
        return _is_biography(verb, times, rest)
    if verb.tense is Tense.PERFECT:
        return (has_stretch and not is_frail) or (verb.lemma in words("lasting_changes") and not verb.is_denied)
    if verb.tense is Tense.FUTURE or verb.is_on:
        is_planned = times.at is not None and verb.lemma in words("scheduled")
        return ((has_stretch or is_habit(rest)) and not is_frail) or is_planned or verb.lemma in words("lasting_doings")
    if has_stretch or is_habit(rest):
        return True
    if times.at is not None:
        return verb.lemma in words("scheduled")
    return not is_frail and not _LEADS_ON.match(rest)


def _is_biography(verb: Verb, times: Times, rest: str) -> bool:
    """Whether what was done is told as a part of a life: over years, in a year, as a trade, or for good."""
    if verb.is_on or verb.is_denied:
        return False
    is_long = (times.first or times.lasted) is not None or is_habit(rest)
    is_dated = times.at is not None and times.at.precision in {Precision.MONTH, Precision.YEAR}
    if verb.lemma in turning_points():
        return is_long or turning_points()[verb.lemma].search(rest) is not None
    if verb.lemma in words("life_events"):
        return verb.lemma in words("lasting_changes") or is_dated or is_long or not _LEADS_ON.match(rest)
    is_trade = re.match(r"(?i)as an? \w", rest) is not None
    return (is_long or is_dated or is_trade) and verb.lemma not in words("frail")


def _is_dated(rest: str, times: Times) -> bool:
    """Whether what somebody has is on a day that is named: an appointment, an exam."""
    match = _COUNTED.fullmatch(re.sub(r"(?i) at [\d:.]+.*$", "", rest))
    return match is not None and times.at is not None and _LINKS.sub("", match["what"]).split()[-1] in words("dated")


def _is_possession(rest: str, *, is_denied: bool) -> bool:
    """Whether what somebody has is a thing or a condition, and no meeting, question or cold."""
    match = _COUNTED.fullmatch(rest)
    if match is None:
        is_bare = (
            is_denied
            and rest.rsplit(maxsplit=1)[-1].casefold() not in words("passing_nouns")
            and len(rest.split()) <= 2
        )
        return is_bare or is_habit(rest)
    if _PRONOUN.search(match["what"]):
        return False
    head = _LINKS.sub("", match["what"]).split()[-1].casefold()
    return not {head, head.removesuffix("s")} & words("passing_nouns") and not head.endswith(("ing", "ion", "ment"))
