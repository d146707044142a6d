"""Claude's export: a zip with `conversations.json`, each conversation with its `chat_messages` in order.

Newer exports name each message's parent, older ones are a line. Accounts, projects and memories lie in files of their
own, which are left out and named in the report.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from everword.intake.formats.tree import Versions, kept_ancestor, walk
from everword.intake.json_stream import elements
from everword.intake.records import Conversation, File, Message, Record, Role, Shown, Skipped
from everword.intake.source import Reading, Source
from everword.intake.times import from_iso

SOURCE = "claude"
_ROLES = {"human": Role.ACCOUNT, "user": Role.ACCOUNT, "assistant": Role.ASSISTANT, "system": Role.TOOL}
_SPEAKERS = {Role.ACCOUNT: "", Role.ASSISTANT: "Claude", Role.TOOL: "Claude"}
_UTC = ZoneInfo("UTC")
_NOT_TALK = "only conversations are imported"


def recognises(element: Any) -> bool:
    """Whether `element` is a conversation of this format."""
    return isinstance(element, dict) and isinstance(element.get("chat_messages"), list)


def parse(source: Source, reading: Reading) -> Iterator[Record]:
    """The conversations, and a note for each other file."""
    parts = source.parts()
    shards = [part for part in parts if part.name.lower() == "conversations.json"] or list(parts[:1])
    for part in parts:
        if part not in shards:
            yield Skipped(part.path, _NOT_TALK)
    for shard in shards:
        for number, element in enumerate(elements(source.open(shard), shard.path), 1):
            if recognises(element):
                yield from _conversation(element, f"{shard.path}:{number}")
            else:
                yield Skipped(f"{shard.path}, element {number}", "it is no conversation")


def _conversation(raw: dict[str, Any], where: str) -> Iterator[Record]:
    external_id = _text(raw.get("uuid")) or where
    created_at = from_iso(raw.get("created_at"), _UTC)
    title = _text(raw.get("name"))
    yield Conversation(external_id, SOURCE, title, created_at, from_iso(raw.get("updated_at"), _UTC))
    messages = _messages(raw["chat_messages"], external_id)
    parents = _parents(messages)
    versions = Versions()
    last_piece: dict[str, str] = {}
    for key in walk(parents):
        message = messages[key]
        role = _ROLES.get(str(message.get("sender")))
        if role is None:
            yield Skipped(f"{where}/{key}", f"its sender is {str(message.get('sender'))[:40]!r}")
            continue
        parent = kept_ancestor(parents[key], parents, last_piece)
        for record in _message(message, key, role):
            if isinstance(record, Message):
                is_first = key not in last_piece
                record = replace(  # noqa: PLW2901
                    record,
                    conversation=external_id,
                    said_at=record.said_at or created_at,
                    parent=last_piece[key] if not is_first else last_piece.get(parent or ""),
                    version_of=versions.first(parent, role, key) if is_first else None,
                )
                last_piece[key] = record.external_id
            yield record
    leaf = kept_ancestor(_text(raw.get("current_leaf_message_uuid")), parents, last_piece)
    leaf = leaf or next(reversed(last_piece), None)
    if leaf is not None:
        yield Shown(external_id, SOURCE, last_piece[leaf])


def _message(raw: dict[str, Any], key: str, role: Role) -> Iterator[Record]:
    """A message in pieces: what was said, and apart from it what tools gave back, which others may have written."""
    files = list(_files(raw, key))
    pieces, has_reasoning = _pieces(raw, role)
    if has_reasoning:
        yield Skipped("the model's reasoning", "it is kept beside the talk, not said in it")
    if not pieces and any(isinstance(file, File) for file in files):
        pieces = [(role, "")]
    said_at = from_iso(raw.get("created_at"), _UTC)
    for number, (speaks, text) in enumerate(pieces):
        yield Message(
            external_id=key if number == 0 else f"{key}/{number + 1}",
            source=SOURCE,
            role=speaks,
            speaker=_SPEAKERS[speaks],
            text=text,
            said_at=said_at,
            kind="tool_result" if speaks is Role.TOOL else "message",
        )
    yield from files if pieces else [file for file in files if isinstance(file, Skipped)]


def _pieces(raw: dict[str, Any], role: Role) -> tuple[list[tuple[Role, str]], bool]:
    """The texts of a message's blocks with who they are from, neighbours of one author joined; and was there more."""
    pieces: list[tuple[Role, str]] = []
    has_reasoning = False
    for block in _list(raw.get("content")):
        kind = block.get("type")
        has_reasoning = has_reasoning or kind == "thinking"
        speaks = Role.TOOL if kind == "tool_result" else role
        text = _BLOCKS.get(str(kind), _nothing)(block)
        if text and pieces and pieces[-1][0] is speaks:
            pieces[-1] = (speaks, f"{pieces[-1][1]}\n\n{text}")
        elif text:
            pieces.append((speaks, text))
    if not pieces and (text := _text(raw.get("text"))).strip():
        pieces.append((role, text))
    return pieces, has_reasoning


def _messages(raw: list[Any], conversation: str) -> dict[str, dict[str, Any]]:
    """The messages by id; one without an id is known by its place."""
    found: dict[str, dict[str, Any]] = {}
    for number, message in enumerate(raw, 1):
        if isinstance(message, dict):
            found.setdefault(_text(message.get("uuid")) or f"{conversation}/{number}", message)
    return found


def _parents(messages: dict[str, dict[str, Any]]) -> dict[str, str | None]:
    """Who follows whom: as the messages say, or else one after the other."""
    parents: dict[str, str | None] = {}
    before = None
    for key, message in messages.items():
        named = message.get("parent_message_uuid")
        parents[key] = (named if named in messages else None) if isinstance(named, str) else before
        before = key
    return parents


def _made(block: dict[str, Any]) -> str:
    """What the assistant wrote through a tool: a document, code, a page."""
    given = block.get("input")
    names = ("content", "code", "file_text", "new_str")
    return next((text for name in names if (text := _text(given.get(name)))), "") if isinstance(given, dict) else ""


def _given_back(block: dict[str, Any]) -> str:
    """What a tool gave back, as far as it is text."""
    content = block.get("content")
    return "\n".join(_text(part.get("text")) for part in _list(content)).strip() or _text(content)


def _said(block: dict[str, Any]) -> str:
    return _text(block.get("text"))


def _nothing(_block: dict[str, Any]) -> str:
    return ""


def _files(message: dict[str, Any], key: str) -> Iterator[Record]:
    """What was attached: its text where the export holds it."""
    for attachment in _list(message.get("attachments")):
        text = _text(attachment.get("extracted_content"))
        name = _text(attachment.get("file_name")) or "attachment.txt"
        if text:
            content = text.encode("utf-8", "replace")
            yield File(key, SOURCE, name, "text/plain; charset=utf-8", content, "extracted", text)
        else:
            yield Skipped("pictures and files", "the export does not hold them")
    for _ in _list(message.get("files")):
        yield Skipped("pictures and files", "the export does not hold them")


def _list(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


_BLOCKS: dict[str, Callable[[dict[str, Any]], str]] = {"text": _said, "tool_use": _made, "tool_result": _given_back}
