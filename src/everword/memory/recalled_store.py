"""What was recalled for each run, and what each answer cites."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, insert, select

from everword.core.ids import EntryId, RunId, SpaceId, new_id
from everword.core.types import Principal
from everword.memory import store
from everword.memory.citing import Citation
from everword.memory.types import Footnote, Quote
from everword.storage.schema.ledger import citation, recalled
from everword.storage.scope import require_space, visible


def write(connection: Connection, who: Principal, space_id: SpaceId, run_id: RunId, quotes: Sequence[Quote]) -> None:
    """Record what was recalled for a run, in place of what was recorded before."""
    require_space(who, space_id)
    connection.execute(delete(recalled).where(visible(recalled, who), recalled.c.run_id == run_id))
    rows = [
        {
            "id": new_id(),
            "space_id": space_id,
            "run_id": run_id,
            "entry_id": quote.entry.id,
            "rank": quote.rank,
            "score": quote.score,
            "reasons": quote.reasons,
            "start": quote.start,
            "end": quote.end,
            "is_in_prompt": quote.is_in_prompt,
        }
        for quote in quotes
    ]
    if rows:
        connection.execute(insert(recalled), rows)


def of_runs(connection: Connection, who: Principal, run_ids: Collection[RunId]) -> dict[RunId, list[Quote]]:
    """What was recalled for those runs, by rank. Entries that are gone by now are left out."""
    query = select(recalled).where(visible(recalled, who), recalled.c.run_id.in_(run_ids))
    rows = connection.execute(query.order_by(recalled.c.run_id, recalled.c.rank)).all()
    entries = store.by_ids(connection, who, {row.entry_id for row in rows})
    by_run: dict[RunId, list[Quote]] = {}
    for row in rows:
        if row.entry_id not in entries:
            continue
        quote = Quote(
            entry=entries[row.entry_id],
            start=row.start,
            end=row.end,
            rank=row.rank,
            score=row.score,
            reasons=row.reasons,
            is_in_prompt=row.is_in_prompt,
        )
        by_run.setdefault(RunId(row.run_id), []).append(quote)
    return by_run


def cite(
    connection: Connection, who: Principal, space_id: SpaceId, answer_id: EntryId, citations: Sequence[Citation]
) -> None:
    """Record what an answer cites."""
    require_space(who, space_id)
    rows = [
        {
            "id": new_id(),
            "space_id": space_id,
            "answer_id": answer_id,
            "entry_id": cited.entry_id,
            "number": cited.number,
            "after": cited.after,
            "start": cited.start,
            "end": cited.end,
        }
        for cited in citations
    ]
    if rows:
        connection.execute(insert(citation), rows)


def of_answers(
    connection: Connection, who: Principal, answer_ids: Collection[EntryId]
) -> dict[EntryId, list[Footnote]]:
    """What those answers cite, in the order of the text. Entries that are gone by now are left out."""
    query = select(citation).where(visible(citation, who), citation.c.answer_id.in_(answer_ids))
    rows = connection.execute(query.order_by(citation.c.answer_id, citation.c.after, citation.c.number)).all()
    entries = store.by_ids(connection, who, {row.entry_id for row in rows})
    by_answer: dict[EntryId, list[Footnote]] = {}
    for row in rows:
        if row.entry_id in entries:
            footnote = Footnote(entries[row.entry_id], row.number, row.after, row.start, row.end)
            by_answer.setdefault(EntryId(row.answer_id), []).append(footnote)
    return by_answer
