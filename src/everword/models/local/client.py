"""What Everword asks of a running child beside chat: is it idle, how many tokens, read this ahead."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from everword.models.local.types import Endpoint

if TYPE_CHECKING:
    import httpx2


def async_http_client(timeout_s: float | None = None) -> "httpx2.AsyncClient":
    """A client for the engine: no connection is used twice, because the engine closes idle ones without notice."""
    import httpx2

    limits = httpx2.Limits(max_keepalive_connections=0)
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(timeout_s, connect=5.0), limits=limits, verify=False, trust_env=False
    )


def busy_slots(endpoint: Endpoint) -> int:
    """How many streams the child is working on. Raises httpx2.HTTPError."""
    return sum(bool(slot["is_processing"]) for slot in _get(endpoint, "/slots"))


def count_tokens(endpoint: Endpoint, text: str) -> int:
    """How many tokens `text` is to the model. Raises httpx2.HTTPError."""
    return len(_post(endpoint, "/tokenize", {"content": text})["tokens"])


async def read_ahead(endpoint: Endpoint, messages: Sequence[Mapping[str, Any]]) -> Mapping[str, float]:
    """Have the child read a conversation into its cache; gives llama.cpp's timings. Cancelling stops the reading."""
    body = {"messages": list(messages), "max_tokens": 1, "stream": False, "cache_prompt": True}
    async with async_http_client() as client:
        response = await client.post(f"{endpoint.base_url}/chat/completions", json=body, headers=endpoint.headers)
        response.raise_for_status()
        timings: Mapping[str, float] = response.json()["timings"]
        return timings


async def try_out(endpoint: Endpoint, prompt_tokens: int, answer_tokens: int) -> Mapping[str, float]:
    """Let the child read and write a little, past its cache, and give llama.cpp's timings."""
    prompt = " ".join(f"item {number}" for number in range(prompt_tokens // 3))
    body = {"prompt": prompt, "n_predict": answer_tokens, "cache_prompt": False, "ignore_eos": True}
    async with async_http_client() as client:
        response = await client.post(f"{endpoint.address}/completion", json=body, headers=endpoint.headers)
        response.raise_for_status()
        timings: Mapping[str, float] = response.json()["timings"]
        return timings


def _get(endpoint: Endpoint, path: str) -> Any:
    with _client() as client:
        return client.get(f"{endpoint.address}{path}", headers=endpoint.headers).raise_for_status().json()


def _post(endpoint: Endpoint, path: str, body: Mapping[str, Any]) -> Any:
    with _client() as client:
        return client.post(f"{endpoint.address}{path}", json=body, headers=endpoint.headers).raise_for_status().json()


def _client() -> "httpx2.Client":
    import httpx2

    return httpx2.Client(timeout=10.0, limits=httpx2.Limits(max_keepalive_connections=0), verify=False, trust_env=False)
