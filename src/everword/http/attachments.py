"""Files that come with a message: kept as they came, their text read out in a child process."""

from typing import Annotated
from urllib.parse import quote

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from everword.core.errors import Invalid, TooLarge
from everword.core.ids import AttachmentId
from everword.core.types import Principal
from everword.http.door import principal
from everword.http.identifiers import Identifier
from everword.http.services import Services, services_of
from everword.http.shapes import AttachmentShape
from everword.intake import attachments
from everword.memory import attachment_store

router = APIRouter(prefix="/api", tags=["attachments"])

MAX_BYTES = 20 * 1024 * 1024
_SHOWN_INLINE = {"image/png", "image/jpeg", "image/gif", "image/webp"}


@router.post("/attachments", status_code=201)
async def upload(
    request: Request,
    who: Annotated[Principal, Depends(principal)],
    name: Annotated[str, Query(min_length=1, max_length=300)],
) -> AttachmentShape:
    """Keep a file for a message that is being written. The body is the file as it is."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BYTES:
            raise TooLarge(what=name, limit=f"{MAX_BYTES // 1024 // 1024} MB")
    if not content:
        raise Invalid(why=f"{name} is empty.")
    media_type = request.headers.get("content-type", "application/octet-stream").split(";")[0].strip().lower()
    house = services_of(request)
    kept = await to_thread.run_sync(attachments.keep, house.database, who, name, media_type, bytes(content))
    return AttachmentShape.of(kept)


@router.get("/attachments/{attachment_id}", response_class=Response)
def download(
    who: Annotated[Principal, Depends(principal)],
    house: Annotated[Services, Depends(services_of)],
    attachment_id: Identifier,
) -> Response:
    """The file as it came. Pictures may be shown in the page; everything else is saved, never opened in it."""
    with house.database.reading(who) as connection:
        found = attachment_store.get(connection, who, AttachmentId(attachment_id))
        content = attachment_store.content(connection, who, found.id)
    is_picture = found.media_type in _SHOWN_INLINE
    disposition = "inline" if is_picture else "attachment"
    headers = {
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(found.name, safe='')}",
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=found.media_type if is_picture else "application/octet-stream", headers=headers)
