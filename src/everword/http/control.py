"""The control file: how a command on this machine finds the running server and proves that it may command it."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from everword.core.ids import new_id

FILE_NAME = "server.json"


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where a server on this machine answers, and the token that opens it. Good only from this machine."""

    pid: int
    address: str
    token: str

    def __repr__(self) -> str:
        return f"RunningServer(pid={self.pid}, address={self.address!r})"


class Control:
    """Keeps `server.json` (0600) in the folder while a server listens; `token` is its door's control token."""

    def __init__(self, home: Path, token: str) -> None:
        self._path = home / FILE_NAME
        self._token = token

    def __enter__(self) -> "Control":
        return self

    def publish(self, port: int, host: str = "127.0.0.1") -> None:
        """Say where this server listens: `host` as it was bound."""
        server = RunningServer(os.getpid(), f"http://{_reachable(host)}:{port}", self._token)
        draft = self._path.with_name(f".{FILE_NAME}.{new_id()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(server), file)
        draft.replace(self._path)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        found = find_server(self._path.parent)
        if found is not None and found.token == self._token:
            self._path.unlink(missing_ok=True)


def find_server(home: Path) -> RunningServer | None:
    """The server whose control file is in `home`; whether it still answers is for the caller to try."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return RunningServer(**json.loads((home / FILE_NAME).read_text(encoding="utf-8")))
    return None


def _reachable(host: str) -> str:
    """The address by which this machine reaches a server bound to `host`."""
    if host in {"0.0.0.0", "localhost"}:  # noqa: S104 (compared, not bound)
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host
