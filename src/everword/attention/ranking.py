"""What of all that was found becomes a card, and in which order: by rules alone, so the same is ranked the same."""

from collections import Counter
from collections.abc import Collection, Sequence

from everword.attention.types import CardKind, HeldBack, Item

MOST_CARDS = 7
MOST_ALIKE = 3
_WEIGHT = {kind: weight for weight, kind in enumerate(CardKind)}

Ranked = list[tuple[Item, HeldBack | None]]


def ranked(items: Sequence[Item], less: Collection[str] = (), most: int = MOST_CARDS) -> Ranked:
    """All items in order: at most `most` to be shown, the rest each with why it is held back.

    What must be decided comes first, then what was prepared, has changed, is to be watched; of each the next due
    first, then what came last. Of one source no more than three, so that one flood does not hide the rest.
    """
    shown: Ranked = []
    held: Ranked = []
    taken: Counter[str] = Counter()
    for item in sorted(items, key=_order):
        why = _why_held(item, less, taken[item.source], most - len(shown))
        if why is None:
            taken[item.source] += 1
            shown.append((item, None))
        else:
            held.append((item, why))
    return shown + held


def _why_held(item: Item, less: Collection[str], alike: int, left: int) -> HeldBack | None:
    if item.sort and item.sort in less:
        return HeldBack.LESS
    if alike >= MOST_ALIKE:
        return HeldBack.ALIKE
    return HeldBack.MOST if left <= 0 else None


def _order(item: Item) -> tuple[int, bool, float, float, str]:
    due = 0.0 if item.due is None else item.due.timestamp()
    return _WEIGHT[item.kind], item.due is None, due, -item.came.timestamp(), item.source_id
