"""One HTTP download into a file that can be cut short anywhere and goes on from the bytes already there."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from everword.core import clock

if TYPE_CHECKING:
    import httpx2

_ATTEMPTS_WITHOUT_PROGRESS = 3
_PAUSE_S = 1.0

#: Called with the bytes in the file so far and the size of the whole (0 while unknown); raises to stop the download.
OnBytes = Callable[[int, int], None]


class NotServed(Exception):
    """The server answered, but not with the file."""


def size_of(path: Path) -> int:
    """Bytes in a file; 0 where there is none."""
    return path.stat().st_size if path.exists() else 0


def new_client() -> "httpx2.Client":
    """A client for downloads: follows redirects, gives up on a silent server after 30 s."""
    import httpx2

    return httpx2.Client(follow_redirects=True, timeout=httpx2.Timeout(30.0, connect=8.0))


def download(client: "httpx2.Client", url: str, path: Path, on_bytes: OnBytes, size: int | None = None) -> None:
    """Append to `path` whatever it lacks of what is at `url`. What was received stays in the file on every error.

    With `size`, an answer that is not a file of so many bytes (a sign-in page, say) counts as NotServed.

    A broken connection is taken up again as long as each try brings something. Raises NotServed, httpx2.TransportError
    or whatever `on_bytes` raises.
    """
    import httpx2

    attempts = 0
    while True:
        before = size_of(path)
        try:
            _append(client, url, path, on_bytes, size)
            return
        except httpx2.TransportError:
            attempts = attempts + 1 if size_of(path) == before else 0
            if attempts >= _ATTEMPTS_WITHOUT_PROGRESS or size_of(path) == 0:
                raise
            clock.sleep(_PAUSE_S)


def _append(client: "httpx2.Client", url: str, path: Path, on_bytes: OnBytes, size: int | None) -> None:
    have = size_of(path)
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", url, headers=headers) as response:
        if have and response.status_code == 416:  # nothing beyond what is there
            return
        if not response.is_success:
            raise NotServed(f"HTTP {response.status_code}")
        if response.status_code != 206:  # the server sends the whole again
            have = 0
        total = have + int(response.headers.get("content-length", 0))
        if size is not None and total != size:
            raise NotServed(f"{total} bytes instead of {size}")
        with path.open("ab" if have else "wb") as file:
            for chunk in response.iter_raw():
                file.write(chunk)
                have += len(chunk)
                on_bytes(have, total)
        if have < total:
            raise _truncated(have, total)


def _truncated(have: int, total: int) -> Exception:
    import httpx2

    return httpx2.RemoteProtocolError(f"the connection ended after {have} of {total} bytes")
