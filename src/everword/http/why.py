"""Why an answer says what it says: what was recalled for it, why, what the model was given, and what it cites."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import Connection

from everword.core.ids import ConversationId, EntryId
from everword.core.types import Principal
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.services import Services, services_of
from everword.http.shapes import QuoteShape
from everword.memory import conversation_store, recalled_store, store
from everword.memory.reasons import Reason, weighed
from everword.memory.types import Basis, Entry, Quote

router = APIRouter(prefix="/api", tags=["memory"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]


class WeighedShape(BaseModel):
    """How many points of the score a reason gave; negative where it spoke against the entry."""

    reason: Reason
    points: float


class RecalledShape(QuoteShape):
    """One entry that was recalled, with its place among them.

    `is_in_prompt`: whether the model was given these words; `cited`: the figures by which the answer cites the entry.
    """

    rank: int
    because: list[WeighedShape]
    is_in_prompt: bool
    cited: list[int]


class WhyShape(BaseModel):
    """What an answer stands on. `asked`: the words that it answers; `recalled`: what is still there, best first.

    `model`: who worded it; none where a rule did.
    """

    entry_id: str
    asked: str | None
    basis: Basis | None
    model: str | None
    recalled: list[RecalledShape]


@router.get("/entries/{entry_id}/why")
def why(who: Who, house: House, entry_id: Identifier) -> WhyShape:
    """What was recalled for an answer and why. Of what is no answer: nothing."""
    with house.database.reading(who) as connection:
        answer = store.get(connection, who, EntryId(entry_id))
        asked = None if answer.parent_id is None else store.by_ids(connection, who, {answer.parent_id})
        return WhyShape(
            entry_id=answer.id,
            asked=None if not asked else next(iter(asked.values())).text,
            basis=answer.basis,
            model=answer.model,
            recalled=_recalled(connection, who, answer),
        )


def _recalled(connection: Connection, who: Principal, answer: Entry) -> list[RecalledShape]:
    if answer.run_id is None:
        return []
    quotes = recalled_store.of_runs(connection, who, [answer.run_id]).get(answer.run_id, [])
    talks = {quote.entry.conversation_id for quote in quotes if quote.entry.conversation_id is not None}
    titles = conversation_store.titles(connection, who, talks)
    figures: dict[str, list[int]] = {}
    for note in recalled_store.of_answers(connection, who, [answer.id]).get(answer.id, []):
        known = figures.setdefault(note.entry.id, [])
        if note.number not in known:
            known.append(note.number)
    return [_shape(quote, _title(quote, titles), figures) for quote in quotes]


def _title(quote: Quote, titles: dict[ConversationId, str]) -> str:
    conversation_id = quote.entry.conversation_id
    return "" if conversation_id is None else titles.get(conversation_id, "")


def _shape(quote: Quote, title: str, figures: dict[str, list[int]]) -> RecalledShape:
    return RecalledShape(
        **QuoteShape.of(quote, title).model_dump(),
        rank=quote.rank,
        because=[WeighedShape(reason=each.reason, points=each.points) for each in weighed(quote.reasons)],
        is_in_prompt=quote.is_in_prompt,
        cited=figures.get(quote.entry.id, []),
    )
