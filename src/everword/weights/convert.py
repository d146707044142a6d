"""Converting fetched weights, once, to the file that the engine runs: by a child process, verified by its hash."""

import contextlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from everword.weights.catalogue import Weights
from everword.weights.errors import FetchStopped, NotConverted
from everword.weights.files import in_words, sha256_of, sync_folder
from everword.weights.progress import Meter, OnProgress, State

_SPARE_BYTES = 64 << 20
_LONGEST_S = 900.0


def convert(
    fetched: Path,
    entry: Weights,
    on_progress: OnProgress = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Path:
    """The file to run of an entry whose file `fetched` is: made of it, beside it, where the catalogue says so.

    It appears under its name only with the SHA-256 that the catalogue has; then `fetched` is deleted. Raises
    NotConverted or FetchStopped; then `fetched` is as it was, and nothing of the other stays. The work and its memory
    are a child's. One conversion of an entry at a time.
    """
    made = entry.converted
    if made is None or fetched.name == made.file:
        return fetched
    target = fetched.with_name(made.file)
    draft = target.with_name(f"{target.name}.part")
    meter = Meter(entry, on_progress, State.CONVERTING)

    def check_stop() -> None:
        if stop():
            raise FetchStopped(title=entry.title)

    def on_bytes(done: int) -> None:
        check_stop()
        meter.at(done)

    meter.enter(State.CONVERTING, 0)
    try:
        _check_disk(entry, fetched.parent)
        _run_child(entry, fetched, draft, on_bytes)
        if sha256_of(draft, check_stop) != made.sha256:
            raise NotConverted(title=entry.title, why="the result is not what the catalogue names, by its SHA-256")
        draft.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise NotConverted(title=entry.title, why=str(error)) from error
    finally:
        draft.unlink(missing_ok=True)
    with contextlib.suppress(PermissionError):  # Windows, while the engine has it open
        fetched.unlink()
    return target


def _check_disk(entry: Weights, folder: Path) -> None:
    needed = (entry.converted.size_bytes if entry.converted else 0) + _SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        why = f"that needs {in_words(needed)} of free disk and {folder} has {in_words(free)}"
        raise NotConverted(title=entry.title, why=why)


def _run_child(entry: Weights, source: Path, draft: Path, on_bytes: Callable[[int], None]) -> None:
    """Have `draft` written; `on_bytes` is told how much of `source` is done, and may raise to end it."""
    with subprocess.Popen(  # noqa: S603 (our own module, no shell)
        [sys.executable, "-P", "-m", "everword.weights.conversion_child", str(source), str(draft)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as child:
        watchdog = threading.Timer(_LONGEST_S, child.kill)
        watchdog.daemon = True
        watchdog.start()
        assert child.stdout is not None  # noqa: S101 (for the type checker: we asked for pipes)
        assert child.stderr is not None  # noqa: S101
        try:
            for line in child.stdout:
                on_bytes(int(line))
            complaints = child.stderr.read().strip().splitlines()
        except BaseException:
            child.kill()
            raise
        finally:
            watchdog.cancel()
    if child.returncode:
        why = complaints[-1][:200] if complaints else f"its process ended with status {child.returncode}"
        raise NotConverted(title=entry.title, why=why)
