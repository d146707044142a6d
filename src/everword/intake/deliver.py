"""Writing a batch of records into the ledger: labels decided, references resolved, nothing written twice."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from everword.core.ids import AttachmentId, ConversationId, EntryId, SpaceId, new_id
from everword.core.types import Principal
from everword.intake.deliver_kept import keep
from everword.intake.labels import Belief, label_of
from everword.intake.records import Conversation, File, Message, Record, Ruling, Shown, Skipped
from everword.intake.references import References
from everword.intake.types import Counts
from everword.memory import attachment_store, origin_store, store
from everword.memory.facts import rulings
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
        self._files(connection, [item for item in records if isinstance(item, File)])
        self._show(connection, [item for item in records if isinstance(item, Shown)])
        self._rule(connection, [item for item in records if isinstance(item, Ruling)])
        if self.is_restore and self.belief.owner_is_me:  # what others noted, promised and had to do is not the owner's
            keep(connection, self.who, self.space_id, records, self.references)
        count = sum(item.count for item in skipped)
        return Delivered(Counts(conversations, entries, len(messages) - entries, count), skipped)

    def _conversations(self, connection: Connection, records: list[Conversation]) -> int:
        new: dict[ConversationId, Conversation] = {}
        for record in records:
            if self.references.conversation(record.source, record.external_id) is None:
                wanted = ConversationId(record.restores.id if record.restores else new_id())
                self.references.add_conversation(record.source, record.external_id, wanted)
                new[wanted] = record
        rows = [self._new_conversation(record, wanted) for wanted, record in new.items()]
        written = origin_store.add_conversations(connection, self.who, rows)
        elsewhere = []  # the id is in use in a space that is not ours to see
        for record in (record for wanted, record in new.items() if wanted not in written):
            other = ConversationId(new_id())
            self.references.add_conversation(record.source, record.external_id, other)
            elsewhere.append(self._new_conversation(record, other, known_as=record.external_id))
        return len(written | origin_store.add_conversations(connection, self.who, elsewhere))

    def _new_conversation(
        self, record: Conversation, id: ConversationId, known_as: str | None = None
    ) -> LedgerConversation:
        created_at = record.created_at or self.said_at
        return LedgerConversation(
            id=id,
            space_id=self.space_id,
            title=record.title,
            source=record.source,
            external_id=(record.restores.external_id or known_as) if record.restores else record.external_id,
            leaf_id=None,
            pinned_at=record.pinned_at,
            archived_at=record.archived_at,
            created_at=created_at,
            updated_at=record.updated_at or created_at,
        )

    def _unannounced(self, connection: Connection, messages: list[Message]) -> int:
        """Conversations that messages name and the file does not have."""
        missing: dict[tuple[str, str], Conversation] = {}
        for item in messages:
            key = item.conversation
            if key is not None and self.references.conversation(item.source, key) is None:
                missing.setdefault((item.source, key), Conversation(key, item.source, key, item.said_at))
        return self._conversations(connection, list(missing.values()))

    def _messages(self, connection: Connection, messages: list[Message]) -> int:
        new: dict[EntryId, Message] = {}
        rows: list[NewEntry] = []
        for record in messages:
            if self.references.entry(record.source, record.external_id) is None:
                wanted = EntryId(record.restores.id if record.restores else new_id())
                self.references.add_entry(record.source, record.external_id, wanted)
                new[wanted] = record
                rows.append(self._new_entry(record, wanted))
        written = {entry.id for entry in store.append_many(connection, self.who, rows)}
        elsewhere: list[NewEntry] = []  # the id is in use in a space that is not ours to see
        for record in (record for wanted, record in new.items() if wanted not in written):
            other = EntryId(new_id())
            self.references.add_entry(record.source, record.external_id, other)
            elsewhere.append(self._new_entry(record, other, known_as=record.external_id))
        return len(written) + len(store.append_many(connection, self.who, elsewhere))

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

    def _files(self, connection: Connection, records: list[File]) -> None:
        entry_ids = [self.references.entry(record.source, record.message) for record in records]
        wanted = {entry_id for entry_id in entry_ids if entry_id is not None}
        kept = attachment_store.of_entries(connection, self.who, wanted) if wanted else []
        there = {(item.entry_id, item.name, item.sha256) for item in kept}
        new: dict[AttachmentId, tuple[Attachment, bytes]] = {}
        for record, entry_id in zip(records, entry_ids, strict=True):
            sha256 = hashlib.sha256(record.content).digest()
            if entry_id is None or (entry_id, record.name, sha256) in there:
                continue
            there.add((entry_id, record.name, sha256))
            attachment = self._new_attachment(record, entry_id, sha256)
            new[attachment.id] = (attachment, record.content)
        written = origin_store.add_attachments(connection, self.who, list(new.values()))
        taken = [item for id_, item in new.items() if id_ not in written]
        elsewhere = [(replace(attachment, id=AttachmentId(new_id())), content) for attachment, content in taken]
        origin_store.add_attachments(connection, self.who, elsewhere)

    def _new_attachment(self, record: File, entry_id: EntryId, sha256: bytes) -> Attachment:
        return Attachment(
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

    def _rule(self, connection: Connection, records: list[Ruling]) -> None:
        """Decide about facts as was decided there, where the entries say the same here."""
        for record in records:
            entry_id = self.references.entry(record.source, record.entry)
            if entry_id is not None:
                decided = rulings.Ruling(
                    entry_id=entry_id,
                    entry_source=record.source,
                    subject=record.subject,
                    slot=record.slot,
                    value=record.value,
                    pinned_at=record.pinned_at,
                    refused_at=record.refused_at,
                    over=record.over,
                )
                rulings.apply(connection, self.who, self.space_id, decided)

    def _show(self, connection: Connection, records: list[Shown]) -> None:
        """Show the branches that were shown there, but for conversations that were carried on here."""
        wanted: dict[ConversationId, tuple[EntryId, str]] = {}
        for record in records:
            talk = self.references.conversation(record.source, record.conversation)
            leaf = self.references.entry(record.source, record.leaf)
            if talk is not None and leaf is not None:
                wanted[talk] = (leaf, record.source)
        shown = origin_store.leaves(connection, self.who, wanted.keys())
        of_interest = {*(leaf for leaf in shown.values() if leaf), *(leaf for leaf, _ in wanted.values())}
        places = origin_store.places(connection, self.who, of_interest)
        branches: list[tuple[ConversationId, EntryId, datetime | None]] = []
        for talk, (leaf, source) in wanted.items():
            before = shown.get(talk)
            is_carried_on = before is not None and (self.is_restore or before not in places)
            if is_carried_on or (before is not None and places[before].source != source):
                continue
            branches.append((talk, leaf, None if self.is_restore else places[leaf].said_at))
        origin_store.show(connection, self.who, branches)
