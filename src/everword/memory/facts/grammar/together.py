"""Several people, or those of a household, as one subject: "Mum and Dad", "my parents", "the kids", "the dog"."""

import re
from dataclasses import dataclass
from functools import cache

from everword.memory.facts.grammar.lexicon import words

_UPPER = "A-ZÀ-ÖØ-Þ"
_ONE = rf"[{_UPPER}][\w’'-]*\w"
_PAIR = re.compile(
    rf"^(?:(?P<my>[Mm]y|[Oo]ur) )?(?P<one>{_ONE}|[a-z]+) (?:and|&) (?:(?:my|our) )?(?P<two>{_ONE}|[a-z]+) (?P<rest>.+)$"
)
_PEOPLE = (
    r"(?:(?:older|younger|elder|big|little|oldest|youngest|twin|two|three|four|both|next-door|upstairs|downstairs) )*"
    r"(?:parents|grandparents|kids|children|sons|daughters|sisters|brothers|siblings|cousins|twins|in-laws|"
    r"parents-in-law|"
    r"nephews|nieces|uncles|aunts|grandkids|grandchildren|neighbours|neighbors|flatmates|housemates|roommates|"
    r"colleagues|"
    r"boys|girls|lads|folks|friends|tenants|dogs|cats|rabbits|hens|chickens|horses|goats|guinea pigs|ponies|bees|"
    r"bosses|managers|"
    r"grandparents|godparents|lodgers|teachers)"
)
_OWN_PEOPLE = re.compile(
    rf"^(?:[Bb]oth (?:of )?)?(?:(?:[Mm]y|[Oo]ur) (?P<many>(?i:{_PEOPLE}))|[Tt]he (?P<home>kids|children|twins|boys|"
    rf"girls|in-laws))"
    rf"(?:,? (?P<names>{_ONE} (?:and|&) {_ONE}),?)?(?: (?:both|all))? (?P<rest>.+)$"
)


_BESIDE = re.compile(
    r"(?<=\w) (?:and|&) (?:his|her|their) (?:wife|husband|partner|girlfriend|boyfriend|fiancée?|family|kids|"
    r"children) (?=\w)"
)


@dataclass(frozen=True, slots=True)
class Together:
    """Who they are, as a subject is called but for whose they are; `is_own` where they are the speaker's."""

    name: str
    rest: str
    is_own: bool


def together(clause: str) -> Together | None:
    """The people that a clause begins with, where they are several."""
    if match := _OWN_PEOPLE.match(clause):
        called = match["names"] or (match["many"] or match["home"]).casefold()
        return Together(called, match["rest"], is_own=not match["names"])
    if match := _PAIR.match(clause):
        pair = (match["one"], match["two"])
        if all(each.casefold() in _kin() for each in pair):
            return Together(" and ".join(each.casefold() for each in pair), match["rest"], is_own=True)
        if not match["my"] and all(
            re.fullmatch(_ONE, each) and each.casefold() not in words("not_names") for each in pair
        ):
            return Together(" and ".join(pair), match["rest"], is_own=False)
    return None


def household(clause: str) -> str:
    """ "The dog" and "the wife" are the speaker's own: with "my" before them, and without who is beside them."""
    told = _at_home().sub("my ", clause)
    alone = _BESIDE.sub(" ", told)
    return told if alone == told else re.sub(r"(?<=\w )(?:are|have)(?= )", _singular, alone, count=1)


def _singular(match: re.Match[str]) -> str:
    return "is" if match.group() == "are" else "has"


@cache
def _kin() -> frozenset[str]:
    return words("kinship") | words("relations")


@cache
def _at_home() -> re.Pattern[str]:
    own = "|".join(
        sorted(words("pets") | {"wife", "husband", "missus", "baby", "boyfriend", "girlfriend", "landlord", "boss"})
    )
    return re.compile(rf"^[Tt]he (?=(?:{own})\b)")
