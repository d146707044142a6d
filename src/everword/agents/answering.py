"""The answer of a chat turn: streamed, cited by rule, and written once, whole or marked as broken off."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from everword.agents.context import Prompt
from everword.agents.speaking import Image, speak
from everword.agents.transcript import DELTA, Transcript
from everword.agents.types import Finding, TurnInput
from everword.core import clock
from everword.core.errors import EverwordError
from everword.core.types import Label, Priority
from everword.memory import conversation_store, recalled_store, store
from everword.memory.branch import answer_key, parent_of_answer
from everword.memory.citing import Citation, Citer
from everword.memory.types import Basis, Entry, EntryState, NewEntry, Quote
from everword.models.gateway import Gateway
from everword.models.types import ModelInfo
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.errors import Stopped
from everword.runs.segment import Segment
from everword.runs.types import RunState
from everword.storage import events

NOTHING = "I have nothing on that."
KEPT = "Kept, word for word. Ask for it any time."
SOURCE = "chat"


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a model needs to answer, and what it may cite."""

    model: ModelInfo
    prompt: Prompt
    question: Entry
    quotes: Sequence[Quote]
    timezone: str
    images: tuple[Image, ...]
    unseen: tuple[str, ...]


async def answer(gateway: Gateway, segment: Segment, turn: TurnInput, prepared: Prepared) -> None:
    """Stream the model's answer and end the run with it: delivered, stopped or failed, in one transaction."""
    answered = _Answer(segment, turn, prepared)
    if await asyncio.to_thread(answered.is_written):
        return
    try:
        await segment.until_stopped(answered.stream(gateway))
    except Stopped:
        await answered.end(EntryState.INTERRUPTED, RunState.CANCELLED, "stopped by the owner", None)
    except EverwordError as error:
        await answered.end(EntryState.INTERRUPTED, RunState.FAILED, error.code, error)
    else:
        await answered.end(EntryState.COMPLETE, RunState.DELIVERED, "answered", None)


def rule_for(finding: Finding) -> Callable[[Segment, TurnInput], None] | None:
    """How to answer without a model, where a rule says the answer."""
    if finding.is_to_keep:
        return deliver_kept
    return deliver_nothing if finding.has_nothing else None


def deliver_kept(segment: Segment, turn: TurnInput) -> None:
    """Answer a message that asks to be remembered, with its own words as they are kept."""
    who = segment.who
    with segment.writing() as connection:
        told = store.get(connection, who, turn.question_id)
        entry = write_answer(connection, segment, turn, KEPT, EntryState.COMPLETE, model=None, basis=Basis.MEMORY)
        quoted = Citation(number=1, after=len(KEPT), entry_id=told.id, start=0, end=len(told.text), rank=1)
        recalled_store.cite(connection, who, entry.space_id, entry.id, [quoted])
        _finish(connection, segment, entry, RunState.DELIVERED, "kept", None)


def deliver_nothing(segment: Segment, turn: TurnInput) -> None:
    """Answer that memory holds nothing on the question, without asking a model."""
    with segment.writing() as connection:
        entry = write_answer(
            connection, segment, turn, NOTHING, EntryState.COMPLETE, model=None, basis=Basis.NOTHING_FOUND
        )
        _finish(connection, segment, entry, RunState.DELIVERED, "nothing was found", None)


def write_answer(
    connection: Connection,
    segment: Segment,
    turn: TurnInput,
    text: str,
    state: EntryState,
    *,
    model: str | None,
    basis: Basis | None,
    unseen: Sequence[str] = (),
    why: str | None = None,
) -> Entry:
    """Write an answer as an entry, once an attempt, and show the branch that ends in it. `why` it has no words."""
    entries = store.of_conversation(connection, segment.who, turn.conversation_id)
    question = next(entry for entry in entries if entry.id == turn.question_id)
    parent_id = parent_of_answer(entries, question)
    version_of = turn.version_of or next(
        (entry.first_version for entry in entries if entry.parent_id == parent_id and entry.label is Label.ASSISTANT),
        None,
    )
    entry = store.append(
        connection,
        segment.who,
        NewEntry(
            space_id=segment.run.space_id,
            label=Label.ASSISTANT,
            text=text,
            said_at=clock.now(),
            source=SOURCE,
            external_id=answer_key(segment.run.id, segment.run.attempt, state),
            conversation_id=turn.conversation_id,
            parent_id=parent_id,
            version_of=version_of,
            speaker="Everword",
            state=state,
            run_id=segment.run.id,
            model=model,
            basis=basis,
            details=({"unseen": list(unseen)} if unseen else {}) | ({"why": why} if why else {}) or None,
        ),
    )
    store.set_leaf(connection, segment.who, turn.conversation_id, entry.id, at=entry.said_at)
    events.append(connection, segment.who, entry.space_id, "entry.added", {"entry_id": entry.id}, run_id=entry.run_id)
    return entry


def end_without_words(segment: Segment, turn: TurnInput, state: RunState, cause: str, error: EverwordError) -> None:
    """End a run that was stopped, or went wrong, before its model was asked. One that has ended stays as it is."""
    with segment.writing() as connection:
        if run_store.get(connection, segment.who, segment.run.id, hold=True).state.is_ended:
            return
        failure = error if state is RunState.FAILED else None
        entry = _write_absence(connection, segment, turn, failure)
        _finish(connection, segment, entry, state, cause, failure)


def _write_absence(
    connection: Connection, segment: Segment, turn: TurnInput, error: EverwordError | None
) -> Entry | None:
    """Where messages wait behind this turn, an entry without words holds the place of its answer, so that they follow
    it. Else nothing: the run's row says how it ended, and the question can be asked again.
    """
    waiting = run_store.unfinished_of(connection, segment.who, [turn.conversation_id])
    if not any(run.id != segment.run.id for run in waiting.get(turn.conversation_id, [])):
        return None
    state = EntryState.INTERRUPTED if error is None else EntryState.FAILED
    why = None if error is None else error.message
    return write_answer(connection, segment, turn, "", state, model=None, basis=None, why=why)


def _finish(
    connection: Connection,
    segment: Segment,
    entry: Entry | None,
    state: RunState,
    cause: str,
    error: EverwordError | None,
) -> None:
    """End the run in the transaction of its last words; what was streamed is in the entry now, so it goes."""
    who, run = segment.who, segment.run
    events.remove(connection, who, run.id, DELTA)
    result = {"entry_id": entry.id} if entry else None
    runs.finish(connection, who, run.id, state, cause=cause, result=result, error=error)
    events.append(connection, who, run.space_id, "run.finished", result or {}, run_id=run.id)
    if run.conversation_id is not None:
        conversation = conversation_store.get(connection, who, run.conversation_id)
        payload = {"conversation_id": conversation.id}
        events.append(connection, who, run.space_id, "conversation.changed", payload)


class _Answer:
    """One attempt at an answer: its transcript, and the citations found in it so far."""

    def __init__(self, segment: Segment, turn: TurnInput, prepared: Prepared) -> None:
        self._segment = segment
        self._turn = turn
        self._prepared = prepared
        self.transcript = Transcript(segment, prepared.model.id)
        read = [quote for quote in prepared.quotes if quote.is_in_prompt]  # what it was not given it cannot quote
        self._citer = Citer(read, prepared.question.text, prepared.timezone)
        self._cited: list[Citation] = []

    def is_written(self) -> bool:
        """Whether an earlier execution of this step had committed the answer."""
        run = self._segment.run
        with self._segment.database.reading(self._segment.who) as connection:
            written = store.of_run(connection, self._segment.who, run.id, SOURCE)
        return any(entry.state is EntryState.COMPLETE for entry in written)

    async def stream(self, gateway: Gateway) -> None:
        """Let the model speak; commit its words as they come, and cite each sentence when it is finished."""
        model = gateway.model(
            self._segment.who,
            self._prepared.model.id,
            priority=Priority.PERSON,
            run_id=self._segment.run.id,
            on_queue=self._tell_queue,
        )
        async with aclosing(speak(model, self._prepared.prompt, images=self._prepared.images)) as pieces:
            async for piece in pieces:
                if await self.transcript.write(piece):
                    await self._cite(is_finished=False)
        await self.transcript.flush()
        await self._cite(is_finished=True)

    async def end(self, state: EntryState, run_state: RunState, cause: str, error: EverwordError | None) -> None:
        """Write what was said, if anything was, and end the run."""
        if run_state is not RunState.DELIVERED:
            await self.transcript.flush()
        await asyncio.to_thread(self._write, state, run_state, cause, error)

    def _write(self, state: EntryState, run_state: RunState, cause: str, error: EverwordError | None) -> None:
        segment = self._segment
        text = self.transcript.text
        with segment.writing() as connection:
            entry = None
            if text or state is EntryState.COMPLETE:
                basis = Basis.MEMORY if self._cited else Basis.NOT_FROM_MEMORY
                entry = write_answer(
                    connection,
                    segment,
                    self._turn,
                    text,
                    state,
                    model=self._prepared.model.id,
                    basis=basis,
                    unseen=self._prepared.unseen,
                )
                recalled_store.cite(connection, segment.who, entry.space_id, entry.id, self._cited)
            else:
                entry = _write_absence(connection, segment, self._turn, error)
            _finish(connection, segment, entry, run_state, cause, error)

    async def _cite(self, *, is_finished: bool) -> None:
        """Attach to the sentences that are finished the quotes whose words agree with them."""
        found = self._citer.feed(self.transcript.text, is_finished=is_finished)
        self._cited += found
        for citation in found:
            await asyncio.to_thread(self._tell, "run.cited", asdict(citation))

    def _tell_queue(self, position: int, wait_s: float) -> None:
        self._tell("run.queued", {"place": position, "wait_s": wait_s})

    def _tell(self, type: str, payload: dict[str, object]) -> None:
        segment = self._segment
        with segment.writing() as connection:
            events.append(connection, segment.who, segment.run.space_id, type, payload, run_id=segment.run.id)
