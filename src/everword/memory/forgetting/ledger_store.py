"""The ledger's side of forgetting: which entries are meant, what hangs on them, and how they leave without a gap."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, not_, or_, select, update

from everword.core.ids import ConversationId, EntryId, RunId
from everword.core.types import Label, Principal
from everword.memory import store
from everword.memory.forgetting.types import Gone, Selection
from everword.memory.types import Entry, EntryKind
from everword.storage.schema.ledger import attachment, citation, conversation, entry, recalled
from everword.storage.schema.runs import run
from everword.storage.scope import visible

ATTACHED = "attachment"
"""The source of an entry that is the text of an attachment."""
_AT_ONCE = 500


def selected(connection: Connection, who: Principal, selection: Selection, up_to: int, limit: int) -> list[EntryId]:
    """The entries up to a ledger position that fit everything that is set but words and ids, in the order recorded.

    A speaker is a whole name, in any case.
    """
    query = select(entry.c.id).where(*_fitting(connection, who, selection), entry.c.position <= up_to)
    return [EntryId(key) for key in connection.execute(query.order_by(entry.c.position).limit(limit)).scalars()]


def extent(
    connection: Connection, who: Principal, selection: Selection
) -> tuple[int, datetime | None, datetime | None]:
    """How many entries fit everything that is set but words and ids, and when the first and the last was said."""
    query = select(func.count(), func.min(entry.c.said_at), func.max(entry.c.said_at)).select_from(entry)
    number, first, last = connection.execute(query.where(*_fitting(connection, who, selection))).one()
    return int(number), first, last


def first_said(connection: Connection, who: Principal, selection: Selection, limit: int) -> list[Entry]:
    """Of those entries the ones said first."""
    query = select(entry.c.position).where(*_fitting(connection, who, selection))
    positions = connection.execute(query.order_by(entry.c.said_at, entry.c.position).limit(limit)).scalars()
    return sorted(store.by_positions(connection, who, positions), key=lambda found: (found.said_at, found.position))


def by_ids(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> list[Entry]:
    """Those entries, in the order recorded."""
    positions: list[int] = []
    for some in _some(entry_ids):
        query = select(entry.c.position).where(visible(entry, who), entry.c.id.in_(some))
        positions += connection.execute(query).scalars()
    return store.by_positions(connection, who, positions)


def versions_of(connection: Connection, who: Principal, entries: Sequence[Entry]) -> set[EntryId]:
    """Every version of those entries, themselves among them."""
    families = {each.first_version for each in entries}
    found = {each.id for each in entries}
    conversations = {each.conversation_id for each in entries if each.conversation_id is not None}
    for some in _some(conversations):
        query = select(entry.c.id, entry.c.version_of).where(visible(entry, who), entry.c.conversation_id.in_(some))
        found |= {EntryId(key) for key, first in connection.execute(query) if (first or key) in families}
    for some in _some({each.first_version for each in entries if each.conversation_id is None}):
        query = select(entry.c.id).where(visible(entry, who), or_(entry.c.id.in_(some), entry.c.version_of.in_(some)))
        found |= {EntryId(key) for key in connection.execute(query).scalars()}
    return found


def attached_texts(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> set[EntryId]:
    """The texts of attachments that hang on those entries, also one behind the other."""
    found: set[EntryId] = set()
    step = set(entry_ids)
    in_same = entry.c.conversation_id.in_  # there is no index of parents
    while step:
        following: set[EntryId] = set()
        for some in _some(step):
            talks = select(entry.c.conversation_id).where(visible(entry, who), entry.c.id.in_(some))
            of_text = (entry.c.kind == EntryKind.DOCUMENT.value, entry.c.source == ATTACHED)
            where = (in_same(talks), *of_text, entry.c.parent_id.in_(some))
            following |= {
                EntryId(key)
                for key in connection.execute(select(entry.c.id).where(visible(entry, who), *where)).scalars()
            }
        step = following - found
        found |= following
    return found


def citing(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> set[EntryId]:
    """The answers that cite any of those entries."""
    found: set[EntryId] = set()
    for some in _some(entry_ids):
        query = select(citation.c.answer_id).where(visible(citation, who), citation.c.entry_id.in_(some))
        found |= {EntryId(key) for key in connection.execute(query).scalars()}
    return found - set(entry_ids)


def recalling(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> set[RunId]:
    """The runs for which any of those entries was recalled."""
    found: set[RunId] = set()
    for some in _some(entry_ids):
        query = select(recalled.c.run_id).where(visible(recalled, who), recalled.c.entry_id.in_(some))
        found |= {RunId(key) for key in connection.execute(query).scalars()}
    return found


def written_by(connection: Connection, who: Principal, run_ids: Collection[RunId]) -> set[EntryId]:
    """The entries that those runs wrote."""
    found: set[EntryId] = set()
    for some in _some(run_ids):
        query = select(entry.c.id).where(visible(entry, who), entry.c.run_id.in_(some))
        found |= {EntryId(key) for key in connection.execute(query).scalars()}
    return found


def assistants_in(
    connection: Connection, who: Principal, conversation_ids: Collection[ConversationId], limit: int
) -> list[EntryId]:
    """What the assistant said in those conversations, the newest first."""
    found: list[EntryId] = []
    for some in _some(conversation_ids):
        where = (entry.c.conversation_id.in_(some), entry.c.label == Label.ASSISTANT.value)
        query = select(entry.c.id).where(visible(entry, who), *where).order_by(entry.c.position.desc()).limit(limit)
        found += map(EntryId, connection.execute(query).scalars())
    return found[:limit]


def emptied(
    connection: Connection, who: Principal, conversation_ids: Collection[ConversationId], entry_ids: Collection[EntryId]
) -> set[ConversationId]:
    """Those of the conversations that have no entry left when `entry_ids` are gone."""
    gone = set(entry_ids)
    empty = set(conversation_ids)
    for some in _some(conversation_ids):
        query = select(entry.c.conversation_id, entry.c.id)
        for talk, key in connection.execute(query.where(visible(entry, who), entry.c.conversation_id.in_(some))):
            if key not in gone:
                empty.discard(ConversationId(talk))
    return empty


def attachment_count(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> int:
    """How many files hang on those entries."""
    query = select(func.count()).select_from(attachment).where(visible(attachment, who))
    return sum(
        int(connection.execute(query.where(attachment.c.entry_id.in_(some))).scalar_one()) for some in _some(entry_ids)
    )


def remove_attachments_with_text(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> int:
    """Remove the files whose text is one of those entries, though the message that they came with stays."""
    removed = 0
    for some in _some(entry_ids):
        of_text = (entry.c.kind == EntryKind.DOCUMENT.value, entry.c.source == ATTACHED, entry.c.id.in_(some))
        texts = connection.execute(
            select(entry.c.text, entry.c.speaker, entry.c.conversation_id).where(visible(entry, who), *of_text)
        )
        for text, name, talk in texts.all():
            messages = select(entry.c.id).where(visible(entry, who), entry.c.conversation_id == talk)
            where = (attachment.c.entry_id.in_(messages), attachment.c.name == name, attachment.c.text == text)
            removed += connection.execute(delete(attachment).where(visible(attachment, who), *where)).rowcount
    return removed


def move_attachments(connection: Connection, who: Principal, from_id: EntryId, to_id: EntryId) -> None:
    """Hang the files of an entry on another."""
    where = (visible(attachment, who), attachment.c.entry_id == from_id)
    connection.execute(update(attachment).where(*where).values(entry_id=to_id))


def replace(connection: Connection, who: Principal, old: Entry, new_id: EntryId) -> None:
    """Let what points at an entry point at another, and remove the old one with what was derived from it."""
    children = (visible(entry, who), entry.c.conversation_id == old.conversation_id, entry.c.parent_id == old.id)
    connection.execute(update(entry).where(*children).values(parent_id=new_id))
    shown = (visible(conversation, who), conversation.c.leaf_id == old.id)
    connection.execute(update(conversation).where(*shown).values(leaf_id=new_id))
    connection.execute(delete(entry).where(visible(entry, who), entry.c.id == old.id))


def name(connection: Connection, who: Principal, entry_id: EntryId, external_id: str) -> None:
    """Give an entry the external id of one that it has replaced."""
    where = (visible(entry, who), entry.c.id == entry_id)
    connection.execute(update(entry).where(*where).values(external_id=external_id))


def retitle(connection: Connection, who: Principal, titles: Mapping[ConversationId, str]) -> None:
    """Give conversations other titles."""
    for conversation_id, title in titles.items():
        where = (visible(conversation, who), conversation.c.id == conversation_id)
        connection.execute(update(conversation).where(*where).values(title=title))


def remove(connection: Connection, who: Principal, gone: Gone) -> dict[str, int]:
    """Remove entries with all that hangs on them; what followed them follows what was before. How many went."""
    ids = [EntryId(key) for key in sorted(gone.entry_ids)]
    counts = {"attachments": attachment_count(connection, who, ids)}
    counts["attachments"] += remove_attachments_with_text(connection, who, ids)
    _close_gaps(connection, who, ids)
    counts["recalled"] = _remove(connection, who, recalled, recalled.c.entry_id, ids)
    counts["recalled"] += _remove(connection, who, recalled, recalled.c.run_id, gone.run_ids)
    counts["citations"] = _remove(connection, who, citation, citation.c.entry_id, ids)
    counts["citations"] += _remove(connection, who, citation, citation.c.answer_id, ids)
    _remove(connection, who, attachment, attachment.c.entry_id, ids)
    counts["entries"] = _remove(connection, who, entry, entry.c.id, ids)
    counts["conversations"] = _remove_conversations(connection, who, gone.conversation_ids)
    return counts


def _remove_conversations(connection: Connection, who: Principal, ids: Collection[ConversationId]) -> int:
    """Remove those that are empty. One in which something was said meanwhile stays, without its title."""
    said = set()
    for some in _some(ids):
        within = select(entry.c.conversation_id).where(visible(entry, who), entry.c.conversation_id.in_(some))
        said |= set(connection.execute(within.distinct()).scalars())
    retitle(connection, who, dict.fromkeys(map(ConversationId, said), ""))
    return _remove(connection, who, conversation, conversation.c.id, set(ids) - said)


def _close_gaps(connection: Connection, who: Principal, ids: Sequence[EntryId]) -> None:
    parents: dict[str, str | None] = {}
    for some in _some(ids):
        query = select(entry.c.id, entry.c.parent_id).where(visible(entry, who), entry.c.id.in_(some))
        parents |= {row.id: row.parent_id for row in connection.execute(query)}

    def kept_before(key: str) -> str | None:
        step: str | None = key
        seen = set()
        while step is not None and step in parents and step not in seen:
            seen.add(step)
            step = parents[step]
        return None if step in parents else step

    for some in _some(ids):
        talks = select(entry.c.conversation_id).where(visible(entry, who), entry.c.id.in_(some))
        where = (visible(entry, who), entry.c.conversation_id.in_(talks), entry.c.parent_id.in_(some))
        for child, parent in connection.execute(select(entry.c.id, entry.c.parent_id).where(*where)).all():
            if child not in parents:
                values = {"parent_id": kept_before(parent)}
                connection.execute(update(entry).where(visible(entry, who), entry.c.id == child).values(values))
        leaves = select(conversation.c.id, conversation.c.leaf_id)
        for talk, leaf in connection.execute(
            leaves.where(visible(conversation, who), conversation.c.leaf_id.in_(some))
        ).all():
            shown = kept_before(leaf) or _newest(connection, who, talk, parents)
            of_it = (visible(conversation, who), conversation.c.id == talk)
            connection.execute(update(conversation).where(*of_it).values(leaf_id=shown))


def _newest(connection: Connection, who: Principal, talk: str, gone: Collection[str]) -> str | None:
    """The newest entry of a conversation that stays."""
    query = select(entry.c.id).where(visible(entry, who), entry.c.conversation_id == talk)
    newest_first = connection.execute(query.order_by(entry.c.position.desc())).scalars()
    return next((key for key in newest_first if key not in gone), None)


def said_after(connection: Connection, who: Principal, at: datetime) -> list[str]:
    """The texts of what people said, or others sent, after that moment, and of the answers to it."""
    is_said = and_(entry.c.label != Label.ASSISTANT.value, entry.c.version_of.is_(None))
    asked_since = select(run.c.id).where(visible(run, who), run.c.created_at > at)
    where = (entry.c.recorded_at > at, or_(is_said, entry.c.run_id.in_(asked_since)))
    return list(connection.execute(select(entry.c.text).where(visible(entry, who), *where)).scalars())


def still_there(connection: Connection, who: Principal, entry_ids: Collection[EntryId]) -> int:
    """How many rows of the ledger still name any of those entries."""
    columns: tuple[tuple[Table, ColumnElement[str]], ...] = (
        (entry, entry.c.id),
        (attachment, attachment.c.entry_id),
        (recalled, recalled.c.entry_id),
        (citation, citation.c.entry_id),
        (citation, citation.c.answer_id),
    )
    found = 0
    for table, column in columns:
        count = select(func.count()).select_from(table)
        for some in _some(entry_ids):
            found += int(connection.execute(count.where(visible(table, who), column.in_(some))).scalar_one())
    return found


def _fitting(connection: Connection, who: Principal, selection: Selection) -> list[ColumnElement[bool]]:
    where = [visible(entry, who)]
    if selection.conversation_id is not None:
        where.append(entry.c.conversation_id == selection.conversation_id)
    if selection.speaker is not None:
        where.append(entry.c.speaker.in_(_spelled(connection, who, selection.speaker)))
    if selection.label is not None:
        where.append(entry.c.label == selection.label.value)
    if selection.since is not None:
        where.append(entry.c.said_at >= selection.since)
    if selection.until is not None:
        where.append(entry.c.said_at < selection.until)
    if selection.source is not None:
        where.append(entry.c.source == selection.source)
    if selection.older_than is not None:
        where += _older(who, selection.older_than)
    return where


def _older(who: Principal, than: datetime) -> list[ColumnElement[bool]]:
    """Said and recorded before then, and with no version that is not."""
    old = (entry.c.said_at < than, entry.c.recorded_at < than)
    young = select(entry.c.version_of).where(visible(entry, who), entry.c.version_of.is_not(None), not_(and_(*old)))
    young = young.correlate(None)  # of all entries, not of the one that is looked at
    first_version = func.coalesce(entry.c.version_of, entry.c.id)
    return [*old, first_version.not_in(young)]


def _spelled(connection: Connection, who: Principal, speaker: str) -> list[str]:
    """A name in every way of writing it large or small that the entries have."""
    names = connection.execute(select(entry.c.speaker).where(visible(entry, who)).distinct()).scalars()
    return [name for name in names if name.casefold() == speaker.casefold()]


def _remove(
    connection: Connection, who: Principal, table: Table, column: ColumnElement[str], keys: Iterable[str]
) -> int:
    removed = 0
    for some in _some(list(keys)):
        removed += connection.execute(delete(table).where(visible(table, who), column.in_(some))).rowcount
    return removed


def _some(keys: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    for first in range(0, len(ordered), _AT_ONCE):
        yield ordered[first : first + _AT_ONCE]
