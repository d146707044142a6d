"""Importing a module does nothing and costs little."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.architecture.source import ROOT, modules

# Loaded where they are used: each costs more than 50 ms, and a start does not need it.
HEAVY = [
    "alembic", "anthropic", "dbos", "google.genai", "huggingface_hub", "mcp", "numpy", "openai", "pydantic_ai", "pypdf",
    "tantivy", "tokenizers", "webauthn", "wordllama", "xllamacpp",
]  # fmt: skip
# A command is a client of the running server: it must answer at once.
NOT_FOR_A_CLIENT = ["fastapi", "sqlalchemy", "uvicorn"]

# Runs in an interpreter of its own: imports the modules named on standard input and reports what they did meanwhile.
WATCHED = """
import importlib, json, sys, threading
root, names = json.load(sys.stdin)
before, done = set(sys.modules), []
ACTS = ("socket.", "subprocess.", "sqlite3.", "os.mkdir", "os.remove", "os.rename", "os.system", "os.putenv",
        "shutil.", "tempfile.", "urllib.")
def watch(event, arguments):
    if event == "open":
        path, mode = str(arguments[0]), arguments[1] or ""
        writes = any(letter in mode for letter in "wax+")
        reads_own_file = path.startswith(root) and not path.endswith((".py", ".pyc", ".so"))
        if writes or reads_own_file:
            done.append(f"{event} {path} {mode}")
    elif event.startswith(ACTS) and event not in ("socket.__new__", "socket.gethostname"):
        done.append(f"{event} {arguments}"[:200])
sys.addaudithook(watch)
acts = {}
for name in names:
    importlib.import_module(name)
    if threading.active_count() > 1:
        done.append(f"threads {threading.enumerate()}")
    if done:
        acts[name] = list(done)
        done.clear()
print(json.dumps({"acts": acts, "loaded": sorted(set(sys.modules) - before)}))
"""


def importing(*names: str, path: Path | None = None) -> dict[str, Any]:
    """What a fresh interpreter did and loaded while importing these modules, in this order."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", WATCHED],
        input=json.dumps([str(ROOT / "src" / "everword"), names]),
        cwd=path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_importing_everything_does_no_io() -> None:
    """No import of ours connects, starts a thread or process, writes a file or reads one of our data files."""
    acts = importing(*(module.name for module in modules()))["acts"]
    assert not acts, f"Move this into the function that needs it: {json.dumps(acts, indent=2)}"


def test_heavy_libraries_wait_until_they_are_needed() -> None:
    """Importing all that a start needs loads none of the heavy libraries, so that it stays under two seconds."""
    loaded = set(importing("everword.bootstrap.serve")["loaded"])
    assert not loaded & set(HEAVY), "Import these inside the functions that use them."


def test_a_command_starts_light() -> None:
    """The command line loads neither the server's nor the database's libraries until a command needs them."""
    loaded = set(importing("everword.cli.main")["loaded"])
    assert not loaded & {*HEAVY, *NOT_FOR_A_CLIENT}


def test_the_watch_sees_what_it_must(tmp_path: Path) -> None:
    """A module that opens a socket, starts a thread or writes a file while it is imported is found."""
    (tmp_path / "busy.py").write_text(
        "import socket, threading\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "socket.socket().bind(('127.0.0.1', 0))\n"
        f"open({str(tmp_path / 'left.txt')!r}, 'w').close()\n"
    )
    acts = " ".join(importing("busy", path=tmp_path)["acts"]["busy"])
    assert all(act in acts for act in ("socket.bind", "threads", "left.txt"))
