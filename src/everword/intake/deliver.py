"""Writing a batch of records into the ledger: labels decided, references resolved, nothing written twice."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from everword.core.ids import AttachmentId, ConversationId, EntryId, SpaceId, new_id
from everword.core.types import Principal
from everword.intake.labels import Belief, label_of
from everword.intake.records import Conversation, File, Message, Record, Shown, Skipped
from everword.intake.references import References
from everword.intake.types import Counts
from everword.memory import attachment_store, origin_store, store
from everword.memory.types import Attachment, EntryKind, EntryState, NewEntry
from everword.memory.types import Conversation as LedgerConversation


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of a batch."""

    counts: Counts
    skipped: list[Skipped]


@dataclass(slots=True)
class Delivery:
    """The writing of one import into one space. Batches of records come in the order of the file.

    Each batch is delivered in a transaction of the caller's. Delivering a batch again changes nothing.
    """

    who: Principal
    space_id: SpaceId
    belief: Belief
    said_at: datetime  # for what the file gives no time
    is_restore: bool = False  # whether it is an export of ours
    references: References = field(init=False)

    def __post_init__(self) -> None:
        self.references = References(self.who, self.space_id, is_restore=self.is_restore)

    def deliver(self, connection: Connection, records: Sequence[Record]) -> Delivered:
        """Write what is new among `records`."""
        self.references.look_up(connection, records)
        conversations = self._conversations(connection, [item for item in records if isinstance(item, Conversation)])
        messages = [item for item in records if isinstance(item, Message)]
        conversations += self._unannounced(connection, messages)
        entries = self._messages(connection, messages)
        skipped = [item for item in records if isinstance(item, Skipped)]
        for item in records:
            if isinstance(item, File):
                self._file(connection, item)
            elif isinstance(item, Shown):
                self._show(connection, item)
        count = sum(item.count for item in skipped)
        return Delivered(Counts(conversations, entries, len(messages) - entries, count), skipped)

    def _conversations(self, connection: Connection, records: list[Conversation]) -> int:
        written = 0
        for record in records:
            if self.references.conversation(record.source, record.external_id) is not None:
                continue
            restored = record.restores
            wanted = restored.id if restored else new_id()
            external_id = restored.external_id if restored else record.external_id
            if not self._add_conversation(connection, record, ConversationId(wanted), external_id):
                wanted = new_id()  # the id is in use in a space that is not ours to see
                self._add_conversation(connection, record, ConversationId(wanted), external_id or record.external_id)
            self.references.add_conversation(record.source, record.external_id, ConversationId(wanted))
            written += 1
        return written

    def _add_conversation(
        self, connection: Connection, record: Conversation, id: ConversationId, external_id: str | None
    ) -> bool:
        created_at = record.created_at or self.said_at
        new = LedgerConversation(
            id=id,
            space_id=self.space_id,
            title=record.title,
            source=record.source,
            external_id=external_id,
            leaf_id=None,
            pinned_at=record.pinned_at,
            archived_at=record.archived_at,
            created_at=created_at,
            updated_at=record.updated_at or created_at,
        )
        return bool(origin_store.add_conversations(connection, self.who, [new]))

    def _unannounced(self, connection: Connection, messages: list[Message]) -> int:
        """Conversations that messages name and the file does not have."""
        missing: dict[tuple[str, str], Conversation] = {}
        for item in messages:
            key = item.conversation
            if key is not None and self.references.conversation(item.source, key) is None:
                missing.setdefault((item.source, key), Conversation(key, item.source, key, item.said_at))
        return self._conversations(connection, list(missing.values()))

    def _messages(self, connection: Connection, messages: list[Message]) -> int:
        new: list[NewEntry] = []
        keys: dict[EntryId, Message] = {}
        for record in messages:
            if self.references.entry(record.source, record.external_id) is not None:
                continue
            wanted = EntryId(record.restores.id if record.restores else new_id())
            self.references.add_entry(record.source, record.external_id, wanted)
            keys[wanted] = record
            new.append(self._new_entry(record, wanted))
        written = {entry.id for entry in store.append_many(connection, self.who, new)}
        for wanted, record in keys.items():
            if wanted not in written and record.restores is not None:
                written |= self._append_elsewhere(connection, record)
        return len(written)

    def _append_elsewhere(self, connection: Connection, record: Message) -> set[EntryId]:
        """Write an entry whose id is in use in a space that is not ours to see, under another."""
        other = EntryId(new_id())
        self.references.add_entry(record.source, record.external_id, other)
        entry = self._new_entry(record, other, known_as=record.external_id)
        return {item.id for item in store.append_many(connection, self.who, [entry])}

    def _new_entry(self, record: Message, id: EntryId, known_as: str | None = None) -> NewEntry:
        external_id = (record.restores.external_id or known_as) if record.restores else record.external_id
        references = self.references
        return NewEntry(
            id=id,
            space_id=self.space_id,
            label=label_of(record.role, record.speaker, self.belief),
            text=record.text,
            said_at=record.said_at or self.said_at,
            source=record.source,
            conversation_id=references.conversation(record.source, record.conversation),
            parent_id=references.entry(record.source, record.parent),
            version_of=references.entry(record.source, record.version_of),
            kind=EntryKind(record.kind),
            speaker=record.speaker,
            external_id=external_id,
            state=EntryState(record.state),
            model=record.model,
            details=record.details,
        )

    def _file(self, connection: Connection, record: File) -> None:
        entry_id = self.references.entry(record.source, record.message)
        if entry_id is None:
            return
        sha256 = hashlib.sha256(record.content).digest()
        there = attachment_store.of_entries(connection, self.who, [entry_id])
        if any(item.sha256 == sha256 and item.name == record.name for item in there):
            return
        new = Attachment(
            id=AttachmentId(record.restores.id if record.restores else new_id()),
            space_id=self.space_id,
            entry_id=entry_id,
            name=record.name,
            media_type=record.media_type,
            size_bytes=len(record.content),
            sha256=sha256,
            text_state=record.text_state,
            text=record.text,
            created_at=record.created_at or self.said_at,
        )
        if not origin_store.add_attachment(connection, self.who, new, record.content):
            origin_store.add_attachment(connection, self.who, replace(new, id=AttachmentId(new_id())), record.content)

    def _show(self, connection: Connection, record: Shown) -> None:
        """Show the branch that was shown there, unless the conversation was carried on here."""
        conversation_id = self.references.conversation(record.source, record.conversation)
        leaf_id = self.references.entry(record.source, record.leaf)
        if conversation_id is None or leaf_id is None:
            return
        shown = origin_store.leaf_source(connection, self.who, conversation_id)
        if shown is not None and (self.is_restore or shown != record.source):
            return
        store.set_leaf(connection, self.who, conversation_id, leaf_id)
        if not self.is_restore:
            leaf = store.get(connection, self.who, leaf_id)
            origin_store.spoken_in(connection, self.who, conversation_id, leaf.said_at)
