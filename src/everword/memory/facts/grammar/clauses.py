"""The clauses of a sentence: cut where the subject changes, and where the same one does something more."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from everword.memory.facts.grammar.contractions import expanded
from everword.memory.facts.grammar.elided import elided
from everword.memory.facts.grammar.lexicon import words
from everword.memory.facts.grammar.openings import without_lead
from everword.memory.facts.grammar.subjects import NAME, Speaker, subject_of
from everword.memory.facts.grammar.things import is_known, known_thing
from everword.memory.facts.grammar.verb_forms import third_of
from everword.memory.facts.grammar.verbs import Verb, read_gerund, read_verb
from everword.memory.facts.grammar.when import Tense

_SPLIT = re.compile(
    r"(?<=[\w.’')])(?:;|,? (?:but|although|though|while|whereas|aber|pero)\b|, and(?= )|, so\b|"
    r" and(?= (?:i|we|my|our|he|she|his|her)(?:['’]\w+)?\b)|,(?= (?:i|we|my|our|he|she)(?:['’]\w+)?\b)| – | — | - |"
    r",(?= (?:now |but |and |so )?(?:it|that)['’]s\b)|,(?= now (?:it|we|i|he|she)\b)|"
    r",(?= (?:ahora|jetzt|inzwischen)\b)|"
    r" y (?=(?:tiene|vive|trabaja|es|soy|tengo|vivo|trabajo|me|mi)\b)|"
    r" und (?=(?:ich|meine?|er|sie|wir|hat|ist|wohnt|arbeitet)\b)|"
    r",(?= (?:should|might|may|could|would|hopefully|maybe|probably|perhaps|"
    r"i think|i guess|i hope|apparently|please)\b)|"
    r" and(?= the [\w-]+(?: [\w-]+)? (?:is|are|was|has)\b)|,(?= (?:nobody|no one|everyone|everybody)\b)|"
    r"[\U0001F300-\U0001FAFF\u2600-\u27BF]+|"
    r"(?<!\d)(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bProf)(?<!\bMme)(?<!\bSt)\.\s| \()\s*",
    re.IGNORECASE,
)
_SINCE_THEN = re.compile(
    r"(?i)^(?:after|before|due to|because of|thanks to|following) (?:the|my|our|his|her) [\w-]+(?: [\w-]+)?,? "
    r"(?=i\b|my\b|we\b)"
)
_COLON = re.compile(r"(?<=\w):\s+(?=\w)")
_TOGETHER = re.compile(rf"(?P<name>(?:[Mm]y [\w-]+(?: {NAME})?|{NAME})) and (?:I|me)(?= )")
_ADVERBIAL = re.compile(
    r"(?i)^(?:in|from|since|on|at|after|before|when|if|until|till|as|during|by|for|with|to|last|next|this|between|once|"
    r"while|unless|though|although|because|then)\b[^,]*$"
)
_SUBORDINATE = re.compile(r"(?i)(?:until|till|til|when|whenever|before|after|while|if|unless|once|as|like)\b")
_NAMES_JOINT = re.compile(r"(, | and (?=[A-ZÀ-Þ][\w’'.-]+ (?!and\b|&)))")
"""Where a name may become the subject."""
_JOINT = re.compile(r"(?:,? and |, )(?=(?P<then>[\w’']+(?: [\w’'%.-]+)*))", re.IGNORECASE)
_WORK = re.compile(r"(?:at|for|as|in|from|\d)\b")
_OF_PLACES = frozenset({"closes", "opens", "starts", "begins", "ends", "costs", "expires", "renews", "finishes"})
_DOING = re.compile(r"(?i)\b(?:am|is|are|['’](?:m|re|s)) (?:\w+ly |now |also )?\w+ing\b")
_APPOSED = re.compile(rf"(?P<who>{NAME}) ?[(,] ?(?P<what>(?:my|our) (?:[a-z]+ )?[a-z]+)[),]")
_BECAUSE = re.compile(
    r"(?i)(?:,?\s*\b(?:because|bc|cuz|cos)|,\s*(?:since|as)) (?=(?:i|we|he|she)\b|(?:i|we|he|she)['’]|(?:my|our) )"
)
_PURPOSE = re.compile(r"(?i)\s*\b(?:because|bc|since (?=they|it)|so that(?![’'])|in order to)\b.*$")
_CLEFT = re.compile(rf"(?i)\bit(?:['’]s| is| was) (?P<who>(?-i:{NAME})|my [\w-]+) (?:who|that)(?:['’]s| is)(?= )")
_RELATIVE = re.compile(
    rf"(?P<who>(?:[Mm]y|[Oo]ur) [a-z-]+(?: {NAME})?|{NAME}(?=, ))(?P<comma>,?) who(?P<be>['’]s|)(?P<what> [^,;.]+),?"
)
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
    sentence = _CLEFT.sub(r"\g<who> is", text[start:end].rstrip(" .!…"))
    for reason in _BECAUSE.split(sentence):
        stated = _SINCE_THEN.sub("", _TOGETHER.sub(r"\g<name> & I", _PURPOSE.sub("", reason)))
        for told in _COLON.split(stated) if known_thing(without_lead(stated)) is None else [stated]:
            apart = (piece for whole in _with_apposed(told) for piece in filter(None, _SPLIT.split(whole)))
            pieces = (named for piece in apart for named in _with_relatives(piece))
            parts = (part.strip() for piece in pieces for named in _at_names(piece) for part in _at_verbs(named))
            for number, part in enumerate(part for part in parts if " " in part):
                yield Clause(part, start, end, opens=number == 0)


def _with_apposed(text: str) -> Iterator[str]:
    """A text, and as a clause of its own whose somebody or something is: "Fennick Ltd (my employer)"."""
    match = _APPOSED.search(text)
    if match is not None and is_known(match["what"].split(maxsplit=1)[1]):
        yield f"{match['what']} is {match['who']}"
        text = f"{text[: match.end('who')]}{text[match.end() :]}"
    yield text


def _with_relatives(piece: str) -> Iterator[str]:
    """A piece, and as a clause of its own what it says beside of whom it names: "my sister, who lives in Porto"."""
    match = _RELATIVE.search(piece)
    if match is None:
        yield piece
        return
    beside = f"{match['who']}{match['be']}{match['what']}"
    rest = f"{piece[: match.end('who')]}{piece[match.end() :]}"
    if match["comma"] and _has_subject(rest):
        yield from (rest, beside)
    else:
        yield beside


def _at_names(piece: str) -> Iterator[str]:
    """A piece, cut at commas where somebody else becomes the subject: "Pekka eats no pork, Aino is vegan"."""
    parts = _NAMES_JOINT.split(piece)
    clause = parts[0]
    for joint, part in zip(parts[1::2], parts[2::2], strict=True):
        if joint == " and " and not (_has_subject(clause) and _has_subject(part)):
            clause = f"{clause} and {part}"
        elif not _ADVERBIAL.match(clause) and not _SUBORDINATE.match(part) and _has_subject(part):
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


def _is_going_on(then: str, before: str) -> bool:
    """Whether words go on with what somebody is doing: "are selling the house and moving in with us"."""
    return read_gerund(then) is not None and _DOING.search(before) is not None


def _is_out_of_tense(verb: Verb, before: str) -> bool:
    """Whether a bare verb follows what was told in the past, where it is a noun: "counselling and support"."""
    if verb.tense is not Tense.PRESENT or verb.form != verb.lemma or verb.is_denied or verb.is_new:
        return False
    subject = subject_of(expanded(without_lead(before)), Speaker(""))
    former = None if subject is None else read_verb(subject.rest, is_open=subject.is_pronoun)
    return former is not None and former.tense in {Tense.PAST, Tense.PERFECT}


def _is_predicate(then: str, before: str, *, is_list: bool) -> bool:
    """Whether words go on with a verb of their own, rather than with another noun."""
    verb = read_verb(then)
    if verb is None:
        return not is_list and _is_going_on(then, before)
    if _is_out_of_tense(verb, before):
        return False
    first = then.split(maxsplit=1)[0].casefold()
    if _AUXILIARY.match(then):
        return True
    if verb.form in words("also_nouns") or first in words("also_nouns"):
        return False
    if is_list and first in _OF_PLACES:
        return False
    if verb.form == "work" and not _WORK.match(verb.rest):
        return False
    is_third = first == third_of(verb.lemma)
    return is_third or _OF_VERB.match(verb.rest) is not None or not is_list
