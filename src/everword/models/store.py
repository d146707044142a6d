"""The rows of providers, and of what each call used."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, case, delete, func, insert, select, update

from everword.core import clock
from everword.core.errors import NotFound
from everword.core.ids import PersonId, ProviderId, RunId, SpaceId, new_id
from everword.core.types import Principal, Priority
from everword.models.types import Provider, ProviderKind
from everword.storage.schema.models import provider, usage
from everword.storage.scope import require_space, visible


@dataclass(frozen=True, slots=True)
class Usage:
    """One call to a model. `status` is completed, stopped or an error's code; times are in milliseconds.

    `cost_microdollars` is in millionths of a US dollar; None where the price is not known.
    """

    space_id: SpaceId
    person_id: PersonId
    run_id: RunId | None
    model: str
    priority: Priority
    status: str
    prompt_tokens: int | None
    completion_tokens: int | None
    queued_ms: float
    first_token_ms: float | None
    duration_ms: float
    started_at: datetime
    cost_microdollars: int | None = None


def add_provider(
    connection: Connection,
    who: Principal,
    space_id: SpaceId,
    kind: ProviderKind,
    name: str,
    base_url: str,
    key_hint: str | None,
) -> Provider:
    """Add a provider to a space."""
    require_space(who, space_id)
    added = Provider(ProviderId(new_id()), kind, name, base_url, key_hint)
    connection.execute(insert(provider).values(space_id=space_id, created_at=clock.now(), **asdict(added)))
    return added


def providers(connection: Connection, who: Principal, space_id: SpaceId) -> list[Provider]:
    """The providers of a space, in the order they were added."""
    query = select(provider).where(visible(provider, who), provider.c.space_id == space_id)
    return [_provider(row._mapping) for row in connection.execute(query.order_by(provider.c.id))]


def get_provider(connection: Connection, who: Principal, provider_id: ProviderId) -> Provider:
    """One provider. Raises NotFound."""
    query = select(provider).where(visible(provider, who), provider.c.id == provider_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(what="provider")
    return _provider(row._mapping)


def change_provider(
    connection: Connection, who: Principal, provider_id: ProviderId, *, base_url: str, key_hint: str | None
) -> None:
    """Change where a provider is, or which key it has."""
    query = update(provider).where(visible(provider, who), provider.c.id == provider_id)
    connection.execute(query.values(base_url=base_url, key_hint=key_hint))


def remove_provider(connection: Connection, who: Principal, provider_id: ProviderId) -> None:
    """Remove a provider. Raises NotFound."""
    query = delete(provider).where(visible(provider, who), provider.c.id == provider_id)
    if not connection.execute(query).rowcount:
        raise NotFound(what="provider")


def add_usage(connection: Connection, who: Principal, used: Usage) -> None:
    """Record one call."""
    require_space(who, used.space_id)
    connection.execute(insert(usage).values(id=new_id(), **asdict(used)))


def usages(connection: Connection, who: Principal, limit: int = 100) -> list[Usage]:
    """The latest calls, newest first."""
    query = select(usage).where(visible(usage, who, by_space=True))
    query = query.order_by(usage.c.started_at.desc(), usage.c.id.desc()).limit(limit)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return [
        Usage(**{key: value for key, value in row.items() if key != "id"} | {"priority": Priority(row["priority"])})
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens read and written together, millionths of a US dollar, and calls whose price nobody knows."""

    tokens: int = 0
    microdollars: int = 0
    unpriced: int = 0


_TOKENS = func.coalesce(usage.c.prompt_tokens, 0) + func.coalesce(usage.c.completion_tokens, 0)
_SPENT = (
    func.coalesce(func.sum(_TOKENS), 0).label("tokens"),
    func.coalesce(func.sum(usage.c.cost_microdollars), 0).label("microdollars"),
    func.coalesce(func.sum(case((usage.c.cost_microdollars.is_(None) & (_TOKENS > 0), 1), else_=0)), 0).label(
        "unpriced"
    ),
)


def spent_by_runs(connection: Connection, who: Principal, run_ids: Collection[RunId]) -> dict[RunId, Spent]:
    """What those runs have used that used anything."""
    query = select(usage.c.run_id, *_SPENT).where(visible(usage, who), usage.c.run_id.in_(run_ids))
    rows = connection.execute(query.group_by(usage.c.run_id))
    return {RunId(row.run_id): Spent(int(row.tokens), int(row.microdollars), int(row.unpriced)) for row in rows}


def spent_in_background(connection: Connection, who: Principal, since: datetime) -> Spent:
    """What the background work of who asks has used since then, in their own space."""
    where = (
        visible(usage, who),
        usage.c.space_id == who.own_space,
        usage.c.started_at >= since,
        usage.c.person_id == who.person_id,
        usage.c.priority == Priority.BACKGROUND.value,
    )
    row = connection.execute(select(*_SPENT).where(*where)).one()
    return Spent(int(row.tokens), int(row.microdollars), int(row.unpriced))


def forget_runs(connection: Connection, who: Principal, run_ids: Collection[RunId]) -> int:
    """Let the calls of those runs point at no run; what they cost stays counted. Returns how many."""
    where = (visible(usage, who), usage.c.run_id.in_(run_ids))
    return connection.execute(update(usage).where(*where).values(run_id=None)).rowcount


def _provider(row: object) -> Provider:
    found = dict(row)  # type: ignore[call-overload]
    return Provider(found["id"], ProviderKind(found["kind"]), found["name"], found["base_url"] or "", found["key_hint"])
