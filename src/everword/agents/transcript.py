"""What a model is saying, committed piece by piece before anyone sees it."""

import asyncio

from everword.core import clock
from everword.core.ids import RunId
from everword.core.types import Principal
from everword.runs.types import Run
from everword.storage import events
from everword.storage.database import Database

_EVERY_S = 0.03

DELTA = "run.delta"
RESET = "run.reset"


class Transcript:
    """The growing text of one attempt. `text` is what is committed, and so what may have been seen."""

    def __init__(self, database: Database, who: Principal, run: Run) -> None:
        self._database = database
        self._who = who
        self._run = run
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
        with self._database.writing(self._who) as connection:
            payload = {"text": piece, "offset": len(self.text)}
            events.append(connection, self._who, self._run.space_id, DELTA, payload, run_id=self._run.id)


def partial(found: list[events.Event]) -> str:
    """The text that was shown of the newest attempt, from a run's events in order."""
    text = ""
    for event in found:
        if event.type == RESET:
            text = ""
        elif event.type == DELTA:
            text += event.payload["text"]
    return text


def read_partial(database: Database, who: Principal, run_id: RunId) -> tuple[str, int]:
    """The text that was shown of a run so far, and the position of its newest event."""
    with database.reading(who) as connection:
        found = events.after(connection, who, 0, run_id=run_id, limit=100_000)
    return partial(found), found[-1].position if found else 0
