"""The forms of verbs: what each word can be a form of, and each verb as persons and times take it."""

from functools import cache

from everword.memory.facts.grammar.inflection import lemma_of, past, third_person
from everword.memory.facts.grammar.lexicon import verbs, words


@cache
def known() -> dict[str, tuple[str, str]]:
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
def participles() -> dict[str, str]:
    return {forms[3]: forms[0] for forms in verbs()} | {"gotten": "get", "got": "get"}


@cache
def _thirds() -> dict[str, str]:
    return {base: form for form, (base, kind) in reversed(known().items()) if kind == "third"}


SAME_IN_PAST = frozenset({"quit", "left", "moved", "married", "got", "had", "split"})
"""Bare forms that are read as the past."""


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
    lemma, kind = known().get(first) or lemma_of(first) or (first, "base")
    is_past = kind == "past"
    helper = "did" if is_past else "does" if kind == "third" else "do"
    return f"{helper} not {lemma} {rest}".strip()


def is_finite(word: str, *, in_past_only: bool = True) -> bool:
    """Whether a word is a listed verb in the past (or as a third person takes it), and no noun."""
    kinds = {"past"} if in_past_only else {"past", "third"}
    return known().get(word, ("", ""))[1] in kinds and word not in words("also_nouns")


def has_verb(text: str) -> bool:
    """Whether any word is a listed verb in the past or as a third person takes it."""
    spoken = [word.strip(",.") for word in text.casefold().split()]
    return any(known().get(word, ("", ""))[1] in {"past", "third"} or word.endswith("ed") for word in spoken)


def is_listed(lemma: str) -> bool:
    """Whether a verb is in the lexicon, as opposed to read by its ending."""
    return lemma in known()
