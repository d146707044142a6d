"""Citations by rule: a sentence of an answer gets one only where its words and a quote's agree. No model decides it."""

import itertools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from everword.core.ids import EntryId
from everword.core.types import Label
from everword.memory.passages import sentences
from everword.memory.relative_times import relative_times
from everword.memory.types import Entry
from everword.memory.words import fold, is_stop_word, stem, words

_AGREEING_SHARE = 0.5  # of a sentence's content words, that the quote must have
_FEWEST_WORDS = 2
_MOST_INTRODUCING = 5
_NUMBER = re.compile(r"\d{4}-\d\d-\d\d|\d+(?:[.,:/]\d+)*")
_NAME = re.compile(r"(?<![.!?:\n] )(?<!^)(?<![.!?:]\n)\b[^\W\d_a-z][\w’'-]+")
_NEGATION = re.compile(
    r"\b(?:not|cannot|never|no longer|nobody|nothing|none|neither|without)\b|n['’]t\b|\bno\b(?!\.)", re.IGNORECASE
)
_FIRST_PERSON = re.compile(r"\b(?:i|i['’]\w+|my|mine|me|we|our)\b", re.IGNORECASE)
_OF_OWNER = re.compile(r"^\W*(?:yes|no|well|so)?\W*you(?:r|['’]\w+)?\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[;:—–]\s+|,\s+(?=(?:and|but|while|whereas|so|because|which|who|then)\b)|\s\((?=\w)")
_ABBREVIATION = re.compile(
    r"\b(?:mr|mrs|ms|dr|st|prof|e\.g|i\.e|etc|vs|no|approx|jan|feb|mar|apr|aug|sept?|oct|nov|dec|[a-z])\.$",
    re.IGNORECASE,
)
_FINISHED = re.compile(r"[.!?…][\"'”’)\]*_]*(?=\s)|[。！？]|\n")
_FENCE = re.compile(r"^\s*(?:```|~~~)", re.MULTILINE)
_SPOKEN_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
}
_OPENER = re.compile(r"(?:ly|ing|ed)$|^(?:according|yes|no|also|however|later|first|second|finally)$", re.IGNORECASE)
_NOT_NAMES = frozenset(
    ["i", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "yes", "no", "ok", "okay"]
)


class Quotable(Protocol):
    """A find that may be cited: the passage `entry.text[start:end]`."""

    @property
    def entry(self) -> Entry: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Citation:
    """A footnote: `number` stands in the answer after `after` code points; the quote is the entry's text[start:end].

    The same quote keeps its number. `rank` is the find's place among those given; 1 is the first.
    """

    number: int
    after: int
    entry_id: EntryId
    start: int
    end: int
    rank: int


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a piece of text asserts, as far as words show it."""

    content: frozenset[str]
    numbers: frozenset[str]
    names: frozenset[str]
    is_negated: bool
    is_of_owner: bool  # it says "you"


@dataclass(frozen=True, slots=True)
class _Quote:
    claim: _Claim
    around: frozenset[str]  # what the entry says besides its words: who said it, when, and what day "yesterday" was
    is_of_speaker: bool  # it says "I"
    is_owners: bool
    entry_id: EntryId
    start: int
    end: int
    rank: int


class Citer:
    """Reads an answer as it is written and cites each sentence once it is finished."""

    def __init__(self, finds: Sequence[Quotable], asked: str = "", timezone: str = "UTC") -> None:
        """`finds`, best first; names and numbers that the question itself had (`asked`) need not be in a quote.

        Days are those of `timezone` (IANA), the owner's.
        """
        zone = ZoneInfo(timezone)
        self._quotes = [quote for rank, find in enumerate(finds, 1) for quote in _quotes(find, rank, zone)]
        self._asked = _claim(asked)
        self._people = frozenset(stem(fold(name)) for find in finds for name in find.entry.speaker.split())
        self._numbers: dict[tuple[EntryId, int, int], int] = {}
        self._text = ""
        self._read = 0

    def feed(self, text: str, *, is_finished: bool = False) -> list[Citation]:
        """Take the answer as far as it is written; the citations of the sentences that have ended since the last call.

        With `is_finished` its last words count as a sentence too.
        """
        self._text = text
        found = []
        for match in _FINISHED.finditer(text, self._read):
            if not _ABBREVIATION.search(text[self._read : match.end()]):
                found += self._cite(self._read, match.end())
                self._read = match.end()
        if is_finished and self._read < len(text):
            found += self._cite(self._read, len(text))
            self._read = len(text)
        return found

    def _cite(self, start: int, end: int) -> list[Citation]:
        sentence = self._text[start:end]
        if sentence.rstrip().endswith("?") or len(_FENCE.findall(self._text[:end])) % 2:
            return []
        whole = self._best(_claim(sentence))
        if whole is not None:
            return [self._citation(whole, start + len(sentence.rstrip()))]
        found: list[Citation] = []
        for left, right in _clauses(sentence):
            quote = self._best(_claim(sentence[left:right], begins_sentence=left == 0))
            if quote is not None and all(citation.entry_id != quote.entry_id for citation in found):
                found.append(self._citation(quote, start + left + len(sentence[left:right].rstrip())))
        return found

    def _best(self, claim: _Claim) -> _Quote | None:
        """The quote that agrees with most of the claim's words; the better ranked one of two that do."""
        fitting = [quote for quote in self._quotes if _is_of_whom_it_says(claim, quote, self._people)]
        agreeing = [(_agreement(claim, quote, self._asked), quote) for quote in fitting]
        share, best = max(agreeing, key=lambda pair: (pair[0], -pair[1].rank), default=(0.0, None))
        return best if share > 0 else None

    def _citation(self, quote: _Quote, after: int) -> Citation:
        key = (quote.entry_id, quote.start, quote.end)
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        return Citation(number, after, quote.entry_id, quote.start, quote.end, quote.rank)


def cite(answer: str, finds: Sequence[Quotable], asked: str = "") -> list[Citation]:
    """The citations of a whole answer, in order."""
    return Citer(finds, asked).feed(answer, is_finished=True)


def unquoted(answer: str, afters: Collection[int]) -> int:
    """How many sentences of an answer have no citation; `afters` is where its citations stand."""
    spans = sentences(answer)
    return sum(not any(start < after <= end for after in afters) for start, end in spans)


def _is_of_whom_it_says(claim: _Claim, quote: _Quote, people: frozenset[str]) -> bool:
    """Whether a quote in the first person can bear out a claim: not where that names one of `people` who does not say
    it and is not named in it, nor where it speaks of the owner and somebody else says it."""
    if not quote.is_of_speaker:
        return True
    if claim.is_of_owner and not quote.is_owners:
        return False
    return not (claim.names & people) - quote.around - quote.claim.content - quote.claim.names


def _agreement(claim: _Claim, quote: _Quote, asked: _Claim) -> float:
    """The share of the claim's content words that the quote has; 0 where they do not agree.

    They agree when every number and name of the claim is in the quote (or is who said it, when, or what was asked),
    neither denies what the other says, and half of the claim's content words, two at least, are the quote's too; one
    of them must not be from the question.
    """
    if claim.is_negated != quote.claim.is_negated:
        return 0.0
    if not claim.numbers <= quote.claim.numbers | quote.around | asked.numbers:
        return 0.0
    if not claim.names <= quote.claim.content | quote.claim.names | quote.around | asked.names | asked.content:
        return 0.0
    wanted = (claim.content | claim.numbers) - quote.around
    shared = wanted & (quote.claim.content | quote.claim.numbers)
    needed = min(_FEWEST_WORDS, len(wanted))
    if len(shared) < max(needed, 1) or not shared - asked.content - asked.numbers:
        return 0.0
    share = len(shared) / len(wanted)
    return share if share >= _AGREEING_SHARE else 0.0


def _quotes(find: Quotable, rank: int, zone: ZoneInfo) -> list[_Quote]:
    """Each sentence of the find's passage, and each two that follow each other."""
    text = find.entry.text[find.start : find.end]
    spans = sentences(text)
    pairs = [(spans[at][0], spans[at + 1][1]) for at in range(len(spans) - 1)]
    said_at = find.entry.said_at.astimezone(zone)
    when = f"{said_at:%Y} {said_at:%B} {said_at:%A} {said_at.day} {said_at:%Y-%m-%d} {said_at:%d/%m/%Y}"
    found = []
    for start, end in [*spans, *pairs]:
        said = text[start:end]
        meant = " ".join(time.date for time in relative_times(said, said_at, zone.key))
        beside = _claim(f"x {find.entry.speaker} {when} {meant}", begins_sentence=False)
        found.append(
            _Quote(
                claim=_claim(said),
                around=beside.content | beside.numbers | beside.names,
                is_of_speaker=bool(_FIRST_PERSON.search(said)),
                is_owners=find.entry.label is Label.OWNER,
                entry_id=find.entry.id,
                start=find.start + start,
                end=find.start + end,
                rank=rank,
            )
        )
    return found


def _claim(text: str, *, begins_sentence: bool = True) -> _Claim:
    found = words(text)
    numbers = {_number(match.group()) for match in _NUMBER.finditer(text)}
    numbers |= {_SPOKEN_NUMBERS[word.folded] for word in found if word.folded in _SPOKEN_NUMBERS}
    content = {
        word.stem
        for word in found
        if not word.is_stop and word.folded not in _SPOKEN_NUMBERS and not word.folded.isdigit()
    }
    padded = text if begins_sentence else f"x {text}"
    names = {stem(fold(match.group())) for match in _NAME.finditer(padded)}
    names |= {word.stem for word in found[:1] if begins_sentence and _may_be_name(text[word.start : word.end])}
    names = {
        name for name in names if not is_stop_word(name) and name not in _NOT_NAMES and name not in _SPOKEN_NUMBERS
    }
    is_of_owner = bool(_OF_OWNER.search(text))
    return _Claim(frozenset(content), frozenset(numbers), frozenset(names), bool(_NEGATION.search(text)), is_of_owner)


def _may_be_name(first: str) -> bool:
    """Whether the first word of a sentence could be a name: to be sure, all are but those that rarely are."""
    return first[:1].isupper() and not _OPENER.search(first)


def _number(text: str) -> str:
    """A number as it is compared: "1,200" is "1200", "4.0" is "4"."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        text = text.replace(",", "")
    if re.fullmatch(r"\d+\.0+", text):
        text = text.split(".")[0]
    return text.lstrip("0") or "0"


def _clauses(sentence: str) -> list[tuple[int, int]]:
    """The parts of a sentence that can be borne out by themselves; who spoke, and when, goes with what they said."""
    cuts = [0, *(match.end() for match in _CLAUSE.finditer(sentence)), len(sentence)]
    clauses: list[tuple[int, int]] = []
    for left, right in itertools.pairwise(cuts):
        if clauses and _introduces(sentence[slice(*clauses[-1])]):
            clauses[-1] = (clauses[-1][0], right)
        elif right > left:
            clauses.append((left, right))
    return clauses if len(clauses) > 1 else []


def _introduces(clause: str) -> bool:
    """Whether a clause says whose words follow, or of which day: "5 March 2025, Anna: "."""
    said = _claim(clause)
    return clause.rstrip().endswith(":") and len(said.content) < _MOST_INTRODUCING and bool(said.numbers | said.content)
