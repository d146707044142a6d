"""Files in the folders that the owner chose: listed and read freely, written and removed after a yes."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from everword.core.ids import EffectId
from everword.core.types import Effect, Label, Permit, Principal
from everword.tools.errors import NothingHappened, OutsideFolders
from everword.tools.manifest import Arguments, Asked, Known, Reach, Result, Tool

MOST_BYTES = 1_000_000
_MOST_LISTED = 500
_PATH: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 1_000}

Folders = Callable[[Principal], Sequence[Path]]


def file_tools(folders: Folders) -> list[Tool]:
    """The tools that reach files in those folders, and no others."""

    async def list_files(asked: Asked, arguments: Arguments) -> Result:
        return Result(await asyncio.to_thread(_listing, folders(asked.who), arguments.get("path")))

    async def read_file(asked: Asked, arguments: Arguments) -> Result:
        path = resolved(folders(asked.who), str(arguments["path"]))
        return Result(await asyncio.to_thread(_text, path), Label.STRANGER)

    async def write_file(asked: Asked, arguments: Arguments, permit: Permit) -> Result:
        path = resolved(folders(asked.who), str(arguments["path"]))
        await asyncio.to_thread(_write, path, str(arguments["text"]), permit.effect_id)
        return Result(f"Written: {path}")

    async def was_written(asked: Asked, arguments: Arguments, effect_id: EffectId) -> Known:
        path = resolved(folders(asked.who), str(arguments["path"]))
        return await asyncio.to_thread(_holds, path, str(arguments["text"]))

    async def delete_file(asked: Asked, arguments: Arguments, permit: Permit) -> Result:
        path = resolved(folders(asked.who), str(arguments["path"]))
        await asyncio.to_thread(_delete, path)
        return Result(f"Deleted: {path}")

    async def was_deleted(asked: Asked, arguments: Arguments, effect_id: EffectId) -> Known:
        path = resolved(folders(asked.who), str(arguments["path"]))
        return Known.DID_NOT if await asyncio.to_thread(path.exists) else Known.HAPPENED

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
        ),
    ]


def resolved(folders: Sequence[Path], path: str) -> Path:
    """Where `path` leads, links followed; a relative one is looked for in the first folder. Raises OutsideFolders."""
    roots = [folder.resolve() for folder in folders]
    if "\0" in path or not roots:
        raise OutsideFolders(path=path.replace("\0", ""))
    found = (roots[0] / path).resolve()
    if not any(found.is_relative_to(root) for root in roots):
        raise OutsideFolders(path=path)
    return found


def _listing(folders: Sequence[Path], path: object) -> str:
    if path is None:
        return "\n".join(str(folder) for folder in folders) or "No folder was chosen."
    folder = resolved(folders, str(path))
    if not folder.is_dir():
        raise NothingHappened(why=f"{path} is no folder.")
    names = sorted(f"{each.name}/" if each.is_dir() else each.name for each in folder.iterdir())
    more = [f"and {len(names) - _MOST_LISTED:,} more"] if len(names) > _MOST_LISTED else []
    return "\n".join([*names[:_MOST_LISTED], *more]) or "The folder is empty."


def _text(path: Path) -> str:
    if not path.is_file():
        raise NothingHappened(why=f"there is no file {path}.")
    if path.stat().st_size > MOST_BYTES:
        raise NothingHappened(why=f"{path} is larger than {MOST_BYTES // 1_000_000} MB.")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise NothingHappened(why=f"{path} is no text.") from error


def _write(path: Path, text: str, effect_id: EffectId) -> None:
    """Beside it first, then in its place: a crash leaves the old or the new."""
    beside = path.with_name(f".{path.name}.{effect_id}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise NothingHappened(why=f"{path} could not be written ({error.strerror}).") from error


def _holds(path: Path, text: str) -> Known:
    try:
        return Known.HAPPENED if path.read_text(encoding="utf-8") == text else Known.DID_NOT
    except FileNotFoundError:
        return Known.DID_NOT
    except (OSError, UnicodeDecodeError):
        return Known.CANNOT_TELL


def _delete(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise NothingHappened(why=f"{path} could not be deleted ({error.strerror}).") from error


def _object(*strings: str, **more: dict[str, Any]) -> dict[str, Any]:
    properties = dict.fromkeys(strings, _PATH) | more
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
