"""A child process that does what tools do outside, one thing at a time, until its parent ends or needs it no more.

Started by `everword.tools.children` as `python -m everword.tools.child IDLE_S`, with an empty environment. It gets
frames on standard input and answers on standard output, and never opens the database.
"""

import logging
import os
import queue
import sys
import threading
from typing import Any, BinaryIO

from everword.core.errors import EverwordError
from everword.guard import handing
from everword.intake.wire import read_frames, write_frame
from everword.tools.acts import Acts

_log = logging.getLogger(__name__)


def main() -> None:
    """Do what is asked, until the pipe closes or nothing was asked for a while."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no frame
    asked: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, asked), daemon=True).start()
    idle_s = float(sys.argv[1])
    acts = Acts()
    while True:
        try:
            request = asked.get(timeout=idle_s)
        except queue.Empty:
            os._exit(0)
        write_frame(output, {"begun": True})
        write_frame(output, _answer(acts, request))


def _listen(source: BinaryIO, asked: "queue.SimpleQueue[dict[str, Any]]") -> None:
    """Hand on what is asked. Where the parent is gone, nothing may happen any more: end at once, whatever is done."""
    try:
        for frame in read_frames(source):
            asked.put(frame)
    finally:
        os._exit(0)


def _answer(acts: Acts, request: dict[str, Any]) -> dict[str, Any]:
    try:
        permit = handing.unpacked(request["permit"]) if request["permit"] is not None else None
        return {"result": acts.do(request["do"], request["arguments"], permit)}
    except EverwordError as error:
        return {"error": type(error).__name__, "values": {name: str(value) for name, value in error.values.items()}}
    except Exception as error:  # boundary: one thing that was asked; the parent decides what that means
        _log.exception("What was asked (%s) broke off.", request.get("do"))
        return {"error": type(error).__name__, "values": {}}


if __name__ == "__main__":
    main()
