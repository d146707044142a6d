"""Files as the services export them, made by hand for the tests."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from pypdf import PdfWriter

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def chatgpt_node(
    key: str,
    parent: str | None,
    role: str = "user",
    parts: Iterable[Any] = (),
    *,
    at: float | None = 1_700_000_000.0,
    **message: Any,
) -> dict[str, Any]:
    """A node of ChatGPT's mapping; without a message where `role` is empty."""
    content = {"content_type": "text", "parts": list(parts)}
    said = {
        "id": key,
        "author": {"role": role},
        "create_time": at,
        "content": content,
        "status": "finished_successfully",
    }
    return {"id": key, "parent": parent, "children": [], "message": {**said, **message} if role else None}


def chatgpt_conversation(nodes: Iterable[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A conversation of ChatGPT's export."""
    mapping = {node["id"]: node for node in nodes}
    for key, node in mapping.items():
        if node["parent"] in mapping:
            mapping[node["parent"]]["children"].append(key)
    made = {
        "conversation_id": "talk-1",
        "title": "A trip",
        "create_time": 1_699_999_999.5,
        "update_time": 1_700_000_100.0,
    }
    return {**made, "mapping": mapping, "current_node": list(mapping)[-1], **more}


def trip() -> dict[str, Any]:
    """A talk with an edited question, two answers to one of them, a picture, and things that were not said."""
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-Ab12"}
    return chatgpt_conversation(
        [
            chatgpt_node("root", None, ""),
            chatgpt_node("system", "root", "system", [""]),
            chatgpt_node("q1", "system", "user", ["Where is the sea?"]),
            chatgpt_node("a1", "q1", "assistant", ["To the north."], metadata={"model_slug": "gpt-4o"}),
            chatgpt_node("a1b", "q1", "assistant", ["Up north."], at=None, metadata={"model_slug": "gpt-4o"}),
            chatgpt_node("q1-edited", "system", "user", ["Where is the warm sea?", picture], at=1_700_000_050.0,
                         content={"content_type": "multimodal_text", "parts": ["Where is the warm sea?", picture]}),
            chatgpt_node("thoughts", "q1-edited", "assistant", content={"content_type": "thoughts", "thoughts": []}),
            chatgpt_node("search", "thoughts", "tool", author={"role": "tool", "name": "web"},
                         content={"content_type": "tether_quote", "title": "Seas", "url": "https://sea.example",
                                  "text": "Warm."}),
            chatgpt_node("a2", "search", "assistant", ["To the south. \u2600\ufe0f"], metadata={"model_slug": "o1"}),
        ],
        current_node="a2",
    )  # fmt: skip


def claude_conversation() -> dict[str, Any]:
    """A conversation of Claude's export, with a tool's result inside an answer and an attached text."""
    return {
        "uuid": "c-1",
        "name": "Bread",
        "created_at": "2024-05-01T08:00:00.000000Z",
        "updated_at": "2024-05-01T08:05:00.000000Z",
        "account": {"uuid": "u"},
        "chat_messages": [
            {
                "uuid": "m-1",
                "sender": "human",
                "text": "How long does the dough rest?",
                "content": [{"type": "text", "text": "How long does the dough rest?"}],
                "created_at": "2024-05-01T08:01:00.000000Z",
                "attachments": [{"file_name": "recipe.txt", "file_type": "txt", "extracted_content": "Rest 14 hours."}],
                "files": [{"file_name": "photo.jpg"}],
            },
            {
                "uuid": "m-2",
                "sender": "assistant",
                "text": "",
                "content": [
                    {"type": "thinking", "thinking": "hm"},
                    {"type": "text", "text": "Let me look."},
                    {"type": "tool_result", "content": [{"type": "text", "text": "Bakers say 14 hours."}]},
                    {"type": "text", "text": "Fourteen hours."},
                ],
                "created_at": "2024-05-01T08:02:00.000000Z",
                "attachments": [],
                "files": [],
            },
        ],
    }


def zipped(files: Mapping[str, bytes | str], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return content.getvalue()


def chatgpt_export(*conversations: dict[str, Any]) -> bytes:
    """ChatGPT's zip."""
    files = {"conversations.json": json.dumps(list(conversations)), "user.json": "{}", "chat.html": "<html>"}
    return zipped({**files, "file-Ab12-sea.png": PNG})


def claude_export(*conversations: dict[str, Any]) -> bytes:
    """Claude's zip."""
    return zipped({"conversations.json": json.dumps(list(conversations)), "users.json": "[]", "projects.json": "[]"})


def lines(*values: dict[str, Any]) -> bytes:
    """JSON Lines."""
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


def pdf(*pages: str, password: str | None = None) -> bytes:
    """A PDF with a line of text on each page."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for page in pages:
        stream = zlib.compress(b"BT /F1 12 Tf 72 720 Td (" + page.encode("latin-1") + b") Tj ET")
        head = b"<< /Filter /FlateDecode /Length %d >>" % len(stream)
        objects.append(head + b"\nstream\n" + stream + b"\nendstream")
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> "
            b"/Contents %d 0 R >>" % len(objects)
        )
    children = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Kids [" + children + b"] /Count %d >>" % len(kids)
    body = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (count, len(body))
    plain = body + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + trailer
    if password is None:
        return plain
    writer = PdfWriter(clone_from=io.BytesIO(plain))
    writer.encrypt(password, algorithm="AES-256")
    locked = io.BytesIO()
    writer.write(locked)
    return locked.getvalue()
