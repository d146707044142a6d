"""What a small model says, held against what it was given: words of an example are not the owner's, and what nobody and
nothing said is no answer."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

_TELLING = re.compile(r"[^\W_]{4,}|\d+")
_FIGURE = re.compile(r"\d+")
_SHARE = 0.6
_MOST_LINES = 8
_MOST_CHARACTERS = 600


def is_copied(arguments: Mapping[str, Any], examples: Sequence[Mapping[str, Any]], given: Sequence[str]) -> bool:
    """Whether a text among a call's arguments comes from an example, and not from what was `given`: the request,
    results."""
    known = _words(given)
    for value in arguments.values():
        words = _words([value]) if isinstance(value, str) else set()
        foreign = words - known
        copied = foreign & _words([str(each) for example in examples for each in example.values()])
        if foreign and len(copied) * 2 >= len(words):
            return True
    return False


def is_said(value: str, given: Sequence[str]) -> bool:
    """Whether a short text, or a telling word of it, stands in what was given."""
    texts = [text.casefold() for text in given]
    return any(value.casefold().strip() in text for text in texts) or bool(
        telling_words([value]) & telling_words(texts)
    )


def is_borne_out(answer: str, given: Sequence[str], share: float = _SHARE) -> bool:
    """Whether every figure of an answer and that share of its telling words stand in what was given."""
    known, words = telling_words(given), _words([answer])
    figures = {figure.lstrip("0") for text in given for figure in _FIGURE.findall(text)}
    if any(figure.lstrip("0") not in figures for figure in _FIGURE.findall(answer)):
        return False
    return sum(_stem(word) in known for word in words) >= share * len(words)


def what_came_back(results: Sequence[str]) -> str:
    """Results in the words they came in, shortened: what is said where a model's own words are not borne out."""
    lines = [line.strip() for result in results for line in result.splitlines() if line.strip()]
    told = "\n".join(lines[:_MOST_LINES])
    cut = "\u2026" if len(lines) > _MOST_LINES or len(told) > _MOST_CHARACTERS else ""
    return f"This came back:\n{told[:_MOST_CHARACTERS]}{cut}"


def telling_words(texts: Collection[str]) -> set[str]:
    """The words of texts that say what they are about, by their beginnings."""
    return {_stem(word) for word in _words(texts)}


def _words(texts: Collection[str]) -> set[str]:
    return {word for text in texts for word in _TELLING.findall(text.lower())}


def _stem(word: str) -> str:
    return word[:5]
