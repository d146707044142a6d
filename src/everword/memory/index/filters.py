"""What a search is limited to, and the rows that fit."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from everword.core.ids import ConversationId
from everword.core.types import Label
from everword.memory.types import EntryKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_KEY = (1 << 62) - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

LABELS = tuple(Label)
KINDS = tuple(EntryKind)
LABEL_NUMBERS = {label.value: number for number, label in enumerate(LABELS)}
KIND_NUMBERS = {kind.value: number for number, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Only entries that fit every one that is set. `since` is included, `until` is not.

    `speaker` is a name or one word of it, in any case.
    """

    speaker: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    kind: EntryKind | None = None
    label: Label | None = None
    conversation_id: ConversationId | None = None

    @property
    def is_empty(self) -> bool:
        """Whether everything fits."""
        return self == NO_FILTERS


NO_FILTERS = Filters()


def microseconds(at: datetime) -> int:
    """`at` as microseconds since 1970, the form kept in rows."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def id_key(id_: str) -> int:
    """62 random bits of an id, the form in which indexes know it."""
    return int(id_[-17:].replace("-", ""), 16) & _KEY


def conversation_key(conversation_id: ConversationId | None) -> int:
    """The key of a conversation's id, the form kept in rows; 0 for none."""
    return 0 if conversation_id is None else id_key(conversation_id)


def speaker_ids(names: list[str], speaker: str) -> list[int]:
    """The places in `names` of those who are called `speaker`, or have that among their names."""
    wanted = speaker.casefold().split()
    return [place for place, name in enumerate(names) if set(wanted) <= set(name.casefold().split())] if wanted else []


def fitting(rows: "NDArray[Any]", names: list[str], filters: Filters) -> "NDArray[np.bool_] | None":
    """Which rows fit, or None where all do."""
    import numpy as np

    if filters.is_empty:
        return None
    fits = np.ones(len(rows), dtype=bool)
    if filters.conversation_id is not None:
        fits &= rows["conversation"] == conversation_key(filters.conversation_id)
    if filters.since is not None:
        fits &= rows["said_at"] >= microseconds(filters.since)
    if filters.until is not None:
        fits &= rows["said_at"] < microseconds(filters.until)
    if filters.speaker is not None:
        fits &= np.isin(rows["speaker"], speaker_ids(names, filters.speaker))
    if filters.source is not None:
        fits &= rows["source"] == (names.index(filters.source) if filters.source in names else -1)
    if filters.kind is not None:
        fits &= rows["kind"] == KINDS.index(filters.kind)
    if filters.label is not None:
        fits &= rows["label"] == LABELS.index(filters.label)
    return fits
