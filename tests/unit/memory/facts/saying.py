"""Entries for tests of what is learned: somebody says something at a known moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from everword.core.ids import EntryId, SpaceId, new_id
from everword.core.types import Label
from everword.memory.facts.reading.extract import claims_of
from everword.memory.facts.types import Claim, Interval
from everword.memory.types import Entry, EntryKind, EntryState

NOW = datetime(2026, 4, 28, 10, tzinfo=UTC)
"""A Tuesday."""


def said(
    text: str,
    *,
    label: Label = Label.OWNER,
    speaker: str = "",
    kind: EntryKind = EntryKind.MESSAGE,
    days: int = 0,
) -> Entry:
    """An entry, so many days after `NOW`."""
    at = NOW + timedelta(days=days)
    return Entry(
        position=1,
        id=EntryId(new_id()),
        space_id=SpaceId(new_id()),
        conversation_id=None,
        parent_id=None,
        version_of=None,
        kind=kind,
        label=label,
        speaker=speaker,
        source="chat",
        external_id=None,
        state=EntryState.COMPLETE,
        run_id=None,
        model=None,
        basis=None,
        said_at=at,
        recorded_at=at,
        text=text,
        details=None,
    )


def told(text: str, **beside: object) -> list[Claim]:
    """What is learned from one sentence."""
    return claims_of(said(text, **beside))  # type: ignore[arg-type]


def days_of(interval: Interval) -> tuple[str | None, str | None]:
    """From which day to which, as far as they are known."""
    start, end = interval.start, interval.end
    return (
        start.at.date().isoformat() if start else None,
        end.at.date().isoformat() if end else None,
    )
