"""The API for programs, asked with the official client."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest

from tests.local_model import small_weights
from tests.server import Server
from tests.wire.anthropic import AnthropicServer
from tests.wire.google import GoogleServer
from tests.wire.provider import ProviderServer

NOWHERE = "http://127.0.0.1:9/simple"


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of an owner, whose model is the scripted one, set by the environment."""
    home = tmp_path_factory.mktemp("scripted") / "home"
    server = Server(home, EVERWORD_PACKAGE_INDEX=NOWHERE).start().set_up()
    yield server
    server.stop()


def key_of(server: Server) -> str:
    """A fresh key for programs."""
    with server.client as client:
        made = client.post("/api/keys", json={"name": "test", "scopes": ["models"]}).raise_for_status()
    secret: str = made.json()["secret"]
    return secret


def program(server: Server, key: str | None = None) -> openai.OpenAI:
    """The official client, without retries."""
    return openai.OpenAI(base_url=f"{server.base_url}/v1", api_key=key or key_of(server), max_retries=0)


def usage_rows(server: Server) -> list[tuple[str, str, int | None]]:
    """What was recorded of calls: model, status, tokens of the answer; newest last."""
    with sqlite3.connect(server.home / "everword.db") as connection:
        query = "SELECT model, status, completion_tokens FROM usage ORDER BY started_at"
        rows: list[tuple[str, str, int | None]] = connection.execute(query).fetchall()
    connection.close()
    return rows


def test_models_are_listed_for_programs(scripted: Server) -> None:
    """The model that answers is there under its own id and as `everword`."""
    with program(scripted) as client:
        assert {model.id for model in client.models.list()} == {"everword", "scripted"}


def test_an_answer_whole_and_streamed(scripted: Server) -> None:
    """Both forms of an answer reach the official client; usage comes only where it was asked for."""
    with program(scripted) as client:
        whole = client.chat.completions.create(model="everword", messages=[{"role": "user", "content": "echo: hello"}])
        assert whole.choices[0].message.content == "hello"
        assert whole.usage is not None
        stream = client.chat.completions.create(
            model="scripted", messages=[{"role": "user", "content": "count to 9"}], stream=True
        )
        chunks = list(stream)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "1 2 3 4 5 6 7 8 9"
        assert all(chunk.usage is None for chunk in chunks)
        asked = client.chat.completions.create(
            model="scripted",
            messages=[{"role": "user", "content": "count to 9"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        last = list(asked)[-1]
        assert last.usage is not None
        assert last.usage.completion_tokens == 9
    assert usage_rows(scripted)[-1] == ("scripted/scripted", "completed", 9)


def test_nothing_is_stored_but_usage(scripted: Server) -> None:
    """A program's words are in no conversation and no entry."""
    with program(scripted) as client:
        client.chat.completions.create(model="everword", messages=[{"role": "user", "content": "echo: xyzzy-words"}])
    with scripted.client as owner:
        assert owner.get("/api/conversations").json()["conversations"] == []
    for file in scripted.home.glob("everword.db*"):
        assert b"xyzzy-words" not in file.read_bytes()


def test_an_unknown_model_is_said_as_openai_says_it(tmp_path: Path) -> None:
    """A name that no provider has is `model_not_found`, with a sentence, and not a provider that is missing."""
    server = Server(tmp_path / "home", EVERWORD_PACKAGE_INDEX=NOWHERE, EVERWORD_MODEL="").start().set_up()
    with program(server) as client, pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gpt-9", messages=[{"role": "user", "content": "hello"}])
    server.stop()
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
    assert "gpt-9" in caught.value.message


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("fail rate", openai.RateLimitError),
        ("fail context", openai.APIStatusError),
        ("fail server", openai.InternalServerError),
        ("fail key", openai.APIStatusError),
    ],
)
def test_errors_arrive_as_the_clients_own(scripted: Server, text: str, error: type[openai.APIStatusError]) -> None:
    """What the model's server refuses reaches the program as an error in OpenAI's form that says what to do."""
    with program(scripted) as client, pytest.raises(error) as caught:
        client.chat.completions.create(model="everword", messages=[{"role": "user", "content": text}], stream=True)
    assert isinstance(caught.value.body, dict)
    assert set(caught.value.body) == {"message", "type", "param", "code"}
    if text == "fail rate":
        assert caught.value.response.headers["retry-after"] == "7"


def test_an_answer_that_breaks_off_is_an_error(scripted: Server) -> None:
    """A stream that ends before its answer does ends in an error, not in silence."""
    with program(scripted) as client:
        stream = client.chat.completions.create(
            model="everword", messages=[{"role": "user", "content": "fail drop"}], stream=True
        )
        with pytest.raises(openai.APIError, match="broke before the answer was complete"):
            list(stream)


def test_what_is_not_openais_form_is_refused(scripted: Server) -> None:
    """Malformed requests and unknown models get a 4xx that names what is wrong."""
    headers = {"Authorization": f"Bearer {key_of(scripted)}"}
    url = f"{scripted.base_url}/v1/chat/completions"
    for content, says in [
        (b"{", "not valid JSON"),
        (b"[]", "JSON object"),
        (b"{}", "needs messages"),
        (b'{"messages": [1]}', "role"),
        (b'{"messages": [{"role": "user", "content": "x"}], "model": 7}', "model must be"),
    ]:
        answer = httpx.post(url, content=content, headers=headers, trust_env=False)
        assert answer.status_code == 422
        assert says in answer.json()["error"]["message"]
    unknown = {"model": "openai/gpt-9", "messages": [{"role": "user", "content": "x"}]}
    assert httpx.post(url, json=unknown, headers=headers, trust_env=False).status_code == 409


def test_no_key_no_answer(scripted: Server) -> None:
    """Without a key of this server a program gets nothing."""
    with program(scripted, "ew_not_a_key") as client, pytest.raises(openai.AuthenticationError):
        client.models.list()


async def test_leaving_stops_the_model(scripted: Server) -> None:
    """A program that closes its stream, or leaves before the first word, stops the model: the call ends as stopped."""
    body = {"messages": [{"role": "user", "content": "count to 3000 every 20 ms"}], "stream": True}
    headers = {"Authorization": f"Bearer {await asyncio.to_thread(key_of, scripted)}"}
    before = len(usage_rows(scripted))
    async with (
        httpx.AsyncClient(base_url=scripted.base_url, headers=headers, trust_env=False) as client,
        client.stream("POST", "/v1/chat/completions", json=body) as stream,
    ):
        async for _ in stream.aiter_lines():
            break
    async with httpx.AsyncClient(base_url=scripted.base_url, headers=headers, trust_env=False) as client:
        waiting = {"messages": [{"role": "user", "content": "fail timeout"}]}
        with pytest.raises(httpx.ReadTimeout):
            await client.post("/v1/chat/completions", json=waiting, timeout=0.5)
    deadline = time.monotonic() + 10
    while len(usage_rows(scripted)) < before + 2 and time.monotonic() < deadline:  # noqa: ASYNC110 (another process)
        await asyncio.sleep(0.05)
    assert [status for _, status, _ in usage_rows(scripted)[before:]] == ["stopped", "stopped"]


@pytest.mark.parametrize(("kind", "wire", "model"), [
    ("anthropic", AnthropicServer, "claude-opus-5"),
    ("google", GoogleServer, "gemini-3-pro"),
])  # fmt: skip
@pytest.mark.slow
def test_models_of_other_protocols_are_translated(
    tmp_path: Path, kind: str, wire: type[ProviderServer], model: str
) -> None:
    """A program speaks OpenAI's form to Anthropic's and Google's models, whole and streamed, pictures included."""
    environment = {
        "EVERWORD_MODEL": "",
        "EVERWORD_PACKAGE_INDEX": NOWHERE,
        "EVERWORD_WEIGHTS": str(small_weights().parent),
    }
    server = Server(tmp_path / "home", **environment).start().set_up()
    try:
        with wire() as provider, program(server) as client, server.client as owner:
            new = {"kind": kind, "base_url": provider.url, "key": "right-key"}
            owner.post("/api/providers", json=new).raise_for_status()
            named = f"{kind}/{model}"
            whole = client.chat.completions.create(
                model=named,
                messages=[
                    {"role": "system", "content": "Be brief."},
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "What is this?"},
                            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
                        ],
                    },
                ],
                max_tokens=50,
            )
            assert whole.choices[0].message.content == "Hello there."
            assert whole.usage is not None
            assert whole.usage.total_tokens == 14
            assert "Be brief." in str(provider.requests[-1])
            assert "iVBORw0KGgo" in str(provider.requests[-1])
            stream = client.chat.completions.create(
                model=named, messages=[{"role": "user", "content": "Hi"}], stream=True
            )
            assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "Hello there."
            provider.failure = provider.failures["no_credit"]
            with pytest.raises(openai.APIStatusError, match="no credit left"):
                client.chat.completions.create(model=named, messages=[{"role": "user", "content": "Hi"}])
    finally:
        server.stop()
