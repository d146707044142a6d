"""From where a call goes to a model object of the agent library, one protocol each."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from everword.models.providers.opened import remember
from everword.models.types import ProviderKind, Target

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.models import Model
    from pydantic_ai.profiles.openai import OpenAIModelProfile

_CONNECT_S = 8.0
_SILENCE_S = 180.0  # a model that thinks may be silent for long
#: An answer that ends without saying why broke off; all servers that people use say why.
_WHOLE: "OpenAIModelProfile" = {"openai_chat_streaming_requires_finish_reason": True}


def http_client() -> "httpx2.AsyncClient":
    """A client for calls to providers. Bound to the event loop it is first used in."""
    import httpx2

    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(_SILENCE_S, connect=_CONNECT_S),
        follow_redirects=False,
        event_hooks={"response": [remember]},
    )


def build(target: Target, client: "httpx2.AsyncClient") -> "Model":
    """The model that `target` names, calling through `client`. Nothing is retried: who waits is told at once."""
    return _BUILDERS[target.kind](target, client)


def _openai(target: Target, client: "httpx2.AsyncClient") -> "Model":
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    sdk = AsyncOpenAI(base_url=target.base_url, api_key=_key(target), http_client=client, max_retries=0)
    return OpenAIChatModel(target.model, provider=OpenAIProvider(openai_client=sdk), profile=_WHOLE)


def _openai_compatible(target: Target, client: "httpx2.AsyncClient") -> "Model":
    from openai import AsyncOpenAI
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    from everword.models.providers.timings import TimedChatModel

    sdk = AsyncOpenAI(base_url=target.base_url, api_key=_key(target), http_client=client, max_retries=0)
    provider = OpenAICompatibleProvider(target.provider, openai_client=sdk)
    return TimedChatModel(target.model, provider=provider, profile=_WHOLE)


def _anthropic(target: Target, client: "httpx2.AsyncClient") -> "Model":
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    sdk = AsyncAnthropic(base_url=target.base_url, api_key=_key(target), http_client=client, max_retries=0)
    return AnthropicModel(target.model, provider=AnthropicProvider(anthropic_client=sdk))


def _google(target: Target, client: "httpx2.AsyncClient") -> "Model":
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    provider = GoogleProvider(api_key=_key(target), base_url=target.base_url, http_client=client)
    return GoogleModel(target.model, provider=provider)


def _key(target: Target) -> str:
    """The key, or a word in its place: the SDKs insist on one, and would else look into the environment."""
    return target.key.reveal() if target.key is not None else "none"


_BUILDERS: dict[ProviderKind, Callable[[Target, "httpx2.AsyncClient"], "Model"]] = {
    ProviderKind.OPENAI: _openai,
    ProviderKind.ANTHROPIC: _anthropic,
    ProviderKind.GOOGLE: _google,
    ProviderKind.OPENAI_COMPATIBLE: _openai_compatible,
    ProviderKind.LOCAL: _openai_compatible,
    ProviderKind.SCRIPTED: _openai_compatible,
}
