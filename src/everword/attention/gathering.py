"""The rules that find what is worth a card: what waits, what was delivered, what is due, what has changed.

Each reads what another room owns and says why it is put before the person now. No model is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from everword.agents import today, work
from everword.agents.conversation import title_of
from everword.agents.types import WORK
from everword.agents.work_log import Call
from everword.attention.days import bounds, local_day, told_day, told_time
from everword.attention.types import CardKind, Item, Quoted, Source, SourceId
from everword.connectors.mcp import store as mcp_store
from everword.connectors.mcp.types import ServerState
from everword.core.types import Principal
from everword.memory import conversation_store
from everword.memory.facts import promises
from everword.memory.facts import service as facts
from everword.memory.facts.service import Known
from everword.memory.facts.types import Promise
from everword.memory.notes import task_store
from everword.memory.types import Entry
from everword.runs.schedules.types import Schedule
from everword.runs.triggers.types import Trigger
from everword.runs.types import Run, RunState
from everword.storage.database import Database
from everword.tools.toolbox import Toolbox

_A_MOMENT = timedelta(seconds=1)
_OPEN_PROMISES = "promises without a day"
_BEGINNING_DAYS = 2
_MOST_ANSWERS = 50
_MOST_TASKS = 100


@dataclass(frozen=True, slots=True)
class Round:
    """For whom is looked, when, and since when."""

    who: Principal
    now: datetime
    since: datetime
    time_zone: str

    @property
    def today(self) -> date:
        """The person's day."""
        return local_day(self.now, self.time_zone)

    def told(self, at: datetime) -> str:
        """An instant in their words."""
        return told_time(at, self.now, self.time_zone)


def gather(database: Database, toolbox: Toolbox, look: Round) -> list[Item]:
    """All that a brief could tell of, in no order."""
    with database.reading(look.who) as connection:
        found = [
            *_waiting(connection, toolbox, look),
            *_changed_servers(connection, look),
            *_delivered(connection, look),
            *_tasks(connection, look),
        ]
    found += [_promise(promise, entry, look) for promise, entry in promises.still_open(database, look.who)]
    found += [_changed_fact(known, look) for known in facts.changed_since(database, look.who, look.since)]
    first, _ = bounds(look.today, look.time_zone)
    _, last = bounds(look.today + timedelta(days=_BEGINNING_DAYS - 1), look.time_zone)
    found += [_beginning_fact(known, look) for known in facts.beginning(database, look.who, first, last)]
    return list({item.key: item for item in found}.values())


def _waiting(connection: Connection, toolbox: Toolbox, look: Round) -> Iterator[Item]:
    """All of *Needs you*: the runs that wait for the person, and what ended without bringing anything."""
    found = work.needs_you(connection, look.who, frozenset(today.seen_runs(connection, look.who)))
    runs = [*(run for _, run, _, _ in found.approvals), *(run for run, _ in found.questions)]
    runs += [*(run for _, run, _ in found.unknown), *found.failures]
    talks = {run.conversation_id for run in runs if run.conversation_id is not None}
    titles = conversation_store.titles(connection, look.who, talks) if talks else {}

    def title(run: Run) -> str:
        return titles.get(run.conversation_id, "") if run.conversation_id else ""

    def waits(source: Source, source_id: str, run: Run, says: str, why: str, due: datetime | None = None) -> Item:
        return Item(
            source=source, source_id=SourceId(source_id), kind=CardKind.DECIDE, title=says, why=why,
            body=f"For: {title(run)}" if title(run) != says else "", came=run.ended_at or run.created_at,
            run_id=run.id, run_kind=run.kind, conversation_id=run.conversation_id, due=due,
        )  # fmt: skip

    for asked, run, _, call in found.approvals:
        why = f"waits for your yes until {look.told(asked.expires_at)}"
        yield waits(Source.APPROVAL, asked.id, run, _says(call, toolbox), why, due=asked.expires_at)
    for run, call in found.questions:
        until = f" until {look.told(run.wakes_at)}" if run.wakes_at else ""
        yield waits(
            Source.QUESTION, run.id, run, _says(call, toolbox), f"waits for your answer{until}", due=run.wakes_at
        )
    for effect, run, call in found.unknown:
        at = look.told(effect.intended_at or effect.created_at)
        yield waits(
            Source.UNKNOWN, effect.id, run, _says(call, toolbox), f"may have happened at {at}; only you can tell"
        )
    for run in found.failures:
        yield waits(Source.FAILURE, run.id, run, title(run), _why_failed(run, look))
    yield from (_rests(Source.SCHEDULE, *each) for each in found.broken)
    yield from (_rests(Source.TRIGGER, *each) for each in found.stuck)


def _rests(source: Source, paused: Schedule | Trigger, request: str) -> Item:
    return Item(
        source=source, source_id=SourceId(paused.id), kind=CardKind.DECIDE, title=title_of(request),
        why=f"this {source.value} was paused, because it could not begin its run", body=paused.reason or "",
        came=paused.updated_at,
    )  # fmt: skip


def _why_failed(run: Run, look: Round) -> str:
    at = look.told(run.ended_at or run.created_at)
    match run.state:
        case RunState.MISSED:
            return f"missed: {run.error}" if run.error else f"missed, {at}"
        case RunState.EXPIRED:
            return f"ended {at}, because nobody answered"
        case _:
            return f"failed {at}: {run.error}" if run.error else f"failed {at}"


def _changed_servers(connection: Connection, look: Round) -> Iterator[Item]:
    for server in mcp_store.all_of(connection, look.who, look.who.own_space):
        changed = [tool.name for tool in server.tools if not tool.is_available and not tool.why_not]
        if server.state is ServerState.CHANGED and changed:
            yield Item(
                source=Source.MCP_SERVER, source_id=SourceId(server.id), kind=CardKind.DECIDE, came=server.updated_at,
                title=f"{server.name} says something else of its tools than you agreed to",
                why="they are not called until you agree", body=f"Changed: {', '.join(changed[:10])}",
            )  # fmt: skip


def _delivered(connection: Connection, look: Round) -> Iterator[Item]:
    for each in today.delivered_since(connection, look.who, look.since, _MOST_ANSWERS):
        run, schedule_id = each.run, each.run.input.get("schedule_id")
        what = "a schedule" if schedule_id else "work" if run.kind == WORK else "an answer"
        yield Item(
            source=Source.ANSWER, source_id=SourceId(run.id), kind=CardKind.PREPARED, came=each.entry.said_at,
            title=each.conversation.title, why=f"{what}, delivered {look.told(each.entry.said_at)}", body=each.excerpt,
            sort=f"schedule:{schedule_id}" if schedule_id else f"answer:{run.kind.replace('.', '_')}",
            sort_says=f"what the schedule “{each.conversation.title}” brings" if schedule_id else
            "answers in conversations" if run.kind != WORK else "what background work brings",
            run_id=run.id, run_kind=run.kind, conversation_id=run.conversation_id, entry_id=each.entry.id,
        )  # fmt: skip


def _tasks(connection: Connection, look: Round) -> Iterator[Item]:
    """The tasks that are overdue, due today, or due tomorrow; the rest is in the list of tasks."""
    for task in task_store.listed(connection, look.who, is_done=False, limit=_MOST_TASKS):
        if task.due is None:
            continue
        at = datetime.fromisoformat(task.due) if "T" in task.due else None
        day = date.fromisoformat(task.due) if at is None else local_day(at, look.time_zone)
        if day > look.today + timedelta(days=_BEGINNING_DAYS - 1):
            continue
        is_pressing = day <= look.today
        when = told_day(day, look.today) if at is None else look.told(at)
        yield Item(
            source=Source.TASK, source_id=SourceId(task.id), title=task.title, came=task.created_at,
            kind=CardKind.DECIDE if is_pressing else CardKind.WATCH,
            why=f"was due {when}" if task.is_overdue(look.now, look.time_zone) else f"due {when}",
            due=at or bounds(day, look.time_zone)[1],
            sort="" if is_pressing else "task:tomorrow", sort_says="" if is_pressing else "tasks that are due tomorrow",
            entry_id=task.source_entry_id or task.entry_id,
        )  # fmt: skip


def _promise(promise: Promise, entry: Entry, look: Round) -> Item:
    """What is due today or overdue is to be decided on; the rest is only to be watched."""
    due = None if promise.due is None else promise.due.at
    day = None if due is None else (due - _A_MOMENT).date()
    is_pressing = day is not None and day <= look.today
    if day is None:
        why = "you said you would; you named no day"
    else:
        why = f"you said you would by {told_day(day, look.today)}" + (", which has passed" if day < look.today else "")
    return Item(
        source=Source.PROMISE, source_id=SourceId(promise.id), title=promise.action, why=why, due=due,
        kind=CardKind.DECIDE if is_pressing else CardKind.WATCH, came=promise.said_at,
        sort="" if is_pressing else "promise:dated" if day else "promise:undated",
        sort_says="" if is_pressing else "promises whose day is to come" if day else _OPEN_PROMISES,
        quoted=Quoted(entry, promise.start, promise.end), entry_id=entry.id, conversation_id=entry.conversation_id,
    )  # fmt: skip


def _changed_fact(known: Known, look: Round) -> Item:
    before = next((older.statement for older, _ in known.replaced), "")
    return Item(
        source=Source.FACT, source_id=SourceId(known.fact.id), kind=CardKind.CHANGED, title=known.fact.statement,
        why=f"learned {look.told(known.fact.learned_at)}", body=f"Before: {before}" if before else "",
        came=known.fact.learned_at, sort="fact:changed", sort_says="facts that changed", quoted=_stand(known),
    )  # fmt: skip


def _beginning_fact(known: Known, look: Round) -> Item:
    start = known.fact.interval.start
    day = look.today if start is None else start.at.date()
    return Item(
        source=Source.FACT, source_id=SourceId(known.fact.id), kind=CardKind.WATCH, title=known.fact.statement,
        why=f"from {told_day(day, look.today)} on", came=known.fact.learned_at, due=start.at if start else None,
        sort="fact:begins", sort_says="facts that begin to hold", quoted=_stand(known),
    )  # fmt: skip


def _stand(known: Known) -> Quoted | None:
    """The newest words that a fact stands on."""
    if not known.stands:
        return None
    last = known.stands[-1]
    return Quoted(last.entry, last.claim.start, last.claim.end)


def _says(call: Call, toolbox: Toolbox) -> str:
    tool = toolbox.get(call.tool)
    return tool.says(call.arguments) if tool is not None else f"Call {call.tool}"
