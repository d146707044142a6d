"""The server is ended while somebody's page is open."""

from __future__ import annotations

from pathlib import Path

from tests.server import Server


def test_it_ends_at_once_while_a_page_listens(tmp_path: Path) -> None:
    """The stream of events ends as a response does: nothing is cut off, and nothing is printed of it."""
    server = Server(tmp_path / "home").start().set_up()
    with server.client as client, client.stream("GET", "/api/events") as events:
        told = events.iter_lines()
        assert next(line for line in told if line.startswith("event:")) == "event: hello"
        assert server.stop() == 0
        assert not [line for line in told if line.startswith("event:")]
    assert "Traceback" not in server.log.read_text(encoding="utf-8")
