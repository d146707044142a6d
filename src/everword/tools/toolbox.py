"""The tools there are, by name; and whether a call is one that a tool can take."""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from everword.core.types import Principal
from everword.tools.manifest import Tool

_log = logging.getLogger(__name__)
Own = Callable[[Principal], Iterable[Tool]]


class Toolbox:
    """Tools by name, in the order they are told to a model.

    `own` gives the tools that somebody has beyond those that all have; none of them takes the name of another.
    """

    def __init__(self, tools: Iterable[Tool], own: Own | None = None) -> None:
        self._tools: dict[str, Tool] = {}
        for tool in tools:
            self._tools.setdefault(tool.name, tool)
        self._own = own

    def for_(self, who: Principal) -> "Toolbox":
        """The tools of somebody, as they are now. May ask the database."""
        return self if self._own is None else Toolbox([*self, *self._own(who)])

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
        except Exception:  # boundary: a schema that others wrote, which refers to nothing or is none
            _log.exception("The schema of %s cannot be used.", name)
            return f"{name} cannot be called: its schema cannot be used."
        return None
