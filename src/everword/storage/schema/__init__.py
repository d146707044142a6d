"""Every table, one module per room. Stores write the queries; migrations are proven equal to what stands here."""

from everword.storage.schema import (
    accounts,
    attention,
    facts,
    forgetting,
    intake,
    ledger,
    models,
    notes,
    outbox,
    runs,
    schedules,
    settings,
    tools,
    triggers,
)
from everword.storage.schema.base import metadata, spaced_tables

__all__ = [
    "accounts",
    "attention",
    "facts",
    "forgetting",
    "intake",
    "ledger",
    "metadata",
    "models",
    "notes",
    "outbox",
    "runs",
    "schedules",
    "settings",
    "spaced_tables",
    "tools",
    "triggers",
]
