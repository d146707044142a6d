"""What a question says about what it looks for: its words, the people it names, times, and the kind of answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from everword.memory.dates import TimeSpan, time_spans
from everword.memory.languages.detect import Language, language_of
from everword.memory.languages.times import time_words
from everword.memory.words import Word, fold, is_stop_word, stem, words

_FIRST_PERSON = frozenset(
    [
        "i",
        "me",
        "my",
        "mine",
        "myself",
        "we",
        "us",
        "our",
        "ours",
        "ourselves",
        "im",
        "ive",
        "id",
        "ill",
        "were",
        "weve",
    ]
)
_ASKS_WHEN = re.compile(r"\b(when|what (?:time|date|day|month|year)|how long|how recently)\b", re.IGNORECASE)
_ASKS_HOW_MANY = re.compile(
    r"\b(how (?:many|much|old|far|tall|big|often|long)|what (?:percentage|number|amount|size|age)|which number|"
    r"size of|amounts?|code|cost|price)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, taken apart. `content` is what it is about: its words without stop words, times and speakers."""

    text: str
    words: tuple[Word, ...]
    content: tuple[str, ...]  # stems, each once, in order
    search_stems: tuple[str, ...]  # what to look for: content, names, and the words of times such as months
    names: tuple[str, ...]  # stems of words written as names, those of speakers included
    speakers: tuple[str, ...]  # those who speak in the space and are named
    spans: tuple[TimeSpan, ...]
    language: Language
    is_first_person: bool
    asks_when: bool
    asks_how_many: bool


def parse(text: str, known_names: Sequence[str], now: datetime, timezone: str) -> Question:
    """Take `text` apart; `known_names` are those who speak in the spaces searched, as far as `beginnings` go."""
    found = tuple(words(text))
    language = language_of(text)
    spans = tuple(time_spans(text, now, timezone, language))
    folded = [word.folded for word in found]
    speakers = _speakers(text, {*folded, *(word.stem for word in found)}, known_names, language)
    speaker_words = {part for name in speakers for part in name.casefold().split()}
    nouns_are_written_so = language is Language.GERMAN
    names = [] if nouns_are_written_so else [word.stem for at, word in enumerate(found) if _is_name(text, found, at)]
    names += [word.stem for word in found if word.folded in speaker_words]
    content = [
        word.stem
        for word in found
        if not word.is_stop
        and word.folded not in speaker_words
        and not any(span.at <= word.start < span.to for span in spans)
    ]
    dated = [
        word.stem
        for word in found
        if _is_date_word(word.folded, language) and any(span.at <= word.start < span.to for span in spans)
    ]
    return Question(
        text=text,
        words=found,
        content=tuple(dict.fromkeys(content)),
        search_stems=tuple(dict.fromkeys([*content, *names, *dated])),
        names=tuple(dict.fromkeys(names)),
        speakers=speakers,
        spans=spans,
        language=language,
        is_first_person=not _FIRST_PERSON.isdisjoint(folded),
        asks_when=bool(_ASKS_WHEN.search(text)),
        asks_how_many=bool(_ASKS_HOW_MANY.search(text)),
    )


def beginnings(text: str) -> set[str] | None:
    """With which two letters the names of those whom `text` may name begin; None where that cannot be said.

    Arabic puts articles before words, Chinese and Japanese nothing between them.
    """
    if language_of(text) not in (Language.ENGLISH, Language.GERMAN, Language.SPANISH, Language.RUSSIAN):
        return None
    return {form[:2] for word in words(text) for form in (word.folded, word.stem)}


def _is_date_word(folded: str, language: Language) -> bool:
    return (folded.isdigit() and len(folded) == 4) or time_words(language).is_month(folded)


def _speakers(text: str, asked: set[str], known_names: Sequence[str], language: Language) -> tuple[str, ...]:
    """Known names of which the whole, or the first word, is in the question: as it is written, or in another case."""
    found = []
    for name in known_names:
        parts = name.casefold().split()
        if not parts or len(parts[0]) < 2 or is_stop_word(parts[0], language):
            continue
        forms = {parts[0], f"{parts[0]}s", stem(fold(parts[0]), language)}
        if not forms.isdisjoint(asked) or (not language.has_spaces and parts[0] in text):
            found.append(name)
    return tuple(found)


def _is_name(text: str, found: Sequence[Word], at: int) -> bool:
    """Whether a word is written as a name: a capital letter, not only because a sentence begins."""
    word = found[at]
    written = text[word.start : word.end]
    if not written[:1].isupper() or word.is_stop:
        return False
    before = text[: word.start].rstrip()
    begins_sentence = not before or before[-1] in '.!?:\n"“'
    return not begins_sentence or (len(written) > 1 and written.isupper())
