"""ChatGPT's export: a zip with `conversations.json`, or with shards `conversations-000.json`, `-001`, ...

Each conversation is a tree, `mapping` from node id to {message, parent, children}; `current_node` is the end of the
branch that was on the screen. Editing a question or asking again for an answer made the branches; all are kept.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from everword.intake.formats.chatgpt_content import Content, read_content
from everword.intake.formats.media import find_asset
from everword.intake.formats.tree import Versions, kept_ancestor, walk
from everword.intake.json_stream import elements
from everword.intake.records import Conversation, Message, Record, Role, Shown, Skipped
from everword.intake.source import Reading, Source
from everword.intake.times import from_epoch

SOURCE = "chatgpt"
_FILES = re.compile(r"(^|/)conversations(-\d+)?\.json$", re.IGNORECASE)
_ROLES = {"user": Role.ACCOUNT, "assistant": Role.ASSISTANT, "tool": Role.TOOL, "system": Role.TOOL}
_SPEAKERS = {"user": "", "assistant": "ChatGPT", "system": "ChatGPT"}


def recognises(element: Any) -> bool:
    """Whether `element` is a conversation of this format."""
    return isinstance(element, dict) and isinstance(element.get("mapping"), dict)


def parse(source: Source, reading: Reading) -> Iterator[Record]:
    """The conversations of every shard, in the order of the shards' names."""
    parts = source.parts()
    shards = [part for part in parts if _FILES.search(part.path)] or list(parts[:1])
    for shard in sorted(shards, key=lambda part: part.path):
        for number, element in enumerate(elements(source.open(shard), shard.path), 1):
            if recognises(element):
                yield from _conversation(source, element, f"{shard.path}:{number}")
            else:
                yield Skipped(f"{shard.path}, element {number}", "it is no conversation")


@dataclass(frozen=True, slots=True)
class _Node:
    """A message that is kept."""

    external_id: str
    role: str
    content: Content
    said_at: datetime | None
    raw: dict[str, Any]


def _conversation(source: Source, raw: dict[str, Any], where: str) -> Iterator[Record]:
    mapping: dict[str, Any] = {key: node for key, node in raw["mapping"].items() if isinstance(node, dict)}
    parents = {key: _text_or_none(node.get("parent")) for key, node in mapping.items()}
    external_id = _text_or_none(raw.get("conversation_id")) or _text_or_none(raw.get("id")) or _root(mapping, where)
    created_at = from_epoch(raw.get("create_time"))
    updated_at = from_epoch(raw.get("update_time"))
    yield Conversation(
        external_id,
        SOURCE,
        _text_or_none(raw.get("title")) or "",
        created_at,
        updated_at,
        archived_at=(updated_at or created_at) if raw.get("is_archived") is True else None,
    )
    versions = Versions()
    kept: dict[str, _Node] = {}
    last_said = created_at
    for key in walk(parents):
        node, left_out = _node(mapping[key], f"{external_id}/{key}")
        if left_out is not None:
            yield Skipped(left_out.what if left_out.what else f"{where}/{key}", left_out.why)
        if node is None:
            continue
        parent = kept_ancestor(parents[key], parents, kept)
        first = versions.first(parent, node.role, key)
        kept[key] = node
        last_said = node.said_at or (kept[parent].said_at if parent else None) or last_said
        yield _message(node, external_id, last_said, kept.get(parent or ""), kept.get(first or ""))
        for asset in node.content.assets:
            yield find_asset(source, asset, node.external_id, SOURCE)
    leaf = kept_ancestor(_text_or_none(raw.get("current_node")), parents, kept) or next(reversed(kept), None)
    if leaf is not None:
        yield Shown(external_id, SOURCE, kept[leaf].external_id)


def _node(raw: dict[str, Any], external_id: str) -> tuple[_Node | None, Skipped | None]:
    """The message in a node; None for none or one that was never shown, with the reason where there is one to tell."""
    message = raw.get("message")
    if not isinstance(message, dict):
        return None, None
    author = message.get("author")
    role = author.get("role") if isinstance(author, dict) else None
    if role not in _ROLES:
        return None, Skipped("", f"its author is {str(role)[:40]!r}")
    content = read_content(message.get("content"))
    if content.why_not:
        return None, Skipped(content.left_out, content.why_not)
    if not content.text.strip() and not content.assets:
        return None, None
    metadata = message.get("metadata")
    if isinstance(metadata, dict) and metadata.get("is_visually_hidden_from_conversation") is True:
        return None, Skipped("instructions that were never on the screen", "they are the service's, not the talk's")
    return _Node(external_id, role, content, from_epoch(message.get("create_time")), message), None


def _message(
    node: _Node, conversation: str, said_at: datetime | None, parent: _Node | None, first: _Node | None
) -> Message:
    metadata = node.raw.get("metadata")
    model = metadata.get("model_slug") if isinstance(metadata, dict) else None
    tool = node.raw["author"].get("name")
    is_whole = node.raw.get("status") in (None, "finished_successfully", "finished")
    return Message(
        external_id=node.external_id,
        source=SOURCE,
        role=_ROLES[node.role],
        speaker=_SPEAKERS.get(node.role) if node.role != "tool" else (_text_or_none(tool) or "tool"),  # type: ignore[arg-type]
        text=node.content.text,
        said_at=said_at,
        conversation=conversation,
        parent=parent.external_id if parent else None,
        version_of=first.external_id if first else None,
        kind="tool_result" if node.role == "tool" else "message",
        state="complete" if is_whole else "interrupted",
        model=model if isinstance(model, str) and node.role == "assistant" else None,
        details={"content_type": node.content.type} if node.content.type != "text" else None,
    )


def _root(mapping: dict[str, Any], where: str) -> str:
    """A conversation without an id is known by its first node with a message, or else by its place."""
    return next((key for key, node in mapping.items() if node.get("message")), where)


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
