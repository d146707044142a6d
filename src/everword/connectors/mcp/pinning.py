"""Pinning: what a server says of its tools now, beside what its owner agreed to."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from everword.connectors.mcp.types import PinnedTool, ServerState, tool_hash

if TYPE_CHECKING:
    from mcp.types import Tool

_MOST_SCHEMA = 20_000
_MOST_DESCRIPTION = 4_000


def pinned(tool: "Tool") -> PinnedTool:
    """A tool as its server describes it, which nobody has agreed to."""
    description, parameters = _storable([tool.description or "", dict(tool.input_schema)])
    is_read_only = bool(tool.annotations is not None and tool.annotations.read_only_hint)
    found = tool_hash(tool.name, description, parameters, is_read_only=is_read_only)
    why_not = _why_not(description, parameters)
    if why_not:
        description, parameters = description[:_MOST_DESCRIPTION], {}
    parameters = _without_patterns(parameters)
    return PinnedTool(tool.name, description, parameters, is_read_only, found, why_not=why_not)


def compared(before: Iterable[PinnedTool], now: Iterable[PinnedTool]) -> tuple[PinnedTool, ...]:
    """The tools of now, each with what was agreed to before."""
    agreed = {tool.name: tool.agreed for tool in before}
    return tuple(replace(tool, agreed=agreed.get(tool.name, "")) for tool in now)


def agreed_to(tools: Iterable[PinnedTool], seen: Mapping[str, str]) -> tuple[PinnedTool, ...]:
    """The tools after a yes to those in `seen`, whose values are the hashes that the owner saw."""
    return tuple(replace(tool, agreed=tool.hash) if seen.get(tool.name) == tool.hash else tool for tool in tools)


def state_of(tools: Iterable[PinnedTool]) -> ServerState:
    """Whether a yes is missing."""
    missing = any(not tool.is_available and not tool.why_not for tool in tools)
    return ServerState.CHANGED if missing else ServerState.READY


def _storable(said: list[Any]) -> Any:
    """What any database can hold: no U+0000, no halves of pairs."""
    text = json.dumps(said, ensure_ascii=False).replace("\\u0000", "\\u2400")
    return json.loads(text.encode("utf-8", "replace"))


def _why_not(description: str, parameters: dict[str, Any]) -> str:
    """A schema is checked before it is ever used: it must be one, of this document alone, and small."""
    import jsonschema

    if len(description) > _MOST_DESCRIPTION or len(json.dumps(parameters)) > _MOST_SCHEMA:
        return "its description or schema is too long"
    if _refers_outside(parameters):
        return "its schema refers to another document"
    try:
        jsonschema.validators.validator_for(parameters).check_schema(parameters)
    except (jsonschema.SchemaError, RecursionError):
        return "its schema is none"
    return "" if parameters.get("type") == "object" else "its schema is not that of an object"


def _refers_outside(schema: Any) -> bool:
    if isinstance(schema, dict):
        pointers = (schema.get(key) for key in ("$ref", "$dynamicRef"))
        if any(isinstance(pointer, str) and not pointer.startswith("#") for pointer in pointers) or "$id" in schema:
            return True
        return any(map(_refers_outside, schema.values()))
    return isinstance(schema, list) and any(map(_refers_outside, schema))


def _without_patterns(schema: Any) -> Any:
    """Without regular expressions of a stranger's, which could hold a thread of ours; the server checks its own."""
    if isinstance(schema, dict):
        return {
            key: _without_patterns(value)
            for key, value in schema.items()
            if key != "patternProperties" and not (key == "pattern" and isinstance(value, str))
        }
    return list(map(_without_patterns, schema)) if isinstance(schema, list) else schema
