"""One's own account: what there is of it, and deleting it with everything that was said."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Annotated, Any, Protocol

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, SecretStr

from everword.accounts import sessions
from everword.accounts import store as accounts
from everword.accounts.errors import OperatorStays
from everword.accounts.types import Credential, Means
from everword.core.errors import EverwordError, Invalid
from everword.core.ids import PersonId
from everword.core.types import Principal
from everword.http.admission import client_address
from everword.http.errors import error_body
from everword.http.security import person_present
from everword.http.services import Services, services_of
from everword.memory import store
from everword.memory.forgetting.types import Check, Remains

router = APIRouter(prefix="/api", tags=["door"])

House = Annotated[Services, Depends(services_of)]
Present = Annotated[Credential, Depends(person_present)]
_POLL_S = 0.1
_BEAT_S = 10.0


@dataclass(frozen=True, slots=True)
class DeletionReceipt:
    """That an account is gone: a random id, counts, where was looked, what others still hold; nothing that was said."""

    id: str
    created_at: datetime
    ended_at: datetime
    counts: dict[str, int]
    checks: list[Check]
    remains: list[Remains]


@dataclass(frozen=True, slots=True)
class Deletion:
    """How far deleting an account is: stopping, forgetting (`gone` of `total`), removing, looking, done."""

    stage: str
    gone: int = 0
    total: int = 0
    receipt: DeletionReceipt | None = None
    error: EverwordError | None = field(default=None)


class Deleter(Protocol):
    """What deletes accounts."""

    def begin(self, who: Principal) -> None:
        """Close the account and begin to delete it. Returns at once. Raises OperatorStays."""

    def progress(self, person_id: PersonId) -> Deletion:
        """How far it is."""


class AccountShape(BaseModel):
    """One's account. Who runs the installation cannot delete theirs alone."""

    name: str
    entries: int
    can_be_deleted: bool


class DeleteAccount(BaseModel):
    """One's name, typed, and one's password; a command on this machine needs none."""

    name: Annotated[str, Field(max_length=200)]
    password: Annotated[SecretStr, Field(max_length=1024)] | None = None


@router.get("/account")
def account(house: House, who: Present) -> AccountShape:
    """What there is of one's account."""
    with house.database.reading(who.principal) as connection:
        entries, _ = store.count(connection, who.principal)
    return AccountShape(name=who.name, entries=entries, can_be_deleted=not _runs_it(house, who))


@router.post(
    "/account/delete",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "How far it is, as server-sent events"}},
)
async def delete(request: Request, house: House, who: Present, given: DeleteAccount) -> StreamingResponse:
    """Delete one's account and all that was said in it. Every session and key of it ends at once.

    Server-sent events: `progress` (stage, gone, total), then `done` (receipt), or `failed` (error; it is tried again).
    It goes on where nobody listens, and after a crash.
    """
    if await to_thread.run_sync(_runs_it, house, who):
        raise OperatorStays
    if given.name.strip() != who.name:
        raise Invalid(why=f"Type the name as it is: {who.name}.")
    if who.means is Means.SESSION:
        password = given.password.get_secret_value() if given.password else ""
        asked = (house.database, house.door.throttle, client_address(request), who.principal, password)
        await to_thread.run_sync(sessions.confirm, *asked, limiter=house.door.hashing)
    await to_thread.run_sync(house.account_deleter.begin, who.principal)
    headers = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
    told = _told(house.account_deleter, who.principal.person_id)
    return StreamingResponse(told, media_type="text/event-stream; charset=utf-8", headers=headers)


async def _told(deleter: Deleter, person_id: PersonId) -> AsyncIterator[str]:
    before: Deletion | None = None
    waited_s = 0.0
    while True:
        deletion = deleter.progress(person_id)
        if deletion != before or waited_s >= _BEAT_S:
            before, waited_s = deletion, 0.0
            if deletion.receipt is not None:
                yield _frame("done", {"receipt": asdict(deletion.receipt)})
                return
            if deletion.error is not None:
                yield _frame("failed", error_body(deletion.error))
                return
            yield _frame("progress", {"stage": deletion.stage, "gone": deletion.gone, "total": deletion.total})
        await asyncio.sleep(_POLL_S)
        waited_s += _POLL_S


def _runs_it(house: Services, who: Credential) -> bool:
    """Whether it is the account of who set this installation up."""
    with house.database.reading(who.principal) as connection:
        person = accounts.get(connection, who.principal, who.principal.person_id)
    return person is not None and person.is_operator


def _frame(name: str, values: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(values, default=str, ensure_ascii=False)}\n\n"
