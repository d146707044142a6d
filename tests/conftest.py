"""Fixtures that every ring shares."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from everword.core import clock
from everword.core.ids import PersonId, SpaceId, new_id
from everword.core.types import Principal
from everword.storage.database import Database
from everword.storage.migrate import migrate

if TYPE_CHECKING:
    from tests.postgres import PostgresServer

settings.register_profile("quick", max_examples=25, deadline=None)  # `--hypothesis-profile=default` for more
settings.load_profile("quick")

pytest_plugins = ["tests.skips", "tests.postgres", "tests.chromium", "tests.local_model", "tests.server"]


def _migrated(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()


#: What is built of stores that have tests of their own on PostgreSQL: there, these are for `make test`, not for CI.
_SLOW_ON_POSTGRESQL = tuple(
    f"tests/integration/{folder}"
    for folder in (
        "agents/",
        "http/",
        "intake/",
        "memory/facts/",
        "memory/forgetting/",
        "memory/test_index_shards",
        "cli/",
    )
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what is only the second variant of something large."""
    for item in items:
        if item.nodeid.startswith(_SLOW_ON_POSTGRESQL) and "[postgresql" in item.nodeid:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file that tests copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty database: each test that asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "everword.db")
        yield f"sqlite:///{tmp_path / 'everword.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        server.template("migrated", _migrated)
        url = server.fresh_database("migrated")
        yield url
        server.drop(url)


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> Iterator[Database]:
    """A migrated, empty database on PostgreSQL, for what only that has."""
    postgres_server.template("migrated", _migrated)
    url = postgres_server.fresh_database("migrated")
    database = Database(url)
    yield database
    database.close()
    postgres_server.drop(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated, empty database, on SQLite and on PostgreSQL."""
    database = Database(database_url)
    yield database
    database.close()


def add_person(database: Database, name: str) -> Principal:
    """A person with a space of their own, for tests below `accounts`."""
    from sqlalchemy import insert

    from everword.storage.schema.accounts import membership, person, space

    at = clock.now()
    space_id, person_id = SpaceId(new_id()), PersonId(new_id())
    with database.writing(Principal.system()) as connection:
        connection.execute(insert(space).values(id=space_id, kind="personal", name=name, created_at=at))
        connection.execute(
            insert(person).values(
                id=person_id, space_id=space_id, name=name, login_name=name.casefold(), is_operator=True, created_at=at
            )
        )
        connection.execute(
            insert(membership).values(space_id=space_id, person_id=person_id, role="owner", created_at=at)
        )
    return Principal(person_id, space_id, frozenset({space_id}))


@pytest.fixture
def anna(database: Database) -> Principal:
    """A person with a space of her own."""
    return add_person(database, "Anna")


@pytest.fixture
def ben(database: Database) -> Principal:
    """Another person, who shares nothing with Anna."""
    return add_person(database, "Ben")
