"""What a server says of its tools, beside what its owner agreed to."""

from __future__ import annotations

from typing import Any

import pytest
from mcp.types import Tool

from everword.connectors.mcp.pinning import agreed_to, compared, pinned, state_of
from everword.connectors.mcp.types import ServerState
from everword.core.types import Effect
from everword.tools.manifest import Reach
from everword.tools.manifest import Tool as OurTool
from everword.tools.toolbox import Toolbox


def tool(description: str = "Write.", **schema: Any) -> Tool:
    return Tool(name="note", description=description, input_schema={"type": "object", **schema})


def test_a_yes_is_to_exact_words() -> None:
    """Agreed to, a tool is available until its description or schema changes, and again after a yes to the new one."""
    first = pinned(tool())
    assert not first.is_available
    (agreed,) = agreed_to([first], {"note": first.hash})
    assert agreed.is_available
    for change in (tool("Write. And more."), tool(properties={"text": {"type": "string"}})):
        now = compared([agreed], [pinned(change)])
        assert not now[0].is_available
        assert state_of(now) is ServerState.CHANGED
        assert not agreed_to(now, {"note": first.hash})[0].is_available
        assert state_of(agreed_to(now, {"note": now[0].hash})) is ServerState.READY


@pytest.mark.parametrize(
    "bad",
    [
        tool(properties={"a": {"$ref": "http://127.0.0.1/schema"}}),
        tool(properties={"a": {"type": "no such type"}}),
        tool(properties={"a": {"description": "x" * 30_000}}),
        tool("x" * 5_000),
        Tool(name="note", input_schema={"type": "string"}),
    ],
)
def test_a_schema_that_is_not_taken(bad: Tool) -> None:
    """One that refers to other documents, is none, or is huge: never available, whatever is agreed to."""
    found = pinned(bad)
    assert found.why_not
    assert not agreed_to([found], {"note": found.hash})[0].is_available


def test_a_schema_that_breaks_when_it_is_used() -> None:
    """A stranger's regular expressions are not run; a reference to nothing is a sentence for the model."""
    found = pinned(tool(properties={"pattern": {"type": "string", "pattern": "(a+)+$"}, "b": {"$ref": "#/nowhere"}}))
    assert found.parameters["properties"]["pattern"] == {"type": "string"}
    ours = OurTool("note", "", found.parameters, Effect.EXECUTE, Reach.OUTSIDE, lambda _: "")
    assert "cannot be used" in (Toolbox([ours]).fault("note", {"b": 1}) or "")
