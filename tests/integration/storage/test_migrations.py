"""The schema, its migrations, and row security."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from everword.core.types import Principal
from everword.storage.database import Database
from everword.storage.errors import RoleTooPowerful, SchemaTooNew
from everword.storage.migrate import HEAD, config, copy_sqlite, migrate
from everword.storage.schema import metadata, spaced_tables
from tests.conftest import add_person
from tests.postgres import PostgresServer


def test_migrations_give_the_schema(database: Database) -> None:
    """A database that ran every migration differs in nothing from the tables the code declares."""
    with database.reading(Principal.system()) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_head_is_alembics() -> None:
    """What a start compares with, without loading Alembic, is the newest migration there is."""
    assert ScriptDirectory.from_config(config()).get_current_head() == HEAD


def test_every_table_has_forced_row_security(postgres_server: PostgresServer) -> None:
    """On PostgreSQL no table of ours is without row security, for its owner too."""
    database = Database(postgres_server.fresh_database())
    migrate(database)
    with database.reading(Principal.system()) as connection:
        query = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
        protected = set(connection.execute(text(query)).scalars())
    database.close()
    assert protected == {table.name for table in spaced_tables()}


def test_a_transaction_that_names_no_space_sees_nothing(postgres_database: Database) -> None:
    """PostgreSQL shows no row to a connection that has not said who asks, and no other person's to one that has."""
    database = postgres_database
    anna = add_person(database, "Anna")
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM person")).scalar() == 0
    stranger = Principal(anna.person_id, anna.own_space, frozenset())
    with database.reading(stranger) as connection:
        assert connection.execute(text("SELECT count(*) FROM person")).scalar() == 0
    with database.reading(anna) as connection:
        assert connection.execute(text("SELECT count(*) FROM person")).scalar() == 1


def test_the_role_is_neither_superuser_nor_above_row_security(
    database: Database, postgres_server: PostgresServer
) -> None:
    """A role for which row security does not hold is refused with what to do about it."""
    database.check_role()
    if not database.is_sqlite:
        above = Database(str(database.url.set(username="postgres").render_as_string(hide_password=False)))
        with pytest.raises(RoleTooPowerful, match="NOBYPASSRLS"):
            above.check_role()
        above.close()


def test_a_newer_schema_is_left_alone(tmp_path: Path) -> None:
    """A database that a later version wrote is refused, not touched."""
    database = Database(f"sqlite:///{tmp_path / 'everword.db'}")
    migrate(database)
    with database.writing(Principal.system()) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNew, match="9999"):
        migrate(database)
    database.close()


def test_a_copy_is_made_before_a_migration(tmp_path: Path, anna_on_disk: Database) -> None:
    """The copy of a SQLite file holds what the file held, opens by itself, and only the newest three are kept."""
    copies = [copy_sqlite(anna_on_disk, f"000{number}") for number in range(5)]
    newest = copies[-1]
    assert newest is not None
    assert len(list(newest.parent.glob("*.db"))) == 3
    with Database(f"sqlite:///{newest}").reading(Principal.system()) as connection:
        assert connection.execute(text("SELECT name FROM person")).scalar() == "Anna"


@pytest.fixture
def anna_on_disk(tmp_path: Path) -> Iterator[Database]:
    """A SQLite database with one person in it."""
    database = Database(f"sqlite:///{tmp_path / 'everword.db'}")
    migrate(database)
    add_person(database, "Anna")
    yield database
    database.close()
