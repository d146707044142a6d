"""What was found and may be used: keys in the environment, and model servers on this machine's usual ports."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from everword.core import clock
from everword.models.errors import ModelError
from everword.models.providers import listing
from everword.models.types import DEFAULT_URLS, Offer, ProviderKind, Target
from everword.vault.types import Secret

#: Servers that people run on their own machine, by the name their models get, and where each listens by default.
USUAL_SERVERS = {
    "ollama": "http://127.0.0.1:11434/v1",
    "lm-studio": "http://127.0.0.1:1234/v1",
    "llama-cpp": "http://127.0.0.1:8080/v1",
    "vllm": "http://127.0.0.1:8000/v1",
}
_PROBE_S = 0.4
_KEPT_S = 20.0


class Offers:
    """Looks for offers when asked, at most every twenty seconds. Only this machine is asked."""

    def __init__(self, keys: Mapping[ProviderKind, Secret], servers: Mapping[str, str] | None = None) -> None:
        self._keys = keys
        self._servers = USUAL_SERVERS if servers is None else servers
        self._found: tuple[float, list[Offer]] | None = None

    def found(self) -> list[Offer]:
        """Keys of the environment, then servers that answered; blocks for half a second at most."""
        now = clock.monotonic()
        if self._found is None or now - self._found[0] > _KEPT_S:
            with ThreadPoolExecutor(max_workers=max(1, len(self._servers)), thread_name_prefix="offers") as pool:
                probed = pool.map(_probe, self._servers, self._servers.values())
            self._found = (now, [offer for offer in probed if offer is not None])
        return [*self._from_environment(), *self._found[1]]

    def _from_environment(self) -> list[Offer]:
        return [Offer(kind.value, kind, DEFAULT_URLS[kind], "environment") for kind in self._keys]


def _probe(name: str, url: str) -> Offer | None:
    try:
        models = listing.list_models(Target(ProviderKind.OPENAI_COMPATIBLE, name, "", url), timeout_s=_PROBE_S)
    except (ModelError, KeyError, TypeError):  # nothing there, or something else than a model server
        return None
    return Offer(name, ProviderKind.OPENAI_COMPATIBLE, url, "this machine", tuple(model.name for model in models))
