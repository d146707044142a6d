"""Bringing a past in and taking everything out, over HTTP."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from everword.core import clock
from everword.core.errors import EverwordError, Invalid
from everword.core.ids import ImportId
from everword.core.types import Principal
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.services import Services, services_of
from everword.http.shapes import ErrorShape
from everword.intake.export import export_zip
from everword.intake.service import Receiving
from everword.intake.types import ImportJob, ImportOptions, ImportState

router = APIRouter(prefix="/api", tags=["imports"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]

_CHUNK_BYTES = 1 << 20


class CountsShape(BaseModel):
    """What came of an import: rows written, entries that were there already, what was left out."""

    conversations: int
    entries: int
    already_there: int
    skipped: int


class LeftOutShape(BaseModel):
    """Something that was left out, why, and how many times."""

    what: str
    why: str
    count: int = 1


class ImportShape(BaseModel):
    """One file on its way into the ledger."""

    id: str
    name: str
    format: str | None
    size_bytes: int
    done_bytes: int
    state: ImportState
    counts: CountsShape
    report: list[LeftOutShape]
    error: ErrorShape | None
    created_at: datetime
    ended_at: datetime | None

    @staticmethod
    def of(job: ImportJob) -> "ImportShape":
        return ImportShape.model_validate(job.as_json())


class JobShape(BaseModel):
    """One import."""

    job: ImportShape


class JobsShape(BaseModel):
    """Imports, newest first."""

    jobs: list[ImportShape]


@router.post("/imports", status_code=202)
async def bring(
    request: Request,
    who: Who,
    house: House,
    name: Annotated[str, Query(min_length=1, max_length=300)],
    me: Annotated[str | None, Query(max_length=200)] = None,
    owner_is_me: bool = False,
    format: Annotated[str | None, Query(max_length=32)] = None,
    time_zone: Annotated[str | None, Query(max_length=64)] = None,
    modified_at: Annotated[float | None, Query(gt=0, lt=4e9)] = None,
) -> JobShape:
    """Import a file. The body is the file as it is; it is kept first and read in the background.

    `me` names the speaker in it who is the person importing; `owner_is_me` says that the exported account is theirs.
    `modified_at` is when a single text was last changed, in seconds since 1970.
    """
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise Invalid(why="Send the file itself as the body, not a form around it.")
    preferred = await to_thread.run_sync(house.preferences.read_all, who)
    options = ImportOptions(
        me=(me or "").strip() or None,
        owner_is_me=owner_is_me,
        format=format or None,
        time_zone=time_zone or str(preferred.get("time_zone") or "UTC"),
        modified_at=modified_at,
    )
    announced = request.headers.get("content-length", "")
    size_bytes = int(announced) if announced.isdecimal() else None
    receiving = await to_thread.run_sync(house.intake.receive, who, name, options, size_bytes)
    try:
        await _receive(request, receiving)
    except (ClientDisconnect, EverwordError, OSError):
        await to_thread.run_sync(receiving.abandon)
        raise
    job = await to_thread.run_sync(receiving.finish)
    return JobShape(job=ImportShape.of(job))


async def _receive(request: Request, receiving: Receiving) -> None:
    """Write the body as it comes, a megabyte at a time."""
    waiting = bytearray()
    async for chunk in request.stream():
        waiting += chunk
        if len(waiting) >= _CHUNK_BYTES:
            await to_thread.run_sync(receiving.write, bytes(waiting))
            waiting.clear()
    await to_thread.run_sync(receiving.write, bytes(waiting))


@router.get("/imports")
def listed(who: Who, house: House) -> JobsShape:
    """The person's imports, newest first."""
    return JobsShape(jobs=[ImportShape.of(job) for job in house.intake.listed(who)])


@router.get("/imports/{import_id}")
def one(who: Who, house: House, import_id: Identifier) -> JobShape:
    """One import: how far it is, and what was left out."""
    return JobShape(job=ImportShape.of(house.intake.get(who, ImportId(import_id))))


@router.delete("/imports/{import_id}")
def cancel(who: Who, house: House, import_id: Identifier) -> JobShape:
    """Stop an import. What it brought until then stays."""
    return JobShape(job=ImportShape.of(house.intake.cancel(who, ImportId(import_id))))


@router.post("/imports/{import_id}/resume", status_code=202)
def resume(who: Who, house: House, import_id: Identifier) -> JobShape:
    """Go on with an import that failed, from where it got to."""
    return JobShape(job=ImportShape.of(house.intake.resume(who, ImportId(import_id))))


@router.get("/export", response_class=StreamingResponse)
def export(who: Who, house: House) -> StreamingResponse:
    """Everything, as a zip that can be imported again and read by people."""
    name = f"everword-{clock.now():%Y-%m-%d}.zip"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    content: Iterator[bytes] = export_zip(house.database, who)
    return StreamingResponse(content, media_type="application/zip", headers=headers)
