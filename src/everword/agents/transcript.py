"""What a model is saying, committed piece by piece before anyone sees it."""

import asyncio
from dataclasses import dataclass
from typing import Any

from everword.core import clock
from everword.core.ids import RunId
from everword.core.types import Principal
from everword.runs.segment import Segment
from everword.storage import events
from everword.storage.database import Database

_EVERY_S = 0.03

DELTA = "run.delta"
RESET = "run.reset"


class Transcript:
    """The growing text of one attempt, by one model. `text` is what is committed, and so what may have been seen."""

    def __init__(self, segment: Segment, model: str) -> None:
        self._segment = segment
        self._model = model
        self._pending = ""
        self._written_at = 0.0
        self.text = ""

    async def write(self, piece: str) -> bool:
        """Take in a piece; commit what has gathered, at most every 30 ms. Returns whether it was committed."""
        self._pending += piece
        if clock.monotonic() - self._written_at < _EVERY_S:
            return False
        await self.flush()
        return True

    async def flush(self) -> None:
        """Commit what has gathered."""
        if self._pending:
            piece, self._pending = self._pending, ""
            await asyncio.to_thread(self._commit, piece)
            self.text += piece
        self._written_at = clock.monotonic()

    def _commit(self, piece: str) -> None:
        who, run = self._segment.who, self._segment.run
        with self._segment.writing() as connection:
            payload: dict[str, Any] = {"text": piece, "offset": len(self.text)}
            if not self.text:
                payload["model"] = self._model
            events.append(connection, who, run.space_id, DELTA, payload, run_id=run.id)


@dataclass(frozen=True, slots=True)
class Partial:
    """What was shown of an attempt that has not ended, and the model that wrote it."""

    text: str = ""
    model: str | None = None


def partial(found: list[events.Event]) -> Partial:
    """What was shown of the newest attempt, from a run's events in order."""
    text, model = "", None
    for event in found:
        if event.type == RESET:
            text, model = "", None
        elif event.type == DELTA:
            text += event.payload["text"]
            model = event.payload.get("model", model)
    return Partial(text, model)


def read_partial(database: Database, who: Principal, run_id: RunId) -> Partial:
    """What was shown of a run so far."""
    with database.reading(who) as connection:
        return partial(events.after(connection, who, 0, run_id=run_id, limit=100_000))
