"""The vault on both databases: what is sealed opens again, and only where it was sealed."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
from sqlalchemy import select, update

from everword.core.errors import NotFound
from everword.core.types import Principal
from everword.storage.database import Database
from everword.storage.schema.accounts import secret
from everword.vault.errors import SecretDamaged, VaultKeyExposed, VaultKeyInvalid, WrongVaultKey
from everword.vault.key import load_or_create_key
from everword.vault.types import Secret
from everword.vault.vault import Vault

KEY = b"k" * 32


def test_a_secret_comes_back_and_its_value_is_not_in_the_row(database: Database, anna: Principal) -> None:
    """A secret is returned as it was put, replaced by a second one, and never stored in the clear."""
    vault = Vault(KEY)
    with database.writing(anna) as connection:
        vault.put(connection, anna, anna.own_space, "provider/openai", Secret("sk-first-value"))
        vault.put(connection, anna, anna.own_space, "provider/openai", Secret("sk-second-value"))
        found = vault.get(connection, anna, anna.own_space, "provider/openai")
        rows = connection.execute(select(secret.c.sealed)).scalars().all()
        assert vault.names(connection, anna) == [(anna.own_space, "provider/openai")]
    assert found == Secret("sk-second-value")
    assert len(rows) == 1
    assert b"second" not in rows[0]


def test_a_removed_secret_is_gone(database: Database, anna: Principal) -> None:
    """Deleting says whether there was one; afterwards there is none."""
    vault = Vault(KEY)
    with database.writing(anna) as connection:
        vault.put(connection, anna, anna.own_space, "a", Secret("value"))
        assert vault.delete(connection, anna, anna.own_space, "a")
        assert not vault.delete(connection, anna, anna.own_space, "a")
        assert vault.get(connection, anna, anna.own_space, "a") is None


def test_another_persons_secret_cannot_be_reached(database: Database, anna: Principal, ben: Principal) -> None:
    """Ben sees, reads, deletes and overwrites nothing in Anna's space."""
    vault = Vault(KEY)
    with database.writing(anna) as connection:
        vault.put(connection, anna, anna.own_space, "a", Secret("anna's"))
    with database.writing(ben) as connection:
        assert vault.get(connection, ben, anna.own_space, "a") is None
        assert vault.names(connection, ben) == []
        assert not vault.delete(connection, ben, anna.own_space, "a")
        with pytest.raises(NotFound):
            vault.put(connection, ben, anna.own_space, "a", Secret("ben's"))
    with database.reading(anna) as connection:
        assert vault.get(connection, anna, anna.own_space, "a") == Secret("anna's")


def test_a_row_moved_to_another_name_does_not_open(database: Database, anna: Principal) -> None:
    """Sealed bytes are bound to their place: swapped by whoever can write the database, they open nowhere else."""
    vault = Vault(KEY)
    with database.writing(anna) as connection:
        vault.put(connection, anna, anna.own_space, "provider/one", Secret("value"))
        connection.execute(update(secret).values(name="provider/two"))
        with pytest.raises(SecretDamaged):
            vault.get(connection, anna, anna.own_space, "provider/two")


def test_another_key_is_told_apart_from_damage(database: Database, anna: Principal) -> None:
    """With a different vault key the error says so, and what to do."""
    with database.writing(anna) as connection:
        Vault(KEY).put(connection, anna, anna.own_space, "a", Secret("value"))
        with pytest.raises(WrongVaultKey, match="former vault key"):
            Vault(b"x" * 32).get(connection, anna, anna.own_space, "a")


def test_the_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """The first call makes the file with mode 0600, the next ones read it, and no draft is left behind."""
    first = load_or_create_key(tmp_path)
    assert load_or_create_key(tmp_path) == first
    assert [path.name for path in tmp_path.iterdir()] == ["vault.key"]
    if os.name == "posix":
        assert (tmp_path / "vault.key").stat().st_mode & 0o777 == 0o600


def test_a_damaged_or_readable_key_file_is_refused_and_kept(tmp_path: Path) -> None:
    """An empty key file, or one that others can read, is an error with a remedy; it is never overwritten."""
    path = tmp_path / "vault.key"
    path.touch(mode=0o600)
    with pytest.raises(VaultKeyInvalid):
        load_or_create_key(tmp_path)
    assert path.read_text() == ""
    path.unlink()
    load_or_create_key(tmp_path)
    path.chmod(0o644)
    if os.name == "posix":
        with pytest.raises(VaultKeyExposed, match="chmod 600"):
            load_or_create_key(tmp_path)


def test_a_given_key_wins_over_the_file(tmp_path: Path) -> None:
    """With EVERWORD_VAULT_KEY no file is made; one that is no key is refused."""
    Vault.open(tmp_path, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(VaultKeyInvalid, match="EVERWORD_VAULT_KEY"):
        Vault.open(tmp_path, "too short")


def test_a_secret_does_not_show_itself() -> None:
    """Printing, formatting and logging a secret hide it; pickling it is refused."""
    value = Secret("sk-0123456789abcdefghij")
    assert "sk-" not in f"{value} {value!r} {value:>20} {[value]}"
    assert value.hint == "ghij"
    with pytest.raises(TypeError, match="vault"):
        pickle.dumps(value)
