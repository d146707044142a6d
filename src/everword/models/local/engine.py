"""The local engine: one model answers at a time; another is loaded beside it and takes over when it is ready."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from everword.core import clock
from everword.models.errors import LocalEngineFailed, NoModel
from everword.models.local import client
from everword.models.local.idle import IdleWork
from everword.models.local.supervisor import Supervisor
from everword.models.local.types import Endpoint, EngineConfig, EngineState, EngineStatus, LocalModel
from everword.models.speed import Speed, SpeedBook

T = TypeVar("T")
_log = logging.getLogger(__name__)
_DRAIN_S = 120.0
_TRIAL_PROMPT_TOKENS = 128
_TRIAL_ANSWER_TOKENS = 16


class LocalEngine:
    """Runs local models in a child process. Safe to share between threads; nothing starts before `use`.

    `on_change` is called, on some thread, whenever `status` says something else.
    """

    def __init__(self, config: EngineConfig, speeds: SpeedBook, on_change: Callable[[], None] = lambda: None) -> None:
        self._config, self._speeds, self._on_change = config, speeds, on_change
        self._changed = threading.Condition()
        self._current: Supervisor | None = None
        self._coming: Supervisor | None = None
        self._endpoint: Endpoint | None = None
        self._error: str | None = None
        self._idle = IdleWork()

    def use(self, model: LocalModel) -> None:
        """Load `model` and let it answer once it is ready; the one before it answers until then. Returns at once."""
        with self._changed:
            if model in [supervisor.model for supervisor in (self._coming, self._current) if supervisor]:
                return
            given_up, self._coming = self._coming, None
            if self._current is None:
                self._current = supervisor = Supervisor(model, self._config, self)
            else:
                self._coming = supervisor = Supervisor(model, self._config, self)
            self._error = None
        supervisor.start()
        if given_up is not None:
            threading.Thread(target=given_up.retire, daemon=True).start()
        self._on_change()

    def renew(self) -> None:
        """Give up all that the child has read of conversations: a new one takes its place once it is ready."""
        with self._changed:
            if self._current is None or self._coming is not None:
                return  # nothing was read, or what was read goes with the child that is being replaced
            self._coming = supervisor = Supervisor(self._current.model, self._config, self)
        supervisor.start()
        self._on_change()

    def stop(self) -> None:
        """End every child and wait for it."""
        self._idle.cancel()
        with self._changed:
            ending = [supervisor for supervisor in (self._current, self._coming) if supervisor]
            self._current = self._coming = self._endpoint = None
            self._changed.notify_all()
        for supervisor in ending:
            supervisor.retire()

    @property
    def endpoint(self) -> Endpoint | None:
        """Where the engine answers now; None while it starts, restarts or is stopped."""
        return self._endpoint

    def wait_ready(self, timeout_s: float) -> Endpoint:
        """Block until a model is ready. Raises LocalEngineFailed, or NoModel when that takes longer."""
        with self._changed:
            if self._changed.wait_for(lambda: self._endpoint or self._current is None, timeout_s) and self._endpoint:
                return self._endpoint
        if self._error is not None:
            raise LocalEngineFailed(why=self._error)
        raise NoModel(
            why="the local model is still being loaded" if self._current else "the local model is not running"
        )

    def status(self) -> EngineStatus:
        """How the engine is at this moment."""
        with self._changed:
            current, endpoint = self._current, self._endpoint
            if current is None:
                state = EngineState.FAILED if self._error else EngineState.STOPPED
            elif endpoint is not None:
                state = EngineState.READY
            else:
                state = EngineState.RESTARTING if current.restarts else EngineState.STARTING
            return EngineStatus(
                state=state,
                model=current.model.name if current else None,
                coming=self._coming.model.name if self._coming else None,
                restarts=current.restarts if current else 0,
                error=self._error,
                pid=endpoint.pid if endpoint else None,
            )

    @property
    def is_busy(self) -> bool:
        """Whether somebody waits for words of it."""
        return self._idle.is_busy

    def speed(self) -> Speed:
        """How fast the model that answers now reads and writes here; zeros while unknown."""
        endpoint = self._endpoint
        return self._speeds.speed(endpoint.model.name) if endpoint else Speed()

    def learn(self, model: str, timings: Mapping[str, float]) -> None:
        """Take in the timings that came with an answer."""
        self._speeds.learn(model, timings)

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` is to the model that answers now; an estimate while none does. Takes about 2 ms."""
        import httpx2

        endpoint = self._endpoint
        if endpoint is not None:
            try:
                return client.count_tokens(endpoint, text)
            except httpx2.HTTPError:
                _log.debug("The engine could not count tokens", exc_info=True)
        return len(text.encode()) // 4 + 1

    async def at_idle(self, work: Callable[[], Awaitable[T]], *, replaces: bool = True) -> T | None:
        """Do work with the engine while nobody waits; None if it was not begun, or gave way to a call.

        Meant for reading a conversation ahead: what was read stays read, and what is appended to it is answered sooner.
        `replaces` says whether other work of this kind gives way to it.
        """
        return await self._idle.run(work, replaces=replaces)

    def begin_call(self) -> None:
        """A real call is about to be made: whatever is done at idle gives way. Pair with `end_call`."""
        self._idle.begin_call()

    def end_call(self) -> None:
        """The real call is over."""
        self._idle.end_call()

    # What the supervisors tell

    def child_ready(self, supervisor: Supervisor, endpoint: Endpoint) -> None:
        """The child of `supervisor` has loaded its model: from now on it answers."""
        with self._changed:
            if supervisor not in (self._current, self._coming):
                return  # no longer wanted
            former = self._current if supervisor is self._coming else None
            former_endpoint = self._endpoint
            if former is not None:
                self._current, self._coming = supervisor, None
            self._endpoint = endpoint
            self._changed.notify_all()
        self._on_change()
        threading.Thread(target=self._settle_in, args=(endpoint, former, former_endpoint), daemon=True).start()

    def child_down(self, supervisor: Supervisor, why: str) -> None:
        """The child of `supervisor` crashed and is being started again."""
        with self._changed:
            if supervisor is self._current:
                self._endpoint = None
        self._on_change()

    def child_failed(self, supervisor: Supervisor, error: LocalEngineFailed) -> None:
        """The child of `supervisor` cannot be kept alive; a model that was ready before goes on answering."""
        with self._changed:
            if supervisor is self._coming:
                self._coming = None
            elif supervisor is self._current:
                self._current = self._endpoint = None
            self._error = str(error.values["why"])
            self._changed.notify_all()
        _log.error("%s", error.message)
        self._on_change()

    def _settle_in(self, endpoint: Endpoint, former: Supervisor | None, former_endpoint: Endpoint | None) -> None:
        """Let the former child finish what it is saying, then learn how fast the new one is if nobody knows."""
        if former is not None:
            former.retire(lambda: former_endpoint is None or _is_idle(former_endpoint), _DRAIN_S)
        if not self._speeds.speed(endpoint.model.name).reading:
            asyncio.run(self._try_out(endpoint))

    async def _try_out(self, endpoint: Endpoint) -> None:
        import httpx2

        started = clock.monotonic()
        trial = self._idle.run(lambda: client.try_out(endpoint, _TRIAL_PROMPT_TOKENS, _TRIAL_ANSWER_TOKENS))
        try:
            timings = await trial
        except httpx2.HTTPError:
            return
        if timings is not None:
            self._speeds.learn(endpoint.model.name, timings)
            _log.info("Measured %s in %.1f s: %s", endpoint.model.name, clock.monotonic() - started, self.speed())


def _is_idle(endpoint: Endpoint) -> bool:
    import httpx2

    try:
        return client.busy_slots(endpoint) == 0
    except httpx2.HTTPError:
        return True
