"""How fast a model reads and writes on this machine, kept from call to call and over restarts."""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

_LEAST_TOKENS = 16  # fewer tell more about the clock than about the model
_WEIGHT_TOKENS = 512  # old knowledge weighs as much as this many tokens


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second that are not in the cache yet, and tokens a second of the answer; 0 while unknown."""

    reading: float = 0.0
    writing: float = 0.0

    def reading_budget(self, seconds: float) -> int:
        """How many new tokens can be read in so many seconds; 0 while the speed is unknown."""
        return int(self.reading * seconds)


class SpeedBook:
    """The speed of each local model, kept in a file of the home folder: it is the machine's, not the owner's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._speeds = _load(path)

    def speed(self, model: str) -> Speed:
        """What is known of `model`."""
        with self._lock:
            return self._speeds.get(model, Speed())

    def learn(self, model: str, timings: Mapping[str, float]) -> None:
        """Take in llama.cpp's timings of one call."""
        with self._lock:
            known = self._speeds.get(model, Speed())
            reading = _blend(known.reading, timings.get("prompt_n", 0), timings.get("prompt_ms", 0))
            writing = _blend(known.writing, timings.get("predicted_n", 0), timings.get("predicted_ms", 0))
            self._speeds[model] = Speed(reading, writing)
            if (reading, writing) != (known.reading, known.writing):
                self._save()

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps({name: asdict(speed) for name, speed in self._speeds.items()}), encoding="utf-8")
        draft.replace(self._path)


def _blend(known: float, tokens: float, milliseconds: float) -> float:
    """The mean of what was known and what was seen, by how many tokens were seen."""
    if tokens < _LEAST_TOKENS or milliseconds <= 0:
        return known
    seen = tokens / milliseconds * 1000
    weight = tokens / (tokens + _WEIGHT_TOKENS) if known else 1.0
    return known + (seen - known) * weight


def _load(path: Path) -> dict[str, Speed]:
    try:
        return {name: Speed(**record) for name, record in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, TypeError):
        return {}
