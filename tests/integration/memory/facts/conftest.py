"""A person's ledger with the rules reading it, on both databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from everword.core.ids import ConversationId, RunId
from everword.core.types import Label, Principal
from everword.memory import store
from everword.memory.facts import claim_store
from everword.memory.facts import store as facts
from everword.memory.facts.distil import read_some
from everword.memory.facts.types import Claim, Fact, FactId
from everword.memory.types import Entry, EntryKind, NewEntry
from everword.storage.database import Database

NOW = datetime(2026, 4, 28, 10, tzinfo=UTC)


@dataclass
class Memory:
    """What somebody says, and what is learned of it."""

    database: Database
    who: Principal

    def say(
        self,
        text: str,
        *,
        label: Label = Label.OWNER,
        speaker: str = "",
        days: int = 0,
        talk: ConversationId | None = None,
        run_id: RunId | None = None,
        version_of: Entry | None = None,
        kind: EntryKind = EntryKind.MESSAGE,
    ) -> Entry:
        """An entry, so many days after `NOW`; nothing is learned of it yet."""
        new = NewEntry(
            space_id=self.who.own_space,
            label=label,
            text=text,
            said_at=NOW + timedelta(days=days),
            speaker=speaker,
            conversation_id=talk,
            run_id=run_id,
            kind=kind,
            version_of=version_of.first_version if version_of else None,
        )
        with self.database.writing(self.who) as connection:
            return store.append(connection, self.who, new)

    def distil(self, at_most: int = 200) -> None:
        """Read everything that was not read."""
        while read_some(self.database, self.who, "UTC", at_most):
            pass

    def learn(self, *texts: str, **beside: object) -> None:
        """Say and read, a day apart."""
        for day, text in enumerate(texts):
            self.say(text, days=day, **beside)  # type: ignore[arg-type]
        self.distil()

    def facts(self, state: str = "all", subject: str | None = None) -> list[Fact]:
        """The facts in a state, by their statement."""
        with self.database.reading(self.who) as connection:
            found = facts.listed(
                connection, self.who, state=state, subject=subject, words=(), is_pinned=False, skip=0, limit=500
            )
        return sorted(found, key=lambda fact: (fact.statement, fact.id))

    def statements(self, state: str = "current") -> list[str]:
        """What is known, in plain sentences."""
        return [fact.statement for fact in self.facts(state)]

    def sources(self, fact: Fact) -> list[Claim]:
        """What a fact stands on."""
        with self.database.reading(self.who) as connection:
            return claim_store.claims_of_facts(connection, self.who, [FactId(fact.id)]).get(fact.id, [])


@pytest.fixture
def memory(database: Database, anna: Principal) -> Memory:
    """Anna's memory, empty."""
    return Memory(database, anna)
