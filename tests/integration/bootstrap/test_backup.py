"""Backups: of one moment while writers go on, opened by their key alone, and restored without what was forgotten."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from everword.accounts import people
from everword.bootstrap.backup import back_up, restore
from everword.core import clock
from everword.core.types import Label, Principal
from everword.memory import attachment_store, store
from everword.memory.facts import progress_store, service
from everword.memory.types import NewEntry
from everword.settings import environment
from everword.settings.environment import Settings
from everword.storage.backup import forgotten_list
from everword.storage.backup.errors import BackupDamaged, NotEmpty, WrongRecoveryKey
from everword.storage.backup.sealing import new_recovery_key
from everword.storage.database import Database
from everword.storage.migrate import migrate
from everword.storage.schema import metadata
from everword.vault.types import Secret
from everword.vault.vault import Vault
from tests.integration.memory.facts.conftest import Memory

KEY = new_recovery_key()
LEFT_OUT = {"session", "one_time_link", "event", "backup"}


@pytest.fixture
def source(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with a person, a secret, entries and a file."""
    monkeypatch.setenv("EVERWORD_HOME", str(tmp_path / "source"))
    monkeypatch.setenv("EVERWORD_DATABASE_URL", database.url.render_as_string(hide_password=False))
    settings = environment.read()
    settings.home.mkdir()
    people.ensure_installation(database)
    who = people.principal_for(database, people.create_person(database, "Anna").id)
    vault = Vault.open(settings.home)
    with database.writing(who) as connection:
        for number in range(1200):
            store.append(connection, who, said(who, f"Entry {number} of Anna's — with a dash"))
        attachment_store.create(
            connection, who, who.own_space, name="a", media_type="b", content=bytes(range(256)), text_state="none"
        )
        vault.put(connection, who, who.own_space, "key", Secret("a secret"))
    return settings


def said(who: Principal, text: str) -> NewEntry:
    """An entry to be written."""
    return NewEntry(space_id=who.own_space, label=Label.OWNER, text=text, said_at=clock.now())


@pytest.fixture
def target(tmp_path: Path, source: Settings) -> Settings:
    """An empty home on SQLite: what comes from either database is restored there."""
    home = tmp_path / "target"
    return replace(source, home=home, database_url=f"sqlite:///{home / 'everword.db'}")


def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row that a backup takes, by table."""
    database = Database(url)
    found = {}
    with database.reading(Principal.system()) as connection:
        for table in metadata.sorted_tables:
            if table.name not in LEFT_OUT:
                found[table.name] = sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
    database.close()
    return found


def test_a_restore_gives_back_every_row(source: Settings, target: Settings, tmp_path: Path) -> None:
    """From either database into an empty home: the same rows, secrets that open, and counting that goes on."""
    back_up(source, tmp_path / "backup", KEY)
    before = contents(source.database_url)
    restored = restore(target, tmp_path / "backup", KEY.lower())
    assert contents(target.database_url) == before
    assert restored.rows == sum(map(len, before.values()))
    database = Database(target.database_url)
    who = people.principal_for(database, before["person"][0][0])  # type: ignore[arg-type]
    with database.writing(who) as connection:
        opened = Vault.open(target.home).get(connection, who, who.own_space, "key")
        assert opened is not None
        assert opened.reveal() == "a secret"
        assert store.append(connection, who, said(who, "after")).position > 1200
    database.close()


def test_a_backup_is_of_one_moment(source: Settings, target: Settings, tmp_path: Path) -> None:
    """While somebody writes pairs in one transaction each, a backup has both of a pair or neither."""
    database = Database(source.database_url)
    with database.reading(Principal.system()) as connection:
        person_id = connection.execute(select(metadata.tables["person"].c.id)).scalar_one()
    who = people.principal_for(database, person_id)
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with database.writing(who) as connection:
                store.append(connection, who, said(who, f"first {number}"))
                store.append(connection, who, said(who, f"second {number}"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            back_up(source, tmp_path / f"backup{number}", KEY)
    finally:
        stop.set()
        writer.join()
        database.close()
    restore(target, tmp_path / "backup2", KEY)
    texts = [str(row) for row in contents(target.database_url)["entry"]]
    assert sum("'first " in text for text in texts) == sum("'second " in text for text in texts) > 0


def test_only_the_key_opens_it_and_damage_is_seen(source: Settings, target: Settings, tmp_path: Path) -> None:
    """Another key, a flipped bit, a missing end: each is refused, and the home stays empty."""
    path = tmp_path / "backup"
    back_up(source, path, KEY)
    whole = path.read_bytes()
    assert b"Entry" not in whole
    with pytest.raises(WrongRecoveryKey):
        restore(target, path, new_recovery_key())
    middle = len(whole) - 100
    for damaged in (whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :], whole[:-20]):
        path.write_bytes(damaged)
        with pytest.raises((BackupDamaged, WrongRecoveryKey)):
            restore(target, path, KEY)
    database = Database(target.database_url)
    migrate(database)
    with database.reading(Principal.system()) as connection:
        assert connection.execute(select(metadata.tables["person"])).all() == []
    database.close()


def test_nothing_is_overwritten(source: Settings, tmp_path: Path) -> None:
    """Where somebody lives already, a restore is refused."""
    back_up(source, tmp_path / "backup", KEY)
    with pytest.raises(NotEmpty):
        restore(source, tmp_path / "backup", KEY)


def test_what_was_forgotten_since_is_left_out(source: Settings, target: Settings, tmp_path: Path) -> None:
    """The list beside a backup names entries by random ids; restored, they are not there and the others are."""
    path = tmp_path / "backup"
    back_up(source, path, KEY)
    rows = contents(source.database_url)["entry"]
    gone = [str(row[1]) for row in rows[:2]]
    assert forgotten_list.add(path, "01", gone)
    assert forgotten_list.add(path, "01", gone)
    assert len(forgotten_list.beside(path).read_text().splitlines()) == 1
    restored = restore(target, path, KEY)
    assert restored.forgotten == 2
    kept = {str(row[1]) for row in contents(target.database_url)["entry"]}
    assert kept == {str(row[1]) for row in rows} - set(gone)


def test_facts_with_what_the_owner_decided_survive(source: Settings, target: Settings, database: Database) -> None:
    """Pins, refusals, corrections and what was brought back are there after a restore, and after reading all anew."""
    who = people.principal_for(database, people.person_named(database, "Anna").id)
    memory = Memory(database, who)
    memory.learn(
        "I live in Berlin.", "I live in Lisbon.", "I'm allergic to nuts.", "I play the cello.", "My cat is grey."
    )
    by_name = {fact.statement: fact.id for fact in memory.facts()}
    service.pin(database, who, by_name["You are allergic to nuts"], is_pinned=True)
    service.refuse(database, who, by_name["You play cello"], is_refused=True)
    service.bring_back(database, who, by_name["You live in Berlin"])
    before = memory.facts()
    path = source.home / "backup"
    back_up(source, path, KEY)
    restore(target, path, KEY)
    restored = Database(target.database_url)
    again = Memory(restored, who)
    assert again.facts() == before
    with restored.writing(who) as connection:
        progress_store.write(connection, who, who.own_space, progress_store.Progress(progress_store.Stage.RULES, 0))
    again.distil()
    assert again.facts() == before
    restored.close()
