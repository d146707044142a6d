"""How fast the local engine is on this machine: loading, reading, writing, the first token of a long conversation.

    python -m benchmarks.models.local_engine FILE.gguf [FILE.gguf ...]

Each model is run by the product's own engine, alone. A figure is only worth what the machine was doing meanwhile, so
the load average stands beside it, and two ratios that do not depend on it: the first token with the conversation in the
cache against reading all of it, and after a switch to another conversation and back.
"""

import argparse
import asyncio
import json
import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2

from everword.models.local import client
from everword.models.local.engine import LocalEngine
from everword.models.local.types import Endpoint, EngineConfig, LocalModel
from everword.models.speed import SpeedBook
from everword.weights.catalogue import catalogue

TURNS = 30
ANSWER_TOKENS = 32
REPEATS = 5
CONTEXT_TOKENS = {form.file: entry.context_tokens for entry in catalogue() for form in entry.forms}


@dataclass
class Answer:
    """One streamed answer: when its first token came, and llama.cpp's own timings."""

    first_token_s: float
    timings: dict[str, float]


def ask(endpoint: Endpoint, messages: list[dict[str, str]], tokens: int = ANSWER_TOKENS) -> Answer:
    """Stream one answer."""
    body = {"messages": messages, "max_tokens": tokens, "stream": True, "ignore_eos": True}
    started, first, last = time.perf_counter(), 0.0, dict[str, Any]()
    url = f"{endpoint.base_url}/chat/completions"
    with httpx2.stream("POST", url, json=body, headers=endpoint.headers, timeout=600, trust_env=False) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: {"):
                last = json.loads(line.removeprefix("data: "))
                choice = (last.get("choices") or [{}])[0]
                if not first and choice.get("delta", {}).get("content"):
                    first = time.perf_counter()
    return Answer(first - started, last["timings"])


def conversation(topic: str) -> list[dict[str, str]]:
    """Thirty turns of about sixty tokens each side."""
    messages = [{"role": "system", "content": "You are Everword, an assistant that remembers what its owner said."}]
    for number in range(TURNS):
        messages.append({"role": "user", "content": f"About {topic}, part {number}: what did we say of the boats?"})
        said = (
            f"In part {number} you said that the {topic} was calm, that the boats were ready, and that Anna would call."
        )
        messages.append({"role": "assistant", "content": said})
    return messages


def child_memory_mb(pid: int) -> float | None:
    """Resident memory of the child, where the system tells (Linux)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1000


def measure(path: Path) -> dict[str, Any]:
    """All figures of one model."""
    config = EngineConfig.for_this_machine()
    with TemporaryDirectory() as folder:
        speeds = SpeedBook(Path(folder) / "speeds.json")
        speeds.learn("bench", {"prompt_n": 100, "prompt_ms": 1000, "predicted_n": 100, "predicted_ms": 1000})
        engine = LocalEngine(config, speeds)
        started = time.perf_counter()
        engine.use(LocalModel("bench", path, CONTEXT_TOKENS.get(path.name, 8192)))
        endpoint = engine.wait_ready(120)
        loaded_s = time.perf_counter() - started
        try:
            return {"model": path.name, "loaded_s": round(loaded_s, 2), **_figures(endpoint)}
        finally:
            engine.stop()


def _figures(endpoint: Endpoint) -> dict[str, Any]:
    short = ask(endpoint, [{"role": "user", "content": "Tell me about the sea."}], 64)
    talk, other = conversation("sea"), conversation("mountain")[:21]
    cold = ask(endpoint, [*talk, {"role": "user", "content": "And what of today?"}])
    warm = []
    for number in range(REPEATS):
        talk += [
            {
                "role": "user",
                "content": f"Question {number}: and what did Anna say of the harbour, the tea and the wind?",
            }
        ]
        warm.append(ask(endpoint, talk))
        talk += [
            {"role": "assistant", "content": "She said that it was calm and that she would call again in the evening."}
        ]
    asyncio.run(client.read_ahead(endpoint, talk))
    read_ahead = ask(endpoint, [*talk, {"role": "user", "content": "And what did she say of the harbour?"}])
    for _ in range(endpoint.slots):
        ask(endpoint, other)
    back = ask(endpoint, [*talk, {"role": "user", "content": "Where were we, then?"}])
    first = statistics.median(answer.first_token_s for answer in warm)
    return {
        "reading_tokens_per_s": round(cold.timings["prompt_per_second"], 1),
        "writing_tokens_per_s": round(short.timings["predicted_per_second"], 1),
        "writing_tokens_per_s_after_the_conversation": round(cold.timings["predicted_per_second"], 1),
        "conversation_tokens": int(cold.timings["prompt_n"]),
        "first_token_s": {
            "nothing_cached": round(cold.first_token_s, 2),
            "thirty_turns_cached_median": round(first, 2),
            "thirty_turns_cached_worst": round(max(answer.first_token_s for answer in warm), 2),
            "read_ahead": round(read_ahead.first_token_s, 2),
            "back_from_another_conversation": round(back.first_token_s, 2),
        },
        "new_tokens_a_turn": int(statistics.median(answer.timings["prompt_n"] for answer in warm)),
        "cached_against_not": round(first / cold.first_token_s, 3),
        "memory_mb": child_memory_mb(endpoint.pid),
        "load_average": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    """Measure the files named, one after the other, and print a JSON line for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    for path in parser.parse_args().files:
        print(json.dumps(measure(path)), flush=True)


if __name__ == "__main__":
    main()
