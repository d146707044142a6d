"""Reading facts with a model: what the rules cannot read, on a model that may, within a budget, while nobody waits."""

import asyncio
import json
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from everword.core import clock
from everword.core.errors import EverwordError
from everword.core.ids import SpaceId
from everword.core.types import Principal
from everword.memory import store as ledger
from everword.memory.facts import claim_store, progress_store
from everword.memory.facts.checking import Read, checked, is_telling
from everword.memory.facts.distil import RULES_VERSION, owner_of
from everword.memory.facts.learn import learn
from everword.memory.facts.progress_store import Progress, Stage
from everword.memory.facts.reading.extract import claims_of
from everword.memory.facts.recited import Recited
from everword.memory.facts.worker import ModelUse
from everword.memory.types import Entry
from everword.models.gateway import Gateway
from everword.models.types import ModelInfo, ProviderKind
from everword.storage import events
from everword.storage.database import Database
from everword.weights import catalogue

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage

_log = logging.getLogger(__name__)
PROMPT_VERSION = 200 + RULES_VERSION
"""Raised by a hundred with the prompt; what the rules read counts against what a model reads."""
_AT_ONCE = 20
_LONGEST = 1_200  # characters of an entry that a model is given
_ANSWER_TOKENS = 220
_LOOK_EVERY_S = 0.1
INSTRUCTIONS = """\
You read a message and list lasting facts about people that the message states: where they live and work, family, \
health, diet, dates, habits, what they own, like or do. One short sentence each, in the message's own words. \
"about" is "me" for the writer, else the person's name. "quote" is copied from the message. \
Leave out questions, wishes, jokes, tasks, guesses and what is only so today. Often there is nothing: then give []."""
EXAMPLES: tuple[tuple[str, list[dict[str, str]]], ...] = (
    ("what's the capital of Peru? thanks!", []),
    ("can you find me a pan? my aunt Rosa has been a potter since 1990 and I keep burning things",
     [{"about": "Rosa", "statement": "Rosa has been a potter since 1990",
       "quote": "my aunt Rosa has been a potter since 1990"}]),
    ("The vet put our cat on two tablets a day. Is milk ok?",
     [{"about": "our cat", "statement": "our cat is on two tablets a day",
       "quote": "The vet put our cat on two tablets a day."}]),
    ("I'm the fourth of five sisters and these days I only teach on Mondays. What should I cook?",
     [{"about": "me", "statement": "I'm the fourth of five sisters", "quote": "I'm the fourth of five sisters"},
      {"about": "me", "statement": "I only teach on Mondays", "quote": "these days I only teach on Mondays"}]),
)  # fmt: skip
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "facts": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {
                    "about": {"type": "string"},
                    "statement": {"type": "string"},
                    "quote": {"type": "string"},
                },
                "required": ["about", "statement", "quote"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["facts"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What somebody allows: reading by no model, by one on this machine, or by whichever they chose; tokens a day."""

    by: str  # rules only, this machine, any model
    tokens_a_day: int


class FactReader:
    """The second stage of distilling, for everybody on this installation, one entry at a time."""

    def __init__(
        self,
        database: Database,
        gateway: Gateway,
        *,
        people: Callable[[Collection[SpaceId]], Sequence[Principal]],
        terms: Callable[[Principal], Terms],
        time_zone: Callable[[Principal], str],
        should_yield: Callable[[], float],
    ) -> None:
        self._database = database
        self._gateway = gateway
        self._people = people
        self._terms = terms
        self._time_zone = time_zone
        self._should_yield = should_yield

    def read_some(self, spaces: Collection[SpaceId]) -> set[SpaceId]:
        """Read a little for the owners of those spaces who allow it; the spaces in which there is more to read now."""
        people = self._people(spaces) if spaces else []
        left = {who.own_space for who in people}
        for who in people:
            if self._should_yield() > 0:
                return left
            if not self._read_for(owner_of(who.own_space, who)) and not self._should_yield() > 0:
                left.discard(who.own_space)
        return left

    def use(self, who: Principal) -> ModelUse:
        """How it stands for one person."""
        terms = self._terms(who)
        model, why_not = self._model(who, terms)
        progress = self._progress(owner_of(who.own_space, who))
        own = owner_of(who.own_space, who)
        with self._database.reading(own) as connection:
            unread = progress_store.count_unread(connection, own, own.own_space, progress.ranges)
        return ModelUse(model.title if model else None, terms.tokens_a_day, progress.tokens, unread, why_not)

    def _model(self, who: Principal, terms: Terms) -> tuple[ModelInfo | None, str | None]:
        """The model that may read, or why none does."""
        if terms.by == "rules only":
            return None, "Facts are read by rules alone, as you have set it."
        try:
            model = self._gateway.resolve(who)
        except EverwordError as error:
            return None, error.message
        if model.kind is ProviderKind.SCRIPTED:
            return None, "The scripted model reads no facts."
        if not model.is_local and terms.by != "any model":
            return None, f"{model.title} is not on this machine, so it reads no facts unless you say so."
        if model.provider == "local" and not _may_read(model):
            return None, f"{model.title} was not shown to read facts better than the rules do, so it reads none."
        return model, None

    def _progress(self, who: Principal) -> Progress:
        with self._database.reading(who) as connection:
            progress = progress_store.read(connection, who, who.own_space, Stage.MODEL, PROMPT_VERSION)
        today = clock.now().date().isoformat()
        return progress if progress.day == today else replace(progress, day=today, tokens=0)

    def _read_for(self, who: Principal) -> bool:
        """The most telling of the newest unread entries, as long as the budget lasts and nobody waits."""
        terms = self._terms(who)
        model, _ = self._model(who, terms)
        progress = self._progress(who)
        if model is None or progress.tokens >= terms.tokens_a_day:
            return False
        with self._database.reading(who) as connection:
            found = progress_store.unread(connection, who, who.own_space, progress.ranges, _AT_ONCE)
            by_rules = progress_store.read(connection, who, who.own_space, Stage.RULES, RULES_VERSION)
            entries = ledger.by_positions(connection, who, found[0]) if found else []
            old = ledger.superseded(connection, who, [entry.id for entry in entries])
        if found is None or not all(by_rules.has_read(position) for position in found[0]):
            return False  # the rules come first: what they read replaces what was known of an entry
        telling = sorted((entry for entry in entries if entry.id not in old), key=is_telling, reverse=True)
        for entry in telling:
            if not is_telling(entry):
                break
            answer = asyncio.run(self._ask(who, model, entry)) if progress.tokens < terms.tokens_a_day else None
            if answer is None:
                return False  # the budget is used up, somebody waits, or the model is gone: it is read again later
            read, tokens = answer
            progress = replace(progress, tokens=progress.tokens + tokens)
            self._keep(who, entry, read, progress)
        positions, low = found
        with self._database.writing(who) as connection:
            progress_store.write(connection, who, who.own_space, progress.with_read(low, positions[0]))
        return True

    async def _ask(self, who: Principal, model: ModelInfo, entry: Entry) -> tuple[list[Read], int] | None:
        """What the model reads; None where it had to give way or failed."""
        self._gateway.preload()
        task = asyncio.ensure_future(
            self._gateway.aside(who, model.id, prompt(entry.text), SCHEMA, max_tokens=_ANSWER_TOKENS)
        )
        while not task.done():
            await asyncio.wait([task], timeout=_LOOK_EVERY_S)
            if not task.done() and await asyncio.to_thread(self._should_yield) > 0:
                task.cancel()
        try:
            answer = await task
        except asyncio.CancelledError:
            return None
        except EverwordError as error:
            _log.info("Reading facts with %s: %s", model.id, error.message)
            return None
        return None if answer is None else (readings(answer.text), answer.tokens)

    def _keep(self, who: Principal, entry: Entry, read: Sequence[Read], progress: Progress) -> None:
        """Keep what the entry bears out, beside what the rules read; and count the tokens."""
        timezone = self._time_zone(who)
        with self._database.writing(who) as connection:
            progress_store.write(connection, who, who.own_space, progress)
            known = claim_store.claims_of_entries(connection, who, [entry.id])
            by_rule = [claim for claim in known if claim.origin.value == "rule"] or claims_of(entry, timezone)
            shown = progress_store.shown_before(connection, who, [entry.id]).get(entry.id, ())
            claims = Recited(entry, shown).without(checked(entry, read, by_rule, timezone))
            if claims:
                learned = learn(connection, who, who.own_space, [entry.id], [*by_rule, *claims])
                events.append(connection, who, who.own_space, "memory.facts", {"learned": learned})


def prompt(text: str) -> "list[ModelMessage]":
    """The messages that ask for an entry's facts: the same beginning each time, which a model has read already."""
    from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, UserPromptPart

    messages: list[ModelMessage] = []
    for said, found in EXAMPLES:
        messages.append(ModelRequest(parts=[UserPromptPart(said)], instructions=INSTRUCTIONS))
        messages.append(ModelResponse(parts=[TextPart(json.dumps({"facts": found}))]))
    messages.append(ModelRequest(parts=[UserPromptPart(text[:_LONGEST])], instructions=INSTRUCTIONS))
    return messages


def readings(answer: str) -> list[Read]:
    """What an answer lists; nothing where it is not what was asked for."""
    try:
        found = json.loads(answer[answer.index("{") : answer.rindex("}") + 1])["facts"]
        return [Read(str(each["about"]), str(each["statement"]), str(each["quote"])) for each in found]
    except (ValueError, KeyError, TypeError):
        return []


def _may_read(model: ModelInfo) -> bool:
    name = model.id.partition("/")[2]
    return any(entry.name == name and entry.reads_facts for entry in catalogue.catalogue())
