"""People, spaces, and the ways in: sessions, keys, passkeys, one-time links; and sealed secrets."""

from sqlalchemy import Boolean, Column, Integer, LargeBinary, String, Table, UniqueConstraint

from everword.storage.columns import Json
from everword.storage.schema.base import id_column, instant, metadata, reference, space_column

space = Table(
    "space",
    metadata,
    id_column(),
    Column("kind", String(16), nullable=False),  # installation, personal, project, team
    Column("name", String(200), nullable=False),
    instant("created_at"),
)

person = Table(
    "person",
    metadata,
    id_column(),
    space_column(),  # the person's own
    Column("name", String(200), nullable=False),
    Column("login_name", String(200), nullable=False, unique=True),  # the name as it is compared: NFKC, casefolded
    Column("password_hash", String(400)),  # argon2id, PHC format
    Column("is_operator", Boolean, nullable=False),
    instant("created_at"),
)

membership = Table(
    "membership",
    metadata,
    reference("space_id", "space.id"),
    reference("person_id", "person.id", index=True),
    Column("role", String(16), nullable=False),  # owner, member
    instant("created_at"),
    UniqueConstraint("space_id", "person_id"),
)

session = Table(
    "session",
    metadata,
    id_column(),
    space_column(),
    reference("person_id", "person.id", index=True),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of a 256-bit secret
    Column("user_agent", String(400), nullable=False),
    instant("created_at"),
    instant("last_seen_at"),
    instant("expires_at"),
)

api_key = Table(
    "api_key",
    metadata,
    id_column(),
    space_column(),
    reference("person_id", "person.id", index=True),
    Column("name", String(200), nullable=False),
    Column("prefix", String(16), nullable=False),  # the first characters, to tell keys apart
    Column("secret_hash", LargeBinary(32), nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    instant("created_at"),
    instant("last_used_at", nullable=True),
    instant("revoked_at", nullable=True),
)

passkey = Table(
    "passkey",
    metadata,
    id_column(),
    space_column(),
    reference("person_id", "person.id", index=True),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", Integer, nullable=False),
    Column("rp_id", String(253), nullable=False),  # the host name it is bound to
    Column("name", String(200), nullable=False),
    instant("created_at"),
    instant("last_used_at", nullable=True),
)

one_time_link = Table(
    "one_time_link",
    metadata,
    id_column(),
    space_column(),
    Column("purpose", String(32), nullable=False),  # setup, reset_password, passkey_registration, passkey_login
    reference("person_id", "person.id", nullable=True),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    instant("created_at"),
    instant("expires_at"),
    instant("used_at", nullable=True),
)

secret = Table(
    "secret",
    metadata,
    id_column(),
    space_column(),
    Column("name", String(200), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    instant("updated_at"),
    UniqueConstraint("space_id", "name"),
)
