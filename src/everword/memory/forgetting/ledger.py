"""The ledger's part of a forgetting: redacting what repeats, then removing entries, batch by batch."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection

from everword.core.ids import ConversationId, EntryId
from everword.core.types import Principal
from everword.memory import conversation_store, recalled_store, store
from everword.memory.citing import Citation
from everword.memory.forgetting import ledger_store
from everword.memory.forgetting.phrases import Phrases, Span, moved, redacted
from everword.memory.forgetting.types import Gone, Redacted, Repeat
from everword.memory.types import Entry, NewEntry

CHAT = "chat"


def redact(
    connection: Connection,
    who: Principal,
    repeat: Repeat,
    forgotten: frozenset[EntryId],
    moved_in: Sequence[Redacted] = (),
) -> Entry:
    """Write a version of an entry without the words, let it take the old one's place, and remove the old one.

    Its footnotes move with the text; those that quoted what is forgotten go. An id that the source gave it may be a
    hash of its text, so only our own stay. `moved_in` moves what other rooms have standing on it.
    """
    old = repeat.entry
    footnotes = recalled_store.of_answers(connection, who, [old.id]).get(old.id, [])
    new = store.append(
        connection,
        who,
        NewEntry(
            space_id=old.space_id,
            label=old.label,
            text=redacted(old.text, repeat.spans),
            said_at=old.said_at,
            source=old.source,
            conversation_id=old.conversation_id,
            parent_id=old.parent_id,
            version_of=old.first_version,
            kind=old.kind,
            speaker=old.speaker,
            state=old.state,
            run_id=old.run_id,
            model=old.model,
            basis=old.basis,
            details=_kept_details(old),
        ),
    )
    kept = [
        Citation(
            entry_id=note.entry.id,
            number=note.number,
            after=moved(note.after, repeat.spans),
            start=note.start,
            end=note.end,
            rank=note.number,
        )
        for note in footnotes
        if note.entry.id not in forgotten
    ]
    recalled_store.cite(connection, who, old.space_id, new.id, kept)
    ledger_store.move_attachments(connection, who, old.id, new.id)
    ledger_store.remove_attachments_with_text(connection, who, [old.id])
    for move in moved_in:
        move(connection, who, old.id, new.id)
    ledger_store.replace(connection, who, old, new.id)
    if old.source == CHAT and old.external_id is not None:
        ledger_store.name(connection, who, new.id, old.external_id)
    return new


def retitle(
    connection: Connection, who: Principal, phrases: Phrases, conversation_ids: Sequence[ConversationId]
) -> int:
    """Black out what the titles of those conversations repeat. Returns how many were changed."""
    titles = conversation_store.titles(connection, who, conversation_ids)
    changed = {}
    for conversation_id, title in titles.items():
        spans = title_spans(phrases, title)
        if spans:
            changed[conversation_id] = redacted(title, spans)[:300]
    ledger_store.retitle(connection, who, changed)
    return len(changed)


def title_spans(phrases: Phrases, title: str) -> list[Span]:
    """What a title repeats. One that is nothing but a beginning of what was said is blacked out whole."""
    spans = phrases.spans(title, closely=True)
    covered = sum(end - start for start, end in spans)
    return [(0, len(title))] if 2 * covered >= len(title) > 0 else spans


def remove(connection: Connection, who: Principal, gone: Gone) -> Counter[str]:
    """Remove what `gone` names from the ledger's tables."""
    return Counter(ledger_store.remove(connection, who, gone))


def _kept_details(entry: Entry) -> dict[str, object] | None:
    """What a redacted entry keeps of its details: structure, no text of the source's."""
    kept = {key: value for key, value in (entry.details or {}).items() if key in {"follows", "unseen"}}
    return kept or None
