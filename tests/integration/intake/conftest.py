"""A second installation for tests that take words from one to another."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from everword.storage.database import Database


@pytest.fixture
def second_database(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Database]]:
    """Gives a further migrated, empty database each time it is called; SQLite, whatever the first one is."""
    opened: list[Database] = []

    def another() -> Database:
        path = tmp_path_factory.mktemp("second") / "everword.db"
        shutil.copy(sqlite_template, path)
        opened.append(Database(f"sqlite:///{path}"))
        return opened[-1]

    yield another
    for database in opened:
        database.close()
