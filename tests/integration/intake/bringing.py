"""Bringing files in, as a command does while no server runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from everword.core.types import Principal
from everword.intake.service import Intake
from everword.intake.types import ImportJob, ImportOptions
from everword.memory import store
from everword.memory.types import Entry
from everword.storage.database import Database


def intake_in(database: Database, folder: Path) -> Intake:
    """An intake without its thread."""
    return Intake(database, folder / "intake")


def queue(intake: Intake, who: Principal, content: bytes, name: str = "file", **options: Any) -> ImportJob:
    """Hand over a file."""
    receiving = intake.receive(who, name, ImportOptions(**options), len(content))
    receiving.write(content)
    return receiving.finish()


def bring(
    database: Database, folder: Path, who: Principal, content: bytes, name: str = "file", **options: Any
) -> ImportJob:
    """Import a file, and return how it ended."""
    intake = intake_in(database, folder)
    job = queue(intake, who, content, name, **options)
    intake.run_queued()
    return intake.get(who, job.id)


def ledger(database: Database, who: Principal) -> list[Entry]:
    """Every entry that `who` may see, in the order recorded."""
    with database.reading(who) as connection:
        return store.entries_after(connection, who, 0, 1_000_000)
