"""PostgreSQL's row security: the same scoping as in the queries, enforced once more by the database."""

from sqlalchemy import Connection, text


def protect(connection: Connection, table: str, column: str = "space_id") -> None:
    """Force row security on `table`, also for its owner: rows of the transaction's spaces only.

    The transaction names its spaces in `everword.spaces` (see `storage.database`); where it names none, it sees none.
    Does nothing on SQLite, which has no such thing.
    """
    if connection.dialect.name != "postgresql":
        return
    named = "current_setting('everword.spaces', true)"
    rule = f"CASE {named} WHEN 'all' THEN true ELSE {column} = ANY (COALESCE(NULLIF({named}, ''), '{{}}')::uuid[]) END"
    for statement in (
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY "{table}_spaces" ON "{table}" USING ({rule}) WITH CHECK ({rule})',
    ):
        connection.execute(text(statement))
