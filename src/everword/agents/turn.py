"""A chat turn: recall for the question, let the model answer, keep the answer with its citations. A durable run."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from everword.agents import answering, waiting
from everword.agents.context import Prompt, ahead, assemble, estimate_tokens, quote_line, recall_budget
from everword.agents.speaking import Image, messages
from everword.agents.transcript import RESET, read_partial
from everword.agents.types import Finding, TurnInput
from everword.core import clock
from everword.core.errors import EverwordError
from everword.core.ids import EntryId
from everword.core.types import Principal
from everword.memory import attachment_store, conversation_store, recalled_store, store
from everword.memory.branch import branch, parent_of_answer
from everword.memory.recall import Recaller
from everword.memory.telling import asks_to_keep
from everword.memory.types import Entry, EntryKind, EntryState, Quote
from everword.models.errors import NoModel
from everword.models.gateway import Gateway
from everword.models.types import ModelInfo
from everword.runs.errors import Stopped, TakenOver
from everword.runs.segment import Segment
from everword.runs.types import RunState
from everword.storage import events
from everword.storage.database import Database

FOUND_AT_MOST = 8
_MODEL_COMES_S = 60.0
_MODEL_POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class Turns:
    """What chat turns need: where to recall, who speaks, and what the owner wants them to keep in mind."""

    database: Database
    recaller: Recaller
    gateway: Gateway
    own_instructions: Callable[[Principal], str]
    time_zone: Callable[[Principal], str]

    async def __call__(self, segment: Segment) -> None:
        """Execute a turn, or what is left of it after a crash."""
        turn = TurnInput(**segment.run.input)
        try:
            with self.gateway.attending():
                await self._answer(segment, turn)
        except Stopped as stopped:
            cause = "stopped by the owner"
            await asyncio.to_thread(answering.end_without_words, segment, turn, RunState.CANCELLED, cause, stopped)
        except TakenOver:
            raise
        except EverwordError as error:
            await asyncio.to_thread(answering.end_without_words, segment, turn, RunState.FAILED, error.code, error)
        except Exception:  # boundary: a mistake of ours ends this turn as errors do, or what waits behind would pass it
            unknown = EverwordError()
            await asyncio.to_thread(answering.end_without_words, segment, turn, RunState.FAILED, unknown.code, unknown)
            raise  # the engine records it
        await self._read_ahead(segment.who, turn)

    async def _answer(self, segment: Segment, turn: TurnInput) -> None:
        """The quotes come first: they wait for no model."""
        await asyncio.to_thread(self._begin, segment, turn)  # no step: each attempt has its own to look for
        found = await segment.step("recall", partial(asyncio.to_thread, self._recall, segment, turn))
        by_rule = answering.rule_for(Finding(**found))
        if by_rule is not None:
            await asyncio.to_thread(by_rule, segment, turn)
            return
        model = await segment.until_stopped(self._model(segment.who, turn.model))
        prepared = await asyncio.to_thread(self._prepare, segment, turn, model, Finding(**found))
        await segment.step("answer", partial(answering.answer, self.gateway, segment, turn, prepared))

    async def _read_ahead(self, who: Principal, turn: TurnInput) -> None:
        """However the turn ended: let a local model read what was said, while the person reads it too."""
        found = await asyncio.to_thread(self._said, who, turn)
        if found is not None:
            model, said = found
            self.gateway.read_ahead(model.id, messages(said))

    def _said(self, who: Principal, turn: TurnInput) -> tuple[ModelInfo, Prompt] | None:
        """Who would answer next, and the conversation as that model gets it; None while there is no model."""
        try:
            model = self.gateway.resolve(who, turn.model)
            with self.database.reading(who) as connection:
                leaf_id = conversation_store.get(connection, who, turn.conversation_id).leaf_id
                entries = store.of_conversation(connection, who, turn.conversation_id)
        except EverwordError:  # no model; or the conversation was forgotten meanwhile
            return None
        instructions = self.own_instructions(who)
        shown = branch(entries, leaf_id)
        return model, ahead(shown, own_instructions=instructions, context_tokens=model.context_tokens)

    async def _model(self, who: Principal, wanted: str | None) -> ModelInfo:
        """The model that answers. One that is on its way (the first start fetches the small one) is waited for."""
        given_up_at = clock.monotonic() + _MODEL_COMES_S
        while True:
            try:
                return await asyncio.to_thread(self.gateway.resolve, who, wanted)
            except NoModel:
                if clock.monotonic() > given_up_at:
                    raise
            await asyncio.sleep(_MODEL_POLL_S)

    def _begin(self, segment: Segment, turn: TurnInput) -> None:
        if segment.run.attempt > 1:
            self._keep_partial(segment, turn)
        waiting.move_up(self.database, segment.who, turn)

    def _keep_partial(self, segment: Segment, turn: TurnInput) -> None:
        """After a crash: what was shown of the attempt before becomes an interrupted version of its own."""
        shown = read_partial(self.database, segment.who, segment.run.id)
        if not shown.text:
            return
        with segment.writing() as connection:
            answering.write_answer(
                connection, segment, turn, shown.text, EntryState.INTERRUPTED, model=shown.model, basis=None
            )
            payload = {"attempt": segment.run.attempt, "why": "the program ended"}
            events.append(connection, segment.who, segment.run.space_id, RESET, payload, run_id=segment.run.id)

    def _recall(self, segment: Segment, turn: TurnInput) -> dict[str, Any]:
        """Find what the question may be about, record it, and tell the screen before the model speaks."""
        with self.database.reading(segment.who) as connection:
            question = store.get(connection, segment.who, turn.question_id)
            entries = store.of_conversation(connection, segment.who, turn.conversation_id)
        if asks_to_keep(question.text):
            return self._tell(segment, Finding(False, False, 0.0, is_to_keep=True), [])
        recalled = self.recaller.recall(
            segment.who,
            question.text,
            now=clock.now(),
            timezone=self.time_zone(segment.who),
            k=FOUND_AT_MOST,
            conversation_id=turn.conversation_id,
            exclude_entry_ids=_of_this_turn(entries, question) | waiting.said_later(entries, segment.run),
        )
        finding = Finding(recalled.about_past, recalled.is_supported, recalled.took_ms)
        shown = recalled.hits if finding.is_supported or finding.is_about_past else []
        quotes = [
            Quote(
                entry=hit.entry,
                start=hit.start,
                end=hit.end,
                rank=rank,
                score=hit.score,
                reasons=hit.reasons,
                is_in_prompt=False,  # which of them the model reads is known when the model is
            )
            for rank, hit in enumerate(shown, start=1)
        ]
        return self._tell(segment, finding, quotes)

    def _tell(self, segment: Segment, finding: Finding, quotes: list[Quote]) -> dict[str, Any]:
        """Record what was found, and tell the screen."""
        who, run, payload = segment.who, segment.run, asdict(finding)
        with segment.writing() as connection:
            recalled_store.write(connection, who, run.space_id, run.id, quotes)
            events.append(connection, who, run.space_id, "run.recalled", payload, run_id=run.id)
        return payload

    def _choose(self, segment: Segment, turn: TurnInput, model: ModelInfo, finding: Finding) -> list[Quote]:
        """What was recalled, with those marked that this model can read in time; a general question is answered
        without them."""
        who, run = segment.who, segment.run
        with segment.writing() as connection:
            question = store.get(connection, who, turn.question_id)
            found = recalled_store.of_runs(connection, who, [run.id]).get(run.id, [])
            budget = recall_budget(self.gateway.reading_speed(model.id), question.text) if finding.is_about_past else 0
            quotes = _within(found, budget, self.time_zone(who))
            recalled_store.write(connection, who, run.space_id, run.id, quotes)
        return quotes

    def _prepare(self, segment: Segment, turn: TurnInput, model: ModelInfo, finding: Finding) -> "answering.Prepared":
        """The prompt, as the model will read it."""
        quotes = self._choose(segment, turn, model, finding)
        with self.database.reading(segment.who) as connection:
            question = store.get(connection, segment.who, turn.question_id)
            entries = store.of_conversation(connection, segment.who, turn.conversation_id)
            pictures = [
                attachment
                for attachment in attachment_store.of_entries(connection, segment.who, [question.id])
                if attachment.media_type.startswith("image/")
            ]
            images: list[Image] = []
            if model.can_see:
                for picture in pictures:
                    content = attachment_store.content(connection, segment.who, picture.id)
                    images.append((picture.media_type, content))
        unseen = [] if model.can_see else [picture.name for picture in pictures]
        timezone = self.time_zone(segment.who)
        shown = branch(entries, parent_of_answer(entries, question))
        prompt: Prompt = assemble(
            shown,
            question,
            [quote for quote in quotes if quote.is_in_prompt],
            own_instructions=self.own_instructions(segment.who),
            context_tokens=model.context_tokens,
            unseen=unseen,
            timezone=timezone,
        )
        return answering.Prepared(model, prompt, question, quotes, timezone, tuple(images), tuple(unseen))


def _of_this_turn(entries: list[Entry], question: Entry) -> set[EntryId]:
    """The question, its other versions, and the answers to them: none of them may answer it."""
    asked = {entry.id for entry in entries if entry.first_version == question.first_version}
    documents = {entry.id for entry in entries if entry.kind is EntryKind.DOCUMENT and entry.parent_id in asked}
    return asked | {entry.id for entry in entries if entry.parent_id in asked | documents} - documents


def _within(quotes: list[Quote], budget_tokens: int, timezone: str) -> list[Quote]:
    """The quotes, those marked that fit the prompt: by rank, until the budget is full."""
    marked = []
    left = budget_tokens
    for quote in quotes:
        cost = estimate_tokens(quote_line(quote, timezone))
        fits = cost <= left
        left -= cost if fits else 0
        marked.append(replace(quote, is_in_prompt=fits))
    return marked
