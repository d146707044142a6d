"""The connections of another process to a PostgreSQL server, ended: what it had not committed is undone."""

from sqlalchemy import text

from everword.core.types import Principal
from everword.storage.database import Database


def end_sessions(database: Database, session: str) -> int:
    """End every connection that another `Database` of the name `session` holds. Returns how many there were.

    A process that is taken for dead may only be stuck, or its machine gone with locks held; afterwards neither is so.
    Needs the same database role as the other process. Does nothing on SQLite, where one process owns the file.
    """
    if database.is_sqlite or session == database.session:
        return 0
    query = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE application_name = :session AND usename = current_user AND datname = current_database()"
    )
    with database.reading(Principal.system()) as connection:
        return int(connection.execute(text(query), {"session": session}).scalar_one())
