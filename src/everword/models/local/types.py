"""The values the local engine speaks in: which model to run, how, and how it is."""

import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model file to run. `context_tokens` is what one conversation with it may have."""

    name: str
    path: Path
    context_tokens: int


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """How to run models. Each slot is one stream; `cache_mib` of memory keeps what idle conversations had read.

    `batch_tokens` is how much of a prompt is read at a stretch: other streams and a Stop wait no longer than that.
    """

    threads: int
    slots: int = 2
    most_context_tokens: int = 8_192
    batch_tokens: int = 128
    cache_mib: int = 512
    start_timeout_s: float = 120.0
    python: str = sys.executable

    @staticmethod
    def for_this_machine() -> "EngineConfig":
        """As many threads as this process may use, at most eight: more do not help reading from memory.

        Two streams at a time where there are few processors: more would only all be slow.
        """
        usable = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
        return EngineConfig(threads=max(1, min(8, usable)), slots=2 if usable < 6 else 4)

    def context_of(self, model: LocalModel) -> int:
        """Tokens of context that one conversation with `model` gets."""
        return min(model.context_tokens, self.most_context_tokens)


class EngineState(StrEnum):
    """How the engine is. While a second model loads, the first stays ready."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a running child answers. `base_url` ends in /v1; `key` is random and dies with the child."""

    model: LocalModel
    address: str
    key: str
    pid: int
    context_tokens: int
    slots: int

    @property
    def base_url(self) -> str:
        """The address of its OpenAI-compatible API."""
        return f"{self.address}/v1"

    @property
    def headers(self) -> dict[str, str]:
        """What each request to it must carry."""
        return {"Authorization": f"Bearer {self.key}"}


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The engine at one moment. `coming` is the model that is being loaded to take over."""

    state: EngineState
    model: str | None
    coming: str | None
    restarts: int
    error: str | None
    pid: int | None
