"""Each provider, asked over its real wire format: streams, errors before and inside a stream, stopping."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from everword.core.errors import EverwordError
from everword.core.types import Priority
from everword.models import errors
from everword.models.admission import Admission
from everword.models.calls import CallTerms, GatewayModel, Measured
from everword.models.clients import Clients
from everword.models.providers.listing import list_models
from everword.models.types import ProviderKind, Target
from everword.vault.types import Secret
from tests.wire.anthropic import AnthropicServer
from tests.wire.google import GoogleServer
from tests.wire.openai import OpenAIServer
from tests.wire.provider import Failure, ProviderServer

SERVERS: dict[ProviderKind, tuple[type[ProviderServer], str]] = {
    ProviderKind.OPENAI: (OpenAIServer, "gpt-5"),
    ProviderKind.OPENAI_COMPATIBLE: (OpenAIServer, "gpt-5"),
    ProviderKind.ANTHROPIC: (AnthropicServer, "claude-opus-5"),
    ProviderKind.GOOGLE: (GoogleServer, "gemini-3-pro"),
}
EXPECTED = {
    "no_credit": errors.NoCredit,
    "rate_limited": errors.RateLimited,
    "context_full": errors.ContextFull,
    "gone": errors.ModelGone,
    "overloaded": errors.ProviderOverloaded,
    "fault": errors.ProviderOverloaded,
    "refused": errors.ContentRefused,
    "not_permitted": errors.NotPermitted,
    "rejected": errors.RequestRejected,
}


@dataclass
class Asked:
    """A provider's server, and how to reach it."""

    server: ProviderServer
    target: Target
    measured: list[Measured]

    async def ask(self, key: str = "right-key", text: str = "Hi") -> str:
        """The streamed answer, as agents get it."""
        from pydantic_ai import Agent

        target = Target(self.target.kind, self.target.provider, self.target.model, self.target.base_url, Secret(key))
        terms = CallTerms(target, Admission(2), Priority.PERSON, self.measured.append)
        agent = Agent(GatewayModel(Clients(None).model(target), terms), instructions="Be brief.")
        async with agent.run_stream(text) as result:
            return "".join([piece async for piece in result.stream_text(delta=True, debounce_by=None)])


@pytest.fixture(params=list(SERVERS), ids=lambda kind: kind.value)
def asked(request: pytest.FixtureRequest) -> Iterator[Asked]:
    """Each provider in turn."""
    kind: ProviderKind = request.param
    server_type, model = SERVERS[kind]
    with server_type() as server:
        url = f"{server.url}/v1" if kind.speaks_openai else server.url
        yield Asked(server, Target(kind, kind.value, model, url), [])


async def test_an_answer_is_streamed_and_counted(asked: Asked) -> None:
    """Text, tokens and times of a streamed answer arrive, and the prompt went out with its instructions."""
    assert await asked.ask() == "Hello there."
    (measured,) = asked.measured
    assert (measured.status, measured.prompt_tokens, measured.completion_tokens) == ("completed", 11, 3)
    assert measured.first_token_ms is not None
    assert "Be brief." in str(asked.server.requests[0])


async def test_a_wrong_key_is_told_as_such(asked: Asked) -> None:
    """A key the provider does not accept gives one sentence that says where to enter a valid one."""
    with pytest.raises(errors.WrongKey, match="Enter a valid key"):
        await asked.ask(key="wrong")
    assert asked.measured[0].status == "model_wrong_key"


@pytest.mark.parametrize("name", list(EXPECTED))
async def test_each_error_becomes_ours(asked: Asked, name: str) -> None:
    """Every documented failure of each provider becomes the error of ours that says what to do."""
    if name not in asked.server.failures:
        assert name == "refused"  # others than OpenAI tell it in the stream
        return
    asked.server.failure = asked.server.failures[name]
    with pytest.raises(EXPECTED[name]) as caught:
        await asked.ask()
    assert caught.value.message.count("{") == 0
    if name == "rate_limited":
        assert caught.value.values["retry_after_s"] == 7


async def test_an_error_inside_a_stream_becomes_ours(asked: Asked) -> None:
    """An error that the provider sends after the answer began is told, not swallowed."""
    asked.server.stream_failure = {
        ProviderKind.ANTHROPIC: {"type": "overloaded_error", "message": "Overloaded"},
        ProviderKind.GOOGLE: {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"},
    }.get(asked.target.kind, {"message": "The server had an error.", "type": "server_error", "code": None})
    with pytest.raises(errors.ModelError):
        await asked.ask()


async def test_a_broken_connection_is_told(asked: Asked) -> None:
    """A connection that ends before the answer does is an error, never a short answer that looks whole."""
    asked.server.breaks_after = 5 if asked.target.kind is ProviderKind.ANTHROPIC else 2
    with pytest.raises(errors.AnswerBroken):
        await asked.ask()


async def test_a_server_that_is_not_there_is_told(asked: Asked) -> None:
    """An address where nothing listens gives the address and what to check."""
    asked.target = Target(asked.target.kind, "own", asked.target.model, "http://127.0.0.1:9/v1")
    with pytest.raises(errors.ModelUnreachable, match=r"127\.0\.0\.1:9"):
        await asked.ask()


async def test_an_answer_that_is_no_json_is_told(asked: Asked) -> None:
    """A proxy's page in place of an answer is an error of ours too."""
    asked.server.failure = Failure(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"})
    with pytest.raises(errors.ProviderOverloaded):
        await asked.ask()


async def test_cancelling_stops_the_provider(asked: Asked) -> None:
    """Cancelling the task closes the connection, which the provider's server notices."""
    asked.server.pieces = ["word "] * 2000
    asked.server.delay_s = 0.005
    task = asyncio.ensure_future(asked.ask())
    assert await asyncio.to_thread(asked.server.streaming.wait, 10)
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(asked.server.stopped.wait, 10)
    assert asked.measured[0].status == "stopped"


def test_models_are_listed(asked: Asked) -> None:
    """The provider's chat models are listed with its own titles, and what is not for chat is left out."""
    target = Target(asked.target.kind, "own", "", asked.target.base_url, Secret("right-key"))
    names = [model.name for model in list_models(target)]
    assert names == {
        ProviderKind.ANTHROPIC: ["claude-opus-5"],
        ProviderKind.GOOGLE: ["gemini-3-pro"],
    }.get(asked.target.kind, ["gpt-5", "gpt-4o"])
    with pytest.raises(errors.WrongKey):
        list_models(Target(asked.target.kind, "own", "", asked.target.base_url, Secret("wrong")))


def test_every_error_of_ours_says_what_to_do() -> None:
    """Each error has a sentence for what happened and one for what to do, and a code of its own."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, EverwordError)]
    ours = [kind for kind in kinds if kind is not EverwordError]
    assert len({kind.code for kind in ours}) == len(ours)
    assert all((kind.__doc__ or "").count(".") >= 2 for kind in ours)
