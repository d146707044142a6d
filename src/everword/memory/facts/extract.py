"""From an entry to the claims that it makes, by rule: no model, and rather nothing than something wrong."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from everword.core.types import Label
from everword.memory.facts.attributes import attribute, spoken_day
from everword.memory.facts.frames import Said, is_once, readings
from everword.memory.facts.lexicon import NEVER_KEPT, words
from everword.memory.facts.refusing import evidence, is_unsure
from everword.memory.facts.subjects import Kind, Speaker, Subject, is_person_name, subject_of, without_lead
from everword.memory.facts.types import YES, Claim, Interval, Moment, at_day
from everword.memory.facts.verbs import Verb, expanded, past_plural, read_gerund, read_verb
from everword.memory.facts.when import Change, Tense, Times, holds, leading_time, times_in
from everword.memory.types import Entry, EntryKind, EntryState

_SPLIT = re.compile(
    r"(?<=[\w.’')])(?:;|:(?= (?:i|we|my|our)\b)|,? (?:but|although|though|while|whereas)\b|, and(?= )|"
    r" and(?= (?:i|we|my|our|he|she|his|her)\b)|,(?= (?:i|we|my|our|he|she)\b)| – | — | - |\.\s)\s*",
    re.IGNORECASE,
)
_AND = re.compile(r",? and (?=(?P<then>[\w’']+(?: [\w’']+)*))", re.IGNORECASE)
_WORK = re.compile(r"(?:at|for|as|in|from)\b")
_BECAUSE = re.compile(r"(?i)\s*\b(?:because|since (?=i|we|my|he|she|they|it)|so that|in order to)\b.*$")
_ELLIPSIS = re.compile(
    r"(?i)(?:just |finally )?(?:quit|turned|moved|started|joined|retired|got|adopted|graduated|sober|been)\b"
)
_INFINITIVE = re.compile(r"\b(?:to|can|will|let|help|helps) [a-z]")
"""What an "and" behind it may go on with: "trying to win and keep" says nothing of keeping."""
_LESS_SURE = 0.15


@dataclass(frozen=True, slots=True)
class _Clause:
    """A piece of a sentence: what it says, and where the whole sentence stands."""

    text: str
    start: int
    end: int


def claims_of(entry: Entry, timezone: str = "UTC") -> list[Claim]:
    """What an entry claims, in the order of its text. The assistant's words and broken-off ones claim nothing.

    In a document nobody is "I", so only what it says of people by name counts.
    """
    if entry.label is Label.ASSISTANT or entry.state is not EntryState.COMPLETE or entry.kind is EntryKind.TOOL_RESULT:
        return []
    found: dict[tuple[str, str, str], Claim] = {}
    for claim in _Reader(entry, timezone).claims():
        found.setdefault((claim.subject, claim.slot, claim.value), claim)
    return list(found.values())


class _Reader:
    """One walk over the statements of an entry; remembers who was spoken of last."""

    def __init__(self, entry: Entry, timezone: str) -> None:
        self._entry = entry
        self._speaker = Speaker("" if entry.label is Label.OWNER else entry.speaker.strip())
        self._has_first_person = entry.kind is EntryKind.MESSAGE and (
            entry.label is Label.OWNER or is_person_name(self._speaker.key)
        )
        self._today: date = entry.said_at.astimezone(ZoneInfo(timezone)).date()
        self._spoken_of: str | None = None

    def claims(self) -> Iterator[Claim]:
        """Every claim, a text's in its order."""
        for start, end in evidence(self._entry.text):
            before: Subject | None = None
            for number, clause in enumerate(_clauses(self._entry.text, start, end)):
                subject = None
                if not is_unsure(clause.text) and not re.search(NEVER_KEPT, clause.text):
                    text = expanded(without_lead(clause.text))
                    subject = self._about(text, before, is_first=number == 0)
                before = subject
                if subject is not None:
                    yield from self._said_of(subject, clause)

    def _about(self, text: str, before: Subject | None, *, is_first: bool) -> Subject | None:
        """Whom a clause is about: by itself, behind a time that it begins with, or whom the clause before it is."""
        subject = subject_of(text, self._speaker)
        if subject is None:
            time, rest = leading_time(text)
            subject = subject_of(expanded(without_lead(rest)), self._speaker) if time else None
            subject = subject and replace(subject, rest=f"{subject.rest} {time[:1].casefold()}{time[1:]}")
        if subject is None and before is not None and not before.noun and read_verb(text) is not None:
            subject = replace(before, rest=text, relation="")
        if subject is None and is_first and self._entry.label is Label.OWNER and _ELLIPSIS.match(text):
            subject = Subject(Kind.SPEAKER, self._speaker.key, text)
        if subject is None:
            return None
        if subject.kind is Kind.PRONOUN:
            return None if self._spoken_of is None else replace(subject, name=self._spoken_of)
        is_speakers = subject.kind is not Kind.NAME or subject.relation != ""
        if is_speakers and not self._has_first_person:
            return None
        if subject.kind is not Kind.SPEAKER:
            self._spoken_of = subject.name
        return subject

    def _said_of(self, subject: Subject, clause: _Clause) -> Iterator[Claim]:
        if subject.relation:
            yield self._related(subject, clause)
        verb = read_verb(subject.rest)
        if verb is None:
            return
        times = times_in(verb.rest, self._today, verb.tense)
        verb = self._inner(replace(verb, rest=times.rest))
        if subject.noun:
            said = attribute(subject.noun, verb, times)
            if said is not None:
                yield from self._claim(subject, said, verb, times, clause)
            return
        for said in readings(verb, spoken_day(times)):
            yield from self._claim(subject, said, verb, times, clause)

    def _inner(self, verb: Verb) -> Verb:
        """ "Started learning": the inner verb, which begins or ends."""
        inner = read_gerund(verb.rest) if verb.lemma in {"start", "begin", "stop", "quit"} else None
        return verb if inner is None else replace(inner, tense=verb.tense, form=verb.lemma)

    def _claim(self, subject: Subject, said: Said, verb: Verb, times: Times, clause: _Clause) -> Iterator[Claim]:
        change = said.change
        if verb.lemma != verb.form:
            change = {"start": Change.BEGINS, "begin": Change.BEGINS, "stop": Change.ENDS, "quit": Change.ENDS}.get(
                verb.form, change
            )
        interval = self._interval(said, verb, times, change)
        if interval is None or (said.is_timed and interval == Interval()):
            return
        is_past = not said.is_event and interval.end is not None and interval.end.at <= self._entry.said_at
        statement = self._statement(subject, said, is_past=is_past)
        less = _LESS_SURE if subject.kind is Kind.PRONOUN else 0.0
        yield self._made(
            subject.name, said.slot, self._theirs(said.value), statement, interval, said.confidence - less, clause
        )

    def _interval(self, said: Said, verb: Verb, times: Times, change: Change) -> Interval | None:
        """When it holds; None for a plan without a day, of which nothing can be said."""
        if said.is_event:
            named = times.at or times.first
            return Interval(named.start if named else None, named.end if named and _is_over_then(said) else None)
        if (
            verb.tense is Tense.PAST
            and change is Change.IS
            and is_once(said, verb)
            and (times.first or times.last or times.lasted) is None
        ):
            return None
        if change is Change.BEGINS:
            if verb.tense is Tense.USED_TO:
                return None
            if verb.tense is Tense.PRESENT and times.is_empty and verb.lemma in words("planned"):
                return None
        if said.slot == "birthday":
            return Interval()
        interval = holds(times, verb.tense, change, self._entry.said_at)
        if interval is not None and change is Change.BEGINS and interval.start is None and verb.is_new:
            return Interval(Moment(at_day(self._today.year, self._today.month, self._today.day)), interval.end)
        return interval

    def _related(self, subject: Subject, clause: _Clause) -> Claim:
        """ "My daughter Temi" says of the speaker that they have a daughter of that name."""
        key, relation = self._speaker.key, subject.relation
        slot = f"{relation}: {subject.name}".casefold()
        has = "You have" if key == "" else f"{key} has"
        article = "an" if relation[:1] in "aeiou" else "a"
        statement = f"{has} {article} {relation} named {subject.name}"
        return self._made(key, slot, YES, statement, Interval(), 0.9, clause)

    def _made(
        self,
        subject: str,
        slot: str,
        value: str,
        statement: str,
        interval: Interval,
        confidence: float,
        clause: _Clause,
    ) -> Claim:
        entry = self._entry
        return Claim(
            entry_id=entry.id,
            start=clause.start,
            end=clause.end,
            subject=subject,
            slot=slot[:300],
            value=value,
            statement=statement,
            interval=interval,
            said_at=entry.said_at,
            said_by="" if entry.label is Label.OWNER else entry.speaker,
            label=entry.label,
            confidence=round(confidence, 2),
        )

    def _statement(self, subject: Subject, said: Said, *, is_past: bool) -> str:
        tail = f" {self._theirs(said.tail)}" if said.tail else ""
        if subject.noun:
            whose = "your" if subject.name == "" else f"{subject.name}'s"
            return _sentence(f"{whose} {subject.noun} {said.past if is_past else said.third}{tail}")
        if subject.name == "":
            return _sentence(f"you {past_plural(said.past) if is_past else said.you}{tail}")
        return _sentence(f"{subject.name} {said.past if is_past else said.third}{tail}")

    def _theirs(self, text: str) -> str:
        """ "My", seen from outside."""
        text = re.sub(r"(?i)\b(?:my|our)\b", self._speaker.whose, text)
        return re.sub(r"\b(?:me|us)\b", self._speaker.key or "you", text)


def _is_over_then(said: Said) -> bool:
    """Whether what happens is over when its day is: an appointment, not a birth."""
    return said.third == "is"


def _clauses(text: str, start: int, end: int) -> Iterator[_Clause]:
    """The clauses of a sentence, each with the whole sentence as its quote."""
    sentence = _BECAUSE.sub("", text[start:end].rstrip(" .!…"))
    for piece in filter(None, _SPLIT.split(sentence)):
        for named in _at_names(piece):
            for part in _at_verbs(named):
                if len(part.split()) > 1:
                    yield _Clause(part.strip(), start, end)


def _at_names(piece: str) -> Iterator[str]:
    """A piece, cut at commas where somebody else becomes the subject: "Pekka eats no pork, Aino is vegan"."""
    parts = piece.split(", ")
    clause = parts[0]
    for part in parts[1:]:
        if _has_subject(clause) and _has_subject(part):
            yield clause
            clause = part
        else:
            clause = f"{clause}, {part}"
    yield clause


def _has_subject(piece: str) -> bool:
    return subject_of(expanded(without_lead(piece)), Speaker("")) is not None


def _at_verbs(piece: str) -> list[str]:
    """A piece, cut where "and" leads to another verb: "live in Lisbon and work at a bakery"."""
    for match in _AND.finditer(piece):
        if _INFINITIVE.search(piece[: match.start()]):
            break
        verb = read_verb(match["then"])
        is_noun = verb is not None and (
            verb.form in words("also_nouns") or (verb.form == "work" and not _WORK.match(verb.rest))
        )
        if verb is not None and not is_noun:
            return [piece[: match.start()], piece[match.end() :]]
    return [piece]


def _sentence(text: str) -> str:
    """One line that begins with a capital."""
    joined = " ".join(text.split())
    return joined[:1].upper() + joined[1:]
