"""One of several processes on a database does what only one may do; another follows when it dies."""

import threading
from contextlib import suppress

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from everword.storage.database import Database

_TRY_EVERY_S = 2.0


class Leadership:
    """A lock that the database holds for one process: given up on `release`, and by itself when the process dies.

    On SQLite one process owns the folder, so it leads at once.
    """

    def __init__(self, database: Database, key: int) -> None:
        self._database = database
        self._key = key
        self._held: Connection | None = None

    def wait(self, giving_up: threading.Event) -> bool:
        """Block until this process leads; False when `giving_up` was set before."""
        while not giving_up.is_set():
            if self._database.is_sqlite or self._try():
                return True
            giving_up.wait(_TRY_EVERY_S)
        return False

    def release(self) -> None:
        """Let another process lead."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def _try(self) -> bool:
        """Ask the server once. The lock belongs to the connection, which is kept out of the pool."""
        with suppress(OperationalError):  # the server is away, or goes while it is asked
            connection = self._database.engine.connect()
            connection.detach()
            with connection.begin():
                if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key}).scalar():
                    self._held = connection
                    return True
            connection.close()
        return False
