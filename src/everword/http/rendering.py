"""From rows to shapes: a conversation's turns with their versions, quotes and what is being written."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from everword.agents import waiting
from everword.agents.transcript import RESET, partial
from everword.core.ids import ConversationId, RunId
from everword.core.types import Label, Principal
from everword.http.shapes import (
    CitationShape,
    ConversationShape,
    EntryShape,
    PendingShape,
    QuoteShape,
    RunShape,
    WaitingShape,
)
from everword.memory import attachment_store, conversation_store, recalled_store, store
from everword.memory.branch import branch, parent_of_answer, parents, versions
from everword.memory.types import Conversation, Entry, EntryKind, Footnote, Quote
from everword.runs import store as run_store
from everword.runs.types import Run, RunState
from everword.storage import events

OPEN = (RunState.QUEUED, RunState.RUNNING, RunState.WAITING)
TURNS_AT_MOST = 400
_ENDED_RUNS = 20  # how far back to look for one that ended without words


def conversation_shapes(
    connection: Connection, who: Principal, conversations: Sequence[Conversation]
) -> list[ConversationShape]:
    """Conversations as a list shows them."""
    ids = [conversation.id for conversation in conversations]
    open_runs = run_store.listed(connection, who, states=OPEN, conversation_ids=ids) if ids else []
    running = {run.conversation_id for run in open_runs}
    return [ConversationShape.of(item, is_running=item.id in running) for item in conversations]


def conversation_shape(connection: Connection, who: Principal, conversation_id: ConversationId) -> ConversationShape:
    """One conversation. Raises NotFound."""
    return conversation_shapes(connection, who, [conversation_store.get(connection, who, conversation_id)])[0]


@dataclass(frozen=True, slots=True)
class Turns:
    """A conversation as it is shown: its newest turns, what is being written last; how many turns came before them, and
    what waits behind.
    """

    shown: list[EntryShape | PendingShape]
    earlier: int
    waiting: list[WaitingShape]


def turns(connection: Connection, who: Principal, conversation: Conversation) -> Turns:
    """The newest turns of the shown branch; while an answer is written, of the branch that it will end."""
    entries = store.of_conversation(connection, who, conversation.id)
    unfinished = waiting.unfinished(connection, who, conversation.id)
    questions = {entry.id: entry for entry in entries}
    leaf_id = conversation.leaf_id
    if unfinished and (asked := questions.get(unfinished[0].input.get("question_id", ""))) is not None:
        leaf_id = parent_of_answer(entries, asked)
    shown = branch(entries, leaf_id)
    spoken = [entry for entry in shown if entry.kind is not EntryKind.DOCUMENT or entry.source != "attachment"]
    newest = spoken[-TURNS_AT_MOST:]
    shapes: list[EntryShape | PendingShape] = [*entry_shapes(connection, who, newest, entries)]
    pending = unfinished[0] if unfinished else _ended_without_words(connection, who, conversation, shown)
    if pending is not None:
        shapes.append(pending_shape(connection, who, pending))
    behind = [
        WaitingShape(entry=entry_shapes(connection, who, [question], entries)[0], run=shape)
        for run, shape in zip(unfinished[1:], run_shapes(connection, who, unfinished[1:]), strict=True)
        if (question := questions.get(run.input.get("question_id", ""))) is not None
    ]
    return Turns(shapes, len(spoken) - len(newest), behind)


def entry_shapes(
    connection: Connection, who: Principal, shown: Sequence[Entry], entries: Sequence[Entry]
) -> list[EntryShape]:
    """Entries as a conversation shows them; `entries` holds their versions."""
    families = versions(entries)
    followed = parents(entries)
    queued = _queued_questions(connection, who, shown)
    attached = attachment_store.of_entries(connection, who, [entry.id for entry in shown])
    run_ids = [entry.run_id for entry in shown if entry.run_id is not None]
    quotes = recalled_store.of_runs(connection, who, run_ids) if run_ids else {}
    footnotes = recalled_store.of_answers(connection, who, [entry.id for entry in shown if entry.run_id is not None])
    titles = _titles(connection, who, [quote for some in quotes.values() for quote in some])
    shapes = []
    for entry in shown:
        notes = footnotes.get(entry.id, [])
        cited = {note.entry.id for note in notes}
        recalled = quotes.get(entry.run_id, []) if entry.run_id else []
        by_entry = {quote.entry.id: quote for quote in recalled}
        citations = [_citation_shape(note, by_entry.get(note.entry.id), titles) for note in notes]
        found = [QuoteShape.of(quote, _title(quote, titles)) for quote in recalled if quote.entry.id not in cited]
        own = [attachment for attachment in attached if attachment.entry_id == entry.id]
        shapes.append(
            EntryShape.of(
                entry,
                families.get(entry.first_version, [entry]),
                own,
                citations,
                found,
                parent_id=followed.get(entry.id, entry.parent_id),
                is_queued=entry.id in queued,
            )
        )
    return shapes


def entry_shape(connection: Connection, who: Principal, entry: Entry) -> EntryShape:
    """One entry with its versions."""
    entries = [entry]
    if entry.conversation_id is not None:
        entries = store.of_conversation(connection, who, entry.conversation_id)
    return entry_shapes(connection, who, [entry], entries)[0]


def pending_shape(connection: Connection, who: Principal, run: Run) -> PendingShape:
    """What a run is writing: its words so far, what was found for it and what it cites."""
    told = events.after(connection, who, 0, run_id=run.id, limit=100_000)
    resets = [index for index, event in enumerate(told) if event.type == RESET]
    attempt = told[resets[-1] :] if resets else told
    cited = [event.payload for event in attempt if event.type == "run.cited"]
    quotes = recalled_store.of_runs(connection, who, [run.id]).get(run.id, [])
    titles = _titles(connection, who, quotes)
    by_entry = {quote.entry.id: quote for quote in quotes}
    citations = [
        citation_shape(quote, payload, _title(quote, titles))
        for payload in cited
        if (quote := by_entry.get(payload["entry_id"])) is not None
    ]
    named = {payload["entry_id"] for payload in cited}
    found = [QuoteShape.of(quote, _title(quote, titles)) for quote in quotes if quote.entry.id not in named]
    shown = partial(attempt)
    return PendingShape(
        run=run_shape(connection, who, run),
        text=shown.text,
        model=shown.model or run.input.get("model"),
        basis=None,
        found=found,
        citations=citations,
    )


def citation_shape(quote: Quote, payload: dict[str, Any], title: str) -> CitationShape:
    """A footnote from what its event told."""
    shape = QuoteShape.of(quote, title)
    shape.start, shape.end = payload["start"], payload["end"]
    shape.text = quote.entry.text[shape.start : shape.end]
    return CitationShape(number=payload["number"], after=payload["after"], quote=shape)


def run_shape(connection: Connection, who: Principal, run: Run) -> RunShape:
    """A run with the title of its conversation."""
    return run_shapes(connection, who, [run])[0]


def run_shapes(connection: Connection, who: Principal, runs: Sequence[Run]) -> list[RunShape]:
    """Runs with the titles of their conversations, and their places where they wait behind others there."""
    ids = {run.conversation_id for run in runs if run.conversation_id is not None}
    titles = conversation_store.titles(connection, who, ids) if ids else {}
    queued = {run.conversation_id for run in runs if run.conversation_id and run.state is RunState.QUEUED}
    unfinished = run_store.unfinished_of(connection, who, queued) if queued else {}
    places = {run.id: place for some in unfinished.values() for place, run in enumerate(some) if place}
    return [
        RunShape.of(run, titles.get(run.conversation_id) if run.conversation_id else None, places.get(run.id))
        for run in runs
    ]


def found_shapes(connection: Connection, who: Principal, run_id: RunId) -> list[QuoteShape]:
    """What was recalled for a run, by rank."""
    quotes = recalled_store.of_runs(connection, who, [run_id]).get(run_id, [])
    titles = _titles(connection, who, quotes)
    return [QuoteShape.of(quote, _title(quote, titles)) for quote in quotes]


def quote_of(connection: Connection, who: Principal, run_id: RunId, entry_id: str) -> tuple[Quote, str] | None:
    """One of the quotes recalled for a run, with the title of its conversation."""
    for quote in recalled_store.of_runs(connection, who, [run_id]).get(run_id, []):
        if quote.entry.id == entry_id:
            return quote, _title(quote, _titles(connection, who, [quote]))
    return None


def _citation_shape(note: Footnote, quote: Quote | None, titles: dict[ConversationId, str]) -> CitationShape:
    """A footnote as it was kept, with the score of what it was found by."""
    whole = quote or Quote(entry=note.entry, start=note.start, end=note.end, rank=0, score=0.0)
    payload = {"number": note.number, "after": note.after, "start": note.start, "end": note.end}
    return citation_shape(whole, payload, _title(whole, titles))


def _titles(connection: Connection, who: Principal, quotes: Collection[Quote]) -> dict[ConversationId, str]:
    ids = {quote.entry.conversation_id for quote in quotes if quote.entry.conversation_id is not None}
    return conversation_store.titles(connection, who, ids) if ids else {}


def _title(quote: Quote, titles: dict[ConversationId, str]) -> str:
    return titles.get(quote.entry.conversation_id, "") if quote.entry.conversation_id else ""


def _queued_questions(connection: Connection, who: Principal, shown: Sequence[Entry]) -> set[str]:
    """Which of these messages wait behind an answer."""
    waited = {entry.conversation_id for entry in shown if entry.conversation_id and waiting.has_waited(entry)}
    unfinished = run_store.unfinished_of(connection, who, waited) if waited else {}
    return {run.input.get("question_id", "") for runs in unfinished.values() for run in runs[1:]}


def _ended_without_words(
    connection: Connection, who: Principal, conversation: Conversation, shown: Sequence[Entry]
) -> Run | None:
    """The newest run for the last question of the shown branch, where it failed or was stopped before a word."""
    asked = next((entry for entry in reversed(shown) if entry.label is Label.OWNER), None)
    if asked is None:
        return None
    runs = run_store.newest_of_conversation(connection, who, conversation.id, _ENDED_RUNS)
    run = next((run for run in runs if run.input.get("question_id") == asked.id), None)
    if run is None or run.state is RunState.DELIVERED or any(entry.run_id == run.id for entry in shown):
        return None
    return run
