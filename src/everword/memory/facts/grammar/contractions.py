"""What is written short: "I'm", "don't", "they've", written out."""

import re

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
    (re.compile(r"(?i)^(i|we|he|she)(?:['’]d| would) (?:much |far )?rather (?!you\b|not\b|be\b)"), r"\1 prefer to "),
    (re.compile(r"(?i)^(i|we|he|she)(?:['’]d| would) (?:much |far )?prefer\b(?! (?:you|if)\b)"), r"\1 prefer"),
    (re.compile(r"(?i)^(i|we|they|you|he|she)['’]d\b"), r"\1 would"),
    (re.compile(r"(?i)^(we|they|you)['’]re\b"), r"\1 are"),
)


def expanded(clause: str) -> str:
    """The clause with "I'm", "don't" and their like written out."""
    text = _BARE_NOT.sub(lambda match: f"{_CUT_SHORT.get(match[1].casefold(), match[1])} not", clause)
    text = _BARE_I.sub(lambda match: {"im": "i am", "ive": "i have", "ill": "i will"}[match[1].casefold()], text)
    text = _CONTRACTED.sub(
        lambda match: {"won": "will", "can": "can"}.get(match[1].casefold(), match[1]) + " not", text
    )
    for pattern, whole in _CLITICS:
        text = pattern.sub(whole, text)
    text = re.sub(r"(?i)\b(?:can not|cannot) (?:stand|bear|abide|stomach)\b", "hate", text)
    return text.replace("cannot", "can not").replace("wo not", "will not")
