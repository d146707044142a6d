"""Corrections: the owner's own word on a fact, kept as an entry, so that it outlives every rebuilding."""

import re
from datetime import datetime
from typing import Any

from everword.core.ids import SpaceId
from everword.core.types import Label
from everword.memory.facts.types import CORRECTION, Claim, Interval, Moment, Origin, Precision
from everword.memory.types import Entry, NewEntry

_FIRST_PERSON = (
    (r"\byou are\b", "I am"),
    (r"\byou were\b", "I was"),
    (r"\byour\b", "my"),
    (r"\byourself\b", "myself"),
    (r"\byou\b", "I"),
)


def correction_entry(
    space_id: SpaceId, said_at: datetime, *, subject: str, slot: str, value: str, statement: str, interval: Interval
) -> NewEntry:
    """The entry that a correction is: what the owner says, as they would say it, with what it sets right."""
    return NewEntry(
        space_id=space_id,
        label=Label.OWNER,
        text=as_said(statement) if subject == "" or subject.startswith("your ") else statement,
        said_at=said_at,
        source=CORRECTION,
        details={
            "corrects": {
                "subject": subject,
                "slot": slot,
                "value": value,
                "statement": statement,
                "valid_from": _written(interval.start),
                "valid_to": _written(interval.end),
            }
        },
    )


def correction_of(entry: Entry) -> list[Claim]:
    """The claim of a correction; none for an entry whose details are not as we write them."""
    found = (entry.details or {}).get("corrects")
    if not isinstance(found, dict) or not all(isinstance(found.get(name), str) for name in _TEXTS):
        return []
    return [
        Claim(
            entry_id=entry.id,
            start=0,
            end=len(entry.text),
            subject=found["subject"][:200],
            slot=found["slot"][:300],
            value=found["value"],
            statement=found["statement"],
            interval=Interval(_read(found.get("valid_from")), _read(found.get("valid_to"))),
            said_at=entry.said_at,
            said_by="",
            label=entry.label,
            confidence=1.0,
            origin=Origin.OWNER,
        )
    ]


_TEXTS = ("subject", "slot", "value", "statement")


def as_said(statement: str) -> str:
    """A statement about "you" in the owner's mouth."""
    text = statement
    for pattern, said in _FIRST_PERSON:
        text = re.sub(pattern, said, text, flags=re.IGNORECASE)
    return text[:1].upper() + text[1:]


def _written(moment: Moment | None) -> dict[str, str] | None:
    return None if moment is None else {"at": moment.at.isoformat(), "precision": moment.precision.value}


def _read(written: Any) -> Moment | None:
    try:
        return Moment(datetime.fromisoformat(written["at"]), Precision(written["precision"]))
    except (TypeError, KeyError, ValueError):
        return None
