"""Arguments for any store function that point at one person's rows, made from its signature alone."""

from __future__ import annotations

import collections.abc
import inspect
import types
import typing
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from everword.core import clock
from tests.isolation.world import World

# Where a bare str, int or bytes stands for something of the person's.
BY_NAME: dict[str, Callable[[World], Any]] = {
    "link_id": lambda world: world.id_of("one_time_link"),
    "position": lambda _world: 0,
    "target_ids": lambda world: [world.id_of("entry")],
    "positions": lambda _world: list(range(100)),
    "before": lambda _world: 4,
    "before_day": lambda _world: "a",
    "after": lambda _world: 4,
    "kinds": lambda _world: ["chat_turn"],
    "limit": lambda _world: 50,
    "background": lambda _world: 50,
    "each_person": lambda _world: 50,
    "session": lambda _world: "everword",
    "column": lambda _world: "speaker",
    "source": lambda _world: "chat",
    "token_hash": lambda world: world.digest("session"),  # of a link, where a purpose goes with it
    "secret_hash": lambda world: world.digest("api_key"),
    "credential_id": lambda world: world.digest("passkey"),
    "words": lambda world: world.mark[:4],
    "tables": lambda _world: [],
    "type": lambda _world: "setting.changed",
}
TABLES = {
    "SpaceId": "space",
    "PersonId": "person",
    "ConversationId": "conversation",
    "EntryId": "entry",
    "AttachmentId": "attachment",
    "RunId": "run",
    "SegmentId": "segment",
    "ExecutorId": "executor",
    "EffectId": "effect",
    "ApprovalId": "approval",
    "ScheduleId": "schedule",
    "TriggerId": "trigger",
    "NoteId": "note",
    "TaskId": "task",
    "ImportId": "import_job",
    "ProviderId": "provider",
    "McpServerId": "mcp_server",
    "ForgettingId": "forgetting",
    "BackupId": "backup",
    "SessionId": "session",
    "KeyId": "api_key",
    "PasskeyId": "passkey",
    "FactId": "fact",
    "PromiseId": "promise",
    "SupersessionId": "supersession",
    "BriefId": "brief",
    "CardId": "card",
    "SourceId": "entry",
}
CHOICES = {
    "Purpose": "RESET_PASSWORD",
    "ImportState": "RUNNING",
    "RunState": "RUNNING",
    "ItemKind": "ENTRY",
    "ProviderKind": "OPENAI",
    "ScheduleState": "ACTIVE",
    "TriggerState": "ACTIVE",
    "SummaryState": "FAILED",
}


def arguments(function: Any, world: World) -> tuple[list[Any], dict[str, Any]]:
    """Positional and keyword arguments after `connection` and `who`. Raises TypeError for a kind it was not taught."""
    hints = typing.get_type_hints(function)
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in {"connection", "who"}:
            continue
        value = _made(parameter.name, hints[parameter.name], world)
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            named[parameter.name] = value
        else:
            positional.append(value)
    return positional, named


def _made(name: str, kind: Any, world: World) -> Any:
    if isinstance(kind, typing.NewType):
        return world.id_of(TABLES[kind.__name__])
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in {typing.Union, types.UnionType}:
        wanted = [part for part in parts if part is not type(None)]
        # A position in time to read on from would only narrow what is shown.
        return None if name in {"before", "after", "ended_after", "but", "at"} else _made(name, wanted[0], world)
    if origin is tuple:
        return tuple(_made(name, part, world) for part in parts if part is not ...)
    if origin is not None:
        return _collection(name, origin, parts, world)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind[CHOICES[kind.__name__]] if kind.__name__ in CHOICES else next(iter(kind))
    if name == "filters":
        return kind()  # one that is set would only narrow what is shown
    if isinstance(kind, type) and is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{each.name: _made(each.name, hints[each.name], world) for each in fields(kind) if each.init})
    return _plain(name, kind, world)


def _collection(name: str, origin: Any, parts: tuple[Any, ...], world: World) -> Any:
    if origin in {dict, collections.abc.Mapping}:
        return {"created_at": clock.now()} if name == "values" else {}
    if name in BY_NAME and (parts == (int,) or name in {"target_ids", "kinds", "tables"}):
        return BY_NAME[name](world)
    made = [_made(name, parts[0], world)]
    return frozenset(made) if origin is frozenset else set(made) if origin is set else made


def _plain(name: str, kind: Any, world: World) -> Any:
    if kind is datetime:
        return clock.now()
    if name in BY_NAME:
        return BY_NAME[name](world)
    if kind is str:
        return world.mark[:16]
    if kind is bytes:
        return world.digest("secret")
    if kind in {int, float, bool}:
        return kind(1) if kind is not bool else False
    if kind in {Any, dict}:
        return {}
    raise TypeError(f"teach tests/isolation/arguments.py to make {name}: {kind}")
