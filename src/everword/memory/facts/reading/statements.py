"""What is said of somebody as a sentence, seen from outside: "You live in Porto", "Anna's cat is 3 years old"."""

import re

from everword.memory.facts.grammar.subjects import Speaker, Subject
from everword.memory.facts.grammar.verb_forms import past_plural
from everword.memory.facts.reading.said import Said

_PLURAL = re.compile(r"(?i)\b(?:[a-z]+(?:[^s\W]s|sses|ches|shes)|teeth|feet|people|children|men|women|mice)$")
_NO_PLURAL = re.compile(
    r"(?i)(?:gas|bus|bonus|diabetes|news|glass|class|dress|address|business|mathematics|physics|yes|pass|series|lens|"
    r"[a-z]+(?:us|is|ss|itis))$"
)


def statement(subject: Subject, said: Said, speaker: Speaker, *, is_past: bool) -> str:
    """The sentence that says it."""
    tail = f" {theirs(said.tail, speaker)}" if said.tail else ""
    if subject.noun:
        whose = "your" if subject.name == "" else f"{subject.name}'s"
        form = said.past if is_past else said.third
        if _is_plural(subject.noun):
            form = past_plural(form) if is_past else plural(form)
        return sentence(f"{whose} {subject.noun} {form}{tail}")
    if subject.name == "" or subject.is_plural:
        who = subject.name or "you"
        return sentence(f"{who} {past_plural(said.past) if is_past else said.you}{tail}")
    return sentence(f"{subject.name} {said.past if is_past else said.third}{tail}")


def theirs(text: str, speaker: Speaker) -> str:
    """ "My", seen from outside."""
    text = re.sub(r"(?i)(?<![\w-])(?:my|our)\b(?!-)", speaker.whose, text)
    return re.sub(r"(?<![\w-])(?:me|us)\b(?!-)", speaker.key or "you", text)


def sentence(text: str) -> str:
    """One line that begins with a capital."""
    joined = " ".join(text.split())
    return joined[:1].upper() + joined[1:]


def plural(form: str) -> str:
    """A third person's verb as several take it: "comes out" is "come out"."""
    first, _, rest = form.partition(" ")
    known = {"is": "are", "has": "have", "was": "were", "does": "do", "goes": "go"}
    if first not in known and first.endswith("s") and not first.endswith("ss"):
        known[first] = re.sub(r"ies$", "y", re.sub(r"(?<=[sxz])es$|(?<=[cs]h)es$|(?<!ie)s$", "", first))
    return f"{known.get(first, first)} {rest}".strip()


def _is_plural(noun: str) -> bool:
    head = re.sub(r"(?i) (?:at|in|of|for|with|from|on|to|near) .*", "", noun).split()[-1]
    return _PLURAL.search(head) is not None and _NO_PLURAL.search(head) is None
