"""Triggers: say what is to be done when something comes, change it, pause it, delete it."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from everword.agents import setting_off, triggers, webhooks
from everword.agents.conversation import MAX_CHARACTERS
from everword.agents.spending import Ceiling
from everword.agents.triggers import Changed, Wanted
from everword.core import clock
from everword.core.ids import TriggerId
from everword.core.types import Label, Principal
from everword.http.ceilings import BoundsShape, CeilingChange, CeilingWanted
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.services import Services, services_of
from everword.http.speakers import said_by
from everword.runs.schedules.types import OnOverlap
from everword.runs.triggers import store
from everword.runs.triggers.types import Trigger, TriggerKind, TriggerState

router = APIRouter(prefix="/api/triggers", tags=["triggers"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]
Text = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]
Words = Annotated[str, Field(max_length=500, description="An entry has to say all of them")]
Speaker = Annotated[str, Field(max_length=200, description="Who has to say it, as Memory names them; `me`: you")]
Source = Annotated[str, Field(max_length=64, description="Where it has to come from, as Memory names it")]


class TriggerWanted(BaseModel):
    """A trigger to be made. One for entries needs a condition; one for a webhook takes none."""

    kind: TriggerKind
    text: Text
    client_id: Annotated[str, Field(min_length=8, max_length=64, description="Made by the client")]
    words: Words = ""
    speaker: Speaker = ""
    source: Source = ""
    on_overlap: OnOverlap = OnOverlap.QUEUE
    ceiling: CeilingWanted | None = None


class TriggerChange(BaseModel):
    """What of a trigger is to be another; what is left out stays as it is."""

    text: Text | None = None
    words: Words | None = None
    speaker: Speaker | None = None
    source: Source | None = None
    on_overlap: OnOverlap | None = None
    ceiling: CeilingChange | None = None
    is_paused: bool | None = None


class TriggerShape(BaseModel):
    """One trigger. `reason`: why it was paused, where it was not by the owner; `path`: where a webhook is delivered.

    `is_busy`: its newest run has not ended; `is_queued`: what came meanwhile waits for that. `opens_at`: when a webhook
    that was sent too much takes its next delivery; null where it would now.
    """

    id: str
    kind: TriggerKind
    text: str
    words: str
    speaker: str
    source: str
    on_overlap: OnOverlap
    ceiling: BoundsShape
    state: TriggerState
    reason: str | None
    run_id: str | None
    last_at: datetime | None
    is_busy: bool
    is_queued: bool
    opens_at: datetime | None
    path: str | None
    created_at: datetime


class MadeTrigger(TriggerShape):
    """A trigger that was made. `secret`: what a webhook's deliveries are signed with; it is not shown again."""

    secret: str | None


class TriggersShape(BaseModel):
    """All triggers, the oldest first."""

    triggers: list[TriggerShape]


class SecretShape(BaseModel):
    """What deliveries are signed with from now on; it is not shown again."""

    secret: str


@router.get("")
def listed(who: Who, house: House) -> TriggersShape:
    """All triggers of the person who asks."""
    with house.database.reading(who) as connection:
        return TriggersShape(triggers=[_shape(connection, who, house, each) for each in store.listed(connection, who)])


@router.post("", status_code=201)
def create(who: Who, house: House, wanted: TriggerWanted) -> MadeTrigger:
    """Make a trigger. Sent twice with the same `client_id` it is made once; a webhook's secret is another then."""
    made = Wanted(
        wanted.kind,
        wanted.text,
        wanted.words,
        _speaker(house, who, wanted.speaker) or "",
        wanted.source,
        wanted.on_overlap,
        None if wanted.ceiling is None else wanted.ceiling.ceiling(),
    )
    with house.database.writing(who) as connection:
        trigger = triggers.create(connection, who, made, client_id=wanted.client_id)
        is_hook = trigger.kind is TriggerKind.WEBHOOK
        secret = webhooks.renew_secret(connection, who, house.vault, trigger).reveal() if is_hook else None
        return MadeTrigger(**_shape(connection, who, house, trigger).model_dump(), secret=secret)


@router.patch("/{trigger_id}")
def change(who: Who, house: House, trigger_id: Identifier, wanted: TriggerChange) -> TriggerShape:
    """Change, pause or resume a trigger. What came before does not set it off."""
    changed = Changed(
        wanted.text,
        wanted.words,
        _speaker(house, who, wanted.speaker),
        wanted.source,
        wanted.on_overlap,
        None if wanted.ceiling is None else wanted.ceiling.wanted(),
        wanted.is_paused,
    )
    trigger = triggers.change(house.database, who, TriggerId(trigger_id), changed)
    with house.database.reading(who) as connection:
        return _shape(connection, who, house, trigger)


@router.post("/{trigger_id}/secret")
def renew_secret(who: Who, house: House, trigger_id: Identifier) -> SecretShape:
    """Give a webhook another secret; the one it had no longer holds."""
    with house.database.writing(who) as connection:
        trigger = store.get(connection, who, TriggerId(trigger_id), hold=True)
        return SecretShape(secret=webhooks.renew_secret(connection, who, house.vault, trigger).reveal())


@router.delete("/{trigger_id}", status_code=204)
def remove(who: Who, house: House, trigger_id: Identifier) -> None:
    """Delete a trigger: nothing sets it off again. Its past runs stay."""
    with house.database.writing(who) as connection:
        trigger = triggers.remove(connection, who, TriggerId(trigger_id))
        webhooks.drop_secret(connection, who, house.vault, trigger)


def _speaker(house: Services, who: Principal, name: str | None) -> str | None:
    """Who has to say it: the owner under whatever name; None where nothing is said about that."""
    _, label = said_by(house, who, name, None)
    return setting_off.ME if label is Label.OWNER else name


def _shape(connection: Connection, who: Principal, house: Services, found: Trigger) -> TriggerShape:
    stands = setting_off.standing(connection, who, found)
    opens_in_s = house.hooks.pace.opens_in_s(found.id)
    return TriggerShape(
        id=found.id,
        kind=found.kind,
        text=triggers.request_of(connection, who, found),
        words=triggers.words_of(connection, who, found),
        speaker=found.speaker,
        source=found.source,
        on_overlap=found.on_overlap,
        ceiling=BoundsShape.of(Ceiling.stored(found.ceiling)),
        state=found.state,
        reason=found.reason,
        run_id=found.run_id,
        last_at=found.last_at,
        is_busy=stands.is_busy,
        is_queued=stands.is_queued,
        opens_at=clock.now() + timedelta(seconds=opens_in_s) if opens_in_s else None,
        path=f"/hooks/{found.id}" if found.kind is TriggerKind.WEBHOOK else None,
        created_at=found.created_at,
    )
