"""Words as recall sees them: folded, stemmed, with their place in the text; the same for index, question and quote."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any, NamedTuple

from everword.memory.languages.detect import Language, language_of, stop_words

FORMAT = "2"  # what was indexed with words of another format is indexed again

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
TOKEN = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+(?:['’][^\W_{_CJK}]+)*")
_IS_CJK = re.compile(f"[{_CJK}]")
_POSSESSIVE = re.compile(r"['’]s?$|['’]s$")
_LONGEST = 64
_BREVE = "\u0306"
#: The Snowball stemmer of each language, and the least letters of a word that it may shorten.
_STEMMERS = {
    Language.ENGLISH: "english",
    Language.GERMAN: "german",
    Language.SPANISH: "spanish",
    Language.RUSSIAN: "russian",
    Language.ARABIC: "arabic",
}
_SHORTEST_STEMMED = 4


class Word(NamedTuple):
    """A word of a text: `text[start:end]`, folded (lower case, no accents) and stemmed.

    `is_stop`: it says nothing about what is asked.
    """

    start: int
    end: int
    folded: str
    stem: str
    is_stop: bool


class Term(NamedTuple):
    """A word without its place, for what is read by the hundred."""

    folded: str
    stem: str
    is_stop: bool


def terms(text: str) -> list[Term]:
    """The words of `text` in order, as `words` has them, without their places; several times quicker."""
    if _IS_CJK.search(text):
        return [Term(word.folded, word.stem, word.is_stop) for word in words(text)]
    language = language_of(text)
    return [term for token in TOKEN.findall(text) if (term := term_of(token, language)).folded]


@lru_cache(65_536)
def term_of(token: str, language: Language) -> Term:
    """What a token of a text in that language stands for; `folded` is empty where nothing is left of it."""
    folded = fold(token)
    return Term(folded, stem(folded, language), is_stop_word(folded, language))


def words(text: str) -> list[Word]:
    """The words of `text` in order. Runs of Chinese and Japanese come as overlapping pairs of characters."""
    found: list[Word] = []
    language = language_of(text)
    for match in TOKEN.finditer(text):
        token = match.group()
        start = match.start()
        if _IS_CJK.match(token):
            pairs = [(i, token[i : i + 2]) for i in range(len(token) - 1)] or [(0, token)]
            found += [Word(start + i, start + i + len(pair), pair, pair, False) for i, pair in pairs]
        else:
            term = term_of(token, language)
            if term.folded:
                found.append(Word(start, match.end(), *term))
    return found


def stems(text: str) -> list[str]:
    """The stems of `text` in order, without their places."""
    return [term.stem for term in terms(text)]


def fold(token: str) -> str:
    """`token` in lower case, without accents, apostrophes or a possessive, digits as 0 to 9; cut to 64 characters."""
    if token.isascii():
        lowered = token.lower()
    else:
        decomposed = unicodedata.normalize("NFKD", token.casefold())
        lowered = "".join(map(_plain, decomposed, " " + decomposed)).replace("и" + _BREVE, "й")
    return _POSSESSIVE.sub("", lowered).replace("'", "").replace("’", "")[:_LONGEST]


def _plain(character: str, before: str) -> str:
    """A character without what marks it; the short i of Cyrillic is a letter of its own."""
    if unicodedata.combining(character):
        return _BREVE if character == _BREVE and before == "и" else ""
    return str(digit) if character > "9" and (digit := unicodedata.digit(character, None)) is not None else character


def stem(folded: str, language: Language = Language.ENGLISH) -> str:
    """The stem (Snowball) of a folded word; words with digits, and of languages without a stemmer, stay as they are."""
    name = _STEMMERS.get(language)
    if name is None or len(folded) < _SHORTEST_STEMMED or not folded.isalpha():
        return folded
    if folded.isascii() != (language not in (Language.RUSSIAN, Language.ARABIC)):
        return folded  # a word of another script in such a text
    stemmed: list[str] = _stemmer(name).analyze(folded)
    return stemmed[0] if stemmed else folded


@cache
def _stemmer(name: str) -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    return TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer(name)).build()


def is_stop_word(folded: str, language: Language = Language.ENGLISH) -> bool:
    """Whether a folded word says nothing about what is asked."""
    return folded in stop_words(language) or (len(folded) == 1 and folded.isalpha() and folded.isascii())
