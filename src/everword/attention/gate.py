"""The one gate for interruptions: whether a person may be told outside the page, and of what. Deterministic.

Nothing beyond a run's title is told: others may see the screen. What is held back waits in *Needs you* and in the next
brief. Whether a page is being looked at only the browser knows; it keeps silent then.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from everword.attention.types import Habits
from everword.runs.types import Run, RunState, Waiting

FRESH = timedelta(minutes=2)
"""What was told longer ago is no news: a page that comes back reads it in Needs you."""
_FOR_PERSON = frozenset({Waiting.APPROVAL.value, Waiting.QUESTION.value})


class NoticeKind(StrEnum):
    """What a notice is about."""

    APPROVAL = "approval"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Notice:
    """What a browser may show: why, and the title of the run."""

    kind: NoticeKind
    title: str


def of_waiting_run(run: Run, title: str, *, told_at: datetime, now: datetime, habits: Habits) -> Notice | None:
    """The notice of a run that began to wait at `told_at`; None where nobody is to be interrupted for it now."""
    if run.state is not RunState.WAITING or run.waiting_for not in _FOR_PERSON:
        return None
    if now - told_at > FRESH or is_quiet(now, habits):
        return None
    return Notice(NoticeKind(run.waiting_for), title)


def is_quiet(now: datetime, habits: Habits) -> bool:
    """Whether it is within the person's quiet hours, which may reach past midnight."""
    if habits.quiet_from is None or habits.quiet_from == habits.quiet_until:
        return False
    local = now.astimezone(ZoneInfo(habits.time_zone)).time()
    return _is_within(local, habits.quiet_from, habits.quiet_until)


def _is_within(at: time, first: time, last: time) -> bool:
    return first <= at < last if first < last else at >= first or at < last
