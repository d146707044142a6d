"""What a clause says in its own words, where no frame knows its verb: habits, states, and what happened for good."""

import re

from everword.memory.facts.grammar.lexicon import turning_points, words
from everword.memory.facts.grammar.verb_forms import denied, past_of, third_of
from everword.memory.facts.grammar.verbs import Verb
from everword.memory.facts.grammar.when import Change, Tense, Times
from everword.memory.facts.grammar.wording import HABIT, is_habit, is_telling, trimmed
from everword.memory.facts.reading.said import Said
from everword.memory.facts.types import NO, YES, Precision

_CONFIDENCE = 0.7
_BARE = frozenset(
    {"in", "on", "at", "for", "to", "with", "from", "by", "up", "out", "off", "over", "down", "on to", "in for"}
)
_ABSTAINED = frozenset({"drive", "drink", "swim", "cook", "cycle", "gamble", "dance", "fly", "vote"})
_DOING = frozenset({"do", "put", "want", "see", "meet", "need"})
"""Verbs that are lasting with a habit only."""
_COMPLETE = frozenset(
    {"die", "divorce", "graduate", "separate", "emigrate", "resign", "split", "retire", "qualify", "marry", "relapse"}
)
"""Verbs that say enough alone."""
_LEADS_ON = re.compile(
    r"(?i)^(?:a lot|a few|lots|many|some|to(?! (?:\w+ ){0,3}[A-Z])|that|like|as if|up|out|about|back|forward|fond)\b"
)
_COUNTED = re.compile(
    r"(?i)(?P<count>no|an?|(?:my |the )?[\w-]+['’]s|my own|two|three|four|five|six|seven|eight|nine|ten|\d+) "
    r"(?P<what>[\w’'-]+(?: [\w’'-]+){0,4})"
)
_ABLE = re.compile(
    r"(?i)(?:(?:drive|swim|run|jog|exercise|manage|do stairs|hear|smell|taste|walk|fly|lift|kneel|tolerate|digest|"
    r"cycle|"
    r"ride|whistle|sing|cook|"
    r"climb|use|work|"
    r"travel|read|dance|type|eat|drink|bend|handle|wear|touch|go near)\b(?! (?:this|that|it|these|those)\b)|"
    r"(?:have|do|take) (?!the\b|an?\b|any\b|much|more|my\b|your|this|that|it\b|all\b|part\b|care\b|credit|time|"
    r"place|kids|"
    r"nothing|without|so\b|justice|better|less|everything|anything)[\w’'-]+(?: [\w-]+)?$)"
)
"""What somebody who cannot do it cannot do for long: "can't drive", "can't have nuts"."""
_EXPECTED = re.compile(
    r"(?i)(?:expect (?:an? |our |their |her |his )?(?:\w+ )?(?:baby|child|twins|girl|boy|first|second|third)|"
    r"(?:write|finish) (?:an?|my|her|his|the) (?:[\w-]+ )*(?:thesis|dissertation|novel|book|memoir|phd|degree))\b"
)
_CONSTANT = re.compile(
    r"(?i)(?:take (?!care\b(?! of)|place|part\b|time|note|advantage|notice|up\b|over|off|on\b|out|it\b|back|down|"
    r"action|"
    r"steps?\b|turns|pride|risks?\b|responsib|longer|in\b|a\b|an\b|the\b|my\b|his\b|her\b|your|this|that|these|"
    r"those|some|"
    r"any|one|forever|ages|away|into|long|place|many|much|to\b|from\b|for\b|more|me\b|us\b|him\b|them\b|"
    r"another)[a-z-]+(?: [a-z]+){0,2}$|"
    r"take care of (?:my|our|his|her|(?-i:[A-Z]))|look after (?:my|our|his|her|the|(?-i:[A-Z]))|"
    r"do (?:the|all the|our|most of the) (?!thing|same|best|right|trick|job|rest|opposite|talking|work|dishes|"
    r"following|math|"
    r"maths|latter|former|first|next)[a-z-]+(?: [a-z-]+)?$|"
    r"do (?:[a-z]{5,}ing|yoga|pilates|karate|judo|ballet|german|french|spanish|latin|drama|maths?|physics|chemistry|"
    r"biology|history|"
    r"geography|gymnastics|crossfit|zumba|boxing|accounts|payroll|admin)(?: and [a-z]+)?(?: (?:at|in|with|for) .+)?$|"
    r"keep (?:the|my|our|his|her|a) .+ (?:in|under|at|behind|on|by) |"
    r"go to (?:(?:the )?(?:gym|church|mosque|synagogue|temple|therapy|physio|college|uni|university|school|nursery|"
    r"kindergarten|daycare)|(?-i:[A-Z]))|go by |"
    r"use (?:an? |the |my |his |her )(?!following|same|code|above|below|term|word|"
    r"opportunity)[a-z-]+(?: [a-z-]+)?(?: indoors| outdoors| at night)?$|"
    r"take (?:my|his|her|our|their) (?:coffee|tea|pills|meds|medication|tablets|steak|eggs|insulin)|"
    r"need (?:reading |new )?glasses|need an? (?:stick|cane|walker|wheelchair|inhaler|hearing aid|interpreter|carer|"
    r"ramp|helper)\b|"
    r"need (?:subtitles|insulin|crutches|orthotics|braces|large print)|"
    r"get (?:[\w-]+ ){0,3}?(?:migraines?|headaches?|hives|panic attacks|hay ?fever|nosebleeds|rash(?:es)?|heartburn|"
    r"cramps|nausea|asthma|"
    r"eczema|insomnia|(?:sea|car|air|travel)[ -]?sick|dizzy)\b|tolerate |"
    r"suffer from|belong to|(?:look|care) after|report to|answer to|pick (?:the|my|our|his|her) \w+ up from)"
)
"""Verbs too common to be telling, with what makes them lasting in the present tense."""
_APPOINTED = re.compile(r"(?i)(?:the|my|our|a|an) (?:[\w-]+ ){0,2}[\w-]+(?: (?:at|in|about) .+)?$|Dr\.? ")
"""Whom one sees by appointment."""
_DANGLING = re.compile(r"(?i) (?:by|until|from)$")
"""What is left of a time that was taken out."""
_PRONOUN = re.compile(r"(?i)\b(?:i|we|he|she|they)\b")
_LINKS = re.compile(
    r"(?i)\s(?:coming|left|over|going|about|regarding|in|at|for|from|with|of|on|to|near|by|called|named|who|since)\b.*"
)


def own_words(verb: Verb, times: Times, *, is_others: bool = False) -> Said | None:
    """The clause kept as it was said, where its verb and its times show that it says something lasting.

    What the speaker will do is a promise; what others will do on a day (`is_others`) is told of them.
    """
    if verb.lemma == "be" or (verb.is_able and not verb.is_denied):
        return None
    rest = "" if not verb.rest and _says_enough(verb) else _complement(verb.rest)
    if rest is not None and rest.casefold() in _BARE and _says_enough(verb):
        rest = ""
    if rest is None or rest.casefold() in _BARE:
        return None
    if verb.lemma in {"have", "need"} and rest.startswith("to "):
        return _obliged(verb, times, rest)
    if verb.is_able and _ABLE.match(f"{verb.lemma} {rest}") is None:
        return None
    is_due = is_others and verb.tense is Tense.FUTURE and times.at is not None and not verb.is_denied
    is_due = is_due and verb.lemma not in words("undone")
    if not verb.is_able and not (is_due or _is_constant(verb, rest) or _is_lasting(verb, times, rest)):
        return None
    if verb.is_able:
        slot = f"eats {rest}" if verb.lemma == "have" else f"can {verb.lemma} {rest}"
        now, before = f"cannot {verb.lemma}", f"could not {verb.lemma}"
        return Said(slot.casefold(), NO, now, now, before, rest)
    is_event = _is_event(verb, times)
    you, third, past = _forms(verb, is_event=is_event)
    value, change = YES, Change.IS
    if verb.is_over:
        change = Change.ENDS
    elif verb.is_denied:
        value, you, third, past = NO, denied(you), denied(third), denied(past)
    slot = f"{third_of(verb.lemma)} {rest}".casefold()
    return Said(slot, value, you, third, past, rest, change, _CONFIDENCE, is_event)


def _forms(verb: Verb, *, is_event: bool) -> tuple[str, str, str]:
    """The verb as "you", a third person and the past take it, told as it was: going on, to come, or once."""
    you, third, past = verb.lemma, third_of(verb.lemma), past_of(verb.lemma)
    if verb.form.endswith("ed"):
        past = verb.form
    if verb.is_on:
        you, third, past = (f"{be} {verb.form}" for be in ("are", "is", "was"))
    if is_event and verb.tense in {Tense.PAST, Tense.PERFECT}:
        you = third = past
    if verb.tense is Tense.FUTURE:
        you = third = f"will {verb.lemma}"
    return you, third, past


def _obliged(verb: Verb, times: Times, rest: str) -> Said | None:
    """What somebody has to do for long: "has to wear a splint", "needs to inject insulin daily"."""
    inner = rest.removeprefix("to ").split(maxsplit=1)
    is_long = times.is_stretch or is_habit(rest) or (len(inner) > 1 and inner[0] in words("obligations"))
    if verb.tense is not Tense.PRESENT or not is_long or inner[0] in words("frail") - words("obligations"):
        return None
    slot, you, third = f"has {rest}".casefold(), verb.lemma, third_of(verb.lemma)
    if verb.is_denied:
        return Said(slot, NO, denied(you), denied(third), denied(past_of(verb.lemma)), rest, confidence=_CONFIDENCE)
    return Said(slot, YES, you, third, past_of(verb.lemma), rest, confidence=_CONFIDENCE)


def _says_enough(verb: Verb) -> bool:
    """Whether a verb says enough without a complement: "retired", "can't swim", "doesn't drink"."""
    return verb.is_able or verb.lemma in (_ABSTAINED if verb.is_denied else _COMPLETE)


def _is_constant(verb: Verb, rest: str) -> bool:
    """Whether a common verb says something lasting with what belongs to it, or what somebody always wants."""
    if verb.tense is not Tense.PRESENT or verb.is_on:
        return verb.is_on and _EXPECTED.match(f"{verb.lemma} {rest}") is not None
    is_wanted = verb.is_usual and verb.lemma in {"want", "need", "have", "ask", "choose", "pick"}
    return is_wanted or _CONSTANT.match(f"{verb.lemma} {rest}") is not None


def _is_event(verb: Verb, times: Times) -> bool:
    """Whether it is told as happening once, with or without its day."""
    if verb.is_denied or verb.is_over:
        return False
    if verb.tense in {Tense.PAST, Tense.PERFECT}:
        is_turn = verb.lemma in words("life_events") or _is_turning(verb)
        return (times.first or times.lasted) is None and is_turn
    return times.at is not None and (verb.lemma in words("scheduled") or verb.lemma in {"have", "see", "meet"})


def _complement(rest: str) -> str | None:
    """What belongs to the verb, up to the first comma that begins something else; None where it says nothing alone."""
    pieces = trimmed(rest).split(", ")
    kept = pieces[0]
    for piece in pieces[1:]:
        if not (is_habit(piece) or re.match(r"(?i)(?:and|or|in|at|near|with|from|not)\b|\d", piece)):
            break
        kept = f"{kept}, {piece}"
    kept = _DANGLING.sub("", kept)
    return kept if is_telling(kept) else None


def _is_lasting(verb: Verb, times: Times, rest: str) -> bool:
    """Whether a verb in its tense tells of more than one occasion, or of one that changes somebody's life."""
    has_stretch = times.is_stretch
    if verb.lemma in {"see", "meet"} and (verb.is_on or verb.tense is Tense.FUTURE) and times.at is not None:
        return _APPOINTED.match(rest) is not None and not set(rest.casefold().split()).isdisjoint(
            words("dated") | words("occupations")
        )
    if verb.tense is Tense.USED_TO:
        return verb.lemma not in words("never_lasting") - _DOING
    if verb.lemma in words("never_lasting") and not (verb.lemma in _DOING and (is_habit(rest) or has_stretch)):
        return False
    if verb.lemma in {"go", "come", "do", "meet"} and not HABIT.sub("", rest).strip(" ,"):
        return False
    is_frail = (
        verb.lemma in words("frail")
        and not (verb.lemma == "stay" and has_stretch)
        and not (is_habit(rest) or verb.is_usual)
    )
    if verb.is_over:
        return not is_frail
    if verb.lemma == "have":
        return _is_had(verb, times, rest)
    if verb.tense is Tense.PAST:
        return _is_biography(verb, times, rest)
    if verb.tense is Tense.PERFECT:
        is_changed = verb.lemma in words("lasting_changes") or _is_turning(verb)
        return (has_stretch and not is_frail) or (is_changed and not verb.is_denied)
    if verb.tense is Tense.FUTURE or verb.is_on:
        is_planned = (times.at or (times.first if verb.is_on else None)) is not None and (
            verb.lemma in words("scheduled" if verb.is_on else "settled_plans")
            or (
                verb.is_on
                and times.at is not None
                and times.at.precision is not Precision.DAY
                and verb.lemma not in words("frail")
            )
        )
        return ((has_stretch or is_habit(rest)) and not is_frail) or is_planned or verb.lemma in words("lasting_doings")
    if has_stretch or is_habit(rest):
        return True
    if times.at is not None:
        return verb.lemma in words("scheduled")
    return not is_frail and not _LEADS_ON.match(rest)


def _is_had(verb: Verb, times: Times, rest: str) -> bool:
    """Whether what somebody has or had is theirs for a while, on a day, or was done to them."""
    if rest.startswith("to "):
        return False
    if rest.startswith("no ") and verb.tense is Tense.PRESENT and times.is_stretch:
        return True
    if verb.tense in {Tense.PAST, Tense.PERFECT}:
        return (times.first or times.last or times.lasted) is not None or _is_turning(verb)
    is_own = _is_dated(rest, times) or _is_possession(rest, is_denied=verb.is_denied)
    return verb.tense is Tense.PRESENT and is_own


def _is_biography(verb: Verb, times: Times, rest: str) -> bool:
    """Whether what was done is told as a part of a life: over years, in a year, as a trade, or for good."""
    if verb.is_on or verb.is_denied:
        return False
    is_long = (times.first or times.lasted) is not None or is_habit(rest)
    is_dated = times.at is not None and times.at.precision in {Precision.MONTH, Precision.YEAR}
    if verb.lemma in turning_points():
        return (
            is_long
            or _is_turning(verb)
            or (is_dated and (verb.lemma in {"start", "leave", "quit"} or (verb.lemma in _COMPLETE and not rest)))
        )
    if verb.lemma in words("life_events"):
        return verb.lemma in words("lasting_changes") or is_dated or is_long or not _LEADS_ON.match(rest)
    is_trade = re.match(r"(?i)as an? \w", rest) is not None
    return (is_long or is_dated or is_trade) and verb.lemma not in words("frail")


def _is_turning(verb: Verb) -> bool:
    """Whether what was done changes a life by what it was done to: "lost my job", "had my hip replaced"."""
    pattern = turning_points().get(verb.lemma)
    return pattern is not None and pattern.search(verb.rest) is not None


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
