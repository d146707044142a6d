"""`everword serve`: own the folder, open the house, answer until told to stop."""

import gc
import logging
import signal
import sys
import webbrowser
from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from types import FrameType

import uvicorn

from everword.accounts.links import renew_setup_link
from everword.bootstrap.folder import FolderLock
from everword.bootstrap.house import House, open_house
from everword.http.app import create_app
from everword.http.control import Control
from everword.settings.environment import Settings
from everword.web.static import BrowserUi

Say = Callable[[str], None]
#: How long a busy thread keeps the interpreter while another waits. A turn asks for it some fifty times, and while an
#: import runs it would wait Python's 5 ms each time.
_SWITCH_S = 0.0005


class _Server(uvicorn.Server):
    """Tells when it listens, and on which port (0 lets the system choose), and when it begins to leave."""

    def __init__(
        self, config: uvicorn.Config, on_listening: Callable[[int], None], on_leaving: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_listening = on_listening
        self._on_leaving = on_leaving

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop serving, and return: uvicorn would raise the signal again, which ends the process before the house."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        if not self.should_exit:
            self._on_listening(self.servers[0].sockets[0].getsockname()[1])

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Let streams end first: uvicorn waits for every response before it tells the application."""
        self._on_leaving()
        await super().shutdown(sockets)  # type: ignore[arg-type]


def serve(settings: Settings, say: Say) -> None:
    """Serve until a signal ends it. Raises FolderInUse, FolderUnusable, and what opening the database raises."""
    sys.setswitchinterval(_SWITCH_S)
    with ExitStack() as stack:
        stack.enter_context(FolderLock(settings.home))
        logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
        house = open_house(settings, say)
        stack.callback(house.close)
        control = stack.enter_context(Control(settings.home, house.services.door.control_token))
        app = create_app(
            house.services,
            version=version("everword"),
            ui=BrowserUi(),
            on_start=lambda: None,  # the workers start once it listens: their imports would delay that
            on_stop=lambda: None,
        )
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            proxy_headers=False,  # decided by http.front, for trusted proxies only
            timeout_graceful_shutdown=3,
            timeout_keep_alive=75,
        )
        _Server(config, lambda port: _listening(house, control, port, say), house.services.live.close).run()


def _listening(house: House, control: Control, port: int, say: Say) -> None:
    gc.freeze()  # what the start made stays: later collections pass over it
    gc.enable()
    control.publish(port, house.settings.host)
    address = house.settings.public_url or f"http://localhost:{port}"
    if house.migrated_copy is not None:
        say(f"The database was brought up to date; a copy of it as it was is in {house.migrated_copy}")
    link = renew_setup_link(house.database)
    if link is not None:
        address = f"{address}/setup#token={link}"
        say("Set Everword up by this one-time link:")
    say(address)
    house.start()
    if house.settings.open_browser:
        webbrowser.open(address)
