"""Which row of the ledger a record's reference means."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from everword.core.ids import ConversationId, EntryId, SpaceId, is_id
from everword.core.types import Principal
from everword.intake.records import Conversation, File, Message, Note, Promise, Record, Ruling, Shown, Task
from everword.memory import origin_store

_Key = tuple[str, str]


class References:
    """The rows that one batch of records speaks of, as far as they are there.

    In an export of ours (`is_restore`) references are the ids of the ledger it came from, whatever source the row
    names. Those are the ids here too, but for rows whose id was in use or that came here another way before: these are
    remembered for as long as this object lives.
    """

    def __init__(self, who: Principal, space_id: SpaceId, *, is_restore: bool) -> None:
        self.is_restore = is_restore
        self._who = who
        self._space_id = space_id
        self._entries: dict[_Key, EntryId] = {}
        self._conversations: dict[_Key, ConversationId] = {}
        self._moved_entries: dict[_Key, EntryId] = {}
        self._moved_conversations: dict[_Key, ConversationId] = {}

    def entry(self, source: str, key: str | None) -> EntryId | None:
        """The entry that `key` means, if it is there."""
        return None if key is None else self._entries.get(self._key(source, key))

    def conversation(self, source: str, key: str | None) -> ConversationId | None:
        """The conversation that `key` means, if it is there."""
        return None if key is None else self._conversations.get(self._key(source, key))

    def add_entry(self, source: str, key: str, id: EntryId) -> None:
        """From now on `key` means `id`."""
        self._entries[self._key(source, key)] = id
        if self.is_restore and key != id:
            self._moved_entries[self._key(source, key)] = id

    def add_conversation(self, source: str, key: str, id: ConversationId) -> None:
        """From now on `key` means `id`."""
        self._conversations[self._key(source, key)] = id
        if self.is_restore and key != id:
            self._moved_conversations[self._key(source, key)] = id

    def look_up(self, connection: Connection, records: Sequence[Record]) -> None:
        """Find what is there of all that `records` are or speak of."""
        self._entries, self._conversations = dict(self._moved_entries), dict(self._moved_conversations)
        entries, conversations = _named(records)
        if self.is_restore:
            self._look_up_ids(connection, {key for *_, key in entries}, {key for *_, key in conversations})
            entries, conversations = _origins(records)
        for source, aliases in _by_source(entries):
            rows = origin_store.entry_ids(connection, self._who, self._space_id, source, aliases.keys())
            for alias, entry in rows.items():
                if self.entry(source, aliases[alias]) is None:
                    self.add_entry(source, aliases[alias], entry)
        for source, aliases in _by_source(conversations):
            talks = origin_store.conversation_ids(connection, self._who, self._space_id, source, aliases.keys())
            for alias, talk in talks.items():
                if self.conversation(source, aliases[alias]) is None:
                    self.add_conversation(source, aliases[alias], talk)

    def _look_up_ids(self, connection: Connection, entries: set[str], conversations: set[str]) -> None:
        ids = {EntryId(key) for key in entries if is_id(key)}
        for entry in origin_store.entries_there(connection, self._who, self._space_id, ids):
            self._entries.setdefault(self._key("", entry), entry)
        talks = {ConversationId(key) for key in conversations if is_id(key)}
        for talk in origin_store.conversations_there(connection, self._who, self._space_id, talks):
            self._conversations.setdefault(self._key("", talk), talk)

    def _key(self, source: str, key: str) -> _Key:
        return ("", key) if self.is_restore else (source, key)


_Name = tuple[str, str, str]  # source, the id there, the key that records use for it


def _named(records: Iterable[Record]) -> tuple[set[_Name], set[_Name]]:
    """Every entry and every conversation that records are or speak of."""
    entries: set[tuple[str, str | None]] = set()
    conversations: set[tuple[str, str | None]] = set()
    for item in records:
        match item:
            case Conversation():
                conversations.add((item.source, item.external_id))
            case Message():
                entries |= {(item.source, key) for key in (item.external_id, item.parent, item.version_of)}
                conversations.add((item.source, item.conversation))
            case File():
                entries.add((item.source, item.message))
            case Ruling() | Note() | Promise():
                entries.add((item.source, item.entry))
            case Task():
                entries |= {(item.source, key) for key in (item.entry, item.cause)}
            case Shown():
                entries.add((item.source, item.leaf))
                conversations.add((item.source, item.conversation))
    return {(s, k, k) for s, k in entries if k is not None}, {(s, k, k) for s, k in conversations if k is not None}


def _origins(records: Iterable[Record]) -> tuple[set[_Name], set[_Name]]:
    """Where else an exported row may have come from before: its own origin, or an export in which it was moved."""
    entries: set[_Name] = set()
    conversations: set[_Name] = set()
    for item in records:
        if not isinstance(item, Conversation | Message):
            continue
        names = conversations if isinstance(item, Conversation) else entries
        names.add((item.source, item.external_id, item.external_id))
        if item.restores is not None and item.restores.external_id is not None:
            names.add((item.source, item.restores.external_id, item.external_id))
    return entries, conversations


def _by_source(names: set[_Name]) -> Iterable[tuple[str, dict[str, str]]]:
    """For each source, the ids there with the keys that mean them."""
    by_source: dict[str, dict[str, str]] = defaultdict(dict)
    for source, there, key in names:
        by_source[source][there] = key
    return by_source.items()
