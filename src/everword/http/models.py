"""Models: which one answers, the catalogue of local ones, providers and what was found on this machine."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field, SecretStr

from everword.accounts.types import Credential
from everword.core.errors import EverwordError
from everword.core.ids import ProviderId
from everword.core.types import Principal
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.security import NeedsOperator, credential, is_operator, operator, person_present
from everword.http.services import Services, services_of
from everword.models.local.models import RECOMMENDED
from everword.models.local.types import EngineState
from everword.models.providers.listing import Listed
from everword.models.types import ModelInfo, Offer, Provider, ProviderKind
from everword.vault.types import Secret
from everword.weights import catalogue
from everword.weights.catalogue import Weights

router = APIRouter(prefix="/api", tags=["models"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]
Asking = Annotated[Credential, Depends(credential)]
Present = [Depends(person_present)]
Operator = [Depends(operator)]
Key = Annotated[SecretStr, Field(min_length=1, max_length=1000)]
Url = Annotated[str, Field(max_length=500)]


class ActiveModelShape(BaseModel):
    """The model that answers, and whether anything leaves this machine for it."""

    id: str
    title: str
    provider: str
    is_local: bool
    can_see: bool
    context_tokens: int

    @staticmethod
    def of(model: ModelInfo) -> "ActiveModelShape":
        return ActiveModelShape(
            id=model.id,
            title=model.title,
            provider=model.provider,
            is_local=model.is_local,
            can_see=model.can_see,
            context_tokens=model.context_tokens,
        )


class WeightsShape(BaseModel):
    """An entry of the catalogue, and how far its weights are."""

    name: str
    title: str
    summary: str
    role: str
    licence: str
    licence_url: str
    size_bytes: int
    memory_bytes: int
    source: str
    state: str
    done_bytes: int
    bytes_per_s: float
    error: str | None
    is_recommended: bool
    is_active: bool


class ListedShape(BaseModel):
    """A model of a provider; `id` is what to pick it by."""

    id: str
    title: str


class ProviderShape(BaseModel):
    """A provider that was added. `models` is null until it was asked; the key itself is never shown."""

    id: str
    kind: str
    name: str
    base_url: str
    key_hint: str | None
    models: list[ListedShape] | None


class OfferShape(BaseModel):
    """A key or a server that was found and is not used yet."""

    name: str
    kind: str
    base_url: str
    found_in: str
    models: list[ListedShape] | None


class ModelsShape(BaseModel):
    """All about models on one screen. `can_manage`: whether local models and what was found are yours to choose."""

    can_manage: bool
    active: ActiveModelShape | None
    is_locked: bool
    locked_by: str | None
    state: str
    message: str | None
    catalogue: list[WeightsShape]
    providers: list[ProviderShape]
    offers: list[OfferShape]


class TestedShape(BaseModel):
    """A provider answered with its models."""

    ok: bool
    models: list[ListedShape]


class Pick(BaseModel):
    """The model to answer from now on."""

    model: Annotated[str, Field(min_length=1, max_length=200)]


class NewProvider(BaseModel):
    """A provider to add, by key or by address."""

    kind: ProviderKind
    name: Annotated[str, Field(max_length=32)] | None = None
    base_url: Url | None = None
    key: Key | None = None


class ProviderChange(BaseModel):
    """What to change; null leaves it."""

    base_url: Url | None = None
    key: Key | None = None


class OfferName(BaseModel):
    """The offer to take up."""

    name: Annotated[str, Field(max_length=64)]


@router.get("/models")
def models(who: Who, house: House, asking: Asking) -> ModelsShape:
    """Which model answers, what else could, and how far downloads are. Offers are shown to the operator only."""
    can_manage = is_operator(asking)
    choice = house.gateway.choice
    active, state, message = _active(who, house)
    added = choice.registry.all(who)
    found = choice.offers.found() if can_manage else []
    offers = [offer for offer in found if all(provider.name != offer.name for provider in added)]
    return ModelsShape(
        can_manage=can_manage,
        active=ActiveModelShape.of(active) if active else None,
        is_locked=choice.locked is not None,
        locked_by="EVERWORD_MODEL" if choice.locked is not None else None,
        state=state,
        message=message,
        catalogue=[_weights(entry, house, active) for entry in catalogue.catalogue()],
        providers=[_provider(provider, choice.registry.known_models(who, provider.name)) for provider in added],
        offers=[_offer(offer) for offer in offers],
    )


@router.put("/models/active")
def pick(who: Who, house: House, asking: Asking, picked: Pick) -> ActiveModelShape:
    """Let a model answer from now on. Picking one of an offer takes the offer up.

    Another local model is everybody's, and an offer the installation's: they need the operator.
    """
    choice = house.gateway.choice
    if is_operator(asking):
        return ActiveModelShape.of(choice.pick(who, picked.model))
    if not choice.is_there(who, picked.model):
        raise NeedsOperator
    return ActiveModelShape.of(choice.use(who, picked.model))


@router.post("/providers", status_code=201, dependencies=Present)
def add_provider(who: Who, house: House, asking: Asking, new: NewProvider) -> ProviderShape:
    """Add a provider; its key is sealed and never shown again. Nothing is sent to it yet.

    Without a key that of the installation's environment would be used, so that needs the operator.
    """
    if new.key is None and not is_operator(asking):
        raise NeedsOperator
    key = Secret(new.key.get_secret_value().strip()) if new.key else None
    return _provider(
        house.gateway.choice.registry.add(who, new.kind, new.name or None, new.base_url or None, key), None
    )


@router.post("/providers/from-offer", status_code=201, dependencies=[*Present, *Operator])
def take_offer(who: Who, house: House, taken: OfferName) -> ProviderShape:
    """Add the provider of an offer. Raises not_found for one that is not there any more."""
    return _provider(house.gateway.choice.take_offer(who, taken.name), None)


@router.patch("/providers/{provider_id}", dependencies=Present)
def change_provider(
    who: Who, house: House, asking: Asking, provider_id: Identifier, change: ProviderChange
) -> ProviderShape:
    """Change the address or the key. A key does not follow its provider to another host."""
    if change.key is None and not is_operator(asking):
        raise NeedsOperator
    key = Secret(change.key.get_secret_value().strip()) if change.key else None
    registry = house.gateway.choice.registry
    return _provider(registry.change(who, ProviderId(provider_id), change.base_url, key), None)


@router.delete("/providers/{provider_id}", status_code=204, dependencies=Present)
def remove_provider(who: Who, house: House, provider_id: Identifier) -> Response:
    """Remove a provider and its key; where its model answered, the local one does again."""
    removed = house.gateway.choice.registry.remove(who, ProviderId(provider_id))
    house.gateway.choice.provider_removed(who, removed.name)
    return Response(status_code=204)


@router.post("/providers/{provider_id}/test")
def test_provider(who: Who, house: House, provider_id: Identifier) -> TestedShape:
    """Ask the provider which models it has: that shows whether it can be reached and takes the key."""
    registry = house.gateway.choice.registry
    provider = registry.get(who, ProviderId(provider_id))
    return TestedShape(ok=True, models=_listed(provider.name, registry.models(who, provider)))


@router.get("/providers/{provider_id}/models")
def provider_models(who: Who, house: House, provider_id: Identifier) -> TestedShape:
    """The models of a provider; asked of it now."""
    return test_provider(who, house, provider_id)


@router.post("/weights/{name}/fetch", status_code=202, dependencies=Operator)
def fetch_weights(who: Who, house: House, name: str) -> WeightsShape:
    """Fetch a local model's weights, or go on where that stopped; once there, the model takes over."""
    entry = catalogue.find(name)
    house.fetcher.start(entry)
    return _weights(entry, house, None)


@router.delete("/weights/{name}/fetch", dependencies=Operator)
def pause_weights(who: Who, house: House, name: str) -> WeightsShape:
    """Pause fetching; what has come is kept."""
    entry = catalogue.find(name)
    house.fetcher.pause(entry.name)
    return _weights(entry, house, None)


@router.delete("/weights/{name}", status_code=204, dependencies=[*Present, *Operator])
def remove_weights(who: Who, house: House, name: str) -> Response:
    """Delete a local model's weights; what is still here answers."""
    entry = catalogue.find(name)
    house.fetcher.remove(entry)
    house.gateway.local.removed(entry)
    return Response(status_code=204)


def _active(who: Principal, house: Services) -> tuple[ModelInfo | None, str, str | None]:
    """The model that answers, with its state and what is to be said about it."""
    engine = house.gateway.local.engine.status()
    try:
        active = house.gateway.resolve(who)
    except EverwordError as error:
        return None, "failed" if engine.state is EngineState.FAILED else "starting", error.message
    if active.kind is not ProviderKind.LOCAL or engine.state is EngineState.READY:
        return active, "ready", engine.error
    return active, "starting", None


def _weights(entry: Weights, house: Services, active: ModelInfo | None) -> WeightsShape:
    progress = house.fetcher.progress(entry)
    return WeightsShape(
        name=entry.name,
        title=entry.title,
        summary=entry.summary,
        role=entry.role,
        licence=entry.licence,
        licence_url=entry.licence_url,
        size_bytes=entry.size_bytes,
        memory_bytes=entry.memory_bytes,
        source=entry.source_title,
        state=progress.state,
        done_bytes=progress.done_bytes,
        bytes_per_s=progress.bytes_per_s,
        error=progress.error,
        is_recommended=entry.name == RECOMMENDED,
        is_active=active is not None and active.id == f"local/{entry.name}",
    )


def _provider(provider: Provider, listed: "list[Listed] | None") -> ProviderShape:
    return ProviderShape(
        id=provider.id,
        kind=provider.kind,
        name=provider.name,
        base_url=provider.base_url,
        key_hint=provider.key_hint,
        models=None if listed is None else _listed(provider.name, listed),
    )


def _offer(offer: Offer) -> OfferShape:
    models = [ListedShape(id=f"{offer.name}/{model}", title=model) for model in offer.models]
    return OfferShape(
        name=offer.name, kind=offer.kind, base_url=offer.base_url, found_in=offer.found_in, models=models or None
    )


def _listed(provider: str, listed: list[Listed]) -> list[ListedShape]:
    return [ListedShape(id=f"{provider}/{model.name}", title=model.title) for model in listed]
