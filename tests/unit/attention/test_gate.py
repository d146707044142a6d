"""When a person may be interrupted."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from everword.attention import gate
from everword.attention.gate import Notice, NoticeKind
from everword.attention.types import Habits
from everword.core.ids import PersonId, RunId, SpaceId, new_id
from everword.core.types import Priority
from everword.runs.types import Run, RunState

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def habits(quiet_from: time | None, quiet_until: time = time(7), zone: str = "Europe/Berlin") -> Habits:
    return Habits(zone, time(7), "rules only", quiet_from, quiet_until)


def run(state: RunState = RunState.WAITING, waiting_for: str | None = "approval") -> Run:
    rest: dict[str, Any] = dict.fromkeys(
        (
            "conversation_id",
            "result",
            "error_code",
            "error",
            "started_at",
            "ended_at",
            "stop_requested_at",
            "wakes_at",
            "waits_for_id",
        )
    )
    return Run(
        id=RunId(new_id()), space_id=SpaceId(new_id()), person_id=PersonId(new_id()), kind="work",
        priority=Priority.BACKGROUND, state=state, waiting_for=waiting_for, input={}, attempt=1, created_at=NOON,
        parent_id=None, **rest,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("at", "expected"),
    [((20, 59), False), ((21, 0), True), ((23, 30), True), ((5, 59), True), ((6, 0), False)],
)
def test_quiet_hours_reach_past_midnight_in_the_persons_own_time(at: tuple[int, int], expected: bool) -> None:
    """From 22:00 until 07:00 in Berlin is from 21:00 until 06:00 UTC in winter; the end is not within."""
    now = datetime(2026, 11, 24, *at, tzinfo=UTC)
    assert gate.is_quiet(now, habits(time(22))) is expected


def test_a_notice_is_of_a_run_that_waits_for_the_person_now() -> None:
    """Approval and question are told, with the title; what waits for a time, ended, or was told long ago is not."""
    awake = habits(None)
    told: dict[str, Any] = {"told_at": NOON, "now": NOON, "habits": awake}
    assert gate.of_waiting_run(run(), "Order lead", **told) == Notice(NoticeKind.APPROVAL, "Order lead")
    assert gate.of_waiting_run(run(waiting_for="question"), "", **told) == Notice(NoticeKind.QUESTION, "")
    assert gate.of_waiting_run(run(waiting_for="time"), "", **told) is None
    assert gate.of_waiting_run(run(RunState.QUEUED, None), "", **told) is None
    assert gate.of_waiting_run(run(), "", **told | {"told_at": NOON - timedelta(minutes=3)}) is None
    assert gate.of_waiting_run(run(), "", **told | {"habits": habits(time(12), time(14))}) is None
