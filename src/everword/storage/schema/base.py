"""The metadata that all tables hang on, and the columns that most of them share."""

from sqlalchemy import Column, ForeignKey, MetaData, Table

from everword.storage.columns import Id, Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def id_column() -> Column[str]:
    """The primary key: a UUIDv7."""
    return Column("id", Id, primary_key=True)


def space_column() -> Column[str]:
    """Who may see the row. Every table has one; row security on PostgreSQL reads it."""
    return Column("space_id", Id, ForeignKey("space.id", ondelete="CASCADE"), nullable=False)


def reference(name: str, target: str, *, nullable: bool = False, index: bool = False) -> Column[str]:
    """A column that points at `target` ("table.column") and goes when that row goes."""
    return Column(name, Id, ForeignKey(target, ondelete="CASCADE"), nullable=nullable, index=index)


def instant(name: str, *, nullable: bool = False) -> Column[object]:
    """A column that holds an instant."""
    return Column(name, Instant, nullable=nullable)


def space_of(table: Table) -> Column[str]:
    """The column that says whose a row of `table` is: `space_id`, or the key of `space` itself."""
    column: Column[str] = table.c.id if table.name == "space" else table.c.space_id
    return column


def spaced_tables() -> list[Table]:
    """All tables, in the order they can be created; every one has a space."""
    return list(metadata.sorted_tables)
