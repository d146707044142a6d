"""How tests start the small MCP server."""

from __future__ import annotations

import sys
from pathlib import Path


def served_at(folder: Path) -> list[str]:
    """The command that starts the small MCP server with its files in `folder`."""
    return [sys.executable, str(Path(__file__).with_name("served.py")), str(folder)]
