"""The gateway as agents use it: the real small model and the scripted one, measured, recorded, stopped."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from everword.core.errors import NotFound
from everword.core.types import Principal, Priority
from everword.models import errors, store
from everword.models.choice import Choice
from everword.models.config import ModelsConfig
from everword.models.gateway import Gateway
from everword.models.local import client
from everword.models.local.engine import LocalEngine
from everword.models.local.models import LocalModels
from everword.models.local.types import EngineConfig, LocalModel
from everword.models.offers import Offers
from everword.models.registry import Registry
from everword.models.speed import SpeedBook
from everword.models.types import ProviderKind
from everword.storage.database import Database
from everword.vault.types import Secret
from everword.vault.vault import Vault
from tests.wire.openai import OpenAIServer

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage


@dataclass
class Models:
    """A gateway and what it stands on."""

    gateway: Gateway
    registry: Registry
    engine: LocalEngine
    database: Database

    def usages(self, who: Principal, count: int) -> list[store.Usage]:
        """The latest calls, once so many are recorded."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with self.database.reading(who) as connection:
                found = store.usages(connection, who)
            if len(found) >= count:
                return found
            time.sleep(0.02)
        raise AssertionError("the calls were not recorded")


def models_of(database: Database, home: Path, model: str | None) -> Models:
    """The models' part of a house with a folder of its own."""
    config = ModelsConfig(home, model)
    engine_config = replace(EngineConfig.for_this_machine(), most_context_tokens=2048, slots=2, cache_mib=64)
    engine = LocalEngine(engine_config, SpeedBook(home / "speeds.json"))
    engine.learn("smollm2-135m", {"prompt_n": 100, "prompt_ms": 1000, "predicted_n": 100, "predicted_ms": 2000})
    local = LocalModels(home, engine)
    registry = Registry(database, Vault(bytes(32)), config)
    choice = Choice(database, config, registry, local, Offers({}, {}))
    return Models(Gateway(database, choice, local, engine_config.slots), registry, engine, database)


@pytest.fixture
def scripted(database: Database, tmp_path: Path) -> Iterator[Models]:
    """A gateway whose model is the scripted one."""
    models = models_of(database, tmp_path, "scripted")
    yield models
    models.gateway.close()


@pytest.fixture
def chosen(database: Database, tmp_path: Path) -> Iterator[Models]:
    """A gateway whose model the person picks."""
    models = models_of(database, tmp_path, None)
    yield models
    models.gateway.close()


async def ask(models: Models, who: Principal, text: str, history: list[str] | None = None) -> str:
    """One answer, streamed, as agents get it."""
    from pydantic_ai import Agent

    model = models.gateway.model(who, priority=Priority.PERSON)
    async with Agent(model, instructions="Be brief.").run_stream(text, message_history=turns(history or [])) as result:
        return "".join([piece async for piece in result.stream_text(delta=True, debounce_by=None)])


def turns(said: list[str]) -> "list[ModelMessage]":
    """A conversation: the person's words and the model's in turn."""
    from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, UserPromptPart

    return [
        ModelResponse(parts=[TextPart(text)])
        if number % 2
        else ModelRequest(parts=[UserPromptPart(text)], instructions="Be brief.")
        for number, text in enumerate(said)
    ]


async def test_a_call_is_recorded_with_what_it_used(scripted: Models, anna: Principal, ben: Principal) -> None:
    """Each call leaves a row of its person with tokens, times and how it ended, which nobody else sees."""
    assert await ask(scripted, anna, "count to 5") == "1 2 3 4 5"
    with pytest.raises(errors.RateLimited):
        await ask(scripted, anna, "fail rate")
    failed, done = await asyncio.to_thread(scripted.usages, anna, 2)
    assert (done.model, done.status, done.completion_tokens) == ("scripted/scripted", "completed", 5)
    assert (done.priority, done.person_id) == (Priority.PERSON, anna.person_id)
    assert done.first_token_ms is not None
    assert failed.status == "model_rate_limited"
    with scripted.database.reading(ben) as connection:
        assert store.usages(connection, ben) == []


async def test_providers_and_their_keys_are_ones_own(chosen: Models, anna: Principal, ben: Principal) -> None:
    """Another person neither sees nor can use a provider, and a picked model answers only who picked it."""
    with OpenAIServer() as server:
        url = f"{server.url}/v1"
        provider = chosen.registry.add(anna, ProviderKind.OPENAI_COMPATIBLE, "own", url, Secret("right-key"))
        chosen.gateway.choice.pick(anna, "own/gpt-5")
        assert await ask(chosen, anna, "Hi") == "Hello there."
        assert chosen.registry.all(ben) == []
        with pytest.raises(NotFound, match="no such provider"):
            chosen.registry.get(ben, provider.id)
        with pytest.raises(NotFound, match="no such provider"):
            chosen.gateway.resolve(ben, "own/gpt-5")
        with pytest.raises(errors.NoModel):
            chosen.gateway.resolve(ben)


def test_a_key_does_not_follow_to_another_host(chosen: Models, anna: Principal) -> None:
    """When a provider's address changes to another server, the key that was for the former one is dropped."""
    add = chosen.registry.add
    provider = add(anna, ProviderKind.OPENAI_COMPATIBLE, "own", "https://one.example/v1", Secret("a-key-of-one-12345"))
    assert chosen.registry.target(anna, provider, "m").key is not None
    moved = chosen.registry.change(anna, provider.id, "https://two.example/v1", None)
    assert moved.key_hint is None
    assert chosen.registry.target(anna, moved, "m").key is None


async def test_the_prompt_only_grows(chosen: Models, anna: Principal) -> None:
    """What a model got in one turn is, byte for byte, how the next turn begins: its cache stays of use."""
    with OpenAIServer() as server:
        chosen.registry.add(anna, ProviderKind.OPENAI_COMPATIBLE, "own", f"{server.url}/v1", Secret("right-key"))
        chosen.gateway.choice.pick(anna, "own/gpt-5")
        await ask(chosen, anna, "And you?", ["Hello", "Hi"])
        await ask(chosen, anna, "Good.", ["Hello", "Hi", "And you?", "Hello there."])
        first, second = [request["messages"] for request in server.requests]
    assert second[: len(first)] == first
    assert first[0] == {"role": "system", "content": "Be brief."}


@pytest.mark.model
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it is about the model, not its records
async def test_the_local_model_reads_ahead_and_stops_when_told(
    chosen: Models, anna: Principal, small_model: LocalModel
) -> None:
    """Reading ahead leaves only the new words to be read; cancelling the task frees the engine's slot."""
    chosen.engine.use(small_model)
    endpoint = await asyncio.to_thread(chosen.engine.wait_ready, 60)
    info = await asyncio.to_thread(chosen.gateway.resolve, anna)
    assert (info.id, info.is_local, info.context_tokens) == ("local/smollm2-135m", True, 2048)
    said = [f"Words number {number} about the weather, the sea and the boats in it." for number in range(20)]
    chosen.gateway.read_ahead(info.id, turns(said))
    await asyncio.gather(*chosen.gateway._background)
    task = asyncio.ensure_future(ask(chosen, anna, "Tell me a very long story.", said))
    for _ in range(1000):
        if await asyncio.to_thread(client.busy_slots, endpoint):
            break
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    slots = await asyncio.to_thread(client._get, endpoint, "/slots")
    assert any(slot.get("n_prompt_tokens_cache", 0) > 200 for slot in slots)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    for _ in range(500):
        if not await asyncio.to_thread(client.busy_slots, endpoint):
            break
        await asyncio.sleep(0.02)
    assert await asyncio.to_thread(client.busy_slots, endpoint) == 0
