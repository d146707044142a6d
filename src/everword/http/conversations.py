"""Conversations: list, read, say, edit, ask again, rename, pin, archive."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from everword.agents import conversation as talk
from everword.agents.conversation import MAX_CHARACTERS, Said
from everword.agents.work_log import SOURCE as WORK_SOURCE
from everword.core import clock
from everword.core.errors import Invalid
from everword.core.ids import AttachmentId, ConversationId, EntryId
from everword.core.types import Principal
from everword.http import rendering
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.services import Services, services_of
from everword.http.shapes import ConversationShape, EntryShape, PendingShape, RunShape, WaitingShape
from everword.memory import conversation_store, markdown, store
from everword.storage import events

router = APIRouter(prefix="/api", tags=["conversations"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]
ClientId = Annotated[str, Field(min_length=8, max_length=64, description="Made by the client")]
Text = Annotated[str, Field(max_length=MAX_CHARACTERS)]


class ConversationsShape(BaseModel):
    """A page of conversations; `next` asks for the following one."""

    conversations: list[ConversationShape]
    next: datetime | None = None


class ConversationChange(BaseModel):
    """What can be changed of a conversation."""

    title: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    pinned: bool | None = None
    archived: bool | None = None


class OpenedConversation(BaseModel):
    """A conversation with its turns and the messages that wait; apply events after `event_position` to stay current."""

    conversation: ConversationShape
    turns: list[EntryShape | PendingShape]
    waiting: list[WaitingShape]
    earlier: int
    event_position: int


class Message(BaseModel):
    """What a person says."""

    text: Text
    client_id: ClientId
    attachment_ids: Annotated[list[Identifier], Field(max_length=20)] = []
    parent_id: Identifier | None = None


class Edit(BaseModel):
    """A new version of a message."""

    text: Text
    client_id: ClientId


class Retry(BaseModel):
    """Ask again, by another model where one is named."""

    model: Annotated[str, Field(max_length=200)] | None = None


class Leaf(BaseModel):
    """The entry whose branch is to be shown."""

    entry_id: Identifier


class SaidShape(BaseModel):
    """A message that is in the ledger, and the run that answers it."""

    conversation: ConversationShape
    entry: EntryShape
    run: RunShape


class RunStarted(BaseModel):
    """A run that was begun."""

    run: RunShape


@router.get("/conversations")
def listed(
    who: Who,
    house: House,
    archived: bool = False,
    before: datetime | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ConversationsShape:
    """Conversations, the last spoken in first; the pinned ones lead the first page.

    What background work wrote down is found under its run; it is among these once it was talked about.
    """
    if before is not None and before.tzinfo is None:
        raise Invalid(why="`before` needs a time zone, as in 2026-11-22T10:00:00Z.")
    with house.database.reading(who) as connection:
        found = conversation_store.listed(
            connection, who, archived=archived, before=before, limit=limit, without_source=WORK_SOURCE
        )
        shapes = rendering.conversation_shapes(connection, who, found)
    unpinned = [conversation for conversation in found if archived or conversation.pinned_at is None]
    return ConversationsShape(conversations=shapes, next=unpinned[-1].updated_at if len(unpinned) == limit else None)


@router.post("/conversations/search")
def search(who: Who, house: House, query: Annotated[str, Body(embed=True, max_length=500)]) -> ConversationsShape:
    """Conversations by the words of their titles and of what was said in them."""
    words = house.recaller.search(who, query, limit=60).hits if query.strip() else []
    ids = {hit.entry.conversation_id for hit in words if hit.entry.conversation_id is not None}
    with house.database.reading(who) as connection:
        by_title = conversation_store.search(connection, who, query, 20)
        by_words = conversation_store.by_ids(connection, who, ids)
        known = {conversation.id for conversation in by_title}
        found = [*by_title, *(item for item in by_words if item.id not in known)]
        return ConversationsShape(conversations=rendering.conversation_shapes(connection, who, found[:40]))


@router.post("/conversations", status_code=201)
def create(who: Who, house: House) -> ConversationShape:
    """An empty conversation."""
    with house.database.writing(who) as connection:
        made = conversation_store.create(connection, who, who.own_space)
        talk.tell_changed(connection, who, made)
        return rendering.conversation_shape(connection, who, made.id)


@router.get("/conversations/{conversation_id}")
def opened(who: Who, house: House, conversation_id: Identifier) -> OpenedConversation:
    """A conversation with the newest turns of the branch that is shown, and what is being written in it."""
    with house.database.reading(who) as connection:
        conversation = conversation_store.get(connection, who, ConversationId(conversation_id))
        position = events.last_position(connection, who)
        turns = rendering.turns(connection, who, conversation)
        shape = rendering.conversation_shape(connection, who, conversation.id)
    return OpenedConversation(
        conversation=shape, turns=turns.shown, waiting=turns.waiting, earlier=turns.earlier, event_position=position
    )


@router.patch("/conversations/{conversation_id}")
def change(who: Who, house: House, conversation_id: Identifier, change: ConversationChange) -> ConversationShape:
    """Rename, pin or archive."""
    values: dict[str, Any] = {}
    if change.title is not None:
        values["title"] = " ".join(change.title.split())
    if change.pinned is not None:
        values["pinned_at"] = clock.now() if change.pinned else None
    if change.archived is not None:
        values["archived_at"] = clock.now() if change.archived else None
    if not values or values.get("title") == "":
        raise Invalid(why="Nothing to change: give a title, pinned or archived.")
    with house.database.writing(who) as connection:
        changed = conversation_store.change(connection, who, ConversationId(conversation_id), values)
        talk.tell_changed(connection, who, changed)
        return rendering.conversation_shape(connection, who, changed.id)


@router.post("/messages", status_code=202)
def say_first(who: Who, house: House, message: Message) -> SaidShape:
    """Begin a conversation with a message."""
    return _said(house, who, _say(house, who, message, None))


@router.post("/conversations/{conversation_id}/messages", status_code=202)
def say(who: Who, house: House, conversation_id: Identifier, message: Message) -> SaidShape:
    """Say something; the answer is written by a run, whose events follow. Behind one that is not whole it waits."""
    return _said(house, who, _say(house, who, message, ConversationId(conversation_id)))


@router.post("/entries/{entry_id}/edit", status_code=202)
def edit(who: Who, house: House, entry_id: Identifier, change: Edit) -> SaidShape:
    """Say a message again in other words: a new version, and a new answer. The old ones stay. One that waits keeps its
    place.
    """
    return _said(house, who, talk.edit(house.database, who, EntryId(entry_id), change.text, client_id=change.client_id))


@router.post("/entries/{entry_id}/retry", status_code=202)
def retry(who: Who, house: House, entry_id: Identifier, again: Retry) -> RunStarted:
    """Have an answer written again: another version of it."""
    run = talk.retry(house.database, who, EntryId(entry_id), model=again.model)
    house.engine.launch(run.id)
    return RunStarted(run=RunShape.of(run))


@router.put("/conversations/{conversation_id}/leaf")
def show(who: Who, house: House, conversation_id: Identifier, leaf: Leaf) -> OpenedConversation:
    """Show the branch that goes through a version."""
    talk.show(house.database, who, ConversationId(conversation_id), EntryId(leaf.entry_id))
    return opened(who, house, conversation_id)


@router.get("/conversations/{conversation_id}/markdown", response_class=PlainTextResponse)
def as_markdown(who: Who, house: House, conversation_id: Identifier) -> PlainTextResponse:
    """The shown branch as Markdown."""
    with house.database.reading(who) as connection:
        conversation = conversation_store.get(connection, who, ConversationId(conversation_id))
        entries = store.of_conversation(connection, who, conversation.id)
    return PlainTextResponse(markdown.render(conversation, entries), media_type="text/markdown")


def _say(house: Services, who: Principal, message: Message, conversation_id: ConversationId | None) -> Said:
    return talk.say(
        house.database,
        who,
        message.text,
        client_id=message.client_id,
        conversation_id=conversation_id,
        parent_id=EntryId(message.parent_id) if message.parent_id else None,
        attachment_ids=[AttachmentId(attachment_id) for attachment_id in message.attachment_ids],
    )


def _said(house: Services, who: Principal, said: Said) -> SaidShape:
    house.engine.launch(said.run.id)
    with house.database.reading(who) as connection:
        return SaidShape(
            conversation=rendering.conversation_shape(connection, who, said.conversation.id),
            entry=rendering.entry_shape(connection, who, said.entry),
            run=rendering.run_shape(connection, who, said.run),
        )
