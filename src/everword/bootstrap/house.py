"""The house, put together: every room gets what it needs from here, and nothing else knows all of them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection

from everword.accounts.people import ensure_installation, principal_for
from everword.agents import bounds, schedules, setting_off
from everword.agents.looking_up import LookingUp
from everword.agents.turn import Turns
from everword.agents.types import CHAT_TURN, WORK
from everword.agents.webhooks import Hooks
from everword.agents.work import begin_scheduled
from everword.bootstrap.account_deletion import AccountDeleter
from everword.bootstrap.attention import build_attention
from everword.bootstrap.doctor import examine
from everword.bootstrap.facts import build_distiller
from everword.bootstrap.forgetting import build_forgetter, everybody
from everword.bootstrap.models import build_models
from everword.bootstrap.transforming import build_transforming
from everword.bootstrap.work import build_own_tools, build_toolbox, build_worker
from everword.connectors.mcp.connections import Connections
from everword.connectors.mcp.servers import Servers
from everword.core import ids
from everword.core.types import Principal
from everword.http.exposure import Exposure, check_exposure
from everword.http.live import Live
from everword.http.security import Door
from everword.http.services import Services
from everword.intake.courtesy import wait_for_conversation, wait_for_person
from everword.intake.service import Intake
from everword.memory.forgetting.retention import Retention
from everword.memory.index.compacting import Compacting
from everword.memory.index.indexer import Indexer
from everword.memory.recall import Recaller
from everword.models.gateway import Gateway
from everword.runs.engine import Engine
from everword.runs.schedules.scheduler import Scheduler
from everword.runs.triggers.watcher import Watcher
from everword.runs.types import Kind
from everword.settings import preferences
from everword.settings.environment import Settings
from everword.storage.database import Database
from everword.storage.housekeeping import Housekeeper
from everword.storage.migrate import migrate
from everword.tools.children import Children
from everword.tools.toolbox import Toolbox
from everword.vault.vault import Vault
from everword.weights.embedders import static_embedder
from everword.weights.embedding_process import EmbeddingProcess
from everword.weights.transformer_process import Transformers


@dataclass(frozen=True, slots=True)
class ScreenPreferences:
    """What the owner sets on a screen, as the routes see it."""

    database: Database

    def read_all(self, who: Principal) -> dict[str, Any]:
        """All of them, defaults where nothing was set."""
        return preferences.read_all(self.database, who)

    def write(self, who: Principal, values: dict[str, Any]) -> dict[str, Any]:
        """Set some; all or none. Raises Invalid. Returns all."""

        def follow(connection: Connection) -> None:
            if zone := values.get("time_zone"):
                schedules.follow_time_zone(connection, who=who, time_zone=zone)
            if values.keys() & set(bounds.DAY_SETTINGS.values()):
                bounds.after_change(connection, who)

        return preferences.write(self.database, who, values, follow)

    def described(self) -> list[dict[str, Any]]:
        """What can be set."""
        return [
            {"name": item.name, "kind": item.kind, "default": item.default, "does": item.does, "choices": item.choices}
            for item in preferences.PREFERENCES
        ]


@dataclass(slots=True)
class House:
    """Everything that runs in one process. `open_house` makes it, `start` sets its workers going, `close` ends them."""

    settings: Settings
    services: Services
    database: Database
    exposure: Exposure
    migrated_copy: Path | None
    _workers: tuple[Callable[[], None], ...]
    _closers: tuple[Callable[[], None], ...]
    _closing: threading.Event = field(default_factory=threading.Event)
    _starting: threading.Thread | None = None

    def start(self) -> None:
        """Set the workers going, behind the door that is open already: nothing here delays the first page."""
        self._starting = threading.Thread(target=self._start, name="start", daemon=True)
        self._starting.start()

    def _start(self) -> None:
        for start in self._workers:
            if self._closing.is_set():
                return
            start()

    def close(self) -> None:
        """End the workers and close the database. What is in progress is taken up by the next process.

        Waits for the worker that is being started: a thread that imports while the interpreter ends would abort it.
        """
        self._closing.set()
        if self._starting is not None:
            self._starting.join()
        for close in self._closers:
            close()


def _own_instructions(database: Database, who: Principal) -> str:
    return str(preferences.read(database, who, "own_instructions"))


def _waiting_for(person: Callable[[Database], float], gateway: Gateway, database: Database) -> Callable[[], float]:
    """What background work asks: how many seconds to leave to a person or to a model on this machine that speaks."""
    return lambda: gateway.should_yield() or person(database)


def _build_turns(database: Database, recaller: Recaller, gateway: Gateway) -> Turns:
    return Turns(
        database,
        recaller,
        gateway,
        own_instructions=partial(_own_instructions, database),
        time_zone=lambda who: str(preferences.read(database, who, "time_zone")),
    )


class _Behind(Protocol):
    """A worker behind the open door."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Tools:
    """What agents may call, and the processes that do it."""

    toolbox: Toolbox
    servers: Servers
    connections: Connections
    children: Children

    def stop(self) -> None:
        """End the processes."""
        self.connections.stop()
        self.children.stop()


def _build_tools(settings: Settings, database: Database, vault: Vault, recaller: Recaller) -> _Tools:
    def preferred(name: str) -> Callable[[Principal], str]:
        return lambda who: str(preferences.read(database, who, name))

    connections, children = Connections(), Children()
    servers = Servers(database, vault, connections)
    own = build_own_tools(database, preferred("time_zone"))
    toolbox = build_toolbox(recaller, preferred("folders"), servers, children, settings.null_connector, own)
    return _Tools(toolbox, servers, connections, children)


def open_house(settings: Settings, say: Callable[[str], None] = lambda _line: None) -> House:
    """Open the database, bring it to the current schema, and put the rooms together. Nothing runs yet.

    `say` gets lines for the terminal.
    """
    exposure = Exposure(settings.host, settings.public_url, settings.trusted_proxies)
    check_exposure(exposure)
    database = Database(settings.database_url)
    database.check_role()
    copy = migrate(database)
    ensure_installation(database)
    vault = Vault.open(settings.home, settings.vault_key)
    live = Live()
    preference = partial(preferences.read, database)
    models = build_models(settings, database, vault, lambda who: str(preference(who, "prices")), say)
    indexer = Indexer(
        database,
        settings.home / "index",
        EmbeddingProcess(static_embedder()),
        _waiting_for(wait_for_person, models.gateway, database),
    )
    transformers = Transformers(settings.home)
    recaller = Recaller(database, indexer, transformers=transformers)
    in_conversation = _waiting_for(wait_for_conversation, models.gateway, database)
    transforming = build_transforming(database, indexer, transformers, models.fetcher, in_conversation)
    turns = _build_turns(database, recaller, models.gateway)
    tools = _build_tools(settings, database, vault, recaller)
    worker = build_worker(tools.toolbox, models.gateway, partial(preferences.read_all, database))
    kinds: dict[str, Kind] = {CHAT_TURN: turns, WORK: worker}
    engine = Engine(database, partial(principal_for, database), kinds, settings.home, models.gateway.is_pressed)
    looking_up = LookingUp(database, partial(principal_for, database), tools.toolbox, engine.launch)
    watcher = Watcher(database, partial(principal_for, database), setting_off.Ledger(), engine.launch)
    scheduler = Scheduler(database, partial(principal_for, database), begin_scheduled, engine.launch)
    briefs, morning = build_attention(database, tools.toolbox, models.gateway, in_conversation)
    intake = Intake(database, settings.home / "intake", should_yield=models.gateway.should_yield)
    forgetter = build_forgetter(settings.home, database, indexer, vault, intake, models.gateway.forget_prompts)
    distiller = build_distiller(database, models.gateway, in_conversation)
    account_deleter = AccountDeleter(database, forgetter, indexer, intake, engine)
    retention = Retention(database, forgetter, partial(everybody, database))
    behind: tuple[_Behind, ...] = (
        scheduler, watcher, looking_up, intake, forgetter, account_deleter, retention, distiller, transforming, morning,
        Compacting(indexer, in_conversation), Housekeeper(database),
    )  # fmt: skip
    workers = (indexer, distiller, transforming, scheduler, watcher, looking_up)
    for listener in (live.ring, *(worker.notify for worker in workers)):
        database.on_commit(listener)
    services = Services(
        server_id=ids.new_id(),
        database=database,
        preferences=ScreenPreferences(database),
        live=live,
        engine=engine,
        gateway=models.gateway,
        fetcher=models.fetcher,
        indexer=indexer,
        transforming=transforming,
        recaller=recaller,
        toolbox=tools.toolbox,
        mcp_servers=tools.servers,
        hooks=Hooks(database, vault),
        briefs=briefs,
        morning=morning,
        forgetter=forgetter,
        account_deleter=account_deleter,
        distiller=distiller,
        intake=intake,
        vault=vault,
        door=Door(database, exposure),
        doctor=lambda _who: examine(settings, database, services),
        locked={"model": "EVERWORD_MODEL"} if settings.model else {},
    )
    return House(
        settings=settings,
        services=services,
        database=database,
        exposure=exposure,
        migrated_copy=copy,
        _workers=(
            models.start,
            engine.start,
            indexer.start,
            *(each.start for each in behind),
            models.preload,
            recaller.warm,
        ),
        _closers=(
            live.close,
            *(each.stop for each in reversed(behind)),
            engine.close,
            tools.stop,
            models.close,
            indexer.stop,
            database.close,
        ),
    )
