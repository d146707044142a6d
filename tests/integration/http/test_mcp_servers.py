"""MCP servers over the API: added with a command, agreed to, looked at again, removed."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.connectors.serving import served_at
from tests.server import Server


def test_a_server_is_added_agreed_to_and_removed(tmp_path: Path) -> None:
    """What is secret never comes back; a tool that says something else waits for a yes; what cannot be is told."""
    command, *arguments = served_at(tmp_path)
    wanted = {"name": "desk", "transport": "stdio", "command": command, "arguments": arguments}
    server = Server(tmp_path / "home").start().set_up()
    try:
        with server.client as client:
            added = client.post("/api/mcp-servers", json={**wanted, "secrets": {"TOKEN": "letmein"}}, timeout=60)
            assert added.status_code == 201, added.text
            one = added.json()
            tools = {tool["name"]: tool for tool in one["tools"]}
            assert tools["note"]["called"] == "desk__note"
            assert tools["note"]["is_available"]
            listed = client.get("/api/mcp-servers").json()
            assert listed == {"servers": [one]}
            assert "letmein" not in json.dumps(listed)
            (tmp_path / "says.txt").write_text("Something else.")
            path = f"/api/mcp-servers/{one['id']}"
            changed = client.post(f"{path}/refresh", timeout=60).json()
            now = {tool["name"]: tool for tool in changed["tools"]}
            assert (changed["state"], now["note"]["is_available"], now["add"]["is_available"]) == (
                "changed",
                False,
                True,
            )
            stale = client.post(f"{path}/trust", json={"tools": {"note": tools["note"]["hash"]}})
            assert stale.status_code == 409
            trusted = client.post(f"{path}/trust", json={"tools": {"note": now["note"]["hash"]}}).json()
            assert trusted["state"] == "ready"
            for wrong, status in (
                ({**wanted, "name": "Not a name"}, 422),
                ({**wanted, "name": "gone", "command": "/no/such/command"}, 502),
                ({"name": "file", "transport": "http", "url": "file:///etc/passwd"}, 422),
                (wanted, 409),
            ):
                assert client.post("/api/mcp-servers", json=wrong, timeout=60).status_code == status
            assert client.delete(path).status_code == 204
            assert client.post(f"{path}/refresh").status_code == 404
    finally:
        server.stop()
