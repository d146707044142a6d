"""One child of the engine: start it, wait until its model is loaded, know when it ends."""

import contextlib
import json
import logging
import subprocess
import threading
from collections import deque

from everword.core.ids import new_secret
from everword.models.errors import LocalEngineFailed
from everword.models.local.child import READY
from everword.models.local.types import Endpoint, EngineConfig, LocalModel

_log = logging.getLogger(__name__)
_KEPT_LINES = 30
_STOP_TIMEOUT_S = 5.0


class EngineProcess:
    """A child process with one model. It ends when `stop` is called, when it crashes, or with this process."""

    def __init__(self, model: LocalModel, config: EngineConfig) -> None:
        self.model, self._config = model, config
        self._said: deque[str] = deque(maxlen=_KEPT_LINES)
        self._key = new_secret()
        # Our end of its standard input is what it lives by; the interpreter does not pass it on to other children.
        self._child = subprocess.Popen(  # noqa: S603 (our own module, no shell)
            [config.python, "-P", "-m", "everword.models.local.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        threading.Thread(target=self._listen, name="engine-log", daemon=True).start()

    def wait_ready(self) -> Endpoint:
        """Block until the model is loaded. Raises LocalEngineFailed with what the child last said."""
        timer = threading.Timer(self._config.start_timeout_s, self._child.kill)
        timer.daemon = True
        timer.start()
        try:
            self._send_config()
            line = self._first_line()
        finally:
            timer.cancel()
        if not line.startswith(READY):
            self.stop()
            raise LocalEngineFailed(why=self.last_words())
        return Endpoint(
            self.model,
            line.split()[1].rstrip("/"),
            self._key,
            self._child.pid,
            self._config.context_of(self.model),
            self._config.slots,
        )

    def wait(self) -> int:
        """Block until the child has ended; its exit status, negative for a signal."""
        return self._child.wait()

    def stop(self) -> None:
        """End the child: it gets a moment to leave by itself."""
        if self._child.stdin and not self._child.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self._child.stdin.close()
        try:
            self._child.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if self._child.stdout:
            self._child.stdout.close()

    def last_words(self) -> str:
        """The last lines that tell something, or how it ended."""
        lines = [line for line in self._said if "error" in line.lower() or "failed" in line.lower()]
        return (lines or list(self._said) or [f"its process ended with status {self._child.poll()}"])[-1]

    def _send_config(self) -> None:
        config = {
            "path": str(self.model.path),
            "alias": self.model.name,
            "api_key": self._key,
            "context_tokens": self._config.context_of(self.model) * self._config.slots,
            "slots": self._config.slots,
            "batch_tokens": self._config.batch_tokens,
            "cache_mib": self._config.cache_mib,
            "threads": self._config.threads,
        }
        assert self._child.stdin is not None  # noqa: S101 (for the type checker: we asked for a pipe)
        try:
            self._child.stdin.write(json.dumps(config) + "\n")
            self._child.stdin.flush()
        except BrokenPipeError:
            _log.debug("The engine's child ended before it was told what to load")

    def _first_line(self) -> str:
        assert self._child.stdout is not None  # noqa: S101 (for the type checker: we asked for a pipe)
        for line in self._child.stdout:
            if line.startswith(READY):
                return line
        return ""

    def _listen(self) -> None:
        assert self._child.stderr is not None  # noqa: S101 (for the type checker: we asked for a pipe)
        with self._child.stderr as lines:
            for line in lines:
                self._said.append(line.strip())
                _log.debug("engine: %s", line.rstrip())
