"""The forms of regular English verbs, made from their base and read back to it."""

import re

_DOUBLED = re.compile(r"(?:[^aeiou]|^)[aeiou][bdgklmnprt]$")
_STRESSED_BEFORE = frozenset(
    {"offer", "cover", "suffer", "visit", "inherit", "limit", "edit", "order", "water", "garden", "tutor", "mentor"}
    | {"recover", "monitor", "deliver", "consider", "remember", "volunteer", "market", "pilot", "tailor", "open"}
    | {"question", "mention", "happen", "listen", "answer", "gather", "foster", "master", "batter", "develop"}
)
"""Of two syllables and more, so that the last consonant stays single."""
_SHORTEST_ING, _SHORTEST_ED = 5, 5
_MUTE_E = re.compile(r"(?:[vzuc]|[^s]s|[rnd]g|[^aeioulr]l|(?<![aeiou])(?!er|ion)[aeiou][bdgklmnprt])$")
"""How a stem ends that lost an "e"."""
_NO_GERUNDS = frozenset(
    {"morning", "evening", "nothing", "something", "anything", "everything", "spring", "string", "wedding", "building"}
    | {
        "ceiling",
        "amazing",
        "boring",
        "interesting",
        "exciting",
        "annoying",
        "willing",
        "during",
        "pudding",
        "clothing",
    }
)


def third_person(base: str) -> str:
    """ "fix" gives "fixes", "carry" gives "carries"."""
    if base.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{base}es"
    return f"{base[:-1]}ies" if re.search(r"[^aeiou]y$", base) else f"{base}s"


def past(base: str) -> str:
    """ "bake" gives "baked", "plan" gives "planned"."""
    if base.endswith("e"):
        return f"{base}d"
    if re.search(r"[^aeiou]y$", base):
        return f"{base[:-1]}ied"
    return f"{_doubled(base)}ed"


def inflected(base: str) -> tuple[str, str, str, str, str]:
    """Base, third person, past, participle and -ing of a regular verb."""
    stem = base[:-1] if base.endswith("e") and not base.endswith("ee") else _doubled(base)
    return base, third_person(base), past(base), past(base), f"{stem}ing"


def lemma_of(word: str) -> tuple[str, str] | None:
    """The base and the kind of a word that looks like a verb; None for words that do not."""
    if not re.fullmatch(r"[a-z]{3,}", word) or word.endswith("ly"):
        return None
    if word.endswith("ing"):
        return (_base(word[:-3]), "ing") if len(word) > _SHORTEST_ING and word not in _NO_GERUNDS else None
    if word.endswith("ed"):
        base = f"{word[:-3]}y" if word.endswith("ied") else _base(word[:-2])
        return None if word.endswith("eed") or len(word) < _SHORTEST_ED else (base, "past")
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        base = f"{word[:-3]}y" if word.endswith("ies") else re.sub(r"(?<=[sxz])es$|(?<=[cs]h)es$|s$", "", word)
        return base, "third"
    return word, "base"


def _base(stem: str) -> str:
    """The base behind -ed and -ing: "plann" is "plan", "renam" is "rename", "paint" is "paint"."""
    if re.search(r"([bdgkmnprt])\1$", stem):
        return stem[:-1]
    return f"{stem}e" if stem not in _STRESSED_BEFORE and _MUTE_E.search(stem) else stem


def _doubled(base: str) -> str:
    return f"{base}{base[-1]}" if _DOUBLED.search(base) and base not in _STRESSED_BEFORE else base
