"""Children that do what could hang: killed with whoever waited, kept for the next, gone with their parent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from everword.core.ids import EffectId, RunId
from everword.core.types import Permit
from everword.tools.children import Children
from everword.tools.errors import BrokeOff, NothingHappened, OutsideFolders

PERMIT = Permit(
    EffectId("effect"), RunId("run"), "write_file", ""
)  # what guard makes; tests/architecture holds the rest


@pytest.fixture
def children() -> Iterator[Children]:
    made = Children()
    yield made
    made.stop()


@pytest.fixture
def silent(tmp_path: Path) -> Path:
    """A file that never gives a byte: whoever opens it hangs in the system."""
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


def processes_of(parent: int) -> list[int]:
    """The processes that a process has started and that still are."""
    told = subprocess.run(
        ["ps", "-o", "pid=,stat=", "--ppid", str(parent)], capture_output=True, text=True, check=False
    )
    rows = [line.split() for line in told.stdout.splitlines()]
    return [int(pid) for pid, state in rows if not state.startswith("Z") and Path(f"/proc/{pid}").exists()]


def of_ours() -> list[int]:
    return [pid for pid in processes_of(os.getpid()) if b"everword.tools.child" in _command(pid)]


def until(is_so: Callable[[list[int]], bool]) -> list[int]:
    """Wait until that is so of our children, and give them."""
    deadline = time.monotonic() + 20
    while not is_so(found := of_ours()):
        assert time.monotonic() < deadline, found
        time.sleep(0.01)
    return found


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def until_gone(pid: int) -> None:
    deadline = time.monotonic() + 20
    while b"everword.tools.child" in _command(pid):
        assert time.monotonic() < deadline, "it is still there"
        time.sleep(0.01)


async def test_a_child_does_it_and_its_errors_come_back(children: Children, tmp_path: Path) -> None:
    """Written, read and refused as in this process; one process serves one call after the other."""
    folders = [str(tmp_path)]
    told = await children.do("files.write", {"folders": folders, "path": "a.txt", "text": "milk"}, PERMIT)
    assert told == f"Written: {tmp_path / 'a.txt'}"
    served_by = of_ours()
    assert await children.do("files.read", {"folders": folders, "path": "a.txt"}, None) == "milk"
    with pytest.raises(NothingHappened, match="no file"):
        await children.do("files.read", {"folders": folders, "path": "b.txt"}, None)
    with pytest.raises(OutsideFolders, match=r"\.\./b"):
        await children.do("files.read", {"folders": folders, "path": "../b"}, None)
    with pytest.raises(BrokeOff):
        await children.do("files.write", {"folders": folders, "path": "c.txt", "text": "unguarded"}, None)
    assert not (tmp_path / "c.txt").exists()
    assert of_ours() == served_by


async def test_what_hangs_is_killed_with_whoever_waited(children: Children, silent: Path) -> None:
    """The process that hangs in the system is gone after a cancellation, and others are served meanwhile and after."""
    hangs = {"folders": [str(silent)], "path": "pipe", "text": ""}
    waiting = [asyncio.create_task(children.do("files.holds", hangs, None)) for _ in range(2)]
    listed = await children.do("files.list", {"folders": [str(silent)], "path": "."}, None)
    assert listed == "pipe"
    pids = await asyncio.to_thread(until, lambda found: len(found) == 3)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    assert all(task.cancelled() for task in waiting)
    assert set(await asyncio.to_thread(until, lambda found: len(found) == 1)) < set(pids)
    assert await children.do("files.list", {"folders": [str(silent)], "path": "."}, None) == "pipe"


async def test_one_that_dies_is_no_success(children: Children, silent: Path) -> None:
    """Killed by the system in the middle, how far it came is not known; one that ended idle is replaced unseen."""
    hangs = {"folders": [str(silent)], "path": "pipe", "text": ""}
    await children.do("files.list", {"folders": [str(silent)], "path": "."}, None)
    (pid,) = of_ours()
    task = asyncio.create_task(children.do("files.holds", hangs, None))
    await asyncio.sleep(0.2)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(BrokeOff):
        await task
    await children.do("files.list", {"folders": [str(silent)], "path": "."}, None)
    (idle,) = of_ours()
    os.kill(idle, signal.SIGKILL)
    assert await children.do("files.list", {"folders": [str(silent)], "path": "."}, None) == "pipe"


async def test_without_work_it_ends(tmp_path: Path) -> None:
    """A child that nobody asks for a while is gone: waiting costs nothing."""
    children = Children(idle_s=0.1)
    await children.do("files.list", {"folders": [str(tmp_path)], "path": "."}, None)
    for pid in of_ours():
        until_gone(pid)
    assert await children.do("files.list", {"folders": [str(tmp_path)], "path": "."}, None) == "The folder is empty."
    children.stop()


def test_a_parent_that_is_killed_takes_it_along(silent: Path) -> None:
    """After kill -9 of the program nothing of it acts any more, also where it hung in the middle."""
    program = (
        "import asyncio, sys\nfrom everword.tools.children import Children\n"
        "hangs = {'folders': [sys.argv[1]], 'path': 'pipe', 'text': ''}\n"
        "asyncio.run(Children().do('files.holds', hangs, None))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(silent)])
    while not (found := [pid for pid in processes_of(parent.pid) if b"everword.tools.child" in _command(pid)]):
        time.sleep(0.02)
    time.sleep(0.3)
    parent.kill()
    parent.wait()
    until_gone(found[0])
