"""The values this room speaks in: models as people name them, providers, offers, and where a call goes."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from everword.core.ids import ProviderId
from everword.vault.types import Secret

LOCAL = "local"
SCRIPTED = "scripted"


class ProviderKind(StrEnum):
    """Which protocol a provider speaks."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    GOOGLE = "google"
    OPENAI_COMPATIBLE = "openai_compatible"
    LOCAL = "local"
    SCRIPTED = "scripted"

    @property
    def vendor(self) -> str:
        """Whose it is, as people write it."""
        return _VENDORS[self]

    @property
    def speaks_openai(self) -> bool:
        """Whether its answers can be handed on, byte for byte, to a client of OpenAI's protocol."""
        return self not in (ProviderKind.ANTHROPIC, ProviderKind.GOOGLE)


_VENDORS = {
    ProviderKind.OPENAI: "OpenAI",
    ProviderKind.ANTHROPIC: "Anthropic",
    ProviderKind.GOOGLE: "Google",
    ProviderKind.OPENAI_COMPATIBLE: "OpenAI-compatible server",
    ProviderKind.LOCAL: "this machine",
    ProviderKind.SCRIPTED: "the scripted model",
}

DEFAULT_URLS = {
    ProviderKind.OPENAI: "https://api.openai.com/v1",
    ProviderKind.ANTHROPIC: "https://api.anthropic.com",
    ProviderKind.GOOGLE: "https://generativelanguage.googleapis.com",
}


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model that can answer. `id` is provider/model as people name it; `is_local` says nothing leaves the machine."""

    id: str
    title: str
    provider: str
    kind: ProviderKind
    is_local: bool
    can_see: bool
    context_tokens: int


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider the owner added. The key is in the vault, or in the environment for those offered from there."""

    id: ProviderId
    kind: ProviderKind
    name: str
    base_url: str
    key_hint: str | None

    @property
    def title(self) -> str:
        """What to call it in a sentence."""
        return self.name if self.kind is ProviderKind.OPENAI_COMPATIBLE else self.kind.vendor


@dataclass(frozen=True, slots=True)
class Offer:
    """A key or a server that was found and is not used until the owner says so."""

    name: str
    kind: ProviderKind
    base_url: str
    found_in: str
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Where one call goes: the protocol, the address, the key, and the model's name on that server."""

    kind: ProviderKind
    provider: str
    model: str
    base_url: str
    key: Secret | None = None

    @property
    def is_local(self) -> bool:
        """Whether the address is this machine."""
        return is_loopback(self.base_url)


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine."""
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")
