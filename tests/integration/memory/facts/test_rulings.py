"""What the owner decided about facts goes along with an export, and comes back with it."""

from __future__ import annotations

from pathlib import Path

from everword.intake.export import export_zip
from everword.memory.facts import service
from everword.memory.facts.types import FactId
from tests.conftest import add_person
from tests.integration.intake.bringing import bring
from tests.integration.memory.facts.conftest import Memory


def test_decisions_survive_export_and_import(memory: Memory, tmp_path: Path) -> None:
    """Pins, refusals, corrections and what was brought back hold for whoever imports the export."""
    memory.learn(
        "I live in Berlin.", "I live in Lisbon.", "I'm allergic to nuts.", "I play the cello.", "I own a boat."
    )
    ids = {fact.statement: FactId(fact.id) for fact in memory.facts()}
    service.pin(memory.database, memory.who, ids["You are allergic to nuts"], is_pinned=True)
    service.refuse(memory.database, memory.who, ids["You play cello"], is_refused=True)
    service.bring_back(memory.database, memory.who, ids["You live in Berlin"])
    service.correct(memory.database, memory.who, ids["You own a boat"], "You own a canoe")
    other = Memory(memory.database, add_person(memory.database, "Dora"))
    content = b"".join(export_zip(memory.database, memory.who))
    bring(memory.database, tmp_path, other.who, content, "export.zip", owner_is_me=True)
    other.distil()

    def told(whose: Memory) -> list[tuple[str, bool, bool, bool]]:
        return [
            (fact.statement, fact.pinned_at is not None, fact.refused_at is not None, fact.superseded_by is not None)
            for fact in whose.facts()
        ]

    assert told(other) == told(memory)
    assert "You live in Berlin" in other.statements()
    assert "You own a canoe" in other.statements()
