"""How people ask of their own life in languages other than English: a few signs each, for `memory.support`."""

import re

from everword.memory.languages.detect import Language

#: The speaker and what is theirs; people who need no name.
_OWN = {
    Language.GERMAN: (
        r"\b(?:ich|mir|mich|wir|uns|mein(?:e[mnrs]?)?|unser(?:e[mnrs]?)?|mama|papa|oma|opa|mutti|vati)\b"
    ),
    Language.SPANISH: (
        r"\b(?:yo|me|mi|mis|m[ií]o|m[ií]a|nos|nosotr[oa]s|nuestr[oa]s?|mam[aá]|pap[aá]|abuel[oa]|t[ií][oa])\b|"
        r"\b\w{2,}(?:amos|imos|emos)\b"
    ),
    Language.RUSSIAN: (
        r"\b(?:я|мне|меня|мной|мо[йяеиюёё]|моего|моей|моему|моих|моим|мы|нам|нас|нами|наш\w*|мам\w{1,2}|пап\w{1,2}|"
        r"бабуш\w+|дедуш\w+|отец|отц\w+|сестр\w+|брат\w*)\b"
    ),
    Language.ARABIC: r"\b(?:أنا|انا|نحن|لي|لنا|عندي|عندنا|معي|معنا)\b|\b\w{2,}(?:ي|نا)\b",
    Language.CHINESE: "[我咱俺]|妈|爸|外婆|奶奶|爷爷|姥",
    Language.JAPANESE: "[私僕俺]|うち|母|父|祖母|祖父|おばあ|おじい|っけ",
}
#: Asking for something to be made or explained, which needs no memory.
_TASK = {
    Language.GERMAN: (
        r"^\W*(?:bitte |kannst du |könntest du )*(?:schreib|übersetz|erklär|fass|rechne|berechne|erfinde|erstell|"
        r"was (?:ist|sind|bedeutet|heißt) (?!mein|unser)|wie (?:kocht|macht|geht) man|wie kann (?:ich|man)|nenn)"
    ),
    Language.SPANISH: (
        r"^\W*(?:por favor,? |puedes |podr[ií]as )*(?:escrib|traduc|explic|resum|calcul|invent|redact|"
        r"qu[eé] (?:es|son|significa) (?!mi|nuestr)|c[oó]mo (?:se|puedo)|dame (?:un|una|ideas))"
    ),
    Language.RUSSIAN: (
        r"^\W*(?:пожалуйста,? |можешь )*(?:напиши|переведи|объясни|посчитай|вычисли|придумай|составь|"
        r"что такое|что значит|как (?:приготовить|сделать|правильно|можно))"
    ),
    Language.ARABIC: r"^\W*(?:من فضلك |هل يمكنك )*(?:اكتب|ترجم|اشرح|لخص|احسب|ما معنى|ما هو|ما هي|كيف (?:أ|ا|ي|ت)\w+)",
    Language.CHINESE: "^(?:请|帮我|麻烦)?(?:写|翻译|解释|总结|计算|什么是|怎么做|如何)",
    Language.JAPANESE: (
        "(?:書いて|訳して|翻訳して|説明して|要約して|計算して|教えて(?:ください)?$)|とは[?？]?$|の作り方"
    ),
}
_OWN_COMPILED = {language: re.compile(pattern, re.IGNORECASE) for language, pattern in _OWN.items()}
_TASK_COMPILED = {language: re.compile(pattern, re.IGNORECASE) for language, pattern in _TASK.items()}


def asks_of_own_life(text: str, language: Language) -> bool:
    """Whether a question in a language other than English names the asker, or people as only their family does."""
    return bool(_OWN_COMPILED[language].search(text))


def sets_a_task(text: str, language: Language) -> bool:
    """Whether something is to be made or explained, in a language other than English."""
    return bool(_TASK_COMPILED[language].search(text.strip()))
