"""Whom a clause is about: the speaker, somebody of theirs, somebody named. Never guessed."""

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache

from everword.memory.facts.lexicon import relation_pattern, words
from everword.memory.facts.verbs import read_verb

_UPPER = "A-ZÀ-ÖØ-Þ"
_NAME = rf"[{_UPPER}][\w’'-]*[\w](?: (?:(?:van|von|de|da|del|der|al|el|bin) )?[{_UPPER}][\w’'-]*[\w]){{0,2}}"
_MY = r"(?:[Mm]y|[Oo]ur)"
_S = r"(?:'s|’s)"
_IS = r"(?P<be>is|was|are|will be)"
_NOUN = r"(?P<noun>[\w-]+(?: [\w-]+){0,2}?)"
_NAMED_SO = rf"(?:,? (?P<name>{_NAME}))?"
_LEAD = re.compile(
    r"(?i)^(?:(?:and|but|so|well|oh|yes|yeah|yep|no|nope|ok|okay|actually|anyway|also|then|plus|btw|by the way|"
    r"honestly|"
    r"fyi|for the record|just so you know|as you know|hi|hey|hello|sorry|sure|thanks|ah|um|hmm|fun fact|update|"
    r"(?:big |good )?news|guess what|you know|turns out|in fact|to be honest|at the moment|these days|right now|"
    r"nowadays|currently|now|today|finally|recently|unfortunately|sadly|luckily|remember|note|reminder|correction|"
    r"because|since then|even though|although|as a kid|as a child|speaking of which|the thing is|i mean|"
    r"i told you)\b[,:!.\s-]*)+"
)
_FIRST = re.compile(r"(?i)^(?:i|we)\s+(?P<rest>.+)$")
_OWN_THING = re.compile(rf"^{_MY} {_NOUN} {_IS} (?P<rest>.+)$")
_NAMES_THING = re.compile(rf"^(?P<name>{_NAME}){_S} {_NOUN} {_IS} (?P<rest>.+)$")
_NAMED = re.compile(rf"^(?P<name>{_NAME}) (?P<rest>.+)$")
_PRONOUN = re.compile(r"(?i)^(?:he|she)\s+(?P<rest>.+)$")
_DATED_THING = re.compile(r"(?i)^(?:the )?(?P<noun>(?:[\w-]+ )?[\w-]+) (?P<be>is) (?P<rest>(?:on )?.*\d.*)$")
_THEIR_THING = re.compile(rf"(?i)^(?:his|her) {_NOUN} {_IS} (?P<rest>.+)$")
_AFTER_S = (
    r"(?:a|an|the|allergic|married|from|based|now|been|moved|moving|living|working|studying|retired|vegan|vegetarian|"
    r"not|called|named|got|starting|joining|getting|teaching|turning|learning|left|left-handed|pregnant|engaged|divorced|\d+)\b"
)
_CLITIC = re.compile(rf"^(?P<subject>[Hh]e|[Ss]he|{_NAME}|{_MY} [\w -]+?){_S} (?P<rest>{_AFTER_S}.*)$")
_HAS = re.compile(r"(?:been|got|moved|left|retired)\b")


class Kind(Enum):
    """How a subject was named."""

    SPEAKER = "speaker"
    RELATION = "relation"
    NAME = "name"
    PRONOUN = "pronoun"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a clause is about, and the rest of the clause. `noun` is set where it is about a thing of theirs."""

    kind: Kind
    name: str
    rest: str
    noun: str = ""
    relation: str = ""
    """What somebody named is to the speaker ("sister"), where the clause says so."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: `key` is the subject of what they say of themselves, "" for the owner."""

    key: str

    @property
    def whose(self) -> str:
        """ "your", or "Anna's"."""
        return "your" if self.key == "" else f"{self.key}'s"


@dataclass(frozen=True, slots=True)
class _Relations:
    """Patterns with the words for who people are to each other, which are read when they are first needed."""

    own: tuple[re.Pattern[str], ...]
    own_thing: re.Pattern[str]
    named: re.Pattern[str]
    apposed: re.Pattern[str]


@cache
def _relations() -> _Relations:
    relation = rf"(?P<rel>(?i:{relation_pattern()}))"
    pet = rf"(?P<rel>(?:\w+ )?(?i:{'|'.join(sorted(words('pets')))}))"
    return _Relations(
        own=tuple(re.compile(rf"^{_MY} {whose}{_NAMED_SO},?\s+(?P<rest>.+)$") for whose in (relation, pet)),
        own_thing=re.compile(rf"^{_MY} {relation}(?: (?P<name>{_NAME}))?{_S} {_NOUN} {_IS} (?P<rest>.+)$"),
        named=re.compile(rf"^(?P<name>{_NAME}){_S} {relation}(?:,? (?P<kin>{_NAME}))?,?\s+(?P<rest>.+)$"),
        apposed=re.compile(rf"^(?P<name>{_NAME}), {_MY} {relation},? (?P<rest>.+)$"),
    )


def without_lead(clause: str) -> str:
    """The clause without the words that only open it."""
    return _LEAD.sub("", clause.strip(" ,;-–—*•\t")).strip()


def subject_of(clause: str, speaker: Speaker) -> Subject | None:
    """Whom `clause` is about. A pronoun keeps an empty name: the caller knows who was spoken of before."""
    clause = _without_clitic(clause)
    if match := _FIRST.match(clause):
        return Subject(Kind.SPEAKER, speaker.key, match["rest"])
    if match := _relations().own_thing.match(clause):
        return _thing(Kind.RELATION, _whom(match, speaker), match) if _is_attribute(match["noun"]) else None
    for pattern in _relations().own:
        if (match := pattern.match(clause)) and _is_verb(match["rest"]):
            relation = match["rel"].casefold() if _name(match["name"]) else ""
            return Subject(Kind.RELATION, _whom(match, speaker), match["rest"], relation=relation)
    if match := _OWN_THING.match(clause):
        return _thing(Kind.SPEAKER, speaker.key, match) if _is_attribute(match["noun"]) else None
    if match := _THEIR_THING.match(clause):
        return _thing(Kind.PRONOUN, "", match) if _is_attribute(match["noun"]) else None
    if match := _PRONOUN.match(clause):
        return Subject(Kind.PRONOUN, "", match["rest"])
    if (match := _DATED_THING.match(clause)) and match["noun"].split()[-1].casefold() in words("dated"):
        return _thing(Kind.SPEAKER, speaker.key, match)
    return _named(clause, speaker)


def is_person_name(text: str) -> bool:
    """Whether a text can be somebody's name."""
    return re.fullmatch(_NAME, text) is not None and _name(text) != ""


def _named(clause: str, speaker: Speaker) -> Subject | None:
    """Whom a clause names at its beginning."""
    if match := _relations().apposed.match(clause):
        if _name(match["name"]) and _is_verb(match["rest"]):
            return Subject(Kind.NAME, match["name"], match["rest"], relation=match["rel"].casefold())
        return None
    names_relation = _relations().named
    for pattern in (names_relation, _NAMES_THING, _NAMED):
        match = pattern.match(clause)
        if match is None or not (name := _called(match["name"], speaker)):
            continue
        kind = Kind.NAME if name == match["name"] else Kind.RELATION
        if pattern is _NAMES_THING and _is_attribute(match["noun"]):
            return _thing(kind, name, match)
        if pattern is names_relation and _is_verb(match["rest"]):
            return Subject(kind, _name(match["kin"]) or f"{name}'s {match['rel'].casefold()}", match["rest"])
        if pattern is _NAMED and _is_verb(match["rest"]):
            return Subject(kind, name, match["rest"])
    return None


def _thing(kind: Kind, name: str, match: re.Match[str]) -> Subject:
    return Subject(kind, name, f"{match['be']} {match['rest']}", noun=match["noun"])


def _whom(match: re.Match[str], speaker: Speaker) -> str:
    return _name(match["name"]) or f"{speaker.whose} {match['rel'].casefold()}"


def _called(text: str, speaker: Speaker) -> str:
    """A name; "Dad" and its like are the speaker's own."""
    return f"{speaker.whose} {text.casefold()}" if text.casefold() in words("kinship") else _name(text)


def _without_clitic(clause: str) -> str:
    match = _CLITIC.match(clause)
    if match is None:
        return clause
    return f"{match['subject']} {'has' if _HAS.match(match['rest']) else 'is'} {match['rest']}"


def _name(text: str | None) -> str:
    """A name, or "" for capitalised words that name nobody."""
    if not text or any(word.casefold() in words("not_names") for word in text.split()):
        return ""
    return "" if text.endswith("ing") and " " not in text else text


def _is_verb(rest: str) -> bool:
    """Whether a third person's verb follows, so that what stands before it is a subject."""
    verb = read_verb(rest)
    if verb is None:
        return False
    first = rest.split(maxsplit=1)[0].casefold().strip(",")
    return first not in {"am", "are", "have", "do"} and (first != verb.lemma or first == "quit")


def _is_attribute(noun: str) -> bool:
    """Whether people have such a thing as something lasting that can be told: a birthday, a favourite dish."""
    spoken = noun.casefold().split()
    if spoken[0] in {"favourite", "favorite"}:
        return len(spoken) > 1
    return spoken[-1] in words("attributes") and not (
        len(spoken) > 1 and spoken[0] in {"own", "whole", "only", "main", "first"}
    )
