"""Background work, put together: the tools there are, and what executes their runs."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from everword.accounts.types import INSTALLATION_SPACE
from everword.agents import child_runs
from everword.agents.acting import Acting
from everword.agents.bounds import day_of
from everword.agents.worker import Worker
from everword.connectors.mcp.servers import Servers
from everword.core.types import Principal
from everword.memory.recall import Recaller
from everword.models.gateway import Gateway
from everword.storage.database import Database
from everword.tools.asking import ASK_OWNER
from everword.tools.children import Children
from everword.tools.files import file_tools
from everword.tools.letters import letter_tools
from everword.tools.manifest import Tool
from everword.tools.mcp import mcp_tools
from everword.tools.memory import memory_tools
from everword.tools.notes import note_tools
from everword.tools.running import run_tools
from everword.tools.tasks import task_tools
from everword.tools.toolbox import Toolbox
from everword.tools.web import web_tools


def build_toolbox(
    recaller: Recaller,
    folders: Callable[[Principal], str],
    servers: Servers,
    children: Children,
    null_connector: str | None,
    own: Sequence[Tool],
) -> Toolbox:
    """Every tool. `folders` gives the folders that somebody chose, one a line; `own` those of notes and tasks."""

    def chosen(who: Principal) -> Sequence[Path]:
        """They are this machine's, so they are for those who run it."""
        if INSTALLATION_SPACE not in who.spaces:
            return []
        lines = (line.strip() for line in folders(who).splitlines())
        return [Path(line) for line in lines if line and Path(line).is_absolute()]

    letters = letter_tools(null_connector, children.do) if null_connector is not None else []
    tools = [
        *memory_tools(recaller),
        *own,
        *file_tools(chosen, children.do),
        *web_tools(children.do),
        ASK_OWNER,
        *letters,
    ]
    return Toolbox(tools, partial(mcp_tools, servers))


def build_own_tools(database: Database, time_zone: Callable[[Principal], str]) -> list[Tool]:
    """The tools that change nothing but rows of our own. `time_zone` is where somebody lives."""
    return [*note_tools(database), *task_tools(database, time_zone), *run_tools(child_runs.start)]


def build_worker(toolbox: Toolbox, gateway: Gateway, settings: Callable[[Principal], Mapping[str, Any]]) -> Worker:
    """What executes background runs. `settings` gives what somebody set on the screen."""
    return Worker(
        gateway,
        Acting(toolbox),
        lambda who: str(settings(who)["own_instructions"]),
        lambda who: day_of(settings(who)),
    )
