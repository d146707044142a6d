"""The local engine with the real small model: one child, restarted after a crash, gone with its parent."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from everword.models.errors import LocalEngineFailed
from everword.models.local import client
from everword.models.local.engine import LocalEngine
from everword.models.local.types import EngineConfig, EngineState, LocalModel
from everword.models.speed import SpeedBook

pytestmark = [pytest.mark.slow, pytest.mark.model]
CONFIG = replace(EngineConfig.for_this_machine(), most_context_tokens=2048, slots=2, cache_mib=64)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[LocalEngine]:
    """An engine that runs nothing yet, and whose models' speed is known, so that it measures nothing at its start."""
    speeds = SpeedBook(tmp_path / "speeds.json")
    for name in ("smollm2-135m", "better"):
        speeds.learn(name, {"prompt_n": 100, "prompt_ms": 1000, "predicted_n": 100, "predicted_ms": 2000})
    engine = LocalEngine(CONFIG, speeds)
    yield engine
    engine.stop()


def eventually(is_so: Callable[[], bool], timeout_s: float = 30.0) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.02)
    return False


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ask(engine: LocalEngine, text: str, tokens: int = 8) -> dict[str, object]:
    """One answer of the engine, whole."""
    endpoint = engine.wait_ready(60)
    body = {"messages": [{"role": "user", "content": text}], "max_tokens": tokens}
    answer = httpx2.post(f"{endpoint.base_url}/chat/completions", json=body, headers=endpoint.headers, timeout=120)
    found: dict[str, object] = answer.raise_for_status().json()
    return found


def test_it_answers_and_only_with_its_key(engine: LocalEngine, small_model: LocalModel) -> None:
    """The child answers OpenAI's protocol on loopback, and refuses whoever lacks the random key."""
    engine.use(small_model)
    assert engine.status().state is EngineState.STARTING
    assert ask(engine, "Say hello.")["choices"]
    endpoint = engine.wait_ready(1)
    assert endpoint.address.startswith("http://127.0.0.1:")
    assert httpx2.get(f"{endpoint.base_url}/models").status_code == 401
    assert engine.count_tokens("hello world how are you") == 5


def test_a_crash_restarts_it(engine: LocalEngine, small_model: LocalModel) -> None:
    """A killed child is replaced by another that answers, and the restart is told."""
    engine.use(small_model)
    first = engine.wait_ready(60)
    os.kill(first.pid, signal.SIGKILL)
    assert eventually(lambda: engine.endpoint is not None and engine.endpoint.pid != first.pid)
    assert engine.status().restarts == 1
    assert ask(engine, "Say hello.")["choices"]


def test_a_file_that_is_no_model_fails_with_a_reason(tmp_path: Path) -> None:
    """Weights that cannot be loaded end in one sentence after a few tries, not in an endless loop."""
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF but not really")
    engine = LocalEngine(CONFIG, SpeedBook(tmp_path / "speeds.json"))
    engine.use(LocalModel("broken", broken, 2048))
    with pytest.raises(LocalEngineFailed, match="pick another model"):
        engine.wait_ready(120)
    assert engine.status().state is EngineState.FAILED
    engine.stop()


def test_a_better_model_takes_over_while_the_first_answers(
    engine: LocalEngine, small_model: LocalModel, tmp_path: Path
) -> None:
    """A second model is loaded beside the first; the first answers until then and is gone after it."""
    engine.use(small_model)
    first = engine.wait_ready(60)
    engine.use(replace(small_model, name="better"))
    assert engine.status().coming == "better"
    assert engine.endpoint == first
    assert eventually(lambda: engine.status().model == "better" and engine.status().state is EngineState.READY)
    assert eventually(lambda: not is_alive(first.pid))
    assert ask(engine, "Say hello.")["choices"]


def test_a_broken_second_model_leaves_the_first_answering(
    engine: LocalEngine, small_model: LocalModel, tmp_path: Path
) -> None:
    """When the model that should take over cannot be loaded, the one before goes on and the reason is told."""
    engine.use(small_model)
    first = engine.wait_ready(60)
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"no")
    engine.use(LocalModel("broken", broken, 2048))
    assert eventually(lambda: engine.status().error is not None, 90)
    assert engine.endpoint == first
    assert ask(engine, "Say hello.")["choices"]


def test_the_parents_death_ends_it(small_model: LocalModel, tmp_path: Path) -> None:
    """When the process that owns the engine is killed, no child of it stays."""
    program = (
        "import sys, time; from pathlib import Path\n"
        "from everword.models.local.engine import LocalEngine\n"
        "from everword.models.local.types import EngineConfig, LocalModel\n"
        "from everword.models.speed import SpeedBook\n"
        "engine = LocalEngine(EngineConfig(threads=1, most_context_tokens=512), SpeedBook(Path(sys.argv[2])))\n"
        "engine.use(LocalModel('small', Path(sys.argv[1]), 512))\n"
        "print(engine.wait_ready(60).pid, flush=True); time.sleep(60)\n"
    )
    arguments = [sys.executable, "-c", program, str(small_model.path), str(tmp_path / "speeds.json")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        child = int(owner.stdout.readline())
        assert is_alive(child)
        owner.kill()
    assert eventually(lambda: not is_alive(child), 10)


def test_leaving_a_stream_frees_its_slot(engine: LocalEngine, small_model: LocalModel) -> None:
    """When a client closes its stream the model stops generating, seen from its slots."""
    engine.use(small_model)
    endpoint = engine.wait_ready(60)
    body = {"messages": [{"role": "user", "content": "Tell a very long story."}], "stream": True, "ignore_eos": True}
    with httpx2.stream(
        "POST", f"{endpoint.base_url}/chat/completions", json=body, headers=endpoint.headers, timeout=60
    ) as stream:
        next(stream.iter_lines())
        assert client.busy_slots(endpoint) == 1
    assert eventually(lambda: client.busy_slots(endpoint) == 0, 10)


def test_what_is_appended_is_all_that_is_read(engine: LocalEngine, small_model: LocalModel) -> None:
    """A conversation that was read ahead is in the cache: the next turn reads only what was appended to it."""
    engine.use(small_model)
    endpoint = engine.wait_ready(60)
    turns = [
        {"role": role, "content": f"{role} says number {number} and some more words about the weather and the sea."}
        for number in range(8)
        for role in ("user", "assistant")
    ]
    prefix = [{"role": "system", "content": "You are helpful."}, *turns]
    read = asyncio.run(client.read_ahead(endpoint, prefix))
    assert read["prompt_n"] > 200
    body = {"messages": [*prefix, {"role": "user", "content": "And now?"}], "max_tokens": 4}
    answer = httpx2.post(f"{endpoint.base_url}/chat/completions", json=body, headers=endpoint.headers, timeout=60)
    timings = answer.json()["timings"]
    assert timings["prompt_n"] < 30
    assert timings["cache_n"] > 200


def test_reading_ahead_gives_way_to_a_call(engine: LocalEngine, small_model: LocalModel) -> None:
    """A call that comes while a conversation is read ahead stops the reading, and none begins while it lasts."""
    engine.use(small_model)
    endpoint = engine.wait_ready(60)
    long = [{"role": "user", "content": "word " * 1800}]

    async def read_ahead() -> bool:
        return await engine.at_idle(lambda: client.read_ahead(endpoint, long)) is not None

    outcome: list[bool] = []
    reader = threading.Thread(target=lambda: outcome.append(asyncio.run(read_ahead())))
    reader.start()
    assert eventually(lambda: client.busy_slots(endpoint) == 1, 20)
    engine.begin_call()
    reader.join(20)
    assert outcome == [False]
    assert asyncio.run(read_ahead()) is False
    engine.end_call()


def test_the_speed_is_measured_once_and_kept(small_model: LocalModel, tmp_path: Path) -> None:
    """After the first start the machine's reading and writing speed is known, also to the next process."""
    engine = LocalEngine(CONFIG, SpeedBook(tmp_path / "speeds.json"))
    engine.use(small_model)
    engine.wait_ready(60)
    assert eventually(lambda: engine.speed().reading > 0 and engine.speed().writing > 0)
    assert SpeedBook(tmp_path / "speeds.json").speed(small_model.name) == engine.speed()
    engine.stop()
