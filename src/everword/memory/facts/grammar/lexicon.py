"""The words that the rules know, from lexicon.toml."""

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

from everword.memory.facts.grammar.inflection import inflected

NEVER_KEPT = (
    r"(?i)\b(?:password|passcode|pass ?phrase|pin|pin code|cvv|card number|iban|secret|api key|private key|"
    r"access token|"
    r"recovery key|social security)\b"
)
"""What is kept in the ledger, never in a list of facts."""
CONDITIONS = (
    r"(?:type [12] |severe |mild |chronic )*(?:asthma|diabetes|migraines?|epilepsy|adhd|dyslexia|arthritis|hay fever|"
    r"high blood pressure|celiac disease|coeliac disease|crohn's(?: disease)?|insomnia|tinnitus|eczema|psoriasis|"
    r"anaemia|anemia|vertigo|sleep apn(?:o)?ea|dementia|alzheimer['’]?s|copd|angina|autism|ocd|ptsd|fibromyalgia|"
    r"cancer|osteoporosis|"
    r"(?:breast|lung|skin|prostate|bowel|thyroid) cancer|long covid|cataracts?|[a-z]{4,}(?:itis|osis|algia|opathy|"
    r"plegia|phobia)|"
    r"an? (?:bee|wasp|dairy|egg|latex|penicillin|shellfish|soy|sesame|gluten|dust|pollen|cat|dog) allergy|"
    r"ibs|endometriosis|lupus|gout|glaucoma|depression|anxiety|scoliosis|"
    r"hypertension|parkinson's|multiple sclerosis|a pacemaker|a heart condition|a peanut allergy|a nut allergy)"
)
POSSESSIONS = (
    r"(?:(?:new|old|second|used|small|big|red|blue|black|white|green|electric|vintage|secondhand|second-hand) )*"
    r"(?:car|house|flat|apartment|cottage|cabin|bike|bicycle|motorbike|motorcycle|boat|van|truck|tent|piano|guitar|"
    r"violin|cello|telescope|allotment|garden|vineyard|bakery|shop|studio|farm|caravan|camper|kayak|sailboat|"
    r"greenhouse|"
    r"beehives?|scooter|tractor)"
)


def words(name: str) -> frozenset[str]:
    """One list of words."""
    return _words(name)


def states() -> dict[str, str]:
    """What somebody can be, and the slot that it fills ("" where none else fills the same)."""
    found: dict[str, str] = _lexicon()["states"]
    return found


@cache
def turning_points() -> dict[str, re.Pattern[str]]:
    """Verbs that change a life only with the right complement ("lost my job"), and what it is like."""
    return {lemma: re.compile(rf"(?i)^(?:{pattern})") for lemma, pattern in _lexicon()["turning_points"].items()}


@cache
def verbs() -> list[tuple[str, str, str, str, str]]:
    """Base, third person, past, participle and -ing of each verb."""
    forms = []
    for line in _lexicon()["verbs"].strip().splitlines():
        base, third, past, participle, ing = line.split()
        forms.append((base, third, past, participle, ing))
    return forms + [inflected(base) for base in sorted(words("regular_verbs"))]


def relation_pattern() -> str:
    """Who somebody is to somebody: "best friend", "mother-in-law"."""
    before = "best|old|close|older|younger|elder|big|little|oldest|youngest|eldest|twin|former|new|next-door|late|first"
    names = "|".join(sorted(words("relations"), key=len, reverse=True))
    return rf"(?:(?:{before}|second|ex-|half-|great-|step) ?)*(?:{names})(?:-in-law)?"


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(_lexicon()[name].split())


@cache
def _lexicon() -> dict[str, Any]:
    return tomllib.loads(
        resources.files("everword.memory.facts.grammar").joinpath("lexicon.toml").read_text(encoding="utf-8")
    )
