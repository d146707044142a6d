"""Files in the folders that the owner chose: listed and read freely, written and removed after a yes."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from everword.core.ids import EffectId
from everword.core.types import Effect, Label, Permit, Principal
from everword.tools.children import Do
from everword.tools.file_acts import MOST_BYTES
from everword.tools.manifest import Arguments, Asked, Known, Reach, Result, Tool

_PATH: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 1_000}

Folders = Callable[[Principal], Sequence[Path]]


def file_tools(folders: Folders, do: Do) -> list[Tool]:
    """The tools that reach files in those folders, and no others. `do` does it, in a process that can be killed."""

    async def within(asked: Asked, arguments: Arguments) -> dict[str, Any]:
        chosen = await asyncio.to_thread(folders, asked.who)
        return {**arguments, "folders": [str(folder) for folder in chosen]}

    async def list_files(asked: Asked, arguments: Arguments) -> Result:
        return Result(str(await do("files.list", await within(asked, arguments), None)))

    async def read_file(asked: Asked, arguments: Arguments) -> Result:
        return Result(str(await do("files.read", await within(asked, arguments), None)), Label.STRANGER)

    async def write_file(asked: Asked, arguments: Arguments, permit: Permit) -> Result:
        return Result(str(await do("files.write", await within(asked, arguments), permit)))

    async def was_written(asked: Asked, arguments: Arguments, _effect_id: EffectId) -> Known:
        return Known.of(await do("files.holds", await within(asked, arguments), None))

    async def delete_file(asked: Asked, arguments: Arguments, permit: Permit) -> Result:
        return Result(str(await do("files.delete", await within(asked, arguments), permit)))

    async def was_deleted(asked: Asked, arguments: Arguments, _effect_id: EffectId) -> Known:
        return Known.of(await do("files.is_gone", await within(asked, arguments), None))

    return [
        Tool(
            name="list_files",
            description="List the files of a chosen folder. Without a path: the chosen folders.",
            parameters={"type": "object", "properties": {"path": _PATH}, "additionalProperties": False},
            effect=Effect.READ,
            reach=Reach.FOLDERS,
            says=lambda arguments: f"List {arguments.get('path', 'the chosen folders')}",
            read=list_files,
        ),
        Tool(
            name="read_file",
            description="Read a text file in a chosen folder.",
            parameters=_object("path"),
            effect=Effect.READ,
            reach=Reach.FOLDERS,
            says=lambda arguments: f"Read {arguments['path']}",
            read=read_file,
        ),
        Tool(
            name="write_file",
            description="Write a text file in a chosen folder; what it held before is replaced.",
            parameters=_object("path", text={"type": "string", "maxLength": MOST_BYTES}),
            effect=Effect.EDIT,
            reach=Reach.FOLDERS,
            says=lambda arguments: f"Write {arguments['path']}",
            act=write_file,
            look_up=was_written,
            settles_s=0.0,  # its child has ended: nothing of it is under way
        ),
        Tool(
            name="delete_file",
            description="Delete a file in a chosen folder.",
            parameters=_object("path"),
            effect=Effect.DELETE,
            reach=Reach.FOLDERS,
            says=lambda arguments: f"Delete {arguments['path']}",
            act=delete_file,
            look_up=was_deleted,
            settles_s=0.0,  # its child has ended: nothing of it is under way
        ),
    ]


def _object(*strings: str, **more: dict[str, Any]) -> dict[str, Any]:
    properties = dict.fromkeys(strings, _PATH) | more
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
