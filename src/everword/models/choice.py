"""Which model answers: what the environment says, else what the person picked, else the local one."""

import threading

from everword.core.errors import NotFound
from everword.core.types import Principal
from everword.models.config import ModelsConfig
from everword.models.errors import LockedByEnvironment, NoModel
from everword.models.fake import MODEL_NAME, ScriptedServer
from everword.models.local.models import LocalModels
from everword.models.local.types import EngineState
from everword.models.offers import USUAL_SERVERS, Offers
from everword.models.providers import listing
from everword.models.registry import Registry
from everword.models.types import DEFAULT_URLS, LOCAL, SCRIPTED, ModelInfo, Provider, ProviderKind, Target, is_loopback
from everword.storage import events, preference_store
from everword.storage.database import Database
from everword.weights import catalogue
from everword.weights.errors import UnknownWeights

_PREFERENCE = "active_model"
_ENGINE = "engine"  # stands for the local engine's address, which changes


class Choice:
    """Resolves model names to places, without asking any of them."""

    def __init__(
        self, database: Database, config: ModelsConfig, registry: Registry, local: LocalModels, offers: Offers
    ) -> None:
        self._database, self._config = database, config
        self.registry, self._local, self.offers = registry, local, offers
        self._lock = threading.Lock()
        self._scripted: ScriptedServer | None = None

    @property
    def locked(self) -> str | None:
        """The model the environment names; None where the screen decides."""
        return self._config.model

    def active_id(self, who: Principal) -> str:
        """The id of the model that answers `who`; a local one where nothing was picked."""
        if self.locked is not None:
            return self.locked
        with self._database.reading(who) as connection:
            picked = preference_store.read(connection, who, who.own_space).get(_PREFERENCE)
        return picked if isinstance(picked, str) else LOCAL

    def pick(self, who: Principal, model_id: str) -> ModelInfo:
        """Let `model_id` answer from now on; an offer that it belongs to is taken up by that.

        Raises LockedByEnvironment, NotFound, UnknownWeights, SourceMissing.
        """
        if self.locked is not None:
            raise LockedByEnvironment()
        provider, _, model = model_id.partition("/")
        if provider == LOCAL:
            self._local.pick(model)
        elif all(known.name != provider for known in self.registry.all(who)):
            self.take_offer(who, provider)
        return self.use(who, model_id)

    def is_there(self, who: Principal, model_id: str) -> bool:
        """Whether a model can answer `who` with nothing changed for others: theirs, or the local one that runs."""
        provider, _, model = model_id.partition("/")
        if provider == LOCAL:
            return self._local.engine.status().model == model
        return any(known.name == provider for known in self.registry.all(who))

    def use(self, who: Principal, model_id: str) -> ModelInfo:
        """Let a model that is there answer `who` from now on. Raises LockedByEnvironment, NotFound."""
        if self.locked is not None:
            raise LockedByEnvironment()
        provider = model_id.partition("/")[0]
        info = self.resolve(who, model_id)
        with self._database.writing(who) as connection:
            kept = None if provider == LOCAL else model_id
            preference_store.write(connection, who, who.own_space, _PREFERENCE, kept)
            events.append(connection, who, who.own_space, "model.changed", {"id": info.id})
        return info

    def take_offer(self, who: Principal, name: str) -> Provider:
        """Add the provider of an offer. Raises NotFound for one that is not there any more."""
        for offer in self.offers.found():
            if offer.name == name:
                return self.registry.add_offer(who, offer)
        raise NotFound(what="offer")

    def provider_removed(self, who: Principal, name: str) -> None:
        """A provider is gone; where its model was active, the local one answers again."""
        if self.locked is None and self.active_id(who).partition("/")[0] == name:
            with self._database.writing(who) as connection:
                preference_store.write(connection, who, who.own_space, _PREFERENCE, None)
                events.append(connection, who, who.own_space, "model.changed", {"id": LOCAL})

    def resolve(self, who: Principal, wanted: str | None = None) -> ModelInfo:
        """The model that answers: `wanted` where given, else the active one.

        Raises LockedByEnvironment where the environment names another, NotFound for a provider that is not there,
        NoModel while the local one has no weights.
        """
        target = self.target(who, wanted)
        if target.kind is ProviderKind.LOCAL:
            return self._local_info(target)
        name = f"{target.provider}/{target.model}"
        if target.kind is ProviderKind.SCRIPTED:
            name = SCRIPTED
        listed = {one.name: one for one in self.registry.known_models(who, target.provider) or ()}
        known = listed.get(target.model)
        return ModelInfo(
            id=name,
            title=known.title if known else target.model,
            provider=target.provider,
            kind=target.kind,
            is_local=is_loopback(target.base_url),
            can_see=listing.can_see(target.kind, target.model),
            context_tokens=(known and known.context_tokens) or listing.context_tokens(target.kind, target.model),
        )

    def target(self, who: Principal, wanted: str | None = None) -> Target:
        """Where a call goes; raises as `resolve` does."""
        if self.locked is not None:
            if wanted not in (None, self.locked, self._locked_id()):
                raise LockedByEnvironment()
            return self._locked_target(who, self.locked)
        model_id = wanted or self.active_id(who)
        provider, _, model = model_id.partition("/")
        if provider == LOCAL:
            return self._engine_target()
        for known in self.registry.all(who):
            if known.name == provider:
                return self.registry.target(who, known, model)
        raise NotFound(what="provider")

    def local_target(self) -> Target | None:
        """The local engine, if it runs a model."""
        status = self._local.engine.status()
        return Target(ProviderKind.LOCAL, LOCAL, status.model, f"http://{_ENGINE}.invalid/v1") if status.model else None

    def close(self) -> None:
        """Stop the scripted model, if it runs."""
        if self._scripted is not None:
            self._scripted.close()

    def _engine_target(self) -> Target:
        """The local engine, whichever model it runs; it may still be starting."""
        target = self.local_target()
        if target is not None:
            return target
        status = self._local.engine.status()
        if status.state is EngineState.FAILED:
            raise NoModel(why=f"the local model failed ({status.error})")
        wanted = self._local.wanted()
        if wanted is None:
            raise NoModel(why="its weights are still being fetched")
        raise NoModel(why="the local model is not running")

    def _local_info(self, target: Target) -> ModelInfo:
        endpoint = self._local.engine.endpoint
        try:
            entry = catalogue.find(target.model)
            title, context = entry.title, entry.context_tokens
        except UnknownWeights:
            title, context = target.model, 2048
        return ModelInfo(
            id=f"{LOCAL}/{target.model}",
            title=title,
            provider=LOCAL,
            kind=ProviderKind.LOCAL,
            is_local=True,
            can_see=False,
            context_tokens=endpoint.context_tokens if endpoint else context,
        )

    def _locked_id(self) -> str:
        """The id that `resolve` gives to the model of the environment."""
        model, at, url = (self.locked or "").partition("@")
        return f"server/{model}" if at and url.startswith("http") else self.locked or ""

    def _locked_target(self, who: Principal, named: str) -> Target:
        if named == SCRIPTED:
            return Target(ProviderKind.SCRIPTED, SCRIPTED, MODEL_NAME, self._scripted_url())
        model, at, url = named.partition("@")
        if at and url.startswith(("http://", "https://")):
            return Target(ProviderKind.OPENAI_COMPATIBLE, "server", model, url.rstrip("/"), self._config.model_key)
        provider, _, model = named.partition("/")
        if provider == LOCAL:
            return self._engine_target()
        for known in self.registry.all(who):
            if known.name == provider:
                return self.registry.target(who, known, model)
        if provider in USUAL_SERVERS:
            return Target(ProviderKind.OPENAI_COMPATIBLE, provider, model, USUAL_SERVERS[provider])
        if provider in {kind.value for kind in DEFAULT_URLS}:
            kind = ProviderKind(provider)
            return Target(kind, provider, model, DEFAULT_URLS[kind], self._config.keys.get(kind))
        raise NoModel(why=f"EVERWORD_MODEL names {named}, which is no provider/model that is set up here")

    def _scripted_url(self) -> str:
        with self._lock:
            if self._scripted is None:
                self._scripted = ScriptedServer(token_delay_s=self._config.scripted_delay_s)
                self._scripted.start()
            return self._scripted.base_url
