"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, LargeBinary, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

ID_KEY = (1 << 62) - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Id(TypeDecorator[str]):
    """An id in canonical text; 16 bytes at rest (`uuid` on PostgreSQL, a blob on SQLite)."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Uuid(as_uuid=True))
        return dialect.type_descriptor(LargeBinary(16))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return UUID(value) if dialect.name == "postgresql" else UUID(value).bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return str(value) if isinstance(value, UUID) else str(UUID(bytes=value))


class IdKey(Id):
    """Read only: 62 random bits of an id, the form in which indexes know it; several times quicker than its text."""

    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        return (value.int if isinstance(value, UUID) else int.from_bytes(value[8:], "big")) & ID_KEY


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC, to the microsecond (`timestamptz` on PostgreSQL, microseconds since 1970 on SQLite)."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return _EPOCH + timedelta(microseconds=value)


class Microseconds(Instant):
    """Read only: an instant as microseconds since 1970."""

    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return (value - _EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else value


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A JSON value; SQL NULL where it is None."""

Position = BigInteger().with_variant(Integer(), "sqlite")
"""A place in an append-only table: a positive integer that only grows (SQLite counts up only in an INTEGER key)."""
