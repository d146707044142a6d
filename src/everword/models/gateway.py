"""The gateway: which model answers, and calls to it on the terms of who waits. The one way to a model."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from everword.core import clock
from everword.core.errors import EverwordError
from everword.core.ids import RunId
from everword.core.types import Principal, Priority
from everword.models import store
from everword.models.admission import Admission, OnQueue
from everword.models.choice import Choice
from everword.models.clients import Clients
from everword.models.local.models import LocalModels
from everword.models.prices import cost_microdollars, read_prices
from everword.models.types import ModelInfo, ProviderKind, Target
from everword.storage.database import Database

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.models import Model

    from everword.models.aside import Aside
    from everword.models.calls import CallTerms, Measured

_log = logging.getLogger(__name__)
_REMOTE_SLOTS = 16
_YIELD_S = 0.1
_IMPORTING = threading.Lock()
_GUESSED_READING = 60.0  # tokens a second: what a slow machine reads with the small model


class Gateway:
    """Safe to share between threads and event loops."""

    def __init__(
        self,
        database: Database,
        choice: Choice,
        local: LocalModels,
        local_slots: int,
        own_prices: Callable[[Principal], str] = lambda _who: "",
    ) -> None:
        self._database, self._choice, self.local = database, choice, local
        self._local_slots = local_slots
        self._own_prices = own_prices
        self._clients = Clients(local.engine)
        self._admissions: dict[tuple[str, str], Admission] = {}
        self._lock = threading.Lock()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="usage")
        self._background: set[asyncio.Task[Any]] = set()

    @property
    def choice(self) -> Choice:
        """Which model answers, and what else could."""
        return self._choice

    def resolve(self, who: Principal, wanted: str | None = None) -> ModelInfo:
        """The model that answers `who`: the one wanted, else the active one. Raises NoModel, LockedByEnvironment."""
        return self._choice.resolve(who, wanted)

    def reading_speed(self, model_id: str) -> float | None:
        """Tokens a second that a local model reads here, guessed low until measured; None for models elsewhere."""
        if not model_id.startswith("local/"):
            return None
        return self.local.engine.speed().reading or _GUESSED_READING

    def should_yield(self) -> float:
        """Seconds that heavy work should pause for, because a model on this machine is speaking; 0 where it is not."""
        return _YIELD_S if self.local.engine.is_busy else 0.0

    def count_tokens(self, text: str) -> int:
        """How many tokens a text is to the local model; an estimate while none runs."""
        return self.local.engine.count_tokens(text)

    def model(
        self,
        who: Principal,
        model_id: str | None = None,
        *,
        priority: Priority,
        run_id: RunId | None = None,
        on_queue: OnQueue | None = None,
    ) -> "Model":
        """A model for an agent to run with; call it in the event loop that will use it.

        Each request through it waits its turn by `priority`, is recorded as usage of `who`, and stops the model when it
        is cancelled. Errors are ModelErrors. `on_queue` is told the place in the queue and the seconds it may take.
        """
        return self.model_at(
            who, self._choice.target(who, model_id), priority=priority, run_id=run_id, on_queue=on_queue
        )

    def model_at(
        self,
        who: Principal,
        target: Target,
        *,
        priority: Priority,
        run_id: RunId | None = None,
        on_queue: OnQueue | None = None,
    ) -> "Model":
        """As `model`, for a place that is known already."""
        self.preload()
        from everword.models.calls import GatewayModel

        return GatewayModel(self._clients.model(target), self.terms(who, target, priority, run_id, on_queue))

    def terms(
        self,
        who: Principal,
        target: Target,
        priority: Priority,
        run_id: RunId | None = None,
        on_queue: OnQueue | None = None,
    ) -> "CallTerms":
        """On what terms `who` calls `target`."""
        self.preload()
        from everword.models.calls import CallTerms

        is_engine = target.kind is ProviderKind.LOCAL
        engine = self.local.engine
        return CallTerms(
            target=target,
            admission=self._admission(target),
            person_id=who.person_id,
            priority=priority,
            record=lambda measured: self._record(who, target, priority, run_id, measured),
            on_begin=engine.begin_call if is_engine else _nothing,
            on_end=engine.end_call if is_engine else _nothing,
            on_queue=on_queue,
        )

    @property
    def clients(self) -> Clients:
        """HTTP clients and model objects of the running event loop."""
        return self._clients

    def is_pressed(self) -> bool:
        """Whether somebody who waits needs what background work would take."""
        with self._lock:
            admissions = list(self._admissions.values())
        return any(admission.is_pressed for admission in admissions)

    @contextmanager
    def attending(self) -> Iterator[None]:
        """Somebody waits for an answer, from its first step on: what the local model does at idle gives way at once.

        It would take the processors from what comes before the model's call, and be read to its end in the engine.
        """
        self.local.engine.begin_call()
        try:
            yield
        finally:
            self.local.engine.end_call()

    def read_ahead(self, model_id: str, messages: "Sequence[ModelMessage]") -> None:
        """Let a local model read a conversation while nobody waits, so that its next turn is answered sooner.

        Returns at once; call it in an event loop. Gives way to any call. Does nothing for models elsewhere.
        """
        if not model_id.startswith("local/") or not messages:
            return
        task = asyncio.get_running_loop().create_task(self._read_ahead(list(messages)))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def aside(
        self,
        who: Principal,
        model_id: str,
        messages: "list[ModelMessage]",
        schema: dict[str, Any],
        *,
        max_tokens: int,
    ) -> "Aside | None":
        """Ask for JSON of that schema while nobody waits; None where that was not begun, or had to give way.

        A model on this machine gives way to any call at once; one elsewhere is called as background work. Where a model
        cannot be held to a schema, it is only told. Raises ModelErrors.
        """
        from everword.models.aside import ask

        target = self._choice.target(who, model_id)
        if target.kind is not ProviderKind.LOCAL:
            return await ask(self.model_at(who, target, priority=Priority.BACKGROUND), messages, schema, max_tokens)
        model, began = self._clients.model(target), clock.now()
        answer = await self.local.engine.at_idle(lambda: ask(model, messages, schema, max_tokens), replaces=False)
        if answer is not None:
            self._record(who, target, Priority.BACKGROUND, None, answer.measured(began))
        return answer

    def forget_prompts(self) -> None:
        """Let go of every prompt that a model on this machine has read. Returns at once; it answers meanwhile."""
        self.local.engine.renew()

    def preload(self) -> None:
        """Import what the first call needs, about a second's work; for a thread after the start.

        One thread at a time: imported in two at once, the library would be given half made to one of them.
        """
        with _IMPORTING:
            import everword.models.calls
            import everword.models.providers.build
            import everword.models.providers.timings  # noqa: F401 (imported for its cost)

    def close(self) -> None:
        """Stop the engine and write what is still to be recorded."""
        self._choice.close()
        self.local.engine.stop()
        self._writer.shutdown()

    async def _read_ahead(self, messages: "list[ModelMessage]") -> None:
        from pydantic_ai.models import ModelRequestParameters

        target = self._choice.local_target()
        if target is None or self.local.engine.endpoint is None:
            return
        model = self._clients.model(target)
        try:
            response = await self.local.engine.at_idle(
                lambda: model.request(messages, {"max_tokens": 1}, ModelRequestParameters())
            )
        except Exception:  # boundary: reading ahead only saves time; the call itself will tell what is wrong
            _log.debug("Reading ahead failed", exc_info=True)
            return
        if response is not None:
            self.local.engine.learn(target.model, (response.provider_details or {}).get("timings", {}))

    def _admission(self, target: Target) -> Admission:
        slots = self._local_slots if target.kind is ProviderKind.LOCAL else _REMOTE_SLOTS
        place = (target.base_url, "" if target.kind is ProviderKind.LOCAL else target.model)
        with self._lock:
            return self._admissions.setdefault(place, Admission(slots))

    def _record(
        self, who: Principal, target: Target, priority: Priority, run_id: RunId | None, measured: "Measured"
    ) -> None:
        if target.kind is ProviderKind.LOCAL:
            self.local.engine.learn(target.model, measured.timings)
        used = store.Usage(
            space_id=who.own_space,
            person_id=who.person_id,
            run_id=run_id,
            model=f"{target.provider}/{target.model}",
            priority=priority,
            status=measured.status,
            prompt_tokens=measured.prompt_tokens,
            completion_tokens=measured.completion_tokens,
            queued_ms=measured.queued_ms,
            first_token_ms=measured.first_token_ms,
            duration_ms=measured.duration_ms,
            started_at=measured.started_at,
        )
        self._writer.submit(self._write, who, target, used)

    def _write(self, who: Principal, target: Target, used: store.Usage) -> None:
        try:
            own = read_prices(self._own_prices(who))
            cost = cost_microdollars(target, used.prompt_tokens, used.completion_tokens, own)
            used = replace(used, cost_microdollars=cost)
            with self._database.writing(who) as connection:
                store.add_usage(connection, who, used)
        except (EverwordError, OSError):
            _log.exception("What a call used could not be recorded")


def _nothing() -> None:
    return None
