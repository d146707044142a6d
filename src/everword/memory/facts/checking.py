"""What a model read out of an entry, held against the entry: only what the words themselves say becomes a claim."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from everword.core.types import Label
from everword.memory.facts.grammar.contractions import expanded
from everword.memory.facts.grammar.lexicon import NEVER_KEPT, words
from everword.memory.facts.grammar.openings import without_lead
from everword.memory.facts.grammar.subjects import Speaker, is_person_name, subject_of
from everword.memory.facts.grammar.verbs import read_verb
from everword.memory.facts.grammar.when import Change, Tense, holds, times_in
from everword.memory.facts.reading.extract import claims_of
from everword.memory.facts.reading.refusing import evidence, is_unsure, own_words_of
from everword.memory.facts.types import YES, Claim, Interval, Moment, Origin, Precision, key_of
from everword.memory.types import Entry, EntryKind, EntryState
from everword.memory.words import terms

_LEAST_WORDS, _MOST_WORDS = 3, 16
_CONFIDENCE = 0.7
_DENIAL = re.compile(r"(?i)\b(?:not|no|never|none|nobody|nothing|without|cannot)\b|n['’]t\b")
_FIRST_PERSON = re.compile(r"(?i)\b(?:i|i['’](?:m|ve|ll|d)|my|mine|me|we|we['’](?:re|ve|ll)|our|us)\b")
_PASSING = re.compile(
    r"(?i)\b(?:today|tonight|yesterday|tomorrow|this (?:morning|afternoon|evening|week|weekend)|right now|just now|"
    r"tired|hungry|bored|busy|sorry|thanks?|please|want|wants|need|needs|asks?|asking|wonders?|thinks?|feels?|"
    r"hopes?|wishes|"
    r"going to|about to|looking for|trying to|plans? to|should|could|would|might|maybe|help|question|message|reminder|"
    r"timer)\b"
)
_YOURS = (
    (r"\bi(?: a|['’])m\b", "you are"),
    (r"\bi was\b", "you were"),
    (r"\bi['’]ve\b", "you have"),
    (r"\b(?:i|we|me|us)\b", "you"),
)
_PAST = re.compile(r"(?i)\b(?:used to|was|were|had|lived|worked|studied|played|owned|trained|did)\b")


@dataclass(frozen=True, slots=True)
class Read:
    """What a model says that an entry says: about whom ("me" is the speaker), in a sentence, in which of its words."""

    about: str
    statement: str
    quote: str


def checked(entry: Entry, read: Sequence[Read], known: Sequence[Claim], timezone: str) -> list[Claim]:
    """The claims among what was read that the entry bears out, beside those known by the rules.

    A claim needs a quote that is there word for word, in a sentence that states something, which names whom it is about
    and has every telling word of the statement; and neither may deny what the other says.
    """
    if entry.label is Label.ASSISTANT or entry.state is not EntryState.COMPLETE or entry.kind is not EntryKind.MESSAGE:
        return []
    found: dict[str, Claim] = {}
    for each in read:
        claim = _claim(entry, each, timezone)
        if claim is None or any(_says_the_same(claim, other) for other in (*known, *found.values())):
            continue
        found[claim.slot] = claim
    return list(found.values())


def _claim(entry: Entry, read: Read, timezone: str) -> Claim | None:
    statement = " ".join(read.statement.split()).rstrip(".!")
    found = _borne_out(entry, read, statement)
    if found is None:
        return None
    place, subject = found
    sentence = own_words_of(entry.text)[place[0] : place[1]]
    told = _retold(statement, entry, subject)
    by_rule = _by_rule(entry, statement if subject else told, subject, timezone)
    value = (by_rule.slot, by_rule.value) if by_rule is not None else (_slot(told, subject), YES)
    interval = _interval(entry, sentence, timezone)
    return Claim(
        entry_id=entry.id,
        start=place[0],
        end=place[1],
        subject=subject,
        slot=value[0][:300],
        value=value[1],
        statement=told,
        interval=interval,
        said_at=entry.said_at,
        said_by="" if entry.label is Label.OWNER else entry.speaker,
        label=entry.label,
        confidence=_CONFIDENCE,
        origin=Origin.MODEL,
    )


def _borne_out(entry: Entry, read: Read, statement: str) -> tuple[tuple[int, int], str] | None:
    """The sentence of the entry that says a statement, and of whom: the quoted one, else another that does.

    A quote that is nowhere in the entry shows that the model made something up.
    """
    wanted = " ".join(read.quote.split())
    places = list(evidence(entry.text))
    own = own_words_of(entry.text)
    spoken = [" ".join(own[start:end].split()) for start, end in places]
    if len(wanted.split()) < _LEAST_WORDS - 1 or not any(wanted in sentence for sentence in spoken):
        return None
    order = sorted(range(len(places)), key=lambda number: wanted not in spoken[number])
    for number in order:
        sentence = own[places[number][0] : places[number][1]]
        if is_unsure(sentence) or re.search(NEVER_KEPT, sentence):
            continue
        subject = _subject(entry, read, sentence)
        if subject is not None and _is_borne_out(statement, sentence, subject):
            return places[number], subject
    return None


def _subject(entry: Entry, read: Read, sentence: str) -> str | None:
    """Whom it is about; None where the words do not say so."""
    speaker = Speaker("" if entry.label is Label.OWNER else entry.speaker.strip())
    named = read.about.strip()
    by_rule = subject_of(expanded(without_lead(sentence)), speaker)
    if named.casefold() in {"me", "i", "speaker", "the speaker", "user", "myself"}:
        is_own = _FIRST_PERSON.search(sentence) is not None and (
            entry.label is Label.OWNER or is_person_name(speaker.key)
        )
        is_others = by_rule is not None and by_rule.name != speaker.key
        return speaker.key if is_own and not is_others else None
    if re.fullmatch(r"(?i)(?:my|our) [\w -]+", named) and named.casefold() in sentence.casefold():
        return f"{speaker.whose} {named.split(maxsplit=1)[1].casefold()}"
    if not is_person_name(named) or named not in sentence:
        return None
    return named


def _is_borne_out(statement: str, sentence: str, subject: str) -> bool:
    """Whether a statement is short, lasting, and says nothing that its sentence does not say."""
    spoken = statement.split()
    if not _LEAST_WORDS <= len(spoken) <= _MOST_WORDS or _PASSING.search(statement) or "?" in statement:
        return False
    if (_DENIAL.search(statement) is None) != (_DENIAL.search(sentence) is None):
        return False
    allowed = {term.stem for term in terms(f"{sentence} {subject} I my you your am is are has have live work named")}
    return all(term.stem in allowed or term.is_stop for term in terms(statement))


def _retold(statement: str, entry: Entry, subject: str) -> str:
    """The statement seen from outside: the owner is "you", others have their names."""
    text = statement
    for pattern, told in _YOURS if subject == "" else ():
        text = re.sub(pattern, told, text, flags=re.IGNORECASE)
    whose = Speaker("" if entry.label is Label.OWNER else entry.speaker.strip()).whose
    text = re.sub(r"(?i)\b(?:my|our)\b", whose, text)
    return text[:1].upper() + text[1:]


def _by_rule(entry: Entry, statement: str, subject: str, timezone: str) -> Claim | None:
    """The claim that the rules read out of the statement alone, which knows its slot."""
    claims = claims_of(replace(entry, text=f"{statement}."), timezone)
    return claims[0] if len(claims) == 1 and key_of(claims[0].subject) == key_of(subject) else None


def _slot(told: str, subject: str) -> str:
    """What a statement is about, where no rule knows it: its own words."""
    own = key_of(told)
    for name in (key_of(subject), "you"):
        own = own.removeprefix(f"{name} ")
    return own


def _interval(entry: Entry, sentence: str, timezone: str) -> Interval:
    """When it holds, by the words of its sentence."""
    today = entry.said_at.astimezone(ZoneInfo(timezone)).date()
    subject = subject_of(expanded(without_lead(sentence)), Speaker(""))
    verb = read_verb(subject.rest) if subject is not None else None
    is_past = _PAST.search(sentence) is not None
    tense = verb.tense if verb is not None else Tense.PAST if is_past else Tense.PRESENT
    times = times_in(sentence, today, tense)
    named = times.at or times.first
    if verb is not None and verb.is_over:
        return Interval(end=named.start if named is not None else Moment(entry.said_at, Precision.BY))
    if tense is Tense.FUTURE:
        return Interval(named.start if named is not None else None)
    return holds(times, tense, Change.IS, entry.said_at) or Interval()


def _says_the_same(claim: Claim, other: Claim) -> bool:
    """Whether two claims of one entry say much the same: of one slot, or with the same telling words."""
    if claim.entry_id != other.entry_id:
        return False
    if claim.of == other.of:
        return True
    mine = {term.stem for term in terms(claim.statement) if not term.is_stop}
    theirs = {term.stem for term in terms(other.statement) if not term.is_stop}
    return len(mine & theirs) >= min(len(mine), len(theirs)) - 1 and claim.start == other.start


def is_telling(entry: Entry) -> int:
    """How much an entry promises to teach: first persons, names, numbers and dates in its statements; 0 is nothing."""
    if entry.label is Label.ASSISTANT or entry.kind is not EntryKind.MESSAGE or entry.state is not EntryState.COMPLETE:
        return 0
    score = 0
    for start, end in evidence(entry.text):
        sentence = entry.text[start:end]
        if is_unsure(sentence):
            continue
        score += 2 * len(_FIRST_PERSON.findall(sentence)) + len(re.findall(r"\d+", sentence))
        score += sum(
            1
            for name in re.findall(r"(?<![.!?] )(?<!^)\b[A-Z]\w+", sentence)
            if name.casefold() not in words("not_names")
        )
    return score
