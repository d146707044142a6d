"""The indexer puts off a backlog while a person waits, and never what was said just now."""

import threading
from collections.abc import Callable
from pathlib import Path

from everword.core import clock
from everword.core.types import Label, Principal
from everword.memory import store
from everword.memory.index.indexer import Indexer
from everword.memory.types import NewEntry
from everword.storage.database import Database

BACKLOG = 450


def test_a_backlog_waits_and_what_was_said_does_not(database: Database, anna: Principal, tmp_path: Path) -> None:
    """While somebody waits one batch of a backlog goes through; afterwards all of it, and a single entry in between."""
    asked, nobody_waits = threading.Event(), threading.Event()

    def should_yield() -> float:
        asked.set()
        return 0.0 if nobody_waits.is_set() else 0.01

    _say(database, anna, BACKLOG)
    indexer = Indexer(database, tmp_path / "index", should_yield=should_yield)
    indexer.start()
    try:
        assert asked.wait(30)
        assert 0 < indexer.position < BACKLOG
        assert indexer.has_backlog
        nobody_waits.set()
        _until(lambda: indexer.position == BACKLOG)
        nobody_waits.clear()
        _say(database, anna, 1)
        indexer.notify()
        _until(lambda: indexer.position == BACKLOG + 1)
        _until(lambda: not indexer.has_backlog)
    finally:
        indexer.stop()


def _say(database: Database, who: Principal, count: int) -> None:
    with database.writing(who) as connection:
        for number in range(count):
            new = NewEntry(
                space_id=who.own_space,
                label=Label.OWNER,
                speaker="",
                text=f"Thing number {number}",
                said_at=clock.now(),
                conversation_id=None,
                version_of=None,
            )
            store.append(connection, who, new)


def _until(is_so: Callable[[], bool]) -> None:
    deadline = clock.monotonic() + 30
    while not is_so():
        assert clock.monotonic() < deadline
        clock.sleep(0.02)
