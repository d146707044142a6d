"""Who a sentence speaks of without making them its subject, so that "he" or "she" in the next one is known."""

import re

from everword.memory.facts.lexicon import relation_pattern, words
from everword.memory.facts.subjects import NAME, Speaker, is_person_name

_CANDIDATE = re.compile(rf"(?<![\w’'.])(?P<before>(?:[a-zà-ÿ’']+ )?)(?P<name>{NAME})(?P<after>['’]s\b)?")
_OF_PLACES = frozenset(
    {
        "in",
        "at",
        "near",
        "into",
        "around",
        "outside",
        "towards",
        "through",
        "across",
        "the",
        "of",
        "on",
        "a",
        "an",
        "no",
    }
    | {"moved", "back", "via", "speaks", "speak", "learning", "last", "next", "this", "since", "until", "by", "every"}
)
_OPENING = re.compile(
    r"^(?:Met|Saw|Spoke|Called|Visited|Asked|Told|Thanks|Dear|Hi|Hey|Poor|Heard|Ran|Got|Had|Congrats|Remember|Tell|Ask|"
    r"Meeting|Seeing|Is|Does|Did|Can|Has|Will|Was|For|With|From|Since|About|Like|Our|My|And|But) "
)
_SPOKEN_TO = frozenset({"spoke", "talked", "wrote", "spoken", "talking", "married", "engaged", "chatted", "thanks"})


def mentioned(sentence: str, speaker: Speaker) -> list[str]:
    """The people that a sentence mentions, as subjects are called."""
    found: list[str] = []
    own = re.search(rf"(?i)\b(?:my|our) (?P<rel>{relation_pattern()})\b,?(?P<name> (?-i:{NAME}))?", sentence)
    if own is not None:
        name = (own["name"] or "").strip()
        found.append(name if is_person_name(name) else f"{speaker.whose} {own['rel'].casefold()}")
    for match in _CANDIDATE.finditer(sentence):
        name = _OPENING.sub("", match["name"].strip())
        if _can_be_person(sentence, match, name) and not any(name in each for each in found):
            found.append(f"{speaker.whose} {name.casefold()}" if name.casefold() in words("kinship") else name)
    return list(dict.fromkeys(found))


def _can_be_person(sentence: str, match: re.Match[str], name: str) -> bool:
    before = match["before"].strip().casefold()
    if match["after"] or not is_person_name(name) or before in _OF_PLACES:
        return False
    if before == "to":
        return any(word.casefold() in _SPOKEN_TO for word in sentence[: match.start()].split())
    return True
