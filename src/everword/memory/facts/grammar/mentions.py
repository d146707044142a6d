"""Who a sentence speaks of without making them its subject, so that "he" or "she" in the next one is known."""

import re
from functools import cache

from everword.memory.facts.grammar.lexicon import relation_pattern, words
from everword.memory.facts.grammar.subjects import NAME, Speaker, is_person_name

_CANDIDATE = re.compile(rf"(?<![\w’'.])(?P<before>(?:[a-zà-ÿ’']+ )?)(?P<name>{NAME})(?P<after>['’]s\b(?=\s+\w))?")
_OPENING = re.compile(
    r"^(?:Met|Saw|Spoke|Called|Visited|Asked|Told|Thanks|Dear|Hi|Hey|Poor|Heard|Ran|Got|Had|Congrats|Remember|Tell|Ask|"
    r"Meeting|Seeing|Is|Does|Did|Can|Has|Will|Was|For|With|From|Since|About|Like|Our|My|And|But) "
)
_SPOKEN_TO = frozenset({"spoke", "talked", "wrote", "spoken", "talking", "married", "engaged", "chatted", "thanks"})


def mentioned(sentence: str, speaker: Speaker) -> list[str]:
    """The people that a sentence mentions, as subjects are called."""
    found: list[str] = []
    own = _own_person().search(sentence)
    if own is not None:
        name = (own["name"] or "").strip()
        found.append(name if is_person_name(name) else f"{speaker.whose} {own['rel'].casefold()}")
    for match in _CANDIDATE.finditer(sentence):
        name = re.sub(r"['’]s$", "", _OPENING.sub("", match["name"].strip()))
        if _can_be_person(sentence, match, name) and not any(name in each for each in found):
            found.append(f"{speaker.whose} {name.casefold()}" if name.casefold() in words("kinship") else name)
    return list(dict.fromkeys(found))


@cache
def _own_person() -> re.Pattern[str]:
    return re.compile(rf"(?i)\b(?:my|our) (?P<rel>{relation_pattern()})\b,?(?P<name> (?-i:{NAME}))?")


def _can_be_person(sentence: str, match: re.Match[str], name: str) -> bool:
    before = match["before"].strip().casefold()
    is_word = name.casefold() in words("no_base") | words("auxiliaries")
    if match["after"] or is_word or not is_person_name(name) or before in words("before_places"):
        return False
    if before == "to":
        return any(word.casefold() in _SPOKEN_TO for word in sentence[: match.start()].split())
    return True
