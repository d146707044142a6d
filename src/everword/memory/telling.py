"""Telling something is no question: what asks to be kept is kept with a word, and nothing is looked for."""

import re

from everword.memory.languages.detect import Language, language_of

_LEAD = r"^\W*(?:(?:please|hey|hi|hello|ok|okay|so|and|but|oh|well|by the way|btw|fyi|just so you know)\W+)*"
#: Asks for the words to be kept, wherever in them it stands; not "remember when", which asks for what was kept.
_KEEP = {
    Language.ENGLISH: (
        r"\b(?:remember|don['’]t forget|keep in mind|make a note|note down|take note)\b"
        r"(?! (?:what|when|where|who|whom|whose|which|why|how|if|whether|the (?:time|day|name|number)|me\b|any))|"
        + _LEAD
        + r"(?:note(?: to self)?:|for the record\b)"
    ),
    Language.GERMAN: r"\b(?:merk(?:e)? dir|vergiss nicht|notiere?)\b(?! (?:was|wann|wo|wer|wie|warum|ob))|^\W*notiz:",
    Language.SPANISH: r"\b(?:recuerda que|acu[eé]rdate de que|no olvides|apunta|anota)\b|^\W*nota:",
    Language.RUSSIAN: r"\b(?:запомни|не забудь|запиши)\b",
    Language.ARABIC: r"\b(?:تذكر أن|تذكري أن|لا تنس|سجل أن)",
    Language.CHINESE: "记住|记一下|别忘了|記住",
    Language.JAPANESE: "覚えておいて|覚えといて|忘れないで|メモして",
}
_KEEP_COMPILED = {language: re.compile(pattern, re.IGNORECASE) for language, pattern in _KEEP.items()}
_QUESTION_MARK = re.compile("[?？؟]")
_TOLD = re.compile(
    _LEAD + r"(?:(?:i|we)(?:['’](?:m|ve|d|ll|re))? |i['’]m |my |our |today\b|yesterday\b|tomorrow\b|this (?:morning|"
    r"afternoon|evening|week)\b|last (?:night|week|month|year)\b|there (?:is|are|was|were) )",
    re.IGNORECASE,
)
#: A question in the clothes of a statement: "I forgot what Anna said", "my PIN for the gate, what was it".
_ASKS_ALL_THE_SAME = re.compile(
    r"\b(?:i|we) (?:wonder|forgot|forget|can['’]?t (?:remember|recall|find|think)|don['’]?t (?:remember|recall|know)|"
    r"want to know|need to know|would like to know|need (?:the|my|our)|was wondering)\b|"
    r"\b(?:what|when|where|who|whose|which|why|how (?:much|many|long|old|often|far))\b",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:am|is|are|was|were|be|been|has|have|had|do|did|will|shall|can|could|would|should|must|may|might|"
    r"went|got|came|took|gave|said|told|paid|bought|made|ate|sold|left|met|saw|found|lost|won|began|broke|wrote|sent|"
    r"brought|thought|kept|held|ran|chose|like|love|hate|need|want|live|work|\w{3,}(?:ed|s))\b|['’](?:m|s|re|ve|d|ll)\b",
    re.IGNORECASE,
)


def asks_to_keep(text: str) -> bool:
    """Whether a message asks for what it says to be remembered, and for nothing else."""
    return not _QUESTION_MARK.search(text) and bool(_KEEP_COMPILED[language_of(text)].search(text))


def is_told(text: str) -> bool:
    """Whether a message tells something and asks for nothing. In other languages than English only `asks_to_keep`."""
    if _QUESTION_MARK.search(text):
        return False
    return asks_to_keep(text) or (
        bool(_TOLD.search(text)) and bool(_VERB.search(text)) and not _ASKS_ALL_THE_SAME.search(text)
    )
