"""What a person does in a conversation: say, edit, ask again, show another version. Each is one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from everword.agents import waiting
from everword.agents.types import CHAT_TURN, TurnInput
from everword.core import clock
from everword.core.errors import Conflict, Invalid, TooLarge
from everword.core.ids import AttachmentId, ConversationId, EntryId
from everword.core.types import Label, Principal, Priority
from everword.memory import attachment_store, conversation_store, store
from everword.memory.branch import newest_leaf
from everword.memory.types import Attachment, Conversation, Entry, EntryKind, NewEntry
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.types import Run
from everword.storage import events
from everword.storage.database import Database

MAX_CHARACTERS = 200_000
_TITLE_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Said:
    """A message that is in the ledger, and the run that answers it."""

    conversation: Conversation
    entry: Entry
    run: Run


def say(
    database: Database,
    who: Principal,
    text: str,
    *,
    client_id: str,
    conversation_id: ConversationId | None = None,
    parent_id: EntryId | None = None,
    attachment_ids: Sequence[AttachmentId] = (),
) -> Said:
    """Write what a person says and the run that will answer it, in one transaction.

    Without a conversation one begins. Where an answer is still to come, the message waits behind it. Said again with
    the same `client_id`, nothing is written and the first result is returned. The caller launches the run.
    """
    check_words(text, has_attachments=bool(attachment_ids))
    with database.writing(who) as connection:
        known = _said_before(connection, who, client_id)
        if known is not None:
            return known
        if conversation_id is None:
            conversation = conversation_store.create(connection, who, who.own_space, title=title_of(text))
        else:
            conversation = conversation_store.get(connection, who, conversation_id)
        parent = parent_id or conversation.leaf_id
        if parent is not None:
            _require_in(connection, who, parent, conversation)
        behind = waiting.place_behind(connection, who, conversation)
        new = NewEntry(
            space_id=conversation.space_id,
            label=Label.OWNER,
            text=text,
            said_at=clock.now(),
            external_id=_external_id(client_id),
            conversation_id=conversation.id,
            parent_id=parent,
            details=behind,
        )
        entry = store.append(connection, who, new)
        sent = attachment_store.send_with(connection, who, attachment_ids, entry.id)
        leaf_id = _write_documents(connection, who, entry, sent)
        shown_id = leaf_id if behind is None else None
        run = _enqueue(connection, who, entry, TurnInput(conversation.id, entry.id), cause="said by the owner")
        return _said(connection, who, entry, run, shown_id)


def edit(database: Database, who: Principal, entry_id: EntryId, text: str, *, client_id: str) -> Said:
    """Write a new version of a person's message, and the run that answers it. The older version stays as it was.

    Of one that waits, the new version takes its place.
    """
    with database.writing(who) as connection:
        known = _said_before(connection, who, client_id)
        if known is not None:
            return known
        old = store.get(connection, who, entry_id)
        if old.conversation_id is None or old.label is not Label.OWNER or old.source != "chat":
            raise Conflict(why="Only a message of your own in a conversation can be edited.")
        attachments = attachment_store.of_entries(connection, who, [old.id])
        check_words(text, has_attachments=bool(attachments))
        new = NewEntry(
            space_id=old.space_id,
            label=Label.OWNER,
            text=text,
            said_at=clock.now(),
            external_id=_external_id(client_id),
            conversation_id=old.conversation_id,
            parent_id=old.parent_id,
            version_of=old.first_version,
            details=waiting.place_of(old),
        )
        entry = store.append(connection, who, new)
        copies = [_copy_attachment(connection, who, attachment.id, entry.id) for attachment in attachments]
        leaf_id = _write_documents(connection, who, entry, copies, _documents_of(connection, who, old))
        run = waiting.take_over(connection, who, old, entry)
        if run is not None:
            return _said(connection, who, entry, run, None)
        _require_idle(connection, who, old.conversation_id)
        run = _enqueue(connection, who, entry, TurnInput(old.conversation_id, entry.id), cause="said by the owner")
        return _said(connection, who, entry, run, leaf_id)


def retry(database: Database, who: Principal, entry_id: EntryId, *, model: str | None = None) -> Run:
    """Enqueue a run that answers again: `entry_id` is the answer to replace, or the question that got none."""
    with database.writing(who) as connection:
        entry = store.get(connection, who, entry_id)
        if entry.conversation_id is None:
            raise Conflict(why="Only an answer in a conversation can be asked for again.")
        _require_idle(connection, who, entry.conversation_id)
        if entry.label is Label.OWNER:
            question, version_of = entry, None
        elif entry.label is Label.ASSISTANT and entry.parent_id is not None:
            question, version_of = _question_of(connection, who, entry), entry.first_version
        else:
            raise Conflict(why="This is neither a question nor an answer to one.")
        turn = TurnInput(entry.conversation_id, question.id, version_of, model)
        return _enqueue(connection, who, question, turn, cause="asked again")


def show(database: Database, who: Principal, conversation_id: ConversationId, entry_id: EntryId) -> None:
    """Show the newest branch that goes through `entry_id`."""
    with database.writing(who) as connection:
        conversation = conversation_store.get(connection, who, conversation_id)
        _require_in(connection, who, entry_id, conversation)
        entries = store.of_conversation(connection, who, conversation_id)
        store.set_leaf(connection, who, conversation_id, newest_leaf(entries, entry_id))
        tell_changed(connection, who, conversation)


def tell_changed(connection: Connection, who: Principal, conversation: Conversation) -> None:
    """Tell whoever watches that a conversation is not as it was."""
    payload = {"conversation_id": conversation.id}
    events.append(connection, who, conversation.space_id, "conversation.changed", payload)


def title_of(text: str) -> str:
    """A conversation's first title: the beginning of its first message, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= _TITLE_CHARACTERS:
        return line or "Attachment"
    return line[:_TITLE_CHARACTERS].rsplit(" ", 1)[0] + "…"


def _said(connection: Connection, who: Principal, entry: Entry, run: Run, shown_id: EntryId | None) -> Said:
    """Tell of a message that was written; with `shown_id` the branch that ends there is shown from now on."""
    assert run.conversation_id is not None  # noqa: S101 (a chat turn has one)
    changes: dict[str, Any] = {"updated_at": entry.said_at} | ({"leaf_id": shown_id} if shown_id else {})
    if not conversation_store.get(connection, who, run.conversation_id).title:
        changes["title"] = title_of(entry.text)
    conversation = conversation_store.change(connection, who, run.conversation_id, changes)
    events.append(connection, who, entry.space_id, "entry.added", {"entry_id": entry.id})
    tell_changed(connection, who, conversation)
    return Said(conversation, entry, run)


def _write_documents(
    connection: Connection,
    who: Principal,
    message: Entry,
    attachments: Sequence[Attachment],
    earlier: Mapping[str, Entry] | None = None,
) -> EntryId:
    """Write the texts of a message's attachments behind it; the entry that its answer will follow.

    `earlier` are those behind the message's older version, by name: these become versions of them.
    """
    leaf_id = message.id
    for attachment in attachments:
        if attachment.text:
            older = (earlier or {}).get(attachment.name)
            document = _document(message, leaf_id, attachment.name, attachment.text, older)
            leaf_id = store.append(connection, who, document).id
    return leaf_id


def _document(message: Entry, parent_id: EntryId, name: str, text: str, older: Entry | None) -> NewEntry:
    """The text of an attachment, as an entry of its own: found like any other, and never taken for the owner's word."""
    return NewEntry(
        space_id=message.space_id,
        label=Label.STRANGER,
        text=text,
        said_at=message.said_at,
        conversation_id=message.conversation_id,
        parent_id=parent_id,
        version_of=older.first_version if older else None,
        kind=EntryKind.DOCUMENT,
        speaker=name,
        source="attachment",
    )


def _documents_of(connection: Connection, who: Principal, message: Entry) -> dict[str, Entry]:
    """The texts of a message's attachments, by name; they stand behind it one after the other."""
    if message.conversation_id is None:
        return {}
    found: dict[str, Entry] = {}
    behind = message.id
    for entry in store.of_conversation(connection, who, message.conversation_id):
        if entry.parent_id == behind and entry.kind is EntryKind.DOCUMENT:
            found[entry.speaker] = entry
            behind = entry.id
    return found


def _enqueue(connection: Connection, who: Principal, question: Entry, turn: TurnInput, *, cause: str) -> Run:
    return runs.enqueue(
        connection,
        who,
        CHAT_TURN,
        turn.as_json(),
        space_id=question.space_id,
        priority=Priority.PERSON,
        conversation_id=turn.conversation_id,
        cause=cause,
    )


def _said_before(connection: Connection, who: Principal, client_id: str) -> Said | None:
    """What was written under `client_id` before. From here on nobody else says anything until the transaction ends."""
    if not 8 <= len(client_id) <= 64:
        raise Invalid(why="client_id must have 8 to 64 characters: it tells a message sent twice from two messages.")
    events.hold_order(connection)
    entry = store.by_external_id(connection, who, who.own_space, "chat", _external_id(client_id))
    if entry is None or entry.conversation_id is None:
        return None
    versions = [entry.id, *store.versions_of(connection, who, entry)]  # a later one may have taken its place
    run = run_store.answering(connection, who, entry.conversation_id, versions)
    return Said(conversation_store.get(connection, who, entry.conversation_id), entry, run)


def _require_in(connection: Connection, who: Principal, entry_id: EntryId, conversation: Conversation) -> None:
    if store.get(connection, who, entry_id).conversation_id != conversation.id:
        raise Invalid(why="That entry is in another conversation.")


def _require_idle(connection: Connection, who: Principal, conversation_id: ConversationId) -> None:
    if waiting.unfinished(connection, who, conversation_id):
        raise Conflict(why="An answer is still being written here. Stop it first, or wait until it is there.")


def _question_of(connection: Connection, who: Principal, answer: Entry) -> Entry:
    """The message an answer answers: the nearest before it, past the texts that were attached."""
    step = answer
    while step.parent_id is not None:
        step = store.get(connection, who, step.parent_id)
        if step.kind is EntryKind.MESSAGE:
            return step
    raise Conflict(why="The question to this answer is gone.")


def _copy_attachment(
    connection: Connection, who: Principal, attachment_id: AttachmentId, entry_id: EntryId
) -> Attachment:
    old = attachment_store.get(connection, who, attachment_id)
    return attachment_store.create(
        connection,
        who,
        old.space_id,
        name=old.name,
        media_type=old.media_type,
        content=attachment_store.content(connection, who, attachment_id),
        text_state=old.text_state,
        entry_id=entry_id,
        text=old.text,
    )


def check_words(text: str, *, has_attachments: bool = False) -> None:
    """Whether words can be said as they are. Raises Invalid, TooLarge."""
    if not text.strip() and not has_attachments:
        raise Invalid(why="There is nothing to send. Type something, or attach a file.")
    if "\x00" in text:
        raise Invalid(why="The message contains a character (NUL) that cannot be kept. Remove it and send again.")
    if len(text) > MAX_CHARACTERS:
        raise TooLarge(what="The message", limit=f"{MAX_CHARACTERS:,} characters")


def _external_id(client_id: str) -> str:
    return f"client:{client_id}"
