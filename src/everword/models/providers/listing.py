"""Which models a provider has: one request in each provider's own protocol."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from everword.models.errors import ModelTimeout
from everword.models.providers.errors import from_status, from_transport, unreachable
from everword.models.types import ProviderKind, Target

if TYPE_CHECKING:
    import httpx2

_TIMEOUT_S = 10.0
_NOT_FOR_CHAT = (
    "embed", "whisper", "tts", "dall-e", "image", "moderation", "transcribe", "realtime", "audio", "babbage", "davinci",
    "sora", "imagen", "veo", "aqa", "rerank",
)  # fmt: skip
_SEEING = ("-vl", "vision", "llava", "pixtral", "gemma-3", "gemma3", "minicpm-v", "moondream", "internvl", "gpt-4o")


@dataclass(frozen=True, slots=True)
class Listed:
    """One model a provider lists. `context_tokens` is None where it does not say."""

    name: str
    title: str
    context_tokens: int | None = None


def list_models(target: Target, timeout_s: float = _TIMEOUT_S) -> list[Listed]:
    """The chat models of the provider at `target`, in its order; blocks. Raises a ModelError."""
    import httpx2

    if target.kind is ProviderKind.ANTHROPIC:
        return _list_anthropic(target, timeout_s)
    url, headers = _request(target)
    try:
        with httpx2.Client(timeout=timeout_s, trust_env=not target.is_local) as client:
            response = client.get(url, headers=headers)
    except httpx2.TransportError as error:
        raise from_transport(error, target) from error
    if not response.is_success:
        raise from_status(response.status_code, _body(response), target, _retry_after(response))
    return [listed for listed in _read(target.kind, _body(response)) if not _is_for_other_things(listed.name)]


def can_see(kind: ProviderKind, model: str) -> bool:
    """Whether a model reads pictures. Servers of others do not say; there the name decides."""
    if kind in (ProviderKind.OPENAI, ProviderKind.ANTHROPIC, ProviderKind.GOOGLE):
        return not model.startswith(("gpt-3", "o1-mini", "o3-mini"))
    return any(mark in model.lower() for mark in _SEEING)


def context_tokens(kind: ProviderKind, model: str) -> int:
    """How much a model reads, where its provider does not list it; on the safe side."""
    match kind:
        case ProviderKind.ANTHROPIC:
            return 200_000
        case ProviderKind.GOOGLE:
            return 1_000_000
        case ProviderKind.OPENAI:
            return 16_000 if model.startswith("gpt-3") else 128_000
        case _:
            return 8_192


def _list_anthropic(target: Target, timeout_s: float) -> list[Listed]:
    """By its own SDK, which knows the version of the protocol and how the key is sent."""
    import anthropic

    key = target.key.reveal() if target.key is not None else "none"
    try:
        with anthropic.Anthropic(base_url=target.base_url, api_key=key, max_retries=0, timeout=timeout_s) as client:
            return [
                Listed(model.id, model.display_name, _context_of(model.model_extra or {}))
                for model in client.models.list(limit=100).data
            ]
    except anthropic.APIStatusError as error:
        raise from_status(error.status_code, error.body, target, _retry_after(error.response)) from error
    except anthropic.APIConnectionError as error:
        timed_out = isinstance(error, anthropic.APITimeoutError)
        raise (ModelTimeout(model=target.model) if timed_out else unreachable(target)) from error


def _request(target: Target) -> tuple[str, dict[str, str]]:
    key = target.key.reveal() if target.key is not None else None
    base = target.base_url.rstrip("/")
    match target.kind:
        case ProviderKind.GOOGLE:
            return f"{base}/v1beta/models?pageSize=200", {"x-goog-api-key": key or ""}
        case _:
            return f"{base}/models", {"Authorization": f"Bearer {key}"} if key else {}


def _read(kind: ProviderKind, body: Any) -> list[Listed]:
    if not isinstance(body, Mapping):
        return []
    if kind is ProviderKind.GOOGLE:
        return [
            Listed(
                model["name"].removeprefix("models/"),
                model.get("displayName", model["name"]),
                model.get("inputTokenLimit"),
            )
            for model in body.get("models", [])
            if "generateContent" in model.get("supportedGenerationMethods", ["generateContent"])
        ]
    return [
        Listed(model["id"], model.get("display_name") or model["id"], _context_of(model))
        for model in body.get("data") or []
    ]


def _context_of(model: Mapping[str, Any]) -> int | None:
    """The context a server tells of: vLLM, llama.cpp and Anthropic each in its own field."""
    meta = model.get("meta") or {}
    found = model.get("max_model_len") or meta.get("n_ctx") or meta.get("n_ctx_train") or model.get("max_input_tokens")
    return found if isinstance(found, int) else None


def _is_for_other_things(name: str) -> bool:
    return any(mark in name.lower() for mark in _NOT_FOR_CHAT)


def _body(response: "httpx2.Response") -> Any:
    try:
        return response.json()
    except ValueError:
        return response.text[:1000]


def _retry_after(response: "httpx2.Response") -> float | None:
    value = response.headers.get("retry-after", "")
    return float(value) if value.replace(".", "", 1).isdigit() else None
