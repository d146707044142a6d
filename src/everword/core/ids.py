"""Identifiers: UUIDv7 (RFC 9562), so that they sort by the time they were made; and secrets that nobody can guess."""

import os
import secrets
import threading
from typing import NewType
from uuid import UUID

from everword.core import clock

SpaceId = NewType("SpaceId", str)
PersonId = NewType("PersonId", str)
ConversationId = NewType("ConversationId", str)
EntryId = NewType("EntryId", str)
AttachmentId = NewType("AttachmentId", str)
RunId = NewType("RunId", str)
SegmentId = NewType("SegmentId", str)
ExecutorId = NewType("ExecutorId", str)
EffectId = NewType("EffectId", str)
ApprovalId = NewType("ApprovalId", str)
ScheduleId = NewType("ScheduleId", str)
TriggerId = NewType("TriggerId", str)
NoteId = NewType("NoteId", str)
TaskId = NewType("TaskId", str)
ImportId = NewType("ImportId", str)
ProviderId = NewType("ProviderId", str)
McpServerId = NewType("McpServerId", str)

_lock = threading.Lock()
_newest = [0]


def new_id() -> str:
    """A UUIDv7 in canonical text. Ids made by one process are strictly increasing, also within a millisecond.

    The 12 bits after the version carry the fraction of the millisecond (RFC 9562, method 3); a clock that stands still
    or steps back continues from the last id.
    """
    microseconds = int(clock.now().timestamp() * 1_000_000)
    stamp = (microseconds // 1000 << 12) | ((microseconds % 1000) * 4096 // 1000)
    with _lock:
        stamp = max(stamp, _newest[0] + 1)
        _newest[0] = stamp
    random = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    return str(UUID(int=(stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | random))


def is_id(text: str) -> bool:
    """Whether `text` is an id in the canonical form that `new_id` gives."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def new_secret() -> str:
    """A URL-safe secret of 256 bits: session tokens, keys, one-time links."""
    return secrets.token_urlsafe(32)


def random_bytes(size: int) -> bytes:
    """Bytes that nobody can guess: nonces."""
    return os.urandom(size)
