"""The clauses of a sentence: cut where the subject changes, and where the same one does something more."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from everword.memory.facts.lexicon import words
from everword.memory.facts.subjects import NAME, Speaker, elided, subject_of, without_lead
from everword.memory.facts.things import known_thing
from everword.memory.facts.verbs import expanded, read_verb, third_of

_SPLIT = re.compile(
    r"(?<=[\w.’')])(?:;|,? (?:but|although|though|while|whereas|aber|pero)\b|, and(?= )|, so\b|"
    r" and(?= (?:i|we|my|our|he|she|his|her)(?:['’]\w+)?\b)|,(?= (?:i|we|my|our|he|she)(?:['’]\w+)?\b)| – | — | - |"
    r" and(?= the [\w-]+(?: [\w-]+)? (?:is|are|was|has)\b)|,(?= (?:nobody|no one|everyone|everybody)\b)|"
    r"[\U0001F300-\U0001FAFF\u2600-\u27BF]+|"
    r"(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bProf)(?<!\bMme)(?<!\bSt)\.\s| \()\s*",
    re.IGNORECASE,
)
_SINCE_THEN = re.compile(
    r"(?i)^(?:since|after|before|due to|because of|thanks to|following) (?:the|my|our|his|her) [\w-]+(?: [\w-]+)?,? "
    r"(?=i\b|my\b|we\b)"
)
_COLON = re.compile(r"(?<=\w):\s+(?=\w)")
_TOGETHER = re.compile(rf"(?P<name>(?:[Mm]y [\w-]+(?: {NAME})?|{NAME})) and (?:I|me)(?= )")
_ADVERBIAL = re.compile(
    r"(?i)^(?:in|from|since|on|at|after|before|when|if|until|till|as|during|by|for|with|to|last|next|this|between|once|"
    r"while|unless|though|although|because|then)\b[^,]*$"
)
_JOINT = re.compile(r"(?:,? and |, )(?=(?P<then>[\w’']+(?: [\w’'%.-]+)*))", re.IGNORECASE)
_WORK = re.compile(r"(?:at|for|as|in|from|\d)\b")
_BECAUSE = re.compile(r"(?i)\s*\b(?:because|since (?=i|we|my|he|she|they|it)|so that(?![’'])|in order to)\b.*$")
_INFINITIVE = re.compile(
    r"\b(?:to|can|will|let|help|helps|gonna|wanna|gotta|could|would|should|must|might) [a-z]|['’](?:ll|d) [a-z]"
)
"""What an "and" behind it may go on with: "trying to win and keep" says nothing of keeping."""
_AUXILIARY = re.compile(
    r"(?i)(?:has|is|was|had|have|am|are|were|does|do|did|can|will|used)\b(?! (?:a|an|the) (?:bit|lot)\b)"
)
_OF_VERB = re.compile(
    r"(?i)(?:a|an|the|my|our|his|her|in|at|to|for|with|on|from|as|by|of|near|every|two|three|four|\d+|no|not|only|"
    r"(?-i:[A-ZÀ-Ö])[\w-]+)\b"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of a sentence: what it says, and where the whole sentence stands."""

    text: str
    start: int
    end: int
    opens: bool
    """Whether it begins a sentence or what is told behind a colon, where "I" can be left out."""


def clauses(text: str, start: int, end: int) -> Iterator[Clause]:
    """The clauses of a sentence, each with the whole sentence as its quote."""
    sentence = _SINCE_THEN.sub("", _TOGETHER.sub(r"\g<name> & I", _BECAUSE.sub("", text[start:end].rstrip(" .!…"))))
    for told in _COLON.split(sentence) if known_thing(without_lead(sentence)) is None else [sentence]:
        pieces = (named for piece in filter(None, _SPLIT.split(told)) for named in _at_names(piece))
        parts = (part.strip() for named in pieces for part in _at_verbs(named))
        for number, part in enumerate(part for part in parts if " " in part):
            yield Clause(part, start, end, opens=number == 0)


def _at_names(piece: str) -> Iterator[str]:
    """A piece, cut at commas where somebody else becomes the subject: "Pekka eats no pork, Aino is vegan"."""
    parts = piece.split(", ")
    clause = parts[0]
    for part in parts[1:]:
        if not _ADVERBIAL.match(clause) and _has_subject(part):
            yield clause
            clause = part
        else:
            clause = f"{clause}, {part}"
    yield clause


def _has_subject(piece: str) -> bool:
    return subject_of(expanded(without_lead(piece)), Speaker("")) is not None


def _at_verbs(piece: str) -> Iterator[str]:
    """A piece, cut where the same subject does something more: "lives in a van, fixes bikes and cannot stand golf"."""
    begun = 0
    for match in _JOINT.finditer(piece):
        before = piece[begun : match.start()]
        if _INFINITIVE.search(before):
            break
        is_led = begun > 0 or _has_subject(before) or elided(without_lead(before)) is not None
        if is_led and _is_predicate(expanded(match["then"]), before, is_list=match.group() == ", "):
            yield before
            begun = match.end()
    yield piece[begun:]


def _is_predicate(then: str, before: str, *, is_list: bool) -> bool:
    """Whether words go on with a verb of their own, rather than with another noun."""
    verb = read_verb(then)
    if verb is None:
        return False
    first = then.split(maxsplit=1)[0].casefold()
    if _AUXILIARY.match(then):
        return True
    if verb.form in words("also_nouns") or first in words("also_nouns"):
        return False
    if verb.form == "work" and not _WORK.match(verb.rest):
        return False
    is_third = first == third_of(verb.lemma)
    return is_third or _OF_VERB.match(verb.rest) is not None or not is_list
