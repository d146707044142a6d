"""Words as recall sees them: folded, stemmed, with their place in the text; the same for index, question and quote."""

import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
_TOKEN = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+(?:['’][^\W_{_CJK}]+)*")
_IS_CJK = re.compile(f"[{_CJK}]")
_POSSESSIVE = re.compile(r"['’]s?$|['’]s$")
_LONGEST = 64


class Word(NamedTuple):
    """A word of a text: `text[start:end]`, folded (lower case, no accents) and stemmed."""

    start: int
    end: int
    folded: str
    stem: str


class Term(NamedTuple):
    """A word without its place, for what is read by the hundred."""

    folded: str
    stem: str
    is_stop: bool


def terms(text: str) -> list[Term]:
    """The words of `text` in order, as `words` has them, without their places; several times quicker."""
    if _IS_CJK.search(text):
        return [Term(word.folded, word.stem, is_stop_word(word.folded)) for word in words(text)]
    return [term for term in map(_term, _TOKEN.findall(text)) if term.folded]


@lru_cache(65_536)
def _term(token: str) -> Term:
    folded = fold(token)
    return Term(folded, stem(folded), is_stop_word(folded))


def words(text: str) -> list[Word]:
    """The words of `text` in order. Runs of Chinese and Japanese come as overlapping pairs of characters."""
    found: list[Word] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        start = match.start()
        if _IS_CJK.match(token):
            pairs = [(i, token[i : i + 2]) for i in range(len(token) - 1)] or [(0, token)]
            found += [Word(start + i, start + i + len(pair), pair, pair) for i, pair in pairs]
        else:
            folded = fold(token)
            if folded:
                found.append(Word(start, match.end(), folded, stem(folded)))
    return found


def stems(text: str) -> list[str]:
    """The stems of `text` in order, without their places."""
    return [term.stem for term in terms(text)]


@lru_cache(65_536)
def fold(token: str) -> str:
    """`token` in lower case, without accents, apostrophes or a possessive; cut to 64 characters."""
    if token.isascii():
        lowered = token.lower()
    else:
        decomposed = unicodedata.normalize("NFKD", token.casefold())
        lowered = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _POSSESSIVE.sub("", lowered).replace("'", "").replace("’", "")[:_LONGEST]


@lru_cache(65_536)
def stem(folded: str) -> str:
    """The English stem (Snowball) of a folded word; words with digits or of other scripts stay as they are."""
    if len(folded) < 4 or not folded.isascii() or not folded.isalpha():
        return folded
    stemmed: list[str] = _stemmer().analyze(folded)
    return stemmed[0] if stemmed else folded


@cache
def _stemmer() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    return TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer("english")).build()


def is_stop_word(folded: str) -> bool:
    """Whether a folded word says nothing about what is asked."""
    return folded in _stop_words() or (len(folded) == 1 and folded.isascii() and not folded.isdigit())


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(resources.files("everword.memory").joinpath("stop_words.txt").read_text(encoding="utf-8").split())
