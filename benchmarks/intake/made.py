"""A ChatGPT export of any size, the same each time."""

import json
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_ENDS = ("", "ra", "nen", "t", "ligo")
_WORDS = [f"{start}{end}" for start in ("ba", "ne", "so", "ti", "lu", "ker", "mo") for end in _ENDS]
_MESSAGES = 20


def make_export(path: Path, megabytes: int, *, packed: bool = True) -> int:
    """Write `conversations.json` of about that size, in a zip where `packed`. Returns how many messages it has."""
    if not packed:
        with path.open("wb") as file:
            return _write(file, megabytes)
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("conversations.json", "w", force_zip64=True) as member,
    ):
        return _write(member, megabytes)


def _write(file: Any, megabytes: int) -> int:
    written = messages = 0
    file.write(b"[")
    for conversation in _conversations():
        content = (b"," if messages else b"") + json.dumps(conversation).encode()
        file.write(content)
        written += len(content)
        messages += _MESSAGES
        if written >= megabytes * 1_000_000:
            break
    file.write(b"]")
    return messages


def _conversations() -> Iterator[dict[str, Any]]:
    chance = random.Random(2)
    number = 0
    while True:
        mapping: dict[str, Any] = {"root": {"id": "root", "parent": None, "children": ["0"], "message": None}}
        for place in range(_MESSAGES):
            role = "user" if place % 2 == 0 else "assistant"
            text = " ".join(chance.choices(_WORDS, k=30 if role == "user" else 200))
            message = {"id": str(place), "author": {"role": role}, "create_time": 1.6e9 + number * 60 + place}
            message |= {"content": {"content_type": "text", "parts": [text]}, "status": "finished_successfully"}
            parent = str(place - 1) if place else "root"
            children = [str(place + 1)] if place < _MESSAGES - 1 else []
            mapping[str(place)] = {"id": str(place), "parent": parent, "children": children, "message": message}
        talk = {
            "conversation_id": f"talk-{number}",
            "title": f"Talk {number}",
            "create_time": 1.6e9,
            "mapping": mapping,
        }
        yield {**talk, "current_node": str(_MESSAGES - 1)}
        number += 1
