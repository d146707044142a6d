"""Deleting everything: tables and folder go, what is not ours stays, and a running server is not pulled away."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect

from everword.accounts import people
from everword.bootstrap.erase import NotAHome, erase, extent
from everword.bootstrap.folder import FolderLock
from everword.core.types import Principal
from everword.settings import environment
from everword.settings.environment import Settings
from everword.storage.database import Database
from everword.storage.errors import FolderInUse
from everword.storage.migrate import migrate
from everword.vault.vault import Vault


@pytest.fixture
def home(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with a person, an index and a vault key."""
    folder = tmp_path if database.is_sqlite else tmp_path / "home"
    folder.mkdir(exist_ok=True)
    monkeypatch.setenv("EVERWORD_HOME", str(folder))
    if not database.is_sqlite:
        monkeypatch.setenv("EVERWORD_DATABASE_URL", database.url.render_as_string(hide_password=False))
    people.ensure_installation(database)
    people.create_person(database, "Anna")
    Vault.open(folder)
    (folder / "index" / "live").mkdir(parents=True)
    (folder / "index" / "live" / "codes-0.bin").write_bytes(b"x")
    return environment.read()


def test_everything_goes_and_can_begin_anew(home: Settings, database: Database) -> None:
    """Nothing is left in the folder, no table in the database; then a new one can be made there."""
    assert extent(home).people == 1
    database.close()
    erase(home)
    assert list(home.home.iterdir()) == []
    fresh = Database(home.database_url)
    with fresh.reading(Principal.system()) as connection:
        assert inspect(connection).get_table_names() == []
    migrate(fresh)
    fresh.close()
    if not database.is_sqlite:
        erase(home)  # as after a crash in the middle


def test_a_folder_in_use_is_left_alone(home: Settings) -> None:
    """While a server owns the folder, nothing goes."""
    with FolderLock(home.home), pytest.raises(FolderInUse):
        erase(home)
    assert (home.home / "vault.key").exists()


def test_another_folder_is_left_alone(home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is not Everword's is not emptied because somebody mistyped its name."""
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "letter.txt").write_text("keep me")
    monkeypatch.setenv("EVERWORD_HOME", str(documents))
    with pytest.raises(NotAHome):
        extent(environment.read())
    assert home.home.exists()
    assert (documents / "letter.txt").exists()
