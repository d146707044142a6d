"""From an entry to the claims that it makes, by rule: no model, and rather nothing than something wrong."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from everword.core.types import Label
from everword.memory.facts.grammar.clauses import Clause, clauses
from everword.memory.facts.grammar.contractions import expanded
from everword.memory.facts.grammar.elided import elided
from everword.memory.facts.grammar.foreign import AsSaid, as_said, in_english
from everword.memory.facts.grammar.lexicon import NEVER_KEPT, words
from everword.memory.facts.grammar.mentions import mentioned
from everword.memory.facts.grammar.openings import without_lead
from everword.memory.facts.grammar.subjects import Kind, Speaker, Subject, is_person_name, subject_of
from everword.memory.facts.grammar.verb_forms import third_of
from everword.memory.facts.grammar.verbs import Verb, read_gerund, read_verb
from everword.memory.facts.grammar.when import Change, Tense, Times, holds, leading_time, times_in
from everword.memory.facts.reading.attributes import attribute, looks_ahead, spoken_day
from everword.memory.facts.reading.frames import is_once, readings
from everword.memory.facts.reading.predicates import own_words
from everword.memory.facts.reading.presupposed import presupposed
from everword.memory.facts.reading.refusing import evidence, is_unsure, own_words_of, whole_sentences
from everword.memory.facts.reading.said import Said
from everword.memory.facts.reading.statements import sentence, statement, theirs
from everword.memory.facts.reading.updates import Former, is_update, updated
from everword.memory.facts.reading.wishes import wish
from everword.memory.facts.types import YES, Claim, Interval, Moment, at_day, key_of
from everword.memory.types import Entry, EntryKind, EntryState

_LESS_SURE = 0.15
_KEPT_CONFIDENCE = 0.7


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
            entry.label is Label.OWNER or (entry.label is not Label.TOOL and is_person_name(self._speaker.key))
        )
        self._today: date = entry.said_at.astimezone(ZoneInfo(timezone)).date()
        self._spoken_of: str | None = None
        self._former: Former | None = None

    def claims(self) -> Iterator[Claim]:
        """Every claim, a text's in its order."""
        own = own_words_of(self._entry.text)
        stated = dict(evidence(self._entry.text))
        for start, end in whole_sentences(own) if stated else ():
            if start in stated:
                yield from self._stated(own, start, stated[start])
            else:
                self._notice(own[start:end])

    def _stated(self, own: str, start: int, end: int) -> Iterator[Claim]:
        """What one sentence claims."""
        if self._has_first_person and (held := presupposed(own[start:end])) and not self._is_refused(own[start:end]):
            whose = Subject(Kind.SPEAKER, self._speaker.key, "")
            told = statement(whose, held, self._speaker, is_past=False)
            quote = Clause("", start, end, opens=False)
            yield self._made(whose.name, held.slot, held.value, told, Interval(), held.confidence, quote)
        before: Subject | None = None
        for clause in clauses(own, start, end):
            subject, text = None, without_lead(clause.text)
            if not self._is_refused(text):
                english = in_english(text)
                if english == text and (kept := as_said(text)) is not None:
                    yield from self._kept(kept, clause)
                    continue
                if self._former is not None and (anew := is_update(clause.text, self._former)) is not None:
                    yield from self._updated(anew, self._former, clause)
                    continue
                if self._speaker.key == "" and self._has_first_person and (wanted := wish(text)) is not None:
                    yield from self._wished(wanted, clause)
                    continue
                subject = self._about(expanded(english), before, is_first=clause.opens)
            before = subject
            if subject is None:
                self._notice(clause.text)
            else:
                self._former = Former(subject, None, clause.text)
                yield from self._said_of(subject, clause)

    def _updated(self, anew: re.Match[str], former: Former, clause: Clause) -> Iterator[Claim]:
        """What "it" is now, of what the clause before told."""
        found = updated(anew, former)
        if found is None:
            return
        subject, said = found
        if said is None:
            yield from self._said_of(subject, clause)
            return
        times = times_in(subject.rest, self._today, Tense.PRESENT)
        verb = Verb("be", Tense.PRESENT, is_denied=False, rest="", form="be")
        yield from self._claim(subject, replace(said, change=Change.IS), verb, times, clause)

    def _wished(self, wanted: Said, clause: Clause) -> Iterator[Claim]:
        """What the owner always or never wants."""
        subject = Subject(Kind.SPEAKER, self._speaker.key, "")
        told = statement(subject, wanted, self._speaker, is_past=False)
        yield self._made(subject.name, wanted.slot, wanted.value, told, Interval(), wanted.confidence, clause)

    def _is_refused(self, clause: str) -> bool:
        """Whether a clause is unsure, secret, or told to the owner of the owner, which only they can say."""
        is_to_owner = self._speaker.key != "" and re.search(r"(?i)\byou(?:r|rs|['’]\w+)?\b", clause) is not None
        return is_to_owner or is_unsure(clause) or re.search(NEVER_KEPT, clause) is not None

    def _notice(self, sentence: str) -> None:
        """Remember whom a sentence speaks of, for the pronouns that follow it."""
        people = mentioned(sentence, self._speaker)
        if people:
            is_known = len(people) == 1 and (self._has_first_person or not people[0].startswith(self._speaker.whose))
            self._spoken_of = people[0] if is_known else None

    def _about(self, text: str, before: Subject | None, *, is_first: bool) -> Subject | None:
        """Whom a clause is about: by itself, behind a time that it begins with, or whom the clause before it is."""
        subject = subject_of(text, self._speaker)
        if subject is None:
            time, rest = leading_time(text)
            subject = subject_of(expanded(without_lead(rest)), self._speaker) if time else None
            subject = subject and replace(subject, rest=f"{subject.rest} {time[:1].casefold()}{time[1:]}")
        if subject is None and before is not None and not before.noun and _goes_on(before, text):
            doing = "are " if read_verb(text) is None else ""
            subject = replace(before, rest=f"{doing}{text}", relation="")
        if subject is None and is_first and (said := elided(text)) is not None:
            subject = Subject(Kind.SPEAKER, self._speaker.key, said)
        if subject is None:
            return None
        if subject.kind is Kind.PRONOUN:
            return None if self._spoken_of is None else replace(subject, name=self._spoken_of)
        is_speakers = subject.kind is not Kind.NAME or subject.relation != ""
        if is_speakers and not self._has_first_person:
            return None
        if subject.kind is not Kind.SPEAKER:
            self._spoken_of = subject.name
        elif subject.noun:
            self._notice(subject.rest)
        return subject

    def _said_of(self, subject: Subject, clause: Clause) -> Iterator[Claim]:
        if subject.relation:
            yield self._related(subject, clause)
        verb = read_verb(subject.rest, is_open=subject.is_pronoun)
        if verb is None:
            return
        whole = verb.rest
        is_ahead = subject.noun != "" and looks_ahead(verb)
        times = times_in(whole, self._today, Tense.PRESENT if is_ahead else verb.tense)
        verb = self._inner(replace(verb, rest=times.rest))
        if subject.noun:
            said = attribute(subject.noun, verb, times, whole)
            if said is not None:
                yield from self._claim(subject, said, verb, times, clause)
            return
        framed = list(readings(verb, times, spoken_day(times)))
        own = own_words(verb, times, is_others=subject.name != "") if not framed else None
        for said in framed or filter(None, (own,)):
            yield from self._claim(subject, said, verb, times, clause)

    def _inner(self, verb: Verb) -> Verb:
        """ "Started learning": the inner verb, which begins or ends."""
        inner = read_gerund(verb.rest) if verb.lemma in {"start", "begin", "stop", "quit"} else None
        return verb if inner is None else replace(inner, tense=verb.tense, form=verb.lemma)

    def _claim(self, subject: Subject, said: Said, verb: Verb, times: Times, clause: Clause) -> Iterator[Claim]:
        self._former = Former(subject, said, clause.text)
        change = said.change
        if verb.lemma != verb.form:
            change = {"start": Change.BEGINS, "begin": Change.BEGINS, "stop": Change.ENDS, "quit": Change.ENDS}.get(
                verb.form, change
            )
        interval = self._interval(said, verb, times, change)
        if interval is None or (said.is_timed and interval == Interval()):
            return
        is_past = not said.is_event and interval.end is not None and interval.end.at <= self._entry.said_at
        told = statement(subject, said, self._speaker, is_past=is_past)
        less = _LESS_SURE if subject.kind is Kind.PRONOUN else 0.0
        yield self._made(
            subject.name,
            said.slot,
            theirs(said.value, self._speaker),
            told,
            interval,
            said.confidence - less,
            clause,
        )

    def _interval(self, said: Said, verb: Verb, times: Times, change: Change) -> Interval | None:
        """When it holds; None for a plan without a day, of which nothing can be said."""
        if said.is_event:
            named = times.at or times.first
            return Interval(named.start if named else None, named.end if named and _is_over_then(said) else None)
        if verb.tense is Tense.PAST and change is Change.IS and is_once(said, verb) and not times.is_stretch:
            return None
        if change is Change.BEGINS:
            if verb.tense is Tense.USED_TO:
                return None
            if verb.tense is Tense.PRESENT and times.is_empty and verb.lemma in words("planned"):
                return None
        if said.slot.endswith(("birthday", "anniversary")):
            return Interval()
        interval = holds(times, verb.tense, change, self._entry.said_at)
        if interval is not None and change is Change.BEGINS and interval.start is None and verb.is_new:
            return Interval(Moment(at_day(self._today.year, self._today.month, self._today.day)), interval.end)
        return interval

    def _kept(self, kept: AsSaid, clause: Clause) -> Iterator[Claim]:
        """What was said in another language, in its own words."""
        if not self._has_first_person:
            return
        tense = Tense.PAST if kept.is_event else Tense.PRESENT
        times = times_in(kept.timed, self._today, tense)
        named = times.at or times.first
        if kept.is_event:
            interval: Interval | None = Interval(named.start if named else None)
        else:
            held = Tense.USED_TO if kept.is_over else tense
            interval = holds(times, held, Change.IS, self._entry.said_at)
        if interval is not None:
            whose = kept.name or self._speaker.key
            subject = f"{self._speaker.whose} {kept.whose}" if kept.whose else whose
            slot = key_of(times.rest)
            yield self._made(subject, slot, YES, sentence(kept.words), interval, _KEPT_CONFIDENCE, clause)

    def _related(self, subject: Subject, clause: Clause) -> Claim:
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
        clause: Clause,
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


def _goes_on(subject: Subject, text: str) -> bool:
    """Whether words say something more of a subject, with a verb as it takes it."""
    verb = read_verb(text)
    if verb is None and read_gerund(text) is not None:
        return (former := read_verb(subject.rest)) is not None and former.is_on
    is_first = subject.kind is Kind.SPEAKER and subject.name == ""
    return verb is not None and not (
        is_first and verb.form == third_of(verb.lemma) != verb.lemma and verb.lemma != "have"
    )


def _is_over_then(said: Said) -> bool:
    """Whether what happens is over when its day is: an appointment, not a birth."""
    return said.third == "is"
