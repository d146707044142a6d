"""The tests' own PostgreSQL gives what row-level security needs to be a proof."""

from __future__ import annotations

import psycopg

from tests.postgres import PostgresServer


def test_role_has_no_powers_that_would_hide_a_leak(postgres_server: PostgresServer) -> None:
    """The role that tests connect as is neither superuser nor able to bypass row-level security."""
    url = postgres_server.fresh_database().replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (False, False, False)


def test_a_template_is_copied_and_each_copy_is_its_own(postgres_server: PostgresServer) -> None:
    """A database made from a template holds what was prepared, and a write in one copy is not seen in the other."""

    def prepare(url: str) -> None:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CREATE TABLE prepared (n int)")

    postgres_server.template("prepared", prepare)
    first, second = (postgres_server.fresh_database("prepared").replace("+psycopg", "") for _ in range(2))
    with psycopg.connect(first) as connection:
        connection.execute("INSERT INTO prepared VALUES (1)")
    with psycopg.connect(second) as connection:
        assert connection.execute("SELECT count(*) FROM prepared").fetchone() == (0,)
