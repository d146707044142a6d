"""The scripted model, asked over the wire as any other."""

import time
from collections.abc import Iterator

import openai
import pytest

from everword.models.fake import ScriptedServer
from everword.models.script import Script, rule


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    """A scripted server with one rule of its own."""
    with ScriptedServer(Script([rule("knock (.*)", r"who is \1?")])) as server:
        yield server


def client_of(server: ScriptedServer) -> openai.OpenAI:
    """The official client, without retries."""
    return openai.OpenAI(base_url=server.base_url, api_key="none", max_retries=0)


def test_it_answers_by_its_rules(scripted: ScriptedServer) -> None:
    """A rule's answer is given with usage, whole or streamed, to the official client."""
    with client_of(scripted) as client:
        whole = client.chat.completions.create(model="scripted", messages=[{"role": "user", "content": "knock Ann"}])
        assert whole.choices[0].message.content == "who is Ann?"
        assert whole.usage is not None
        assert whole.usage.completion_tokens == 3
        stream = client.chat.completions.create(
            model="scripted", messages=[{"role": "user", "content": "count to 5"}], stream=True
        )
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "1 2 3 4 5"


def test_it_fails_as_a_real_server_does(scripted: ScriptedServer) -> None:
    """The failures that can be asked for arrive as the client library's own errors."""
    with client_of(scripted) as client:

        def ask(text: str) -> None:
            client.chat.completions.create(model="scripted", messages=[{"role": "user", "content": text}])

        with pytest.raises(openai.AuthenticationError):
            ask("fail key")
        with pytest.raises(openai.RateLimitError):
            ask("fail rate")
        with pytest.raises(openai.InternalServerError):
            ask("fail server")


def test_it_notices_that_a_client_left(scripted: ScriptedServer) -> None:
    """Closing a stream ends the answer, as it must with a real model."""
    with client_of(scripted) as client:
        stream = client.chat.completions.create(
            model="scripted", messages=[{"role": "user", "content": "count to 5000 every 2 ms"}], stream=True
        )
        next(iter(stream))
        assert scripted.streaming == 1
        stream.close()
        deadline = time.monotonic() + 10
        while scripted.streaming and time.monotonic() < deadline:
            time.sleep(0.01)
    assert (scripted.streaming, scripted.stopped) == (0, 1)
