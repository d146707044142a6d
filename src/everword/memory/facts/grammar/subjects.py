"""Whom a clause is about: the speaker, somebody of theirs, somebody named. Never guessed."""

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache

from everword.memory.facts.grammar.lexicon import relation_pattern, words
from everword.memory.facts.grammar.things import is_known, known_thing, own_thing
from everword.memory.facts.grammar.together import household, together
from everword.memory.facts.grammar.verbs import read_verb

_UPPER = "A-ZÀ-ÖØ-Þ"
_TITLE = (
    r"(?:(?:Mr|Mrs|Ms|Dr|Prof|Mme|Frau|Herr|Father|Brother|Sister|Pastor|Rabbi|Coach|Aunt|Auntie|Uncle|Grandma|"
    r"Grandpa)\.? )?"
)
_NAME = rf"{_TITLE}[{_UPPER}][\w’'-]*[\w](?: (?:(?:van|von|de|da|del|der|al|el|bin) )?[{_UPPER}][\w’'-]*[\w]){{0,2}}"
NAME = _NAME
"""What a person's name looks like, as a pattern without groups; `is_person_name` knows which are none."""
_MY = r"(?:[Mm]y|[Oo]ur)"
_S = r"(?:'s|’s)"
_IS = r"(?P<be>is|was|are|will be)"
_NOUN = r"(?P<noun>[\w-]+(?: [\w-]+){0,2}?)"
_NAMED_SO = rf"(?:,? (?P<name>{_NAME}))?"
_FIRST = re.compile(r"(?i)^(?:i|we)\s+(?P<rest>.+)$")
_TOGETHER = re.compile(rf"^(?:{_MY} [\w-]+ ?)?(?P<name>{_NAME})? ?& I (?P<rest>.+)$")
_PARTING = re.compile(
    r"(?:have |are |had )?(?:split|separated|divorced|broke|broken|separating|divorcing|engaged|married)\b"
)
_IDENTITY = re.compile(
    rf"^{_MY} (?P<noun>[\w-]+(?: [\w-]+)?) (?:is|was) (?:now |still |currently )?(?:called |"
    rf"named )?(?P<value>{_NAME})(?:,? now|, .*)?$"
)
_THE_IS_MINE = re.compile(
    rf"^(?P<value>[Tt]he [\w-]+(?: [\w-]+){{0,3}}) (?:is|was) {_MY} (?P<noun>[\w-]+(?: [\w-]+)?)$"
)
_IS_MINE = re.compile(rf"^(?P<value>{_NAME}) (?:is|was) {_MY} (?P<noun>[\w-]+(?: [\w-]+)?)$")
_REACTIONS = (
    r"(?:an? |the |really |bad |awful |terrible |horrible |severe )*(?:rash(?:es)?|hives|headaches?|migraines?|"
    r"heartburn|"
    r"cramps|nausea|reaction|stomach ?ache|bloating|asthma|eczema|acid reflux|palpitations|swelling|itch|runs|insomnia)"
)
_TURNED = (
    (re.compile(r"(?i)^.*?\b(?:put|started) (?P<whom>me) on (?P<what>.+)$"), "am on {what}"),
    (
        re.compile(r"(?i)^.*?\b(?:taken|took|takes) (?P<whom>me) off (?:the |my )?(?P<what>.+)$"),
        "am no longer on {what}",
    ),
    (re.compile(r"(?i)^.*?\bdiagnosed (?P<whom>me) with (?P<what>.+)$"), "am diagnosed with {what}"),
    (re.compile(r"(?i)^.*?\bprescribed (?P<whom>me) (?P<what>.+)$"), "take {what}"),
    (
        re.compile(
            r"(?i)^(?:they|the \w+|[\w ]{2,20}) made (?P<whom>me) (?P<what>(?:an? |the )?(?:[\w-]+ )?(?:lead|manager|"
            r"head|"
            r"partner|captain|director|supervisor|editor|chair|team lead|godfather|godmother)\b.*)$"
        ),
        "became {what}",
    ),
    (
        re.compile(rf"(?i)^(?P<from>[\w ]{{3,30}}?) (?:gives?|causes?) (?P<whom>me) (?P<what>{_REACTIONS})\b.*$"),
        "get {what} from {from}",
    ),
    (
        re.compile(
            r"(?i)^(?P<from>[\w ]{3,20}?) (?:and|&) (?P<whom>me|i) (?:don['’]t|do not) "
            r"(?:get on|get along|agree|mix)\b.*$"
        ),
        "do not tolerate {from}",
    ),
    (
        re.compile(r"(?i)^(?P<from>[\w ]{3,30}?) (?:doesn['’]t|don['’]t|does not|do not) agree with (?P<whom>me)\b.*$"),
        "do not tolerate {from}",
    ),
    (
        re.compile(
            r"(?i)^(?:please |just |(?:every(?:one|body)|people|friends|they)(?: all| just)? )*"
            r"call(?:s)? (?P<whom>me) (?P<what>(?-i:[A-ZÀ-Þ])[\w’'-]+)\b.*$"
        ),
        "am called {what}",
    ),
)
"""What somebody does to the speaker, told of the speaker."""
_MOVED_ME = re.compile(
    r"(?i)^(?:the |my |our )?(?P<who>[\w-]+(?: [\w-]+)?) (?:has |have )?(?:just |now )?(?:moved|pushed|shifted|"
    r"changed|bumped|squeezed|"
    r"booked|fitted|slotted) (?:me|us|it)(?: in| back| forward| over)? (?:to|for|on|until) (?P<when>.+)$"
)
"""Somebody with whom there is an appointment gives it another day."""
_NAMES_THING = re.compile(rf"^(?P<name>{_NAME}){_S} {_NOUN} {_IS} (?P<rest>.+)$")
_NAMED = re.compile(rf"^(?P<name>{_NAME}) (?P<rest>.+)$")
_PRONOUN = re.compile(r"(?i)^(?:he|she)\s+(?P<rest>.+)$")
_THEIR_THING = re.compile(rf"(?i)^(?:his|her) {_NOUN} {_IS} (?P<rest>.+)$")
_AFTER_S = (
    r"(?:a|an|the|my|our|allergic|married|from|based|now|been|moved|moving|living|working|studying|retired|"
    r"vegan|vegetarian|"
    r"not|called|named|got|starting|joining|getting|teaching|turning|learning|left|"
    r"left-handed|grown|become|taken|bought|sold|had|started|quit|"
    r"joined|lost|won|changed|switched|on|in|at|with|away|off|out|into|afraid|scared|just|finally|also|"
    r"pregnant|engaged|divorced|[a-z]+ing|\d+)\b"
)
_CLITIC = re.compile(rf"^(?P<subject>[Hh]e|[Ss]he|{_NAME}|{_MY} [\w -]+?){_S} (?P<rest>{_AFTER_S}.*)$")
_SHORTENED = re.compile(r"['’](?:s|re|m|ve|ll|d|t)\b")
_HAS = re.compile(
    r"(?:just |now |also |finally |already )?(?:been|got|moved|left|grown|become|taken|bought|sold|had|started|quit|"
    r"joined|lost|won|changed|switched|found|passed|finished|given)\b"
)


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
    is_plural: bool = False
    """Whether several people are one subject, whose verb is as "you" takes it."""

    @property
    def is_pronoun(self) -> bool:
        """Whether it is "I", "we", "he" or "she", behind which any word is a verb."""
        return self.kind in {Kind.SPEAKER, Kind.PRONOUN} and not self.noun


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
    own_others: re.Pattern[str]
    own_thing: re.Pattern[str]
    named: re.Pattern[str]
    apposed: re.Pattern[str]
    introduced: re.Pattern[str]


@cache
def _relations() -> _Relations:
    relation = rf"(?P<rel>(?i:{relation_pattern()}))"
    pet = rf"(?P<rel>(?:\w+ )?(?i:{'|'.join(sorted(words('pets')))}))"
    return _Relations(
        own=tuple(re.compile(rf"^{_MY} {whose}{_NAMED_SO},?\s+(?P<rest>.+)$") for whose in (relation, pet)),
        own_others=re.compile(rf"^{_MY} {relation}{_S} (?P<theirs>(?i:{relation_pattern()}s?)) (?P<rest>.+)$"),
        own_thing=re.compile(rf"^{_MY} {relation}(?: (?P<name>{_NAME}))?{_S} {_NOUN} {_IS} (?P<rest>.+)$"),
        named=re.compile(rf"^(?P<name>{_NAME}){_S} {relation}(?:,? (?P<kin>{_NAME}))?,?\s+(?P<rest>.+)$"),
        apposed=re.compile(rf"^(?P<name>{_NAME}), {_MY} {relation},? (?P<rest>.+)$"),
        introduced=re.compile(rf"^(?:[Tt]he|{_MY}) [\w -]{{2,25}}, (?P<name>{_NAME}), (?P<rest>.+)$"),
    )


def subject_of(clause: str, speaker: Speaker) -> Subject | None:
    """Whom `clause` is about. A pronoun keeps an empty name: the caller knows who was spoken of before."""
    clause = household(_without_clitic(clause))
    if not clause:
        return None
    found = _speaker_of(clause, speaker)
    if found is not None:
        return found
    if (several := together(clause)) is not None and read_verb(several.rest) is not None:
        name = f"{speaker.whose} {several.name}" if several.is_own else several.name
        kind = Kind.RELATION if several.is_own else Kind.NAME
        return Subject(kind, name, several.rest, is_plural=True)
    if match := _relations().own_thing.match(clause):
        return _thing(Kind.RELATION, _whom(match, speaker), match) if is_known(match["noun"]) else None
    if (match := _relations().own_others.match(clause)) and read_verb(match["rest"]) is not None:
        whose = f"{speaker.whose} {match['rel'].casefold()}'s {match['theirs'].casefold()}"
        is_plural = match["theirs"].casefold().endswith(("s", "children"))
        return Subject(Kind.RELATION, whose, match["rest"], is_plural=is_plural)
    for pattern in _relations().own:
        if (match := pattern.match(clause)) and _is_verb(match["rest"]):
            relation = match["rel"].casefold() if _name(match["name"]) else ""
            return Subject(Kind.RELATION, _whom(match, speaker), match["rest"], relation=relation)
    if (thing := own_thing(clause)) is not None:
        return Subject(Kind.SPEAKER, speaker.key, thing[1], noun=thing[0])
    if match := _THEIR_THING.match(clause):
        return _thing(Kind.PRONOUN, "", match) if is_known(match["noun"]) else None
    if match := _PRONOUN.match(clause):
        return Subject(Kind.PRONOUN, "", match["rest"])
    if (thing := known_thing(clause)) is not None:
        return Subject(Kind.SPEAKER, speaker.key, thing[1], noun=thing[0])
    return _named(clause, speaker)


def _speaker_of(clause: str, speaker: Speaker) -> Subject | None:
    """The speaker, where a clause is about them: what is done to them, with somebody, or by them."""
    for pattern, told in _TURNED:
        if match := pattern.match(clause):
            parts = match.groupdict()
            parts["from"] = (parts.get("from") or "")[:1].casefold() + (parts.get("from") or "")[1:]
            return Subject(Kind.SPEAKER, speaker.key, told.format(**parts))
    if match := _MOVED_ME.match(clause):
        return Subject(Kind.SPEAKER, speaker.key, f"is {match['when']}", noun=f"{match['who'].casefold()} appointment")
    if match := _TOGETHER.match(clause):
        beside = f" with {match['name']}" if match["name"] and _PARTING.match(match["rest"]) else ""
        return Subject(Kind.SPEAKER, speaker.key, f"{match['rest']}{beside}")
    if (match := _IDENTITY.match(clause) or _IS_MINE.match(clause)) and _name(match["value"]):
        return Subject(Kind.SPEAKER, speaker.key, f"is {match['value']}", noun=match["noun"])
    if match := _THE_IS_MINE.match(clause):
        return Subject(Kind.SPEAKER, speaker.key, f"is {match['value']}", noun=match["noun"])
    match = _FIRST.match(clause)
    return None if match is None else Subject(Kind.SPEAKER, speaker.key, match["rest"])


def is_person_name(text: str) -> bool:
    """Whether a text can be somebody's name."""
    return re.fullmatch(_NAME, text) is not None and _name(text) != ""


def _named(clause: str, speaker: Speaker) -> Subject | None:
    """Whom a clause names at its beginning."""
    if match := _relations().apposed.match(clause):
        if _name(match["name"]) and _is_verb(match["rest"]):
            return Subject(Kind.NAME, match["name"], match["rest"], relation=match["rel"].casefold())
        return None
    if (match := _relations().introduced.match(clause)) and _name(match["name"]) and _is_verb(match["rest"]):
        return Subject(Kind.NAME, match["name"], match["rest"])
    names_relation = _relations().named
    for pattern in (names_relation, _NAMES_THING, _NAMED):
        match = pattern.match(clause)
        if match is None or not (name := _called(match["name"], speaker)):
            continue
        kind = Kind.NAME if name == match["name"] else Kind.RELATION
        if pattern is _NAMES_THING and is_known(match["noun"]):
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
    bare = re.sub(rf"^{_TITLE}", "", text or "")
    if not bare or any(word.casefold() in words("not_names") for word in bare.split()):
        return ""
    if bare == text and " " not in bare and is_known(bare) and bare.casefold() not in words("names_of_things"):
        return ""
    is_gerund = bare.endswith("ing") and " " not in bare and bare.casefold() not in words("names_in_ing")
    return "" if text is None or is_gerund or _SHORTENED.search(text) else text


def _is_verb(rest: str) -> bool:
    """Whether a third person's verb follows, so that what stands before it is a subject."""
    verb = read_verb(rest)
    if verb is None:
        return False
    first = rest.split(maxsplit=1)[0].casefold().strip(",")
    if first in {"can", "will", "does", "did", "has", "had"} and first != verb.form:
        return True
    return not {first, verb.form} & {"am", "are", "have", "do"} and (first != verb.lemma or first == "quit")
