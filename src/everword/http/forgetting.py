"""Forgetting over HTTP: what would go, letting it go, how far that is, and the receipts. Words stand in bodies only."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field

from everword.core.ids import ConversationId, EntryId
from everword.core.types import Label, Principal
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.memory import EntryLite, entry_lites
from everword.http.services import Services, services_of
from everword.http.speakers import said_by
from everword.memory.forgetting.types import Forgetting, ForgettingId, ForgettingState, Selection, Stage

router = APIRouter(prefix="/api", tags=["forgetting"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]


class SelectionShape(BaseModel):
    """What to forget: entries by their ids, or all that fit everything else that is set. `from` is included.

    The speaker `me`, and the owner's own name, are what the owner said.
    """

    entry_ids: Annotated[list[Identifier], Field(max_length=10_000)] = []
    conversation_id: Identifier | None = None
    speaker: Annotated[str, Field(max_length=200)] | None = None
    label: Label | None = None
    since: Annotated[AwareDatetime | None, Field(alias="from")] = None
    until: Annotated[AwareDatetime | None, Field(alias="to")] = None
    source: Annotated[str, Field(max_length=64)] | None = None
    words: Annotated[str, Field(max_length=500)] = ""

    def selection(self, house: Services, who: Principal) -> Selection:
        """As memory has it."""
        speaker, label = said_by(house, who, self.speaker, self.label)
        return Selection(
            entry_ids=tuple(map(EntryId, self.entry_ids)),
            conversation_id=None if self.conversation_id is None else ConversationId(self.conversation_id),
            speaker=speaker,
            label=label,
            since=self.since,
            until=self.until,
            source=self.source or None,
            words=self.words.strip(),
        )


class BeginShape(BaseModel):
    """A selection whose preview was seen: `up_to` is the position the preview gave.

    `redact` names the repeating entries to black out; without it those that the preview chose.
    """

    selection: SelectionShape
    up_to: Annotated[int, Field(ge=0)]
    redact: Annotated[list[Identifier], Field(max_length=10_000)] | None = None


class RepeatShape(BaseModel):
    """An entry that stays but repeats words; `spans` of its text would be blacked out."""

    entry: EntryLite
    spans: list[tuple[int, int]]
    is_chosen: bool
    why: Literal["cites", "recalled", "says"]


class PreviewShape(BaseModel):
    """Everything that would go: the first entries of `entry_count`, what hangs on them, and what repeats them."""

    up_to: int
    entry_count: int
    counts: dict[str, int]
    entries: list[EntryLite]
    repeats: list[RepeatShape]
    backups: int
    is_answering: bool


class CheckShape(BaseModel):
    """A store that was looked through: how many things, and how many had words in them."""

    place: str
    looked: int
    found: int


class RemainsShape(BaseModel):
    """What somebody else still holds, until when, and how to end it."""

    what: str
    until: str
    how: str


class ForgettingShape(BaseModel):
    """A forgetting under way, and once it is delivered its receipt."""

    id: str
    state: ForgettingState
    stage: Stage
    gone: int
    total: int
    counts: dict[str, int]
    checks: list[CheckShape]
    remains: list[RemainsShape]
    error: str | None
    created_at: datetime
    ended_at: datetime | None

    @staticmethod
    def of(forgetting: Forgetting, gone: int, total: int) -> "ForgettingShape":
        return ForgettingShape(
            id=forgetting.id,
            state=forgetting.state,
            stage=forgetting.stage,
            gone=gone,
            total=total,
            counts={name: count for name, count in forgetting.counts.items() if count},
            checks=[CheckShape(place=each.place, looked=each.looked, found=each.found) for each in forgetting.checks],
            remains=[RemainsShape(what=each.what, until=each.until, how=each.how) for each in forgetting.remains],
            error=forgetting.error,
            created_at=forgetting.created_at,
            ended_at=forgetting.ended_at,
        )


class ForgettingsShape(BaseModel):
    """Forgettings and receipts, newest first."""

    forgettings: list[ForgettingShape]


class ForgottenIds(BaseModel):
    """The random ids of the entries that went or were blacked out: what a backup must lose when it is restored."""

    entry_ids: list[str]


@router.post("/memory/forget/preview")
def preview(who: Who, house: House, selection: SelectionShape) -> PreviewShape:
    """What would go. Changes nothing."""
    found, up_to = house.forgetter.preview(who, selection.selection(house, who))
    with house.database.reading(who) as connection:
        entries = entry_lites(connection, who, list(found.entries))
        repeating = entry_lites(connection, who, [repeat.entry for repeat in found.repeats])
    repeats = [
        RepeatShape(entry=entry, spans=list(repeat.spans), is_chosen=repeat.is_chosen, why=repeat.why)
        for entry, repeat in zip(repeating, found.repeats, strict=True)
    ]
    return PreviewShape(
        up_to=up_to,
        entry_count=found.entry_count,
        counts=dict(found.counts),
        entries=entries,
        repeats=repeats,
        backups=found.backups,
        is_answering=found.is_answering,
    )


@router.post("/memory/forget", status_code=202)
def begin(who: Who, house: House, asked: BeginShape) -> ForgettingShape:
    """Forget. It goes on behind this answer, also after a crash; ask for it by its id."""
    redact = None if asked.redact is None else set(map(EntryId, asked.redact))
    selection = asked.selection.selection(house, who)
    begun = house.forgetter.begin(who, selection, up_to=asked.up_to, redact=redact)
    return ForgettingShape.of(*house.forgetter.get(who, begun.id))


@router.get("/memory/forget")
def listed(who: Who, house: House) -> ForgettingsShape:
    """What is being forgotten, and the receipts."""
    return ForgettingsShape(forgettings=[ForgettingShape.of(*each) for each in house.forgetter.listed(who)])


@router.get("/memory/forget/{forgetting_id}")
def one(who: Who, house: House, forgetting_id: Identifier) -> ForgettingShape:
    """How far one is, or its receipt."""
    return ForgettingShape.of(*house.forgetter.get(who, ForgettingId(forgetting_id)))


@router.get("/memory/forget/{forgetting_id}/entries")
def entry_ids(who: Who, house: House, forgetting_id: Identifier) -> ForgottenIds:
    """The ids that a receipt names."""
    return ForgottenIds(entry_ids=house.forgetter.targets(who, ForgettingId(forgetting_id)))
