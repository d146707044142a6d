"""What was recalled for each run, and which of it an answer cites."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, insert, select, update

from everword.core.ids import EntryId, RunId, SpaceId, new_id
from everword.core.types import Principal
from everword.memory import store
from everword.memory.types import Quote
from everword.storage.schema.ledger import entry, recalled
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


def cite(connection: Connection, who: Principal, run_id: RunId, rank: int, quote: Quote, answer_id: EntryId) -> None:
    """Record that an answer cites what was recalled at `rank`, with the exact words it cites."""
    values = {"answer_id": answer_id, "number": quote.number, "after": quote.after}
    where = (visible(recalled, who), recalled.c.run_id == run_id, recalled.c.rank == rank)
    statement = update(recalled).where(*where).values(start=quote.start, end=quote.end, **values)
    connection.execute(statement)


def of_runs(connection: Connection, who: Principal, run_ids: Collection[RunId]) -> dict[RunId, list[Quote]]:
    """What was recalled for those runs, by rank. Entries that are gone by now are left out."""
    query = select(recalled, entry.c.position).join(entry, entry.c.id == recalled.c.entry_id)
    query = query.where(visible(recalled, who), visible(entry, who), recalled.c.run_id.in_(run_ids))
    rows = connection.execute(query.order_by(recalled.c.run_id, recalled.c.rank)).all()
    entries = {found.position: found for found in store.by_positions(connection, who, {row.position for row in rows})}
    by_run: dict[RunId, list[Quote]] = {}
    for row in rows:
        quote = Quote(
            entry=entries[row.position],
            start=row.start,
            end=row.end,
            rank=row.rank,
            score=row.score,
            reasons=row.reasons,
            is_in_prompt=row.is_in_prompt,
            number=row.number,
            after=row.after,
        )
        by_run.setdefault(RunId(row.run_id), []).append(quote)
    return by_run
