"""Reading the verb that a clause begins with: its tense, whether it is denied, and what follows it."""

import re
from dataclasses import dataclass
from functools import cache

from everword.memory.facts.grammar.inflection import lemma_of
from everword.memory.facts.grammar.lexicon import words
from everword.memory.facts.grammar.verb_forms import SAME_IN_PAST, known, participles
from everword.memory.facts.grammar.when import Tense

_DETERMINERS = frozenset(
    {"a", "an", "the", "my", "our", "his", "her", "their", "no", "some", "another", "two", "three", "four"}
    | {"five", "six", "seven", "eight", "nine", "ten", "both", "every", "each", "type"}
)
_OF_BE = frozenset({"am", "is", "are", "was", "were", "be", "been"})
_BEHIND_PAST = frozenset(
    {
        "away",
        "last",
        "this",
        "on",
        "in",
        "at",
        "to",
        "from",
        "with",
        "for",
        "into",
        "as",
        "off",
        "up",
        "out",
        "down",
        "over",
    }
    | {"back", "again", "together", "yesterday", "today", "through", "under", "until", "till", "since", "after", "by"}
)
"""What may stand behind a verb in the past that only its ending shows."""


@dataclass(frozen=True, slots=True)
class Verb:
    """`lemma` in `tense`, denied or not; `rest` is what follows. `is_on` marks "be ...ing"."""

    lemma: str
    tense: Tense
    is_denied: bool
    rest: str
    is_over: bool = False
    """Denied now, though it was so: "no longer", "any more"."""
    is_new: bool = False
    """Said to be so "now", "just" or "recently"."""
    form: str = ""
    is_usual: bool = False
    """Said to be so always, usually or never."""
    is_able: bool = False
    """Said to be possible only: "can"."""

    @property
    def is_on(self) -> bool:
        """Whether it is told as going on: "am learning"."""
        return self.form.endswith("ing") and self.form != self.lemma


@cache
def _adverbs() -> frozenset[str]:
    return words("adverbs")


def read_verb(predicate: str, *, is_open: bool = False) -> Verb | None:
    """The verb that `predicate` (a clause after its subject) begins with; None for one that is not known here.

    Also None for what is only possible, wished or was so before something else: would, might, could, had done. Behind
    a pronoun any word can be a verb: `is_open`.
    """
    return _Reader(predicate.split(), is_open=is_open).read()


def read_gerund(text: str) -> Verb | None:
    """The verb whose -ing form `text` begins with, as in "started learning Polish"."""
    form, _, rest = text.partition(" ")
    lemma, kind = known().get(form.casefold(), ("", ""))
    return Verb(lemma, Tense.PRESENT, is_denied=False, rest=rest, form=form) if kind == "ing" else None


class _Reader:
    """One walk over the words of a predicate, auxiliaries first."""

    def __init__(self, words: list[str], *, is_open: bool) -> None:
        self._words = words
        self._is_open = is_open
        self._at = 0
        self._auxiliary: str | None = None
        self._is_denied = self._is_over = self._is_new = self._has_been = self._is_usual = False

    def read(self) -> Verb | None:
        while self._at < len(self._words):
            word = self._words[self._at].casefold().strip(",")
            if not self._skips(word) and not self._helps(word):
                return self._main(word)
        return None

    def _skips(self, word: str) -> bool:
        """Pass over an adverb or a denial."""
        following = self._word(1)
        if word == "no" and following == "longer":
            self._is_denied = self._is_over = True
            self._at += 2
        elif word in {"not", "never"}:
            self._is_denied = True
            self._is_usual |= word == "never"
            self._at += 1
        elif word in _adverbs():
            self._is_new |= word in {"now", "just", "recently", "currently", "finally", "officially"}
            self._is_usual |= word in {"always", "usually", "normally", "generally", "mostly", "regularly", "often"}
            self._at += 1
        else:
            return False
        return True

    def _helps(self, word: str) -> bool:
        """Take in an auxiliary that a main verb follows."""
        following = self._next_main()
        if word == "used" and self._word(1) == "to":
            self._auxiliary, self._at = "used to", self._at + 2
            return True
        if word in {"am", "is", "are"} and following == "going" and self._after_main() == "to":
            self._auxiliary, self._at = "will", self._at_of("to") + 1
            return True
        is_denied = self._word(1) == "not"
        if word in {"will", "do", "does", "did", "can"} and (
            word in {"will", "can"} or following in known() or (is_denied and following not in words("no_base"))
        ):
            self._auxiliary, self._at = word, self._at + 1
            return True
        if word in {"have", "has"} and self._word(1) in {"now", "just", "also", "still"} and self._word(2) == "got":
            self._is_new |= self._word(1) in {"now", "just"}
            del self._words[self._at + 1]
        if word in {"have", "has"} and self._word(1) == "got" and self._word(2) in _DETERMINERS:
            del self._words[self._at + 1]  # who has got something has it
            return False
        if word in {"have", "has"} and (following in {"been", *participles()} or self._is_past(following)):
            self._auxiliary, self._at = "have", self._at + 1
            return True
        if word == "been" and self._auxiliary == "have" and self._is_ing(self._next_main()):
            self._has_been, self._at = True, self._at + 1
            return True
        if word in {"am", "is", "are", "was", "were"} and self._is_ing(following):
            self._auxiliary, self._at = f"{self._auxiliary or ''}{word} on".strip(), self._at + 1
            return True
        if word == "be" and self._auxiliary == "will" and self._is_ing(following):
            self._at += 1
            return True
        return False

    def _main(self, word: str) -> Verb | None:
        read = known().get(word) or self._guessed(word)
        if word in participles() and self._auxiliary == "have":
            read = (participles()[word], "participle")
        if read is None:
            return None
        lemma, kind = read
        tense = self._tense(kind, word)
        if tense is None:
            return None
        ends_here = self._words[self._at].endswith(",")
        rest = "" if ends_here and kind != "third" else self._rest(self._words[self._at + 1 :])
        return Verb(
            lemma,
            tense,
            self._is_denied,
            rest,
            self._is_over,
            self._is_new,
            word,
            self._is_usual,
            self._auxiliary == "can",
        )

    def _guessed(self, word: str) -> tuple[str, str] | None:
        """A verb that no list has, by its ending: what an auxiliary wants, or what its place shows to be one."""
        read = None if word in words("no_base") or word in _adverbs() else lemma_of(word)
        if read is None:
            return None
        auxiliary, kind = self._auxiliary, read[1]
        if auxiliary is not None:
            wanted = "ing" if auxiliary.endswith(" on") or self._has_been else "past" if auxiliary == "have" else None
            return (read[0], kind) if kind == wanted else (word, "base") if wanted is None else None
        if self._is_open:
            return read if kind != "ing" else None
        following = self._word(1)
        is_led = following in _DETERMINERS | {"only"} or (kind == "past" and following in {"", *_BEHIND_PAST})
        return read if kind in {"past", "third"} and is_led else None

    def _tense(self, kind: str, word: str) -> Tense | None:
        auxiliary = self._auxiliary
        if auxiliary == "used to":
            return Tense.USED_TO
        if auxiliary == "will":
            return Tense.FUTURE
        if auxiliary == "have":
            return Tense.PERFECT
        if auxiliary is not None and auxiliary.endswith(" on"):
            return Tense.PAST if auxiliary.startswith(("was", "were")) else Tense.PRESENT
        if auxiliary in {"do", "does", "can"}:
            return Tense.PRESENT
        if auxiliary == "did" or kind == "past":
            return Tense.PAST
        if kind == "participle" or (kind == "ing" and auxiliary is None):
            return None
        return Tense.PRESENT if word not in SAME_IN_PAST else Tense.PAST

    def _rest(self, words: list[str]) -> str:
        while words and words[0].casefold().strip(",") in {
            "now",
            "currently",
            "again",
            "really",
            "just",
            "also",
            "officially",
        }:
            self._is_new |= words[0].casefold() in {"now", "just", "currently", "officially"}
            words = words[1:]
        if words and words[0].casefold() == "not" and self._words[self._at].casefold() in _OF_BE:
            self._is_denied, words = True, words[1:]
        text = " ".join(words)
        over = re.search(r"(?i)\s*\b(?:any ?more|any longer)\b", text)
        if over and self._is_denied:
            self._is_over = True
            text = text[: over.start()] + text[over.end() :]
        return text

    def _word(self, ahead: int) -> str:
        at = self._at + ahead
        return self._words[at].casefold().strip(",") if at < len(self._words) else ""

    def _next_main(self) -> str:
        return next(
            (word for word in self._rest_folded() if word not in _adverbs() and word not in {"not", "never"}), ""
        )

    def _after_main(self) -> str:
        words = [word for word in self._rest_folded() if word not in _adverbs() and word not in {"not", "never"}]
        return words[1] if len(words) > 1 else ""

    def _at_of(self, wanted: str) -> int:
        return next(at for at in range(self._at, len(self._words)) if self._words[at].casefold() == wanted)

    def _rest_folded(self) -> list[str]:
        return [word.casefold().strip(",") for word in self._words[self._at + 1 :]]

    def _is_ing(self, word: str) -> bool:
        return (known().get(word) or lemma_of(word) or ("", ""))[1] == "ing"

    def _is_past(self, word: str) -> bool:
        return word not in known() and (lemma_of(word) or ("", ""))[1] == "past"
