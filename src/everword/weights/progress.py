"""How far a download is: bytes, rate and state, told at a bounded pace."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from everword.core import clock
from everword.weights.catalogue import Weights

_PACE_S = 0.1
_RATE_WINDOW_S = 5.0


class State(StrEnum):
    """Where the weights of one entry are between missing and ready."""

    MISSING = "missing"
    FETCHING = "fetching"
    CONVERTING = "converting"
    PAUSED = "paused"
    FAILED = "failed"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of a download, or of its conversion; bytes are the fetched file's.

    `bytes_per_s` is over the last seconds; `error` is for a person, also where weights are ready but not converted.
    """

    name: str
    state: State
    done_bytes: int
    size_bytes: int
    bytes_per_s: float = 0.0
    error: str | None = None
    error_code: str | None = None

    @property
    def remaining_s(self) -> float | None:
        """Seconds to go at the present rate; None while there is no rate."""
        return (self.size_bytes - self.done_bytes) / self.bytes_per_s if self.bytes_per_s > 0 else None


OnProgress = Callable[[Progress], None]


class Meter:
    """Turns byte counts into Progress, at most one every tenth of a second unless the state changes."""

    def __init__(self, entry: Weights, tell: OnProgress, state: State = State.FETCHING) -> None:
        self._entry, self._tell, self._state = entry, tell, state
        self._told_at = 0.0
        self._window: list[tuple[float, int]] = []

    def at(self, done_bytes: int) -> None:
        """`done_bytes` of the whole are there."""
        now = clock.monotonic()
        if now - self._told_at < _PACE_S:
            return
        self._told_at = now
        self._window = [
            (then, done) for then, done in self._window if now - then < _RATE_WINDOW_S and done <= done_bytes
        ]
        self._window.append((now, done_bytes))
        self._tell(self._moment(self._state, done_bytes))

    def enter(self, state: State, done_bytes: int) -> None:
        """The download is in another state now; always told."""
        self._tell(self._moment(state, done_bytes))

    def _moment(self, state: State, done_bytes: int) -> Progress:
        (start, first), (end, last) = (self._window or [(0.0, 0)])[0], (self._window or [(0.0, 0)])[-1]
        rate = (last - first) / (end - start) if end > start else 0.0
        return Progress(self._entry.name, state, done_bytes, self._entry.size_bytes, rate)
