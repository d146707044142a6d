"""The tools that read and write memory: what each takes, how much it gives, what it does. Nothing of the protocol."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, Field

from everword.accounts.types import Scope
from everword.core.errors import Invalid
from everword.core.ids import EntryId
from everword.http.identifiers import Identifier
from everword.http.mcp.caller import Caller, on_a_thread
from everword.http.mcp.facts import FACTS
from everword.http.mcp.quotes import ENTRY_URI, Quote, quotes
from everword.http.mcp.tool import Given, Tool
from everword.memory import store
from everword.memory.index.filters import Filters
from everword.memory.remember import MAX_CHARACTERS, remember

_RECALL_TOKENS = 2_000
_MOST_RECALL_TOKENS = 16_000
_MOST_CONTEXT_CHARACTERS = 60_000


class RecallGiven(Given):
    """A question, and what to limit the finding to."""

    question: Annotated[str, Field(min_length=1, max_length=4000, description="In plain words, with names and times.")]
    limit: Annotated[int, Field(ge=1, le=50, description="Quotes at most.")] = 10
    budget_tokens: Annotated[
        int, Field(ge=50, le=_MOST_RECALL_TOKENS, description="About how many tokens of quotes at most.")
    ] = _RECALL_TOKENS
    speaker: Annotated[str | None, Field(max_length=200, description="Only what this person said.")] = None
    since: Annotated[AwareDatetime | None, Field(description="From this moment on, with its time zone.")] = None
    until: Annotated[AwareDatetime | None, Field(description="Before this moment, with its time zone.")] = None


class RecallAnswer(BaseModel):
    """What was found, best first."""

    quotes: list[Quote]
    is_supported: Annotated[bool, Field(description="Whether anything found bears an answer out.")]
    note: str

    def told(self) -> str:
        """The note, then the quotes."""
        return "\n\n".join([self.note, *(quote.told() for quote in self.quotes)])


class TimelineGiven(Given):
    """Where in the timeline to begin, and how far to read."""

    day: Annotated[date | None, Field(description="Begin at the end of this day, in the owner's time zone.")] = None
    before: Annotated[str | None, Field(max_length=80, description="`next` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class TimelineAnswer(BaseModel):
    """A page of the timeline, newest first."""

    entries: list[Quote]
    next: Annotated[str | None, Field(description="Give it as `before` for the page of older entries.")]

    def told(self) -> str:
        """The entries, and how to go on."""
        if not self.entries:
            return "There are no entries before that."
        more = f'Older entries: call timeline with before="{self.next}".' if self.next else "That is all."
        return "\n\n".join([*(entry.told() for entry in self.entries), more])


class ContextGiven(Given):
    """An entry, and how much around it."""

    entry_id: Annotated[Identifier, Field(description="As a quote names it.")]
    before: Annotated[int, Field(ge=0, le=20)] = 3
    after: Annotated[int, Field(ge=0, le=20)] = 3


class ContextAnswer(BaseModel):
    """An entry whole, with its neighbours in the conversation, in order."""

    entry_id: str
    entries: list[Quote]

    def told(self) -> str:
        """In order, as it was said."""
        return "\n\n".join(entry.told() for entry in self.entries)


class RememberGiven(Given):
    """What to keep."""

    text: Annotated[
        str,
        Field(
            min_length=1, max_length=MAX_CHARACTERS, description="Whole sentences that can be understood on their own."
        ),
    ]


class RememberAnswer(BaseModel):
    """The entry that was written, or the one that says the same already."""

    entry_id: str
    uri: str
    is_new: bool

    def told(self) -> str:
        """What was kept."""
        return f"Remembered as {self.uri}." if self.is_new else f"This was remembered before, as {self.uri}."


@on_a_thread
def _recall(caller: Caller, given: RecallGiven) -> RecallAnswer:
    recalled = caller.services.recaller.recall(
        caller.who,
        given.question,
        timezone=caller.time_zone,
        k=given.limit,
        budget_tokens=given.budget_tokens,
        filters=Filters(speaker=given.speaker or None, since=given.since, until=given.until),
    )
    with caller.services.database.reading(caller.who) as connection:
        found = quotes(
            connection,
            caller.who,
            [hit.entry for hit in recalled.hits],
            [(hit.start, hit.end) for hit in recalled.hits],
        )
    return RecallAnswer(quotes=found, is_supported=recalled.is_supported, note=_note(found, recalled.is_supported))


def _note(found: list[Quote], is_supported: bool) -> str:
    if not found:
        return "Memory holds nothing on that."
    if not is_supported:
        return "Nothing found bears an answer out; these are only the nearest. Say so rather than guess."
    return "Quotes from memory, best first. Cite them by their addresses."


@on_a_thread
def _timeline(caller: Caller, given: TimelineGiven) -> TimelineAnswer:
    edge = _edge(caller, given)
    with caller.services.database.reading(caller.who) as connection:
        entries = store.timeline(connection, caller.who, before=edge, limit=given.limit + 1)
        page = entries[: given.limit]
        shown = quotes(connection, caller.who, page)
    last = page[-1] if len(entries) > given.limit else None
    place = f"{last.said_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z,{last.position}" if last else None
    return TimelineAnswer(entries=shown, next=place)


def _edge(caller: Caller, given: TimelineGiven) -> tuple[datetime, int] | None:
    if given.before is not None:
        at, _, position = given.before.partition(",")
        try:
            edge = datetime.fromisoformat(at), int(position)
        except ValueError:
            edge = None
        if edge is None or edge[0].tzinfo is None:
            raise Invalid(why="before: give the `next` of the page before, as it is.")
        return edge
    if given.day is None:
        return None
    following = datetime.combine(given.day + timedelta(days=1), time(), ZoneInfo(caller.time_zone))
    return following.astimezone(UTC), 0


@on_a_thread
def _context(caller: Caller, given: ContextGiven) -> ContextAnswer:
    with caller.services.database.reading(caller.who) as connection:
        around = store.around(connection, caller.who, EntryId(given.entry_id), given.before, given.after)
        longest = _MOST_CONTEXT_CHARACTERS // len(around)
        spans = [(0, _MOST_CONTEXT_CHARACTERS if each.id == given.entry_id else longest) for each in around]
        return ContextAnswer(entry_id=given.entry_id, entries=quotes(connection, caller.who, around, spans))


@on_a_thread
def _remember(caller: Caller, given: RememberGiven) -> RememberAnswer:
    entry, is_new = remember(caller.services.database, caller.who, given.text, program=caller.program)
    return RememberAnswer(entry_id=entry.id, uri=ENTRY_URI.format(entry_id=entry.id), is_new=is_new)


TOOLS = (
    Tool(
        "recall",
        "Recall",
        "Find what was said, read or written before, for a question: verbatim quotes with who, when and where, best "
        "first. Use it before answering anything about the owner's past, people, plans or preferences. Where "
        "`is_supported` is false, memory does not hold the answer: say that.",
        Scope.RECALL,
        RecallGiven,
        RecallAnswer,
        _recall,
    ),
    Tool(
        "timeline",
        "Timeline",
        "Read every word by when it was said, newest first, a page at a time: what happened on a day, what was said "
        "lately.",
        Scope.RECALL,
        TimelineGiven,
        TimelineAnswer,
        _timeline,
    ),
    Tool(
        "context",
        "Context of an entry",
        "Read one entry whole, with what was said before and after it in its conversation.",
        Scope.RECALL,
        ContextGiven,
        ContextAnswer,
        _context,
    ),
    FACTS,
    Tool(
        "remember",
        "Remember",
        "Keep something for good in the owner's memory, where they see it as this program's words, not as their own. "
        "Use it when the owner asks you to remember, or for a decision that later conversations need.",
        Scope.REMEMBER,
        RememberGiven,
        RememberAnswer,
        _remember,
        writes=True,
    ),
)
