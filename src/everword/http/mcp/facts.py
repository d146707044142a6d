"""Facts for programs: statements with the time they hold, and verbatim the words they stand on."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from everword.accounts.types import Scope
from everword.core.types import Label
from everword.http.facts import FactShape
from everword.http.mcp.caller import Caller, on_a_thread
from everword.http.mcp.quotes import Quote, quotes
from everword.http.mcp.tool import Given, Tool
from everword.memory.facts import service
from everword.memory.facts.service import Known

_QUOTES = 2
"""Of each fact: the words that were said last."""


class FactsGiven(Given):
    """Which facts."""

    words: Annotated[str, Field(max_length=200, description="Only facts with all of these words.")] = ""
    about: Annotated[
        str | None, Field(max_length=200, description='Only facts about this person or thing; "" for the owner.')
    ] = None
    state: Annotated[
        Literal["current", "past", "disputed", "all"], Field(description="`current`: what holds now or will.")
    ] = "current"
    skip: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=50)] = 20


class FactGiven(BaseModel):
    """A fact, and the words it stands on."""

    fact_id: str
    about: Annotated[str, Field(description="Empty where it is about the owner.")]
    statement: str
    state: str
    since: str | None
    until: str | None
    is_disputed: bool
    said_by: str
    label: Label
    confidence: float
    entries: Annotated[int, Field(description="How many entries it stands on; `quotes` are the newest of them.")]
    quotes: list[Quote]

    def told(self) -> str:
        """As a model reads it."""
        span = ", ".join(
            part for part in (self.since and f"since {self.since}", self.until and f"until {self.until}") if part
        )
        marks = ", ".join(part for part in (self.state, span, "disputed" if self.is_disputed else "") if part)
        return "\n".join([f"* {self.statement} ({marks})", *(quote.told() for quote in self.quotes)])


class FactsAnswer(BaseModel):
    """A page of facts, those said last first."""

    facts: list[FactGiven]
    total: int

    def told(self) -> str:
        """Each with its quotes."""
        if not self.facts:
            return "No facts fit. Entries may still say something: use recall."
        return "\n\n".join([*(fact.told() for fact in self.facts), f"{len(self.facts)} of {self.total} facts."])


@on_a_thread
def _facts(caller: Caller, given: FactsGiven) -> FactsAnswer:
    page = service.listed(
        caller.services.database,
        caller.who,
        state=given.state,
        subject=given.about,
        words=given.words,
        skip=given.skip,
        limit=given.limit,
    )
    return FactsAnswer(facts=facts_of(caller, page.known), total=page.total)


def facts_of(caller: Caller, known: Sequence[Known]) -> list[FactGiven]:
    """Those facts, each with the newest words it stands on."""
    stands = [each.stands[-_QUOTES:] for each in known]
    every = [stand for of_it in stands for stand in of_it]
    with caller.services.database.reading(caller.who) as connection:
        quoted = iter(
            quotes(
                connection,
                caller.who,
                [stand.entry for stand in every],
                [(stand.claim.start, stand.claim.end) for stand in every],
            )
        )
    return [
        _fact(FactShape.of(each), [next(quoted) for _stand in of_it]) for each, of_it in zip(known, stands, strict=True)
    ]


def _fact(shape: FactShape, quoted: list[Quote]) -> FactGiven:
    return FactGiven(
        fact_id=shape.id,
        about=shape.subject,
        statement=shape.statement,
        state=shape.state,
        since=shape.since.day if shape.since else None,
        until=shape.until.day if shape.until else None,
        is_disputed=shape.is_disputed,
        said_by=shape.said_by,
        label=shape.label,
        confidence=shape.confidence,
        entries=shape.entries,
        quotes=quoted,
    )


FACTS = Tool(
    "facts",
    "Facts",
    "Look up statements distilled from what was said: what holds now, since when, who said it, and the words it stands "
    "on. Quick for who somebody is, where something stands or what the owner prefers; recall finds what no fact says.",
    Scope.RECALL,
    FactsGiven,
    FactsAnswer,
    _facts,
)
