"""Is a small model offered the tools that a request needs? `python -m benchmarks.tools.offered`. No model is asked.

Held against the sixty requests (requests.jsonl), and thirty more (more.jsonl) that were written later and tried once
before anything was changed after them.
"""

import json
from pathlib import Path
from typing import Any

from everword.agents.examples import EXAMPLES
from everword.agents.offering import offer
from everword.core.types import Effect
from everword.tools.manifest import Reach, Tool
from everword.tools.toolbox import Toolbox

_FOLDER = Path(__file__).parent
_ACTING = ("_write", "_edit", "_delete", "_finish", "remember", "write_file", "delete_file", "start_run")
_SERVERS = {
    "time__get_current_time": "Get current time in a specific timezone",
    "time__convert_time": "Convert time between timezones",
}


def toolbox() -> Toolbox:
    """The tools by name, with those of mcp-server-time as it describes them; none of them does anything."""
    names = sorted({name for example in EXAMPLES for name in example.tools})
    return Toolbox([*(_tool(name, "", Reach.OWN) for name in names), *_servers()])


def _servers() -> list[Tool]:
    return [_tool(name, said, Reach.OUTSIDE) for name, said in _SERVERS.items()]


def _tool(name: str, said: str, reach: Reach) -> Tool:
    effect = Effect.EDIT if name.endswith(_ACTING) else Effect.READ
    return Tool(
        name=name,
        description=said,
        parameters={},
        effect=effect,
        reach=reach,
        says=lambda _arguments: "",
        asks_owner=name == "ask_owner",
        watches_run=name == "watch_run",
    )


def has_what_it_needs(request: dict[str, Any], tools: Toolbox) -> tuple[bool, int]:
    """Whether each wanted tool is among those offered, or none where none is wanted; and how many are offered."""
    offered = offer(request["text"].replace("{site}", "http://site.example:4000"), tools)
    names = {tool.name for tool in offered.tools}
    is_there = all(names & set(wanted.split("|")) for wanted in request["tools"])
    return is_there and (bool(request["tools"]) or offered.is_general or names <= {"recall"}), len(names)


def main() -> None:
    """Print for each file how many requests are offered what they need, and which are not."""
    tools = toolbox()
    for name in ("requests.jsonl", "more.jsonl"):
        requests = [json.loads(line) for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines()]
        found = [has_what_it_needs(request, tools) for request in requests]
        mean = sum(count for _, count in found) / len(found)
        print(f"{name}: {sum(is_there for is_there, _ in found)} of {len(found)}, {mean:.1f} tools offered on average")
        for request, (is_there, _) in zip(requests, found, strict=True):
            if not is_there:
                print(f"  {request['text']}")


if __name__ == "__main__":
    main()
