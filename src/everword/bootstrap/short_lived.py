"""A server for the length of one command, where no other runs: the same routes, on a port of its own."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from everword.bootstrap.folder import FolderLock
from everword.bootstrap.house import open_house
from everword.core import clock
from everword.core.errors import EverwordError
from everword.http.control import RunningServer
from everword.settings.environment import Settings
from everword.web.static import BrowserUi

if TYPE_CHECKING:
    import uvicorn

_START_S = 30.0


class ShortLivedServerFailed(EverwordError):
    """Everword could not be opened for this command. Run `everword doctor`, or start it with `everword serve`."""

    code = "short_lived_server_failed"
    status = 503


@contextmanager
def short_lived_server(settings: Settings, *, with_workers: bool) -> Iterator[RunningServer]:
    """Open the folder and answer on loopback until the block ends. Raises FolderInUse, FolderUnusable and the like.

    `with_workers` also starts what answers questions and brings indexes up to date; most commands need none of it.
    The server is not announced: only the command that opened it knows its port.
    """
    import uvicorn

    from everword.http.app import create_app

    with ExitStack() as stack:
        stack.enter_context(FolderLock(settings.home))
        house = open_house(settings)
        stack.callback(house.close)
        app = create_app(
            house.services,
            version=version("everword"),
            ui=BrowserUi(),
            on_start=house.start if with_workers else lambda: None,
            on_stop=house.services.live.close,
        )
        config = uvicorn.Config(
            app, host="127.0.0.1", port=0, log_config=None, access_log=False, proxy_headers=False, lifespan="on"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, name="short-lived server", daemon=True)
        thread.start()
        stack.callback(_stop, server, thread)
        yield RunningServer(0, f"http://127.0.0.1:{_port(server, thread)}", house.services.door.control_token)


def _port(server: "uvicorn.Server", thread: threading.Thread) -> int:
    """The port the system chose, once the server listens."""
    deadline = clock.monotonic() + _START_S
    while not server.started:
        if not thread.is_alive() or clock.monotonic() > deadline:
            raise ShortLivedServerFailed
        clock.sleep(0.005)
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


def _stop(server: "uvicorn.Server", thread: threading.Thread) -> None:
    server.should_exit = True
    thread.join(_START_S)
