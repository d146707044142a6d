"""One call to a model: admitted by priority, measured, recorded, its errors in our words, and stopped when left."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic_ai.models.wrapper import WrapperModel

from everword.core import clock
from everword.core.errors import EverwordError
from everword.core.ids import PersonId
from everword.core.types import Priority
from everword.models.admission import NOBODY, Admission, OnQueue
from everword.models.errors import AnswerBroken
from everword.models.providers.errors import our_error
from everword.models.providers.opened import closing_what_is_opened
from everword.models.types import Target

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
    from pydantic_ai.settings import ModelSettings
    from pydantic_ai.usage import RequestUsage

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Measured:
    """What a call took and used. `first_token_ms` is until the first event of the answer came."""

    started_at: datetime
    queued_ms: float = 0.0
    first_token_ms: float | None = None
    duration_ms: float = 0.0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    status: str = "completed"
    timings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallTerms:
    """On what terms calls are made: where to, how urgent, and who is told what."""

    target: Target
    admission: Admission
    priority: Priority
    record: Callable[[Measured], None]
    on_begin: Callable[[], None] = lambda: None
    on_end: Callable[[], None] = lambda: None
    on_queue: OnQueue | None = None
    person_id: PersonId = NOBODY


class Call:
    """A call under way, once admitted."""

    def __init__(self, measured: Measured) -> None:
        self.measured = measured
        self._begun = clock.monotonic()
        self.is_answering = False

    def answers(self) -> None:
        """The first of the answer has come."""
        if not self.is_answering:
            self.is_answering = True
            self.measured.first_token_ms = self._elapsed_ms()

    def ended(self) -> None:
        """Nothing more will come."""
        self.measured.duration_ms = self._elapsed_ms()

    def _elapsed_ms(self) -> float:
        return (clock.monotonic() - self._begun) * 1000


@asynccontextmanager
async def call(terms: CallTerms) -> AsyncIterator[Call]:
    """Admit a call, and record it whatever becomes of it. Foreign errors leave as ours."""
    measured = Measured(clock.now())
    async with terms.admission.admitted(terms.priority, terms.on_queue, terms.person_id) as waited_s:
        measured.queued_ms = waited_s * 1000
        under_way = Call(measured)
        terms.on_begin()
        try:
            async with closing_what_is_opened():
                yield under_way
        except (asyncio.CancelledError, GeneratorExit):
            measured.status = "stopped"
            raise
        except Exception as error:
            ours = our_error(error, terms.target, was_answering=under_way.is_answering)
            measured.status = ours.code if isinstance(ours, EverwordError) else "fault"
            if ours is error:
                raise
            _log.info("A call to %s/%s failed: %r", terms.target.provider, terms.target.model, error)
            raise ours from error
        finally:
            terms.on_end()
            under_way.ended()
            terms.record(measured)


class GatewayModel(WrapperModel):
    """A model as agents use it, on the gateway's terms. Leaving a stream, or cancelling the task, stops the model."""

    def __init__(self, wrapped: "Model", terms: CallTerms) -> None:
        super().__init__(wrapped)
        self.terms = terms

    async def request(
        self,
        messages: "list[ModelMessage]",
        model_settings: "ModelSettings | None",
        model_request_parameters: "ModelRequestParameters",
    ) -> "ModelResponse":
        async with call(self.terms) as under_way:
            response = await super().request(messages, model_settings, model_request_parameters)
            under_way.answers()
            _count(under_way.measured, response.usage, response.provider_details)
            return response

    @asynccontextmanager
    async def request_stream(
        self,
        messages: "list[ModelMessage]",
        model_settings: "ModelSettings | None",
        model_request_parameters: "ModelRequestParameters",
        run_context: Any = None,
    ) -> "AsyncGenerator[StreamedResponse]":
        async with (
            call(self.terms) as under_way,
            super().request_stream(messages, model_settings, model_request_parameters, run_context) as stream,
        ):
            under_way.answers()
            try:
                yield stream
            finally:
                _count(under_way.measured, stream.usage, stream.provider_details)
            if stream.finish_reason is None and not stream.cancelled:
                raise AnswerBroken(provider=self.terms.target.provider)


def _count(measured: Measured, usage: "RequestUsage", details: Mapping[str, Any] | None) -> None:
    measured.prompt_tokens = usage.input_tokens or None
    measured.completion_tokens = usage.output_tokens or None
    measured.timings = (details or {}).get("timings", {})
