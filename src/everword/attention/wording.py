"""A model words a brief's summary, where its person allows that: from the cards alone, checked, and after them.

The cards are there before and without it. A day with none asks no model.
"""

import asyncio
import json
import logging
import re
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from everword.agents.borne_out import is_borne_out
from everword.attention import store
from everword.attention.briefs import BRIEF, Briefs, Shown
from everword.attention.types import Brief, CardKind, SummaryState
from everword.core.errors import EverwordError
from everword.core.types import Principal
from everword.models.gateway import Gateway
from everword.models.types import ModelInfo
from everword.storage import events
from everword.storage.database import Database

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage

_log = logging.getLogger(__name__)
_ATTEMPTS = 3
MOST_TOKENS = 200
_MOST_CHARACTERS = 600
_CARD_CHARACTERS = 300
_LOOK_EVERY_S = 0.1
_FEWEST_WORDS = 4
_BORNE_OUT = 0.8  # of a sentence's telling words
_PLAIN = "today first also then next need should must remember have your you're that this with from will"
_LIST = re.compile(r"\d+\.\s")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
RULES_ONLY, ANY_MODEL = "rules only", "any model"
INSTRUCTIONS = """\
You are given the cards of a person's morning brief. Write two or three plain sentences to that person that say what \
matters most today, the first card first. Use only what the cards say. No greeting, no praise, no list."""
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"summary": {"type": "string"}},
    "required": ["summary"],
    "additionalProperties": False,
}


class Wording:
    """Words what is to be worded, one brief at a time, while nobody waits for a model."""

    def __init__(self, database: Database, gateway: Gateway, briefs: Briefs, should_yield: Callable[[], float]) -> None:
        self._database = database
        self._gateway = gateway
        self._briefs = briefs
        self._should_yield = should_yield
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Let go of what a model is asked; the next start asks again."""
        self._stopping.set()

    def word(self, who: Principal) -> None:
        """Word the summary of a person's brief, if it is to be worded, a model may, and nobody waits."""
        reading = self._briefs.read(who)
        brief = reading.brief
        if brief is None or brief.summary_state is not SummaryState.WANTED:
            return
        if not reading.cards:
            self._keep(who, brief, SummaryState.NONE)
            return
        model = self._model(who)
        if model is None or self._stopping.is_set() or self._should_yield() > 0:
            return
        if brief.summary_attempts >= _ATTEMPTS:
            self._keep(who, brief, SummaryState.FAILED)
            return
        self._count_attempt(who, brief)
        try:
            answer = asyncio.run(self._ask(who, model, reading.cards))
        except EverwordError as error:
            _log.info("Wording the brief with %s: %s", model.id, error.message)
            return
        if answer is None:  # it had to give way: that was no attempt
            self._keep(who, brief, SummaryState.WANTED, attempts=brief.summary_attempts)
            return
        words = checked(answer, reading.cards)
        self._keep(who, brief, SummaryState.WORDED if words else SummaryState.FAILED, words, model)

    def _model(self, who: Principal) -> ModelInfo | None:
        """The model that may; None where none does."""
        by = self._briefs.habits(who).worded_by
        if by == RULES_ONLY:
            return None
        try:
            model = self._gateway.resolve(who)
        except EverwordError:
            return None
        return model if model.is_local or by == ANY_MODEL else None

    async def _ask(self, who: Principal, model: ModelInfo, cards: Sequence[Shown]) -> str | None:
        """What the model answers; None where it had to give way."""
        self._gateway.preload()
        asked = self._gateway.aside(who, model.id, prompt(cards), SCHEMA, max_tokens=MOST_TOKENS)
        task = asyncio.ensure_future(asked)
        while not task.done():
            await asyncio.wait([task], timeout=_LOOK_EVERY_S)
            if not task.done() and (self._stopping.is_set() or await asyncio.to_thread(self._should_yield) > 0):
                task.cancel()
        try:
            answer = await task
        except asyncio.CancelledError:
            return None
        return None if answer is None else answer.text

    def _count_attempt(self, who: Principal, brief: Brief) -> None:
        """On disk before it is made: what ends the program each time is not tried for ever."""
        with self._database.writing(who) as connection:
            store.word(connection, who, brief.id, SummaryState.WANTED, attempts=brief.summary_attempts + 1)

    def _keep(
        self,
        who: Principal,
        brief: Brief,
        state: SummaryState,
        words: str | None = None,
        model: ModelInfo | None = None,
        attempts: int | None = None,
    ) -> None:
        count = brief.summary_attempts + 1 if attempts is None else attempts
        by = model.id if model and words else None
        with self._database.writing(who) as connection:
            store.word(connection, who, brief.id, state, attempts=count, summary=words, model=by)
            events.append(connection, who, brief.space_id, BRIEF, {"brief_id": brief.id})


def checked(answer: str, cards: Sequence[Shown]) -> str | None:
    """The words of an answer, if they are some sentences, are not too many, and each is borne out by the cards.

    Figures are on a card, and so are nearly all telling words of each sentence: a small model makes up the rest. What
    turns the cards' own words round would still pass. A list is no summary.
    """
    try:
        words = " ".join(str(json.loads(answer[answer.index("{") : answer.rindex("}") + 1])["summary"]).split())
    except (ValueError, KeyError, TypeError):
        return None
    if len(words) > _MOST_CHARACTERS or len(words.split()) < _FEWEST_WORDS or _LIST.match(words):
        return None
    given = [*map(_told, cards), str(len(cards)), _PLAIN]
    sentences = _SENTENCE.split(words)
    return words if all(is_borne_out(sentence, given, _BORNE_OUT) for sentence in sentences) else None


def prompt(cards: Sequence[Shown]) -> "list[ModelMessage]":
    """The messages that ask for a summary of those cards."""
    from pydantic_ai.messages import ModelRequest, UserPromptPart

    listed = "\n".join(f"{number}. {_told(each)}" for number, each in enumerate(cards, 1))
    return [ModelRequest(parts=[UserPromptPart(listed)], instructions=INSTRUCTIONS)]


def _told(shown: Shown) -> str:
    item = shown.item
    now = "" if item.kind is CardKind.CHANGED else item.body  # what held before is taken for what holds
    text = f"{item.kind.value.capitalize()}: {item.title} ({item.why}). {now}"
    return " ".join(text.split())[:_CARD_CHARACTERS]
