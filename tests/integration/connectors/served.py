"""A small real MCP server, run as a process by the tests: over standard input and output, or streamable HTTP.

`python served.py FOLDER [http]`: FOLDER/says.txt is the description of `note`, FOLDER/notes.txt what it wrote. Over
HTTP it prints its port and wants the header `X-Token: letmein`.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.types import ToolAnnotations

FOLDER = Path(sys.argv[1])
TOKEN = "letmein"
server = MCPServer("served")


@server.tool(annotations=ToolAnnotations(read_only_hint=True), structured_output=False)
def add(a: int, b: int) -> str:
    """Add two numbers."""
    return f"{a + b}, by {os.getpid()}, with {os.environ.get('TOKEN', 'no token')}"


def says() -> str:
    """The description of `note` as it is now."""
    path = FOLDER / "says.txt"
    return path.read_text() if path.exists() else "Write a line."


@server.tool(description=says(), structured_output=False)
def note(text: str) -> str:
    with (FOLDER / "notes.txt").open("a") as file:
        file.write(text + "\n")
    return f"Noted {text}."


@server.tool(structured_output=False)
def sleep(text: str) -> str:
    """Never answers."""
    (FOLDER / "sleeping").write_text(f"{os.getpid()}")
    time.sleep(600)
    return text


@server.tool(structured_output=False)
def crash(text: str) -> str:
    """Ends the process."""
    print("out of cheese", file=sys.stderr, flush=True)
    os._exit(len(text))


@server.tool(structured_output=False)
def fail(text: str) -> str:
    """Says that it failed."""
    raise ValueError(text)


def serve_http() -> None:
    """Over streamable HTTP, for who has the token."""
    import uvicorn

    app = server.streamable_http_app()

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and (b"x-token", TOKEN.encode()) not in scope["headers"]:
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await app(scope, receive, send)

    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(guarded, log_level="error")).run(sockets=[listening])


if __name__ == "__main__":
    if len(sys.argv) > 2:
        serve_http()
    else:
        server.run("stdio")
