"""Reading the verb that a clause begins with: its tense, whether it is denied, and what follows it."""

import re
from dataclasses import dataclass
from functools import cache

from everword.memory.facts.inflection import lemma_of, past, third_person
from everword.memory.facts.lexicon import verbs, words
from everword.memory.facts.when import Tense

_CONTRACTED = re.compile(
    r"(?i)\b(can|won|do|does|did|is|are|was|were|have|has|had|would|could|should|ain)(?:n['’]t|['’]t)\b"
)
_BARE_NOT = re.compile(r"(?i)\b(do|does|did|is|was|are|were|has|have|ca|wo)nt\b")
_CUT_SHORT = {"ca": "can", "wo": "will"}
_BARE_I = re.compile(r"(?i)^(im|ive)\b")
_CLITICS = (
    (re.compile(r"(?i)^(i|we|they|you|he|she)['’]m\b"), r"\1 am"),
    (re.compile(r"(?i)^(i|we|they|you)['’]ve\b"), r"\1 have"),
    (re.compile(r"(?i)^(i|we|they|you|he|she)['’]ll\b"), r"\1 will"),
    (re.compile(r"(?i)^(i|we|they|you|he|she)['’]d\b"), r"\1 would"),
    (re.compile(r"(?i)^(we|they|you)['’]re\b"), r"\1 are"),
)


_DETERMINERS = frozenset(
    {"a", "an", "the", "my", "our", "his", "her", "their", "no", "some", "another", "two", "three", "four"}
    | {"five", "six", "seven", "eight", "nine", "ten", "both", "every", "each", "type"}
)
_OF_BE = frozenset({"am", "is", "are", "was", "were", "be", "been"})
_PREPOSITIONS = frozenset({"in", "at", "to", "from", "with", "for", "on", "into", "as", "off", "up", "out"})


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
def _known() -> dict[str, tuple[str, str]]:
    """The base and the kind of every form; where one form is of two kinds, the first of: third, base, past."""
    forms: dict[str, tuple[str, str]] = {}
    for base, third, spoken, participle, ing in verbs():
        for form, kind in (
            (spoken, "past"),
            (ing, "ing"),
            (third, "third"),
            (base, "base"),
            (participle, "participle"),
        ):
            forms[form] = (base, kind) if form not in forms or kind in {"base", "third"} else forms[form]
    forms |= {"am": ("be", "third"), "are": ("be", "third"), "were": ("be", "past"), "gotten": ("get", "participle")}
    forms["quit"] = ("quit", "past")
    return forms


@cache
def _participles() -> dict[str, str]:
    return {forms[3]: forms[0] for forms in verbs()} | {"gotten": "get", "got": "get"}


@cache
def _adverbs() -> frozenset[str]:
    return words("adverbs")


@cache
def _thirds() -> dict[str, str]:
    return {base: form for form, (base, kind) in reversed(_known().items()) if kind == "third"}


_SAME_IN_PAST = frozenset({"quit", "left", "moved", "married", "got", "had", "split"})


def third_of(lemma: str) -> str:
    """A verb as a third person takes it."""
    return _thirds().get(lemma) or third_person(lemma)


def past_of(lemma: str) -> str:
    """A verb in the past."""
    return next((spoken for base, _, spoken, _, _ in verbs() if base == lemma), None) or past(lemma)


def past_plural(form: str) -> str:
    """A verb in the past as "you" takes it."""
    first, _, rest = form.partition(" ")
    return f"were {rest}".strip() if first == "was" else form


def denied(form: str) -> str:
    """A verb with what belongs to it, denied in the same person and time."""
    first, _, rest = form.partition(" ")
    if first in {"am", "are", "is", "was", "were"}:
        return f"{first} not {rest}".strip()
    lemma, kind = _known().get(first) or lemma_of(first) or (first, "base")
    is_past = kind == "past"
    helper = "did" if is_past else "does" if kind == "third" else "do"
    return f"{helper} not {lemma} {rest}".strip()


def expanded(clause: str) -> str:
    """The clause with "I'm", "don't" and their like written out."""
    text = _BARE_NOT.sub(lambda match: f"{_CUT_SHORT.get(match[1].casefold(), match[1])} not", clause)
    text = _BARE_I.sub(lambda match: {"im": "i am", "ive": "i have", "ill": "i will"}[match[1].casefold()], text)
    text = _CONTRACTED.sub(
        lambda match: {"won": "will", "can": "can"}.get(match[1].casefold(), match[1]) + " not", text
    )
    for pattern, whole in _CLITICS:
        text = pattern.sub(whole, text)
    text = re.sub(r"(?i)\b(?:can not|cannot) (?:stand|bear)\b", "hate", text)
    return text.replace("cannot", "can not").replace("wo not", "will not")


def read_verb(predicate: str, *, is_open: bool = False) -> Verb | None:
    """The verb that `predicate` (a clause after its subject) begins with; None for one that is not known here.

    Also None for what is only possible, wished or was so before something else: would, might, could, had done. Behind
    a pronoun any word can be a verb: `is_open`.
    """
    return _Reader(predicate.split(), is_open=is_open).read()


def is_listed(lemma: str) -> bool:
    """Whether a verb is in the lexicon, as opposed to read by its ending."""
    return lemma in _known()


def read_gerund(text: str) -> Verb | None:
    """The verb whose -ing form `text` begins with, as in "started learning Polish"."""
    form, _, rest = text.partition(" ")
    lemma, kind = _known().get(form.casefold(), ("", ""))
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
            word in {"will", "can"} or following in _known() or (is_denied and following not in words("no_base"))
        ):
            self._auxiliary, self._at = word, self._at + 1
            return True
        if word in {"have", "has"} and self._word(1) == "got" and self._word(2) in _DETERMINERS:
            del self._words[self._at + 1]  # who has got something has it
            return False
        if word in {"have", "has"} and (following in {"been", *_participles()} or self._is_past(following)):
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
        known = _known().get(word) or self._guessed(word)
        if word in _participles() and self._auxiliary == "have":
            known = (_participles()[word], "participle")
        if known is None:
            return None
        lemma, kind = known
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
            wanted = "ing" if auxiliary.endswith(" on") else "past" if auxiliary == "have" else None
            return (read[0], kind) if kind == wanted else (word, "base") if wanted is None else None
        if self._is_open:
            return read if kind != "ing" else None
        following = self._word(1)
        is_led = following in _DETERMINERS or (kind == "past" and (following in {"", *_PREPOSITIONS}))
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
        return Tense.PRESENT if word not in _SAME_IN_PAST else Tense.PAST

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
        return (_known().get(word) or lemma_of(word) or ("", ""))[1] == "ing"

    def _is_past(self, word: str) -> bool:
        return word not in _known() and (lemma_of(word) or ("", ""))[1] == "past"
