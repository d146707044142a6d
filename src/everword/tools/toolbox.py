"""The tools there are, by name; and whether a call is one that a tool can take."""

from collections.abc import Iterable, Iterator
from typing import Any

from everword.tools.manifest import Tool


class Toolbox:
    """Tools by name, in the order they are told to a model."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools = {tool.name: tool for tool in tools}

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def get(self, name: str) -> Tool | None:
        """The tool of that name, if there is one."""
        return self._tools.get(name)

    def fault(self, name: str, arguments: Any) -> str | None:
        """What is wrong with a call, in a sentence for the model; None where nothing is."""
        import jsonschema

        tool = self._tools.get(name)
        if tool is None:
            return f"There is no tool {name!r}. There are: {', '.join(self._tools)}."
        try:
            jsonschema.validate(arguments, tool.parameters)
        except jsonschema.ValidationError as error:
            where = ".".join(str(part) for part in error.absolute_path)
            return f"{name} cannot take that{f' ({where})' if where else ''}: {error.message[:300]}"
        return None
