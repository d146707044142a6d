"""The brief of a day: made once, read as it stands now, and what the person says to its cards.

A brief keeps references. Its words are read from their sources each time, so what was answered, done or forgotten
meanwhile is not put before anybody again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from everword.accounts import store as accounts
from everword.agents import today
from everword.attention import store
from everword.attention.days import local_day
from everword.attention.due import last_due, next_due
from everword.attention.gathering import Round, gather
from everword.attention.ranking import MOST_CARDS, ranked
from everword.attention.types import Brief, Card, CardId, CardState, Habits, HeldBack, Item, Source, SummaryState
from everword.core import clock
from everword.core.errors import Conflict
from everword.core.ids import RunId, TaskId
from everword.core.types import Principal
from everword.memory.facts import promise_store
from everword.memory.facts.types import PromiseId, PromiseState
from everword.memory.notes import tasks
from everword.memory.notes.types import Author
from everword.runs.rounds import NEEDS_YOU
from everword.storage import events, preference_store
from everword.storage.database import Database
from everword.tools.toolbox import Toolbox

BRIEF = "brief.changed"
LESS = "brief_less"
"""The preference in which a person's "less like this" is kept: sorts of cards, each with what it says."""
_FIRST_LOOK = timedelta(days=1)
_KEPT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Shown:
    """A card with its words as they are now. `held_back`: why it is not among the seven, if it is not."""

    card: Card
    item: Item
    held_back: HeldBack | None


@dataclass(frozen=True, slots=True)
class Reading:
    """The brief of today as it stands, if there is one; what is held back; and when the next one is made."""

    brief: Brief | None
    cards: list[Shown]
    held: list[Shown]
    less: dict[str, str]
    next_at: datetime | None


class Briefs:
    """Everybody's briefs. `habits` gives what a person has set; `toolbox` knows how to say what a call would do."""

    def __init__(self, database: Database, toolbox: Toolbox, habits: Callable[[Principal], Habits]) -> None:
        self._database = database
        self._toolbox = toolbox
        self.habits = habits

    def make_due(self, who: Principal) -> Brief | None:
        """Make the brief whose hour has come; None where none is due, or it is made. A missed one is made once, now."""
        habits, now = self.habits(who), clock.now()
        due = last_due(habits.brief_at, habits.time_zone, now) if habits.brief_at else None
        if due is None or not self._is_to_come(who, due):
            return None
        return self._make(who, habits, due, now)

    def make_now(self, who: Principal) -> None:
        """Make today's brief at once; where it is made already, add what has come since."""
        habits, now = self.habits(who), clock.now()
        if self._make(who, habits, now, now) is None:
            self._add(who, habits, now)

    def next_at(self, who: Principal) -> datetime | None:
        """When the next brief is made, if the person wants one: now, where one is due."""
        habits, now = self.habits(who), clock.now()
        if habits.brief_at is None:
            return None
        due = last_due(habits.brief_at, habits.time_zone, now)
        is_due = due is not None and self._is_to_come(who, due)
        return now if is_due else next_due(habits.brief_at, habits.time_zone, now)

    def read(self, who: Principal) -> Reading:
        """Today's brief as it stands now."""
        habits, now = self.habits(who), clock.now()
        with self._database.reading(who) as connection:
            brief = self._todays(connection, who, habits, now)
            cards = store.cards(connection, who, brief.id) if brief else []
            less = less_of(connection, who)
        upcoming = next_due(habits.brief_at, habits.time_zone, now) if habits.brief_at else None
        if brief is None:
            return Reading(None, [], [], less, upcoming)
        live = {
            item.key: item for item in gather(self._database, self._toolbox.for_(who), _round(who, habits, brief, now))
        }
        shown = [Shown(card, live[card.key], _held(card, less)) for card in cards if card.key in live]
        open_ones = [each for each in shown if each.card.state in {CardState.OPEN, CardState.LATER}]
        return Reading(
            brief,
            [each for each in open_ones if each.held_back is None],
            [each for each in open_ones if each.held_back is not None],
            less,
            upcoming,
        )

    def decide(self, who: Principal, card_id: CardId, state: CardState) -> None:
        """Say to a card that it is done, is for later, is not to come again, or is open after all.

        That is said to what it tells of: a promise is kept, a failure was seen. Raises NotFound, or Conflict for what
        goes only by being answered.
        """
        with self._database.writing(who) as connection:
            card = store.decide(connection, who, card_id, state)
            _say_to_source(connection, who, card, state)
            _tell(connection, who, card.brief_id)

    def less(self, who: Principal, card_id: CardId) -> None:
        """Hold cards of that sort back from now on. Raises NotFound, or Conflict where that cannot be said."""
        reading = self.read(who)
        found = next((each for each in [*reading.cards, *reading.held] if each.card.id == card_id), None)
        if found is None or not found.item.sort:
            raise Conflict(why="What waits for your decision is not held back. Answer it, or set it aside for later.")
        self._keep_less(who, reading.less | {found.item.sort: found.item.sort_says})

    def lift(self, who: Principal, sort: str) -> None:
        """Show cards of that sort again."""
        with self._database.reading(who) as connection:
            less = less_of(connection, who)
        self._keep_less(who, {each: says for each, says in less.items() if each != sort})

    def _keep_less(self, who: Principal, less: dict[str, str]) -> None:
        with self._database.writing(who) as connection:
            preference_store.write(connection, who, who.own_space, LESS, less)
            events.append(connection, who, who.own_space, BRIEF, {})

    def _is_to_come(self, who: Principal, due: datetime) -> bool:
        """Whether that moment has still to be dealt with: it lies after the newest brief, and after they came here."""
        with self._database.reading(who) as connection:
            newest = store.newest(connection, who, who.own_space)
            person = accounts.get(connection, who, who.person_id)
        if newest is not None:
            return due > newest.due_at and local_day(due, self.habits(who).time_zone).isoformat() > newest.day
        return person is not None and due > person.created_at

    def _todays(self, connection: Connection, who: Principal, habits: Habits, now: datetime) -> Brief | None:
        """The newest brief, until the next one is due."""
        brief = store.newest(connection, who, who.own_space)
        if brief is None:
            return None
        is_todays = brief.day >= local_day(now, habits.time_zone).isoformat()
        last = last_due(habits.brief_at, habits.time_zone, now) if habits.brief_at else None
        return brief if is_todays or (last is not None and brief.due_at >= last) else None

    def _make(self, who: Principal, habits: Habits, due: datetime, now: datetime) -> Brief | None:
        with self._database.reading(who) as connection:
            since = today.last_looked(connection, who) or now - _FIRST_LOOK
            less = less_of(connection, who)
        look = Round(who, now, since, habits.time_zone)
        items = gather(self._database, self._toolbox.for_(who), look)
        with self._database.writing(who) as connection:
            day = local_day(due, habits.time_zone)
            brief = store.make(connection, who, who.own_space, day.isoformat(), due_at=due, since=since)
            if brief is None:
                return None
            store.prune(connection, who, who.own_space, (day - _KEPT).isoformat())
            self._write(connection, who, brief, items, less, habits, first_place=0)
        return brief

    def _add(self, who: Principal, habits: Habits, now: datetime) -> None:
        with self._database.reading(who) as connection:
            brief = store.newest(connection, who, who.own_space)
            less = less_of(connection, who)
            known = store.cards(connection, who, brief.id) if brief else []
        if brief is None:
            return
        items = gather(self._database, self._toolbox.for_(who), _round(who, habits, brief, now))
        keys = {card.key for card in known}
        with self._database.writing(who) as connection:
            new = [item for item in items if item.key not in keys]
            self._write(connection, who, brief, new, less, habits, first_place=len(known))

    def _write(
        self,
        connection: Connection,
        who: Principal,
        brief: Brief,
        items: list[Item],
        less: dict[str, str],
        habits: Habits,
        first_place: int,
    ) -> None:
        """Write cards for what is new, beside those that are there; at most seven of a brief are shown."""
        decided = store.decided_before(connection, who, who.own_space, [item.source_id for item in items])
        fresh = [item for item in items if item.key not in decided]
        places = MOST_CARDS - sum(card.held_back is None for card in store.cards(connection, who, brief.id))
        store.add_cards(connection, who, brief, ranked(fresh, less, places), first_place)
        if fresh and habits.worded_by != "rules only":
            store.word(connection, who, brief.id, SummaryState.WANTED, attempts=0)
        _tell(connection, who, brief.id)


def _say_to_source(connection: Connection, who: Principal, card: Card, state: CardState) -> None:
    is_over = state in {CardState.DONE, CardState.DISMISSED}
    match card.source:
        case Source.PROMISE:
            decided = PromiseState(state.value) if is_over else PromiseState.OPEN
            promise_store.decide(connection, who, PromiseId(card.source_id), decided)
            events.append(connection, who, card.space_id, "memory.facts", {"learned": 0})
        case Source.TASK if state in {CardState.DONE, CardState.OPEN}:
            done = tasks.Changed(is_done=state is CardState.DONE)
            tasks.change(connection, who, TaskId(card.source_id), done, Author())
        case Source.FAILURE if is_over:
            today.seen(connection, who, RunId(card.source_id))
            events.append(connection, who, card.space_id, NEEDS_YOU, {})
        case Source.ANSWER | Source.FACT | Source.TASK | Source.FAILURE:
            pass
        case _ if is_over:
            raise Conflict(why="This waits for you in Needs you. Answer it there, or set it aside for later.")


def less_of(connection: Connection, who: Principal) -> dict[str, str]:
    """What the person wants less of: the sort, and what it says."""
    return dict(preference_store.read(connection, who, who.own_space).get(LESS) or {})


def _round(who: Principal, habits: Habits, brief: Brief, now: datetime) -> Round:
    return Round(who, now, brief.since, habits.time_zone)


def _held(card: Card, less: dict[str, str]) -> HeldBack | None:
    """Why a card is held back now: by what the person said since, or else as when it was made."""
    if card.state is CardState.LATER:
        return HeldBack.LATER
    if card.sort and card.sort in less:
        return HeldBack.LESS
    return None if card.held_back is HeldBack.LESS else card.held_back


def _tell(connection: Connection, who: Principal, brief_id: str) -> None:
    events.append(connection, who, who.own_space, BRIEF, {"brief_id": brief_id})
