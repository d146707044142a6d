"""The providers a person added: names, addresses, keys in the vault, and the models each of them has."""

import re
from urllib.parse import urlsplit

from everword.core.errors import Conflict, Invalid
from everword.core.ids import ProviderId
from everword.core.types import Principal
from everword.models import store
from everword.models.config import ModelsConfig
from everword.models.providers import listing
from everword.models.providers.listing import Listed
from everword.models.types import DEFAULT_URLS, LOCAL, SCRIPTED, Offer, Provider, ProviderKind, Target
from everword.storage import events
from everword.storage.database import Database
from everword.vault.types import Secret
from everword.vault.vault import Vault

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_RESERVED = {LOCAL, SCRIPTED}
_ADDABLE = {ProviderKind.OPENAI, ProviderKind.ANTHROPIC, ProviderKind.GOOGLE, ProviderKind.OPENAI_COMPATIBLE}


class Registry:
    """Providers of the person who asks. Keys are sealed in the vault and shown to nobody again."""

    def __init__(self, database: Database, vault: Vault, config: ModelsConfig) -> None:
        self._database, self._vault, self._config = database, vault, config
        self._listed: dict[tuple[str, str], list[Listed]] = {}

    def all(self, who: Principal) -> list[Provider]:
        """The providers of the person who asks."""
        with self._database.reading(who) as connection:
            return store.providers(connection, who, who.own_space)

    def get(self, who: Principal, provider_id: ProviderId) -> Provider:
        """One provider. Raises NotFound."""
        with self._database.reading(who) as connection:
            return store.get_provider(connection, who, provider_id)

    def add(
        self, who: Principal, kind: ProviderKind, name: str | None, base_url: str | None, key: Secret | None
    ) -> Provider:
        """Add a provider. Raises Invalid for an address or a name that cannot be, Conflict for a name that is taken."""
        if kind not in _ADDABLE:
            raise Invalid(why="Choose OpenAI, Anthropic, Google or an OpenAI-compatible server.")
        url = _checked_url(base_url or DEFAULT_URLS.get(kind, ""), kind)
        name = _checked_name(name or _usual_name(kind, url))
        hint = (key or self._config.keys.get(kind) or Secret("")).hint or None
        with self._database.writing(who) as connection:
            if any(provider.name == name for provider in store.providers(connection, who, who.own_space)):
                raise Conflict(why=f'There is a provider called "{name}" already. Change that one, or choose a name.')
            provider = store.add_provider(connection, who, who.own_space, kind, name, url, hint)
            if key is not None:
                self._vault.put(connection, who, who.own_space, _secret_name(provider.id), key)
            events.append(connection, who, who.own_space, "provider.changed", {"name": name})
        return provider

    def add_offer(self, who: Principal, offer: Offer) -> Provider:
        """Take up an offer; a key of the environment stays there."""
        return self.add(who, offer.kind, offer.name, offer.base_url, None)

    def change(self, who: Principal, provider_id: ProviderId, base_url: str | None, key: Secret | None) -> Provider:
        """Change a provider's address or key; None leaves it. A new address does not get the former key."""
        with self._database.writing(who) as connection:
            provider = store.get_provider(connection, who, provider_id)
            url = _checked_url(base_url, provider.kind) if base_url else provider.base_url
            hint = provider.key_hint
            if key is not None:
                self._vault.put(connection, who, who.own_space, _secret_name(provider_id), key)
                hint = key.hint or None
            elif urlsplit(url).netloc != urlsplit(provider.base_url).netloc:
                self._vault.delete(connection, who, who.own_space, _secret_name(provider_id))
                hint = None
            store.change_provider(connection, who, provider_id, base_url=url, key_hint=hint)
            events.append(connection, who, who.own_space, "provider.changed", {"name": provider.name})
        self._listed.pop((who.own_space, provider.name), None)
        return self.get(who, provider_id)

    def remove(self, who: Principal, provider_id: ProviderId) -> Provider:
        """Remove a provider and its key. Returns what it was."""
        with self._database.writing(who) as connection:
            provider = store.get_provider(connection, who, provider_id)
            self._vault.delete(connection, who, who.own_space, _secret_name(provider_id))
            store.remove_provider(connection, who, provider_id)
            events.append(connection, who, who.own_space, "provider.changed", {"name": provider.name})
        self._listed.pop((who.own_space, provider.name), None)
        return provider

    def target(self, who: Principal, provider: Provider, model: str) -> Target:
        """Where a call to `model` of `provider` goes, with its key."""
        with self._database.reading(who) as connection:
            key = self._vault.get(connection, who, who.own_space, _secret_name(provider.id))
        if key is None and provider.base_url == DEFAULT_URLS.get(provider.kind):
            key = self._config.keys.get(provider.kind)
        return Target(provider.kind, provider.name, model, provider.base_url, key)

    def models(self, who: Principal, provider: Provider) -> list[Listed]:
        """Ask the provider which models it has, and remember it. Blocks; raises a ModelError."""
        found = listing.list_models(self.target(who, provider, ""))
        self._listed[who.own_space, provider.name] = found
        return found

    def known_models(self, who: Principal, provider: str) -> list[Listed] | None:
        """What the provider last listed; None if it was not asked since the start."""
        return self._listed.get((who.own_space, provider))


def _secret_name(provider_id: ProviderId) -> str:
    return f"provider/{provider_id}"


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise Invalid(why=f'"{name}" cannot name a provider: use small letters, digits and hyphens, at most 32.')
    return name


def _checked_url(url: str, kind: ProviderKind) -> str:
    try:
        parts = urlsplit(url.strip())
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # brackets or a port that make no address
        is_whole = False
    if not is_whole or "@" in parts.netloc or parts.query:
        raise Invalid(why="The address must look like https://server.example/v1, without a name or password in it.")
    path = parts.path.rstrip("/")
    if not path and kind in (ProviderKind.OPENAI, ProviderKind.OPENAI_COMPATIBLE):
        path = "/v1"
    return f"{parts.scheme}://{parts.netloc}{path}"


def _usual_name(kind: ProviderKind, url: str) -> str:
    """The kind's own name; for a server of one's own, one made from its host."""
    if kind is not ProviderKind.OPENAI_COMPATIBLE:
        return kind.value
    host = urlsplit(url).hostname or "server"
    return re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-")[:32]
