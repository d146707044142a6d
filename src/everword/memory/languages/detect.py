"""Which language a text is in: by its script, and in Latin script by its small words."""

import re
from enum import StrEnum
from functools import cache
from importlib import resources

_SCRIPTS = re.compile(
    "(?P<ja>[\u3040-\u30ff\uff66-\uff9f])|(?P<zh>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])|(?P<ru>[\u0400-\u04ff])|"
    "(?P<ar>[\u0600-\u06ff\u0750-\u077f])"
)
_KANA = re.compile("[\u3040-\u30ff\uff66-\uff9f]")
#: Small words and letters that one of the two has and English has not. Few, so that most English ends the search soon.
_GERMAN_WORDS = (
    "und|ich|nicht|ist|das|der|mit|auf|ein|eine|einen|dem|den|von|zu|wir|sie|wie|wo|wann|wer|warum|noch|auch|"
    "aber|für|beim|mein|meine|meiner|dein|deine|habe|hatte|hatten|heute|morgen|gestern|schon|nur|kein|keine|dann|"
    "wenn|bist|mir|mich|dir|dich|uns"
)
_SPANISH_WORDS = (
    "que|los|las|el|la|por|para|con|una|del|lo|se|mis|su|es|está|pero|muy|más|yo|nos|hoy|ayer|dónde|cuándo|cómo|"
    "quién|qué|cuál|fue|porque|como|cuando|donde"
)
_GERMAN = re.compile(rf"[äöüß]|\b(?:{_GERMAN_WORDS})\b", re.IGNORECASE)
_SPANISH = re.compile(rf"[ñ¿¡]|\b(?:{_SPANISH_WORDS})\b", re.IGNORECASE)
_NOT_ENGLISH = frozenset(f"{_GERMAN_WORDS}|{_SPANISH_WORDS}".split("|"))
_LETTERS = re.compile("[äöüßñ¿¡]", re.IGNORECASE)
_WORDS = re.compile(r"\w+")
_ENGLISH = re.compile(
    r"\b(?:the|and|of|to|is|was|in|it|you|that|for|on|are|with|my|have|this|be|at|what|when|where|who|how|did|do|we|she|"
    r"he|they|not|your|can|so|but|just|i'm|it's|i)\b",
    re.IGNORECASE,
)


class Language(StrEnum):
    """The languages whose words recall knows more of than where they end. What is unknown counts as English."""

    ENGLISH = "en"
    GERMAN = "de"
    SPANISH = "es"
    RUSSIAN = "ru"
    ARABIC = "ar"
    CHINESE = "zh"
    JAPANESE = "ja"

    @property
    def has_spaces(self) -> bool:
        """Whether words stand apart."""
        return self not in (Language.CHINESE, Language.JAPANESE)


def language_of(text: str) -> Language:
    """The language that most of `text` seems to be in."""
    if not text.isascii() and (script := _SCRIPTS.search(text)) is not None:
        found = Language(str(script.lastgroup))
        return Language.JAPANESE if found is Language.CHINESE and _KANA.search(text) else found
    if not may_tell(text):
        return Language.ENGLISH  # as the rest would find, in a tenth of the time
    german, spanish = len(_GERMAN.findall(text)), len(_SPANISH.findall(text))
    if not german and not spanish:
        return Language.ENGLISH
    points = {Language.ENGLISH: len(_ENGLISH.findall(text)), Language.GERMAN: german, Language.SPANISH: spanish}
    return max(points, key=lambda language: points[language])


def may_tell(text: str) -> bool:
    """Whether a text in Latin script has words or letters that English has not."""
    has_letters = not text.isascii() and _LETTERS.search(text) is not None
    return has_letters or not _NOT_ENGLISH.isdisjoint(_WORDS.findall(text.lower()))


@cache
def stop_words(language: Language) -> frozenset[str]:
    """The folded words of a language that say nothing about what is asked; empty where words are pairs of signs."""
    if not language.has_spaces:
        return frozenset()
    file = resources.files("everword.memory.languages").joinpath(f"{language}.txt")
    return frozenset(file.read_text(encoding="utf-8").split())
