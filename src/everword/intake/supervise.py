"""Starting the parser's process, watching it and ending it."""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO

from everword.core.errors import EverwordError
from everword.intake import errors
from everword.intake.wire import read_frames

_SILENCE_S = 120
_FORESEEN: dict[str, type[EverwordError]] = {
    kind.__name__: kind
    for kind in (errors.Bomb, errors.Damaged, errors.ImportFailed, errors.ParserCrashed, errors.UnknownFormat)
}


class Parser:
    """One process that reads one file. `stream` must be a real file: the process inherits it as its input.

    Iterating gives its frames; leaving the block ends the process, however far it has got.
    """

    def __init__(self, request: dict[str, Any], stream: BinaryIO | int) -> None:
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-m", "everword.intake.child", json.dumps(request)],
            stdin=stream,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env={} if sys.platform != "win32" else None,
            close_fds=True,
        )
        if process.stdout is None:
            raise errors.ParserCrashed(why="it has no output")
        self._output = process.stdout
        self.pid = process.pid

    def __enter__(self) -> "Parser":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._output.close()
        self._process.wait()
        self._complaints.close()

    def kill(self) -> None:
        """End the process at once. May be called from another thread; the reader then sees ParserCrashed."""
        if self._process.poll() is None:
            self._process.kill()

    def frames(self) -> Iterator[dict[str, Any]]:
        """What it sends, until it is done. Raises the error it reports, or ParserCrashed when it ended otherwise."""
        frames = read_frames(self._output)
        try:
            while (frame := self._next(frames)) is not None:
                if "error" in frame:
                    raise _foreseen(frame)
                yield frame
        except (ValueError, KeyError, TypeError) as error:
            raise errors.ParserCrashed(why=self._why_it_ended() or str(error)) from error
        if why := self._why_it_ended():
            raise errors.ParserCrashed(why=why)

    def _next(self, frames: Iterator[dict[str, Any]]) -> dict[str, Any] | None:
        watchdog = threading.Timer(_SILENCE_S, self.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            return next(frames, None)
        finally:
            watchdog.cancel()

    def _why_it_ended(self) -> str | None:
        code = self._process.wait()
        if code == 0:
            return None
        if code < 0:
            return f"signal {-code}"
        self._complaints.seek(0)
        last = self._complaints.read().decode("utf-8", "replace").strip().splitlines()[-1:]
        return f"exit code {code}" + (f", {last[0][:200]}" if last else "")


def _foreseen(frame: dict[str, Any]) -> EverwordError:
    kind = _FORESEEN.get(str(frame["error"]), errors.ParserCrashed)
    values = {str(name): str(value)[:500] for name, value in frame["values"].items()}
    return kind(**{"why": "", "what": "the file"} | values)
