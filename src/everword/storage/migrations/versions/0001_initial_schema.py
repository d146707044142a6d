"""initial schema"""

import sqlalchemy as sa
from alembic import op

from everword.storage import columns
from everword.storage.row_security import protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915 (a table each)
    op.create_table(
        "space",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_space")),
    )
    op.create_table(
        "conversation",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=300), nullable=True),
        sa.Column("leaf_id", columns.Id(), nullable=True),
        sa.Column("pinned_at", columns.Instant(), nullable=True),
        sa.Column("archived_at", columns.Instant(), nullable=True),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("updated_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_conversation_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
    )
    op.create_index("ix_conversation_recent", "conversation", ["space_id", "updated_at"], unique=False)
    op.create_index(
        "uq_conversation_external",
        "conversation",
        ["space_id", "source", "external_id"],
        unique=True,
        sqlite_where=sa.text("external_id IS NOT NULL"),
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_table(
        "event",
        sa.Column("position", columns.Position, autoincrement=True, nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("run_id", columns.Id(), nullable=True),
        sa.Column("payload", columns.Json, nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_event_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_event_run_id"), "event", ["run_id"], unique=False)
    op.create_index("ix_event_space", "event", ["space_id", "position"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("login_name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=400), nullable=True),
        sa.Column("is_operator", sa.Boolean(), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_person_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login_name", name=op.f("uq_person_login_name")),
    )
    op.create_table(
        "preference",
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", columns.Json, nullable=False),
        sa.Column("updated_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_preference_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("space_id", "name", name=op.f("pk_preference")),
    )
    op.create_table(
        "provider",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("base_url", sa.String(length=500), nullable=True),
        sa.Column("key_hint", sa.String(length=16), nullable=True),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_provider_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
        sa.UniqueConstraint("space_id", "name", name=op.f("uq_provider_space_id_name")),
    )
    op.create_table(
        "secret",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_secret_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secret")),
        sa.UniqueConstraint("space_id", "name", name=op.f("uq_secret_space_id_name")),
    )
    op.create_table(
        "usage",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("person_id", columns.Id(), nullable=False),
        sa.Column("run_id", columns.Id(), nullable=True),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("priority", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=True),
        sa.Column("completion_tokens", sa.Integer(), nullable=True),
        sa.Column("queued_ms", sa.Float(), nullable=False),
        sa.Column("first_token_ms", sa.Float(), nullable=True),
        sa.Column("duration_ms", sa.Float(), nullable=False),
        sa.Column("started_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_usage_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage")),
    )
    op.create_index("ix_usage_recent", "usage", ["space_id", "started_at"], unique=False)
    op.create_table(
        "api_key",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("person_id", columns.Id(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", columns.Json, nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("last_used_at", columns.Instant(), nullable=True),
        sa.Column("revoked_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_key_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_api_key_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_key_secret_hash")),
    )
    op.create_index(op.f("ix_api_key_person_id"), "api_key", ["person_id"], unique=False)
    op.create_table(
        "entry",
        sa.Column("position", columns.Position, autoincrement=True, nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("conversation_id", columns.Id(), nullable=True),
        sa.Column("parent_id", columns.Id(), nullable=True),
        sa.Column("version_of", columns.Id(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("speaker", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=300), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("run_id", columns.Id(), nullable=True),
        sa.Column("model", sa.String(length=200), nullable=True),
        sa.Column("basis", sa.String(length=32), nullable=True),
        sa.Column("said_at", columns.Instant(), nullable=False),
        sa.Column("recorded_at", columns.Instant(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", columns.Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_entry_conversation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_entry_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_entry")),
        sa.UniqueConstraint("id", name=op.f("uq_entry_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_entry_conversation", "entry", ["conversation_id", "position"], unique=False)
    op.create_index(op.f("ix_entry_run_id"), "entry", ["run_id"], unique=False)
    op.create_index("ix_entry_said", "entry", ["space_id", "said_at"], unique=False)
    op.create_index(
        "uq_entry_external",
        "entry",
        ["space_id", "source", "external_id"],
        unique=True,
        sqlite_where=sa.text("external_id IS NOT NULL"),
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_table(
        "import_job",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("person_id", columns.Id(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("format", sa.String(length=32), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("done_bytes", sa.BigInteger(), nullable=False),
        sa.Column("counts", columns.Json, nullable=False),
        sa.Column("report", columns.Json, nullable=False),
        sa.Column("checkpoint", columns.Json, nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("ended_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_import_job_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_import_job_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_job")),
    )
    op.create_table(
        "membership",
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("person_id", columns.Id(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_membership_space_id"), ondelete="CASCADE"),
        sa.UniqueConstraint("space_id", "person_id", name=op.f("uq_membership_space_id_person_id")),
    )
    op.create_index(op.f("ix_membership_person_id"), "membership", ["person_id"], unique=False)
    op.create_table(
        "one_time_link",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("person_id", columns.Id(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("expires_at", columns.Instant(), nullable=False),
        sa.Column("used_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_one_time_link_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_one_time_link_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_link_token_hash")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("person_id", columns.Id(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("rp_id", sa.String(length=253), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("last_used_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_passkey_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_passkey_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_person_id"), "passkey", ["person_id"], unique=False)
    op.create_table(
        "run",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("person_id", columns.Id(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("priority", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("waiting_for", sa.String(length=64), nullable=True),
        sa.Column("conversation_id", columns.Id(), nullable=True),
        sa.Column("input", columns.Json, nullable=False),
        sa.Column("result", columns.Json, nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("started_at", columns.Instant(), nullable=True),
        sa.Column("ended_at", columns.Instant(), nullable=True),
        sa.Column("stop_requested_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_run_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_run_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_conversation_id"), "run", ["conversation_id"], unique=False)
    op.create_index("ix_run_recent", "run", ["space_id", "created_at"], unique=False)
    op.create_index("ix_run_state", "run", ["state", "created_at"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("person_id", columns.Id(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_agent", sa.String(length=400), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("last_seen_at", columns.Instant(), nullable=False),
        sa.Column("expires_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_session_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_session_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
    )
    op.create_index(op.f("ix_session_person_id"), "session", ["person_id"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("entry_id", columns.Id(), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("media_type", sa.String(length=200), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("text_state", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_attachment_entry_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_attachment_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_entry_id"), "attachment", ["entry_id"], unique=False)
    op.create_table(
        "citation",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("answer_id", columns.Id(), nullable=False),
        sa.Column("entry_id", columns.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["entry.id"], name=op.f("fk_citation_answer_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_citation_entry_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_citation_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citation")),
    )
    op.create_index(op.f("ix_citation_answer_id"), "citation", ["answer_id"], unique=False)
    op.create_index(op.f("ix_citation_entry_id"), "citation", ["entry_id"], unique=False)
    op.create_table(
        "recalled",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("run_id", columns.Id(), nullable=False),
        sa.Column("entry_id", columns.Id(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", columns.Json, nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("is_in_prompt", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_recalled_entry_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_recalled_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recalled")),
    )
    op.create_index(op.f("ix_recalled_entry_id"), "recalled", ["entry_id"], unique=False)
    op.create_index(op.f("ix_recalled_run_id"), "recalled", ["run_id"], unique=False)
    op.create_table(
        "segment",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("run_id", columns.Id(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("executor", sa.String(length=64), nullable=True),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("ended_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_segment_run_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_segment_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
    )
    op.create_index(op.f("ix_segment_run_id"), "segment", ["run_id"], unique=False)
    op.create_table(
        "transition",
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("space_id", columns.Id(), nullable=False),
        sa.Column("run_id", columns.Id(), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=300), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_transition_run_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_transition_space_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transition")),
    )
    op.create_index(op.f("ix_transition_run_id"), "transition", ["run_id"], unique=False)
    protect(op.get_bind(), "space", column="id")
    protect(op.get_bind(), "conversation")
    protect(op.get_bind(), "event")
    protect(op.get_bind(), "person")
    protect(op.get_bind(), "preference")
    protect(op.get_bind(), "provider")
    protect(op.get_bind(), "secret")
    protect(op.get_bind(), "usage")
    protect(op.get_bind(), "api_key")
    protect(op.get_bind(), "entry")
    protect(op.get_bind(), "import_job")
    protect(op.get_bind(), "membership")
    protect(op.get_bind(), "one_time_link")
    protect(op.get_bind(), "passkey")
    protect(op.get_bind(), "run")
    protect(op.get_bind(), "session")
    protect(op.get_bind(), "attachment")
    protect(op.get_bind(), "citation")
    protect(op.get_bind(), "recalled")
    protect(op.get_bind(), "segment")
    protect(op.get_bind(), "transition")
