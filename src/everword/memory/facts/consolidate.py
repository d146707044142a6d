"""What the claims about one thing add up to: facts with the time each holds, and which took whose place. Pure.

The same claims give the same facts in whatever order they were found: an old entry read late changes history only.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from everword.core.types import Label
from everword.memory.facts.types import Authority, Claim, Interval, Moment, key_of

_TRUST = (Label.OWNER, Label.MEMBER, Label.TOOL, Label.STRANGER, Label.ASSISTANT)
_EACH_MORE = 0.02
_SUREST = 0.99


@dataclass(slots=True, eq=False)
class Stretch:
    """One value over one stretch of time, with the claims that it stands on, oldest first."""

    value: str
    claims: list[Claim]
    interval: Interval = field(default_factory=Interval)
    superseded_by: "Stretch | None" = None
    superseded_at: datetime | None = None
    is_disputed: bool = False
    is_refused: bool = False

    @property
    def authority(self) -> Authority:
        """The highest among its claims."""
        return max(claim.authority for claim in self.claims)

    @property
    def last_held(self) -> datetime | None:
        """When it was last said to be so."""
        return max((claim.said_at for claim in self.claims if claim.is_open), default=None)

    @property
    def first_held(self) -> datetime | None:
        """When it was first said to be so."""
        return min((claim.said_at for claim in self.claims if claim.is_open), default=None)

    @property
    def begins(self) -> datetime:
        """When it began, or was first heard of."""
        return _exact(self.interval.start) or self.claims[0].said_at

    @property
    def is_current(self) -> bool:
        """Whether nothing has taken its place, and it was said to be so."""
        return self.superseded_by is None and self.last_held is not None and not self.is_refused

    def best(self) -> Claim:
        """The claim that speaks for it: of the highest authority, the newest."""
        return max(self.claims, key=lambda claim: (claim.authority, claim.said_at, claim.start))

    def label(self) -> Label:
        """The most trusted label among its sources."""
        return min((claim.label for claim in self.claims), key=_TRUST.index)

    def confidence(self) -> float:
        """The surest claim's, and a little more for each further entry that says the same."""
        entries = len({claim.entry_id for claim in self.claims})
        return min(_SUREST, round(max(claim.confidence for claim in self.claims) + _EACH_MORE * (entries - 1), 2))

    def add(self, claim: Claim) -> None:
        """Take in a claim that is no older than those there."""
        self.claims.append(claim)
        self.interval = _folded(self.claims)


@dataclass(frozen=True, slots=True)
class Rulings:
    """What the owner decided about values of one slot: those refused, and when; which was brought back over which."""

    refused: Mapping[str, datetime] = field(default_factory=dict)
    preferred: Collection[tuple[str, str]] = frozenset()
    """(brought back, set aside), as keys of values."""


def consolidate(claims: Iterable[Claim], rulings: Rulings | None = None) -> list[Stretch]:
    """The stretches that the claims of one subject and slot add up to, in the order in which they were first said."""
    rulings = rulings or Rulings()
    stretches: list[Stretch] = []
    standing: list[Stretch] = []  # those whose place nothing has taken: few, however many there were
    of_value: dict[str, list[Stretch]] = {}
    disputes: list[tuple[Stretch, Stretch]] = []
    for claim in sorted(claims, key=_order):
        value = key_of(claim.value)
        alike = of_value.setdefault(value, [])
        stretch = next((each for each in reversed(alike) if _is_same(each, claim)), None)
        if stretch is None:
            stretch = Stretch(value, [claim], claim.interval)
            for row in (stretches, standing, alike):
                row.append(stretch)
        else:
            stretch.add(claim)
        stretch.is_refused = _is_refused(stretch, rulings)
        if claim.is_open and not stretch.is_refused:
            disputes += _settle(stretch, claim, standing, rulings)
            standing = [each for each in standing if each.superseded_by is None]
    for pair in disputes:
        if all(each.is_current for each in pair) and not any(map(_is_over, pair, reversed(pair))):
            pair[0].is_disputed = pair[1].is_disputed = True
    return stretches


def _order(claim: Claim) -> tuple[object, ...]:
    return claim.said_at, claim.entry_id, claim.start, claim.value, claim.statement, str(claim.interval)


def _is_same(stretch: Stretch, claim: Claim) -> bool:
    """Whether a claim of its value speaks of this very stretch, and of no other time at which the same was so."""
    if stretch.superseded_by is not None:
        return False
    start, end = _exact(claim.interval.start), claim.interval.end
    began, ended = _exact(stretch.interval.start), stretch.interval.end
    if ended is not None and (start or (claim.said_at if claim.is_open else None) or ended.at) > ended.at:
        return False  # it was over by then: this is another time
    if claim.is_open:
        held = stretch.last_held
        is_later = start is not None and held is not None and start > held and start != began
        return not is_later
    if end is None or end.is_guess:
        return True
    earliest = min(filter(None, (began, stretch.first_held)), default=None)
    if earliest is not None and end.at <= earliest:
        return False
    return not (start is not None and ended is not None and start >= ended.at)


def _settle(
    stretch: Stretch, claim: Claim, standing: list[Stretch], rulings: Rulings
) -> Iterator[tuple[Stretch, Stretch]]:
    """Let what is newly said take the place of other values; gives those that it can only stand beside."""
    begins = _exact(claim.interval.start) or claim.said_at
    for other in standing:
        if other.value == stretch.value or not other.is_current or not stretch.is_current:
            continue
        ended = _exact(other.interval.end)
        if ended is not None and ended <= begins:
            continue
        if (other.value, stretch.value) in rulings.preferred:
            _supersede(stretch, other, max(stretch.begins, other.begins))
        elif (stretch.value, other.value) in rulings.preferred or _outweighs(claim, begins, other):
            _supersede(other, stretch, begins if begins > other.begins else claim.said_at)
        else:
            yield stretch, other


def _outweighs(claim: Claim, begins: datetime, other: Stretch) -> bool:
    """Whether what is said now takes the place of what was said before, and does not merely contradict it."""
    held = other.last_held
    if held is None or claim.authority > other.authority:
        return True
    if claim.said_at <= held:
        return False  # in one breath
    if claim.authority == other.authority:
        return True
    return claim.authority is Authority.FIRST_HAND and claim.interval.start is not None and begins > held


def _supersede(older: Stretch, newer: Stretch, at: datetime) -> None:
    older.superseded_by, older.superseded_at = newer, at


def _is_over(stretch: Stretch, other: Stretch) -> bool:
    """Whether it had ended when the other was last said to be so."""
    ended = stretch.interval.end
    return ended is not None and other.last_held is not None and ended.at <= other.last_held


def _is_refused(stretch: Stretch, rulings: Rulings) -> bool:
    """Refused by the owner, and not asserted by them since."""
    refused_at = rulings.refused.get(stretch.value)
    if refused_at is None:
        return False
    corrected = [claim.said_at for claim in stretch.claims if claim.authority is Authority.CORRECTION]
    return not corrected or max(corrected) < refused_at


def _folded(claims: Iterable[Claim]) -> Interval:
    """The interval that several claims of one stretch give: who has more authority or spoke later counts."""
    start: Moment | None = None
    end: Moment | None = None
    for claim in sorted(claims, key=lambda claim: (claim.authority, _order(claim))):
        start = claim.interval.start or start
        said = claim.interval.end
        if said is not None and (end is None or end.is_guess or not said.is_guess):
            end = said
    if start is not None and end is not None and start.at >= end.at:
        start = None
    return Interval(start, end)


def _exact(moment: Moment | None) -> datetime | None:
    return None if moment is None or moment.is_guess else moment.at
