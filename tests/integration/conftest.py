"""Fixtures of the integration ring."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from everword.accounts import passwords


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same argon2id at its least cost: what a hash costs is held in the unit ring, and here it only takes time."""
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)
    passwords._stand_in.cache_clear()
