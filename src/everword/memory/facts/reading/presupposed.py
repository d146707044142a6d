"""What a sentence takes for granted of its speaker: "because of my migraines" says that they have migraines."""

import re

from everword.memory.facts.grammar.lexicon import CONDITIONS
from everword.memory.facts.reading.said import Said
from everword.memory.facts.types import YES

_AIDS = (
    r"wheelchair|hearing aids?|insulin pump|pacemaker|guide dog|walking stick|crutches|walker|prosthesis|stoma|epipen"
)
_HELD = re.compile(
    rf"(?i)\b(?:because of|due to|thanks to|on account of|given|with|for|about|by|from) my (?P<what>{CONDITIONS}|"
    rf"{_AIDS})(?![\w-])"
)


def presupposed(sentence: str) -> Said | None:
    """The condition or the aid that a sentence says its speaker has, beside what it is about."""
    match = _HELD.search(sentence)
    if match is None:
        return None
    what = match["what"]
    is_thing = re.fullmatch(rf"(?i){_AIDS}", what) is not None and not what.endswith("s")
    tail = f"a {what}" if is_thing else what
    return Said(f"has {what}".casefold(), YES, "have", "has", "had", tail, confidence=0.75)
