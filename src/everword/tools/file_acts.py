"""What is done with files, in a child process: a file system can hang, and a child can be killed."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from everword.core.types import Permit
from everword.tools.errors import NothingHappened, OutsideFolders

MOST_BYTES = 1_000_000
_MOST_LISTED = 500


def list_files(arguments: Mapping[str, Any]) -> str:
    """The names in a chosen folder; without a path the chosen folders."""
    folders, path = _folders(arguments), arguments.get("path")
    if path is None:
        return "\n".join(str(folder) for folder in folders) or "No folder was chosen."
    folder = resolved(folders, str(path))
    if not folder.is_dir():
        raise NothingHappened(why=f"{path} is no folder.")
    names = sorted(f"{each.name}/" if each.is_dir() else each.name for each in folder.iterdir())
    more = [f"and {len(names) - _MOST_LISTED:,} more"] if len(names) > _MOST_LISTED else []
    return "\n".join([*names[:_MOST_LISTED], *more]) or "The folder is empty."


def read_file(arguments: Mapping[str, Any]) -> str:
    """The text of a file in a chosen folder."""
    path = _path(arguments)
    if not path.is_file():
        raise NothingHappened(why=f"there is no file {path}.")
    if path.stat().st_size > MOST_BYTES:
        raise NothingHappened(why=f"{path} is larger than {MOST_BYTES // 1_000_000} MB.")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise NothingHappened(why=f"{path} is no text.") from error


def write_file(arguments: Mapping[str, Any], permit: Permit) -> str:
    """Write beside it first, then in its place: a crash leaves the old or the new."""
    path = _path(arguments)
    beside = path.with_name(f".{path.name}.{permit.effect_id}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.write(str(arguments["text"]))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise NothingHappened(why=f"{path} could not be written ({error.strerror}).") from error
    return f"Written: {path}"


def holds(arguments: Mapping[str, Any]) -> bool | None:
    """Whether the file holds exactly that text; None where nothing can tell."""
    try:
        return _path(arguments).read_text(encoding="utf-8") == str(arguments["text"])
    except FileNotFoundError:
        return False
    except (OSError, UnicodeDecodeError):
        return None


def delete_file(arguments: Mapping[str, Any], _permit: Permit) -> str:
    """Delete a file in a chosen folder."""
    path = _path(arguments)
    try:
        path.unlink()
    except OSError as error:
        raise NothingHappened(why=f"{path} could not be deleted ({error.strerror}).") from error
    return f"Deleted: {path}"


def is_gone(arguments: Mapping[str, Any]) -> bool:
    """Whether nothing is there any more."""
    return not _path(arguments).exists()


def resolved(folders: Sequence[Path], path: str) -> Path:
    """Where `path` leads, links followed; a relative one is looked for in the first folder. Raises OutsideFolders."""
    roots = [folder.resolve() for folder in folders]
    if "\0" in path or not roots:
        raise OutsideFolders(path=path.replace("\0", ""))
    found = (roots[0] / path).resolve()
    if not any(found.is_relative_to(root) for root in roots):
        raise OutsideFolders(path=path)
    return found


def _folders(arguments: Mapping[str, Any]) -> list[Path]:
    return [Path(folder) for folder in arguments["folders"]]


def _path(arguments: Mapping[str, Any]) -> Path:
    return resolved(_folders(arguments), str(arguments["path"]))
